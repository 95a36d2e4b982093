# Saved logits become the originals' answers, by the rules of the one family and of the other.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    shared=${BERTLINE_SHARED:-$SOURCE/../shared}
    golden="$shared/golden/squad"
    questions="$shared/data/squad"
    vocab="$shared/data/vocab/bert-base-uncased/vocab.txt"
}

need_golden() {
    [ -d "$golden" ] || skip "no golden data here"
}

decode() { # QUESTIONS LOGITS FOLDER RULES [OPTION]...
    "$TOOLS/bert-predict" squad -q --vocab "$vocab" -i "$1" --logits "$2" -o "$3" \
        --postprocess "$4" "${@:5}"
}

check() {
    python3 "$SOURCE/tests/cli/squad_golden.py" "$@"
}

@test "version 1.1: both families give the golden answers" {
    need_golden
    for rules in google pytorch; do
        decode "$golden/v1.1.subset.json" "$golden/v1.1.predict.hdf5" $rules $rules
        check answers $rules "$golden/v1.1" 1.1
    done
}

@test "many short windows: both families give the golden answers" {
    need_golden
    check subset "$golden/v1.1.subset.json" in.json 400
    for rules in google pytorch; do
        decode in.json "$golden/v1.1-short.predict.hdf5" $rules $rules --doc-stride 32 --max-query-length 20
        check answers $rules "$golden/v1.1-short" 1.1
    done
}

@test "version 2.0: google's rules give the golden files, byte for byte" {
    need_golden
    decode "$questions/dev-v2.0.part-a.json" "$golden/v2.0.predict.hdf5" out google -2
    check answers out "$golden/v2.0.google" 2.0
    cmp out/predictions.json "$golden/v2.0.google.predictions.json"
    cmp out/null_odds.json "$golden/v2.0.google.null_odds.json"
}

@test "version 2.0: the PyTorch system's rules give its answers" {
    need_golden
    decode "$questions/dev-v2.0.part-a.json" "$golden/v2.0.predict.hdf5" out pytorch -2
    check answers out "$golden/v2.0" 2.0
}

@test "logits that do not belong to the questions, and a question that is there twice, leave no files" {
    need_golden
    check subset "$golden/v1.1.subset.json" few.json 100
    run decode few.json "$golden/v1.1.predict.hdf5" out google
    [ "$status" -eq 1 ]
    [[ $output == *"v1.1.predict.hdf5: has 1214 rows, but few.json has 1"*" windows" ]]
    [ -z "$(ls out)" ]
    python3 - <<'END'
import json
d = json.load(open("few.json"))
d["data"] *= 2
json.dump(d, open("twice.json", "w"))
END
    run decode twice.json "$golden/v1.1.predict.hdf5" out google
    [ "$status" -eq 1 ]
    [[ $output == *"question '56e16182e3433e1400422e28' is there twice" ]]
    [ -z "$(ls out)" ]
}

@test "a full disk leaves no predictions" {
    need_golden
    (ulimit -f 50; trap '' XFSZ
        decode "$golden/v1.1.subset.json" "$golden/v1.1.predict.hdf5" out google 2>why) && return 1
    grep -q "cannot write" why
    [ -z "$(ls out)" ]
}

# Saved logits become the originals' answers, by the rules of the one family and of the other.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    decode="$TOOLS/../tests/squad_decode"
    shared=${BERTLINE_SHARED:-$SOURCE/../shared}
    golden="$shared/golden/squad"
    questions="$shared/data/squad"
    vocab="$shared/data/vocab/bert-base-uncased/vocab.txt"
}

need_golden() {
    [ -d "$golden" ] || skip "no golden data here"
}

check() {
    python3 "$SOURCE/tests/cli/squad_golden.py" "$@"
}

@test "version 1.1: both families give the golden answers" {
    need_golden
    for rules in google pytorch; do
        "$decode" "$vocab" "$golden/v1.1.subset.json" "$golden/v1.1.predict.hdf5" $rules $rules 1.1
        check answers $rules "$golden/v1.1" 1.1
    done
}

@test "many short windows: both families give the golden answers" {
    need_golden
    check subset "$golden/v1.1.subset.json" in.json 400
    for rules in google pytorch; do
        "$decode" "$vocab" in.json "$golden/v1.1-short.predict.hdf5" $rules $rules 1.1 32 20
        check answers $rules "$golden/v1.1-short" 1.1
    done
}

@test "version 2.0: google's rules give the golden files, byte for byte" {
    need_golden
    "$decode" "$vocab" "$questions/dev-v2.0.part-a.json" "$golden/v2.0.predict.hdf5" out google 2.0
    check answers out "$golden/v2.0.google" 2.0
    cmp out/predictions.json "$golden/v2.0.google.predictions.json"
    cmp out/null_odds.json "$golden/v2.0.google.null_odds.json"
}

@test "version 2.0: the PyTorch system's rules give its answers" {
    need_golden
    "$decode" "$vocab" "$questions/dev-v2.0.part-a.json" "$golden/v2.0.predict.hdf5" out pytorch 2.0
    check answers out "$golden/v2.0" 2.0
}

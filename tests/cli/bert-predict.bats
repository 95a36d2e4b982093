# bert-predict: models and their folders, fill-mask, embed

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    if /usr/bin/python3 -c 'import numpy' 2> no-numpy; then
        /usr/bin/python3 "$SOURCE/tests/cli/predict_model.py" model
        /usr/bin/python3 "$SOURCE/tests/cli/predict_model.py" bare none
    fi
}

setup() {
    predict="$TOOLS/bert-predict"
    reference="$SOURCE/tests/cli/predict_reference.py"
    [ -d "$BATS_FILE_TMPDIR/model" ] || skip "python3 with numpy is not here"
    cd "$BATS_TEST_TMPDIR" || exit 1
    cp -r "$BATS_FILE_TMPDIR/model" "$BATS_FILE_TMPDIR/bare" .
}

# Lines of text, some pairs, with all that is written in a way of its own in JSON.
write_lines() {
    printf '%s\n' 'what is the e of paris ?' '' 'a b c' 'who ||| the "x" \ y' '中 é 😀 ß ж q' > lines
    for i in 1 2 3 4 5 6 7 8 9; do
        echo "the $i of $i$i is paris, in the $i - who is ab?"
    done >> lines
}

@test "help names the tasks, and the options of each" {
    run "$predict" --help
    [ "$status" -eq 0 ]
    [[ "$output" == *fill-mask* && "$output" == *embed* && "$output" == *--task* ]]
    run "$predict" --task fill-mask --help
    [[ "$output" == *--top* && "$output" == *--model* && "$output" == *--json* ]]
    run "$predict" embed --help
    [[ "$output" == *--pooling* && "$output" == *--layers* ]]
}

@test "a task is needed, and one there is" {
    run "$predict"
    [ "$status" -eq 2 ]
    run "$predict" --task translate --model model
    [ "$status" -eq 2 ]
    [[ "$output" == *"unknown task 'translate'"* ]]
    run "$predict" translate
    [ "$status" -eq 2 ]
    run "$predict" --task
    [ "$status" -eq 2 ]
}

@test "--task may stand anywhere, or the task in front" {
    echo 'a [MASK]' > line
    "$predict" fill-mask --model model line > 1
    "$predict" --task fill-mask --model model line > 2
    "$predict" --model model line --task=fill_mask > 3
    cmp 1 2
    cmp 1 3
}

@test "fill-mask gives the most probable tokens of every place" {
    for i in 1 2 3 4 5 6 7; do
        printf '%s\n' "the [MASK] of paris $i" "[MASK] is who $i [MASK]?" 'in [MASK][MASK]'
    done > lines
    "$predict" fill-mask --model model --json --top 7 --batch-tokens 1 lines > ours
    sed 's/\[MASK\]/ [MASK] /g' lines > spaced
    "$TOOLS/tokenize" --vocab model/vocab.txt --pairs --json spaced > ids
    /usr/bin/python3 "$reference" masks model 4 ids ours
}

@test "fill-mask --json is JSON whatever the line" {
    printf 'a \xff [MASK] \xe2\x82 \xed\xa0\x80 \xf4\x90\x80\x80 \xc3\xa9 \x01\n' > line
    "$predict" fill-mask --model model --json --top 1 line > ours
    /usr/bin/python3 - <<'END'
import json
with open("ours", encoding="utf-8") as f:
    text = json.load(f)["text"]
R = "\ufffd"
assert text == f"a {R} [MASK] {R}{R} {R}{R}{R} {R}{R}{R}{R} \u00e9 \x01", ascii(text)
END
}

@test "folders of other systems: bert_config.json, pytorch_model.bin" {
    echo 'the [MASK].' > line
    "$predict" fill-mask --model model line > want
    "$TOOLS/bert-convert" -q -i model -o system --format pytorch
    "$predict" fill-mask --model system line > got
    cmp got want
    rm system/config.json system/tokenizer_config.json
    "$predict" fill-mask --model system line > got
    cmp got want
    rm system/bert_config.json
    run "$predict" fill-mask --model system line
    [ "$status" -eq 1 ]
    [[ "$output" == *"cannot open 'system/config.json'"* ]]
}

@test "a vocabulary much smaller than the model's is warned of" {
    head -n 60 model/vocab.txt > short
    run --separate-stderr "$predict" fill-mask --model model --vocab short -q <<< 'a [MASK]'
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"warning: 'short' has 60 tokens, the model $(wc -l < model/vocab.txt): is it the model's?"* ]]
}

@test "fill-mask takes any number of places at once" {
    yes 'a [MASK] b [MASK]' | head -n 400 | "$predict" fill-mask --model model --json > ours
    [ "$(sort ours | uniq -c | sed 's/ *\([0-9]*\) .*/\1/')" = 400 ]
}

@test "fill-mask writes the line and its five best" {
    run "$predict" fill-mask --model model <<< 'the [MASK].'
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 6 ]
    [ "${lines[0]}" = "the [MASK]." ]
    [[ "${lines[1]}" =~ ^\ \ [01]\.[0-9]{4}\ \ [^\ ]+$ ]]
    run "$predict" fill-mask --model model --top 1 <<< '[MASK] of [MASK]'
    [ "${#lines[@]}" -eq 5 ]
    [ "${lines[1]}" = "  [MASK] 1" ]
    [ "${lines[3]}" = "  [MASK] 2" ]
}

@test "fill-mask asks and answers line by line" {
    run --separate-stderr "$predict" fill-mask --model model -i --top 2 < \
        <(printf 'the [MASK]\n\nnothing here\n[MASK]\n')
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 4 ]
    [[ "$stderr" == *"there is no [MASK] in the line"* ]]
}

@test "fill-mask outlives whatever is typed" {
    { printf '[MASK] \0 [MASK]\n\xff\xfe [MASK] \xed\xa0\x80\n[MASK'; echo ']]]'
        head -c 20000 /dev/zero | tr '\0' x; echo ' [MASK]'
        for _ in {1..200}; do printf '[MASK] '; done; echo
        printf '\033[2J\r\n\n a [MASK] b'; } > typed
    run "$predict" fill-mask --model model --interactive < typed
    [ "$status" -eq 0 ]
    [[ "$output" == *"tokens, but the model knows"* ]]
    [ "$("$predict" fill-mask --model model --interactive < typed 2> speech | grep -c '0\.')" -ge 20 ]
}

@test "a line without [MASK] is kept, and counted" {
    run --separate-stderr "$predict" fill-mask --model model --json < <(printf 'a\n[MASK]\nb\n')
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = '{"text": "a", "masks": []}' ]
    [ "${#lines[@]}" -eq 3 ]
    [[ "$stderr" == *"2 lines have no [MASK]"* ]]
}

@test "a line that is longer than the model is refused by its number" {
    { echo 'a [MASK]'; yes a | head -n 100 | tr '\n' ' '; } > lines
    run "$predict" fill-mask --model model lines -o out
    [ "$status" -eq 1 ]
    [[ "$output" == *"lines: line 2: 102 tokens, but the model knows 96 positions" ]]
    [ ! -e out ]
}

@test "a model without a masked-LM head is refused" {
    run "$predict" fill-mask --model bare <<< '[MASK]'
    [ "$status" -eq 1 ]
    [[ "$output" == *"'bare' has no masked-LM head: it lacks cls.predictions."* ]]
}

@test "embed --layers --json equals extract_features.py" {
    write_lines
    sed 's/ ||| /\t/' lines > pairs
    "$TOOLS/tokenize" --vocab bare/vocab.txt --rules google --pairs --json pairs > ids
    "$predict" embed --model bare --layers -1,-2,0 --json lines > ours
    /usr/bin/python3 "$reference" extract bare -1,-2,0 ids ours
    grep -q 'e-05' ours
    grep -q '\\u4e2d' ours
    grep -q '\\ud83d\\ude00' ours
}

@test "vectors of sentences are means or [CLS] of the same layers" {
    write_lines
    "$predict" embed --model model --pooling none --layers -1,-2 --json lines > tokens
    "$predict" embed --model model --layers -1,-2 lines > mean
    "$predict" embed --model model --layers -1,-2 --pooling cls --json lines > cls
    "$predict" embed --model model --layers -1,-2 -o mean.hdf5 lines
    /usr/bin/python3 - << 'END'
import json, numpy
tokens = [json.loads(line) for line in open("tokens")]
layers = [numpy.array([sum((l["values"] for l in f["layers"]), []) for f in t["features"]])
          for t in tokens]
mean = numpy.loadtxt("mean")
cls = [json.loads(line) for line in open("cls")]
assert [c["index"] for c in cls] == list(range(len(tokens)))
numpy.testing.assert_allclose(mean, [x.mean(0) for x in layers], atol=2e-6)
numpy.testing.assert_allclose([c["vector"] for c in cls], [x[0] for x in layers], atol=2e-6)
try:
    import h5py
    f = h5py.File("mean.hdf5")
    assert f["embeddings"].dtype == numpy.float32 and f.attrs["rows"] == len(tokens)
    assert numpy.array_equal(f["embeddings"][:], mean.astype(numpy.float32))
except ImportError:
    pass
END
}

@test "bf16 gives nearly the vectors and the guesses of fp32" {
    write_lines
    for precision in fp32 bf16; do
        "$predict" embed --model model --json --precision $precision lines > vectors.$precision
        "$predict" fill-mask --model model --json --precision $precision \
            <<< 'paris is the [MASK] of france .' > guesses.$precision
    done
    /usr/bin/python3 - << 'END'
import json, numpy
for x, y in zip(open("vectors.fp32"), open("vectors.bf16")):
    x, y = (numpy.array(json.loads(line)["vector"]) for line in (x, y))
    assert numpy.linalg.norm(x - y) < 0.03 * numpy.linalg.norm(x)
END
    [ "$(wc -l < guesses.bf16)" -eq 1 ]
}

@test "the options of extract_features.py are taken" {
    write_lines
    "$predict" embed --model bare --layers -1,-2 --json -s 8 -o 1 lines
    run "$predict" embed --bert_config_file bare/config.json --vocab_file bare/vocab.txt \
        --init_checkpoint bare/model.safetensors --output_file 2 --layers=-1,-2 --json \
        --max_seq_length 8 --do_lower_case --batch_size 8 lines
    [ "$status" -eq 0 ]
    [[ "$output" == *"lines were cut to 8 tokens"* ]]
    cmp 1 2
}

@test "the bits do not depend on the threads, nor much on the batches" {
    write_lines
    for t in 1 2 5; do
        "$predict" embed --model model -t $t lines > e$t
        "$predict" fill-mask --model model -t $t --json <<< 'the [MASK] is [MASK]' > f$t
    done
    cmp e1 e2
    cmp e1 e5
    cmp f1 f2
    cmp f1 f5
    "$predict" embed --model model --batch-tokens 1 lines > alone
    /usr/bin/python3 -c 'import numpy as n; n.testing.assert_allclose(*map(n.loadtxt, ("e1", "alone")), atol=1e-5)'
}

@test "case comes from tokenizer_config.json, or from the command line" {
    "$predict" embed --model model <<< 'a' > lower
    "$predict" embed --model model <<< 'A' > upper
    cmp lower upper
    "$predict" embed --model model --cased <<< 'A' > cased
    run cmp cased upper
    [ "$status" -eq 1 ]
    echo '{"do_lower_case": false}' > model/tokenizer_config.json
    "$predict" embed --model model <<< 'A' | cmp - cased
    "$predict" embed --model model --do_lower_case <<< 'A' | cmp - upper
    run "$predict" embed --model model --do_lower_case --cased <<< 'A'
    [ "$status" -eq 2 ]
}

@test "wrong options are wrong usage" {
    for options in '--layers 3' '--layers -4' '--layers 1,,2' '--layers x' '--pooling none' \
        '--seq-length 97' '--json -o x.hdf5'; do
        # shellcheck disable=SC2086
        run "$predict" embed --model model $options <<< 'a'
        [ "$status" -eq 2 ]
    done
    run "$predict" embed <<< 'a'
    [ "$status" -eq 2 ]
    [[ "$output" == *"--model DIR is needed"* ]]
}

@test "what is missing or wrong in a model's folder is named" {
    run "$predict" embed --model nowhere <<< 'a'
    [ "$status" -eq 1 ]
    [[ "$output" == *nowhere* ]]
    cp -r model short
    truncate -s 1000 short/model.safetensors
    run "$predict" embed --model short <<< 'a'
    [ "$status" -eq 1 ]
    [[ "$output" == *short/model.safetensors* ]]
    cp -r model broken
    echo '{' > broken/tokenizer_config.json
    run "$predict" embed --model broken <<< 'a'
    [ "$status" -eq 1 ]
    [[ "$output" == *broken/tokenizer_config.json* ]]
    cp -r model large
    seq 100 >> large/vocab.txt
    run "$predict" embed --model large <<< 'a'
    [ "$status" -eq 1 ]
    [[ "$output" == *"large/vocab.txt: "*" tokens, but the model knows "* ]]
}

@test "nothing half-written is left" {
    run "$predict" embed --model model -o out/file lines
    [ "$status" -eq 1 ]
    printf 'a\n' > lines
    run "$predict" embed --model model -o out.hdf5 lines missing
    [ "$status" -eq 1 ]
    [[ "$output" == *missing* ]]
    [ ! -e out.hdf5 ]
    [ ! -e out.hdf5.part ]
}

@test "no input gives no output" {
    run "$predict" embed --model model < /dev/null
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    "$predict" embed --model model -o none.hdf5 < /dev/null
    [ -e none.hdf5 ]
}

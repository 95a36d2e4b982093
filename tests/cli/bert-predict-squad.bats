# bert-predict squad: questions -> answers, from a model or from saved logits

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    if /usr/bin/python3 -c 'import numpy, h5py' 2> no-numpy; then
        /usr/bin/python3 "$SOURCE/tests/cli/predict_model.py" model squad
    fi
}

setup() {
    predict="$TOOLS/bert-predict"
    reference="$SOURCE/tests/cli/predict_reference.py"
    cd "$BATS_TEST_TMPDIR" || exit 1
    [ -d "$BATS_FILE_TMPDIR/model" ] && cp -r "$BATS_FILE_TMPDIR/model" .
    cat > q.json << 'END'
{"version": "1.1", "data": [{"title": "t", "paragraphs": [
 {"context": "the e of paris is a b c , d in 1 2 3 . who is it ? the x of y is z .",
  "qas": [{"id": "q1", "question": "who is a ?", "answers": [{"text": "b", "answer_start": 23}]},
          {"id": "q2", "question": "what of paris ?", "answers": [{"text": "b", "answer_start": 23}]}]},
 {"context": "a b c", "qas": [{"id": "q3", "question": "what ?",
          "answers": [{"text": "c", "answer_start": 4}]}]}]}]}
END
    printf 'the e of paris is a b c , d in 1 2 3 .\n\nwho is it ? the x of y is z .\n' > text
}

need_model() {
    [ -d model ] || skip "python3 with numpy and h5py is not here"
}

@test "logits are those of the model, for every window" {
    need_model
    "$TOOLS/squad-features" -v model/vocab.txt -i q.json -o f.hdf5 --predict --seq-length 24 \
        --doc-stride 4 -q
    "$predict" --task squad --model model -i q.json -o out --seq-length 24 --doc-stride 4 \
        --save-logits l.hdf5 -q
    /usr/bin/python3 "$reference" spans model - f.hdf5 l.hdf5
    "$predict" --task squad --model model -i q.json -o out --seq-length 24 --doc-stride 4 \
        --save-logits l.hdf5 -q --batch-tokens 1 # many batches
    /usr/bin/python3 "$reference" spans model - f.hdf5 l.hdf5
}

@test "saved logits are decoded to the same files" {
    need_model
    for options in '' '--version_2_with_negative' '--postprocess pytorch'; do
        # shellcheck disable=SC2086
        "$predict" squad --model model -i q.json -o 1 --seq-length 24 --doc-stride 4 \
            --save-logits l.hdf5 -q $options
        # shellcheck disable=SC2086
        "$predict" squad --logits l.hdf5 --vocab model/vocab.txt -i q.json -o 2 --doc-stride 4 -q \
            $options
        diff -r 1 2
    done
}

@test "a question typed is answered from every line of the text" {
    need_model
    run "$predict" squad --model model --text text --seq-length 24 --top 3 <<< 'who is it ?'
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 3 ]
    [[ "${lines[0]}" =~ ^\ \ 0\.[0-9]{4}\ +-?[0-9.]+\ \ .+\ \ \(line\ [13]\)$ ]]
    "$predict" squad --model model --text text --seq-length 24 --json < <(
        printf 'who is it ?\n\nwhat of paris ?\n') > answers
    /usr/bin/python3 - << 'END'
import json
answers = [json.loads(line) for line in open("answers")]
assert [a["question"] for a in answers] == ["who is it ?", "what of paris ?"]
text = open("text").read().split("\n")
for a in answers:
    assert len(a["answers"]) == 5
    assert abs(sum(x["probability"] for x in a["answers"]) - 1) < 1e-5
    scores = [x["start_logit"] + x["end_logit"] for x in a["answers"]]
    assert scores == sorted(scores, reverse=True)
    for x in a["answers"]:
        assert x["text"] in text[x["line"] - 1]
END
}

@test "the best answer of a text is that of the same paragraphs as a file" {
    need_model
    cat > same.json << 'END'
{"version": "1.1", "data": [{"title": "t", "paragraphs": [
 {"context": "the e of paris is a b c , d in 1 2 3 .", "qas": [{"id": "1", "question": "who is it ?"}]},
 {"context": "who is it ? the x of y is z .", "qas": [{"id": "3", "question": "who is it ?"}]}]}]}
END
    "$predict" squad --model model -i same.json -o out --seq-length 24 -q
    "$predict" squad --model model --text text --seq-length 24 --json --top 1 \
        <<< 'who is it ?' > answer
    /usr/bin/python3 - << 'END'
import json
best = json.load(open("out/nbest_predictions.json"))
score, line, text = max((n[0]["start_logit"] + n[0]["end_logit"], int(i), n[0]["text"])
                        for i, n in best.items())
answer = json.load(open("answer"))["answers"][0]
assert answer["text"] == text and answer["line"] == line
assert abs(answer["start_logit"] + answer["end_logit"] - score) < 1e-5
END
}

@test "whatever is typed, the next question is answered" {
    need_model
    { printf 'who \0 is ?\nwho \xff\xfe\n\n\t \n"}]{\\u0000\n'
        head -c 20000 /dev/zero | tr '\0' x; echo
        for _ in {1..3000}; do printf 'who '; done; printf '\nwho is a ?'; } > typed
    "$predict" squad --model model --text text --seq-length 24 --max-query-length 8 -k 1 --json \
        < typed > answers 2> speech
    grep -q 'not valid UTF-8' speech
    tail -1 answers | grep -q '^{"question": "who is a ?", "answers": \[{"text": '
    /usr/bin/python3 -c 'import json; [json.loads(line) for line in open("answers")]'
    run "$predict" squad --model model --text text --seq-length 24 < typed
    [ "$status" -le 1 ]
}

@test "version 2: that there is no answer is said" {
    need_model
    run "$predict" squad --model model --text text --seq-length 24 -2 \
        --null-score-diff-threshold -1000 <<< 'who ?'
    [ "${lines[0]}" = "  no answer" ]
    run "$predict" squad --model model --text text --seq-length 24 -2 --json \
        --null-score-diff-threshold 1000 <<< 'who ?'
    [[ "$output" == *'"no_answer": false'* ]]
}

@test "the bytes do not depend on the threads" {
    need_model
    for t in 1 3; do
        "$predict" squad --model model -i q.json -o $t --seq-length 24 --doc-stride 4 -t $t -q \
            --save-logits $t.hdf5
        "$predict" squad --model model --text text --seq-length 24 -t $t <<< 'who ?' > $t.txt
    done
    diff -r 1 3
    cmp 1.hdf5 3.hdf5
    cmp 1.txt 3.txt
}

@test "the command of the original runs, and says what it leaves out" {
    need_model
    run "$predict" --task squad --init_checkpoint=model --bert_model=bert-large-uncased \
        --config_file=model/config.json --vocab_file=model/vocab.txt --do_lower_case \
        --do_predict --do_eval --predict_file=q.json --predict_batch_size=24 --max_seq_length=24 \
        --doc_stride=4 --eval_script=evaluate-v1.1.py --output_dir=out --use_habana \
        --use_lazy_mode True --use_hpu_graphs=False --autocast --json-summary=out/log.json \
        --skip_cache --seed=1 --train_batch_size 24 --learning_rate=3e-5 --log_freq 20
    [ "$status" -eq 0 ]
    [[ "$output" == *"note: --seed has no effect here: bert-train squad trains"* ]]
    [[ "$output" == *"there is no accelerator here"* ]]
    [ -s out/predictions.json ]
    grep -q '"eval_samples": 3' out/log.json
    grep -q '"inference_sequences_per_second": ' out/log.json
    score=$("$TOOLS/squad-score" q.json out/predictions.json)
    [[ "$output" == *"$score"* ]]
    grep -q '"exact_match": .*"F1": ' out/log.json
}

@test "bf16 gives nearly the logits of fp32" {
    need_model
    for precision in 'precision fp32' 'precision bf16' autocast; do
        # shellcheck disable=SC2086
        "$predict" squad --model model -i q.json -o out --seq-length 24 -q --$precision \
            --save-logits "$precision.hdf5" --json-summary "$precision.json"
    done
    cmp 'precision bf16.hdf5' autocast.hdf5
    /usr/bin/python3 - << 'END'
import h5py, numpy
a, b = (h5py.File(f"precision {p}.hdf5") for p in ("fp32", "bf16"))
halves = '"precision": "bf16"' in open("precision bf16.json").read()
for name in ("start_logits", "end_logits"):
    x, y = a[name][:], b[name][:]
    real = x > -1e3 # not padding
    assert numpy.linalg.norm((x - y)[real]) < 0.03 * numpy.linalg.norm(x[real])
    assert (x != y).any() == halves
END
    grep -q '"precision": "fp32"' 'precision fp32.json'
}

@test "wrong combinations of options are wrong usage" {
    need_model
    for options in '-i q.json' '--model model -o out' '--model model -i q.json' \
        '--model model --text text -i q.json' '--logits l.hdf5 -i q.json -o out' \
        '--model model -i q.json -o out --seq-length 97' '--text text' \
        '--model model -i q.json -o out --logits l --save-logits m'; do
        # shellcheck disable=SC2086
        run "$predict" squad $options
        [ "$status" -eq 2 ]
    done
}

@test "broken input is named, and nothing is left" {
    need_model
    echo '{"data": [{"paragraphs": [{"context": "a"}]}]}' > bad.json
    run "$predict" squad --model model -i bad.json -o out --seq-length 24 --save-logits l.hdf5
    [ "$status" -eq 1 ]
    [[ "$output" == *bad.json* ]]
    [ ! -e l.hdf5 ]
    [ -z "$(ls out)" ]
    printf 'a\xff b\n' > text
    run "$predict" squad --model model --text text --seq-length 24 <<< 'who ?'
    [ "$status" -eq 1 ]
    [[ "$output" == *"text: line 1: not valid UTF-8" ]]
    run --separate-stderr "$predict" squad --model model --text q.json --seq-length 24 \
        < <(printf 'wh\xff\nwho ?\n')
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 5 ]
    [[ "$stderr" == *"not valid UTF-8"* ]]
}

@test "a model without a head for questions is refused" {
    need_model
    /usr/bin/python3 "$SOURCE/tests/cli/predict_model.py" bare none
    run "$predict" squad --model bare -i q.json -o out --seq-length 24
    [ "$status" -eq 1 ]
    [[ "$output" == *"'bare' has no head for questions: it lacks qa_outputs."* ]]
}

# bert-predict classify: features or a task's file -> probabilities, classes, metrics

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_FILE_TMPDIR" || exit 1
    if /usr/bin/python3 -c 'import numpy, h5py' 2> no-numpy; then
        /usr/bin/python3 "$SOURCE/tests/cli/predict_model.py" model classify
        /usr/bin/python3 "$SOURCE/tests/cli/predict_model.py" score score
    fi
}

setup() {
    predict="$TOOLS/bert-predict"
    reference="$SOURCE/tests/cli/predict_reference.py"
    [ -d "$BATS_FILE_TMPDIR/model" ] || skip "python3 with numpy and h5py is not here"
    cd "$BATS_TEST_TMPDIR" || exit 1
    cp -r "$BATS_FILE_TMPDIR/model" "$BATS_FILE_TMPDIR/score" .
    labels=(contradiction entailment neutral)
    {
        printf 'i\tp\tp\tg\ta\tb\tc\td\tsentence1\tsentence2\tgold_label\n'
        for i in 0 1 2 3 4 5 6 7 8 9; do
            printf '%d\t\t\t\t\t\t\t\twhat is the %d of paris ?\twho %s\t%s\n' $i $i \
                "$(head -c $i <<< '-- 12 ..')" "${labels[i % 3]}"
        done
    } > mnli.tsv
    {
        printf 'i\tg\tf\ty\to\ts\ts\tsentence1\tsentence2\tscore\n'
        for i in 0 1 2 3 4 5; do
            printf '%d\t\t\t\t\t\t\tthe %d of paris\twho is %s\t%d.5\n' $i $i ${labels[i % 3]} $i
        done
    } > sts.tsv
}

features() {
    "$TOOLS/glue-features" --task "$1" --vocab model/vocab.txt -i "$2" -o "$3" -q
}

@test "probabilities are those of the model" {
    features mnli mnli.tsv mnli.hdf5
    "$predict" --task classify --model model -i mnli.hdf5 -o out -q
    /usr/bin/python3 "$reference" classes model contradiction,entailment,neutral mnli.hdf5 \
        out/test_results.tsv
    "$predict" --task classify --model model -i mnli.hdf5 -o many -q --batch-tokens 1
    /usr/bin/python3 "$reference" classes model contradiction,entailment,neutral mnli.hdf5 \
        many/test_results.tsv
    [ "$(head -n 1 out/predictions.tsv)" = $'index\tprediction' ]
    /usr/bin/python3 - << 'END'
rows = [list(map(float, line.split("\t"))) for line in open("out/test_results.tsv")]
names = ["contradiction", "entailment", "neutral"]
best = [names[row.index(max(row))] for row in rows]
assert [line.split() for line in open("out/predictions.tsv")][1:] == \
    [[str(i), name] for i, name in enumerate(best)]
gold = [names[i % 3] for i in range(10)]
results = dict(line.split(" = ") for line in open("out/eval_results.txt"))
assert abs(float(results["eval_accuracy"]) - sum(a == b for a, b in zip(best, gold)) / 10) < 1e-9
import math
loss = -sum(math.log(row[i % 3]) for i, row in enumerate(rows)) / 10
assert abs(float(results["eval_loss"]) - loss) < 1e-5
END
}

@test "numbers are written as the original writes them" {
    features mnli mnli.tsv mnli.hdf5
    "$predict" classify --model model -i mnli.hdf5 -o out -q
    /usr/bin/python3 - << 'END'
import numpy
for line in open("out/test_results.tsv"):
    values = line.rstrip("\n").split("\t")
    assert values == [str(numpy.float32(v)) for v in values], values
END
}

@test "a task's file gives what its features give, and leaves nothing beside the results" {
    features mnli mnli.tsv mnli.hdf5
    "$predict" classify --model model -i mnli.hdf5 -o 1 -q > 1.json
    "$predict" classify --model model -i mnli.tsv --task_name MNLI --output_dir 2 -q > 2.json
    diff -r 1 2
    cmp 1.json 2.json
    [ "$(ls 2 | tr '\n' ' ')" = "eval_results.txt predictions.tsv test_results.tsv " ]
}

@test "names decide where model and data number the classes differently" {
    features mnli mnli.tsv mnli.hdf5
    "$predict" classify --model model -i mnli.hdf5 -o 1 -q
    cp -r model other
    /usr/bin/python3 - << 'END'
import json, struct
import numpy
names = ["neutral", "contradiction", "entailment"]
config = json.load(open("other/config.json"))
order = [config["label2id"][name] for name in names]
config["id2label"] = {str(i): name for i, name in enumerate(names)}
config["label2id"] = {name: i for i, name in enumerate(names)}
json.dump(config, open("other/config.json", "w"))
data = bytearray(open("other/model.safetensors", "rb").read())
n, = struct.unpack_from("<Q", data)
header = json.loads(data[8:8 + n])
for name in ("classifier.weight", "classifier.bias"):
    first, last = (8 + n + x for x in header[name]["data_offsets"])
    rows = numpy.frombuffer(bytes(data[first:last]), "<f4").reshape(3, -1)
    data[first:last] = rows[order].tobytes()
open("other/model.safetensors", "wb").write(data)
END
    "$predict" classify --model other -i mnli.hdf5 -o 2 -q
    diff -r 1 2
}

@test "scores have correlations" {
    features sts-b sts.tsv sts.hdf5
    run --separate-stderr "$predict" classify --model score -i sts.hdf5 -o out
    [ "$status" -eq 0 ]
    [[ "$output" == '{"pearson": '*', "spearman": '*', "loss": '*', "examples": 6}' ]]
    [[ "$stderr" == *"6 sequences in "*" s, "*" sequences/s"* ]]
    /usr/bin/python3 "$reference" classes score - sts.hdf5 out/test_results.tsv
    grep -q '^eval_pearson = ' out/eval_results.txt
}

@test "a test set has results but no metrics" {
    cut -f 1-10 mnli.tsv | sed '1s/^i/index/' > test.tsv
    run --separate-stderr "$predict" classify --model model -i test.tsv --task-name mnli -o out
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    [ -s out/test_results.tsv ]
    [ ! -e out/eval_results.txt ]
}

@test "records of size and speed are the original's" {
    features mnli mnli.tsv mnli.hdf5
    "$predict" classify --model model -i mnli.hdf5 -o out -q --json-summary log.json
    grep -q '"eval_features": 10' log.json
    grep -q '"accuracy": ' log.json
    grep -q '"e2e_inference_time": .*"inference_sequences_per_second": ' log.json
}

@test "the bytes do not depend on the threads" {
    for t in 1 3; do
        "$predict" classify --model model -i mnli.tsv --task-name mnli -o $t -t $t -q > $t.json
    done
    diff -r 1 3
    cmp 1.json 3.json
}

@test "data of other classes, vocabularies and kinds are refused" {
    printf 'sentence\tlabel\na\t1\n' > sst.tsv
    run "$predict" classify --model model -i sst.tsv --task-name sst-2 -o out
    [ "$status" -eq 1 ]
    [[ "$output" == *"sst.tsv: 2 classes, but 'model' knows 3" ]]
    run "$predict" classify --model model -i sts.tsv --task-name sts-b -o out
    [ "$status" -eq 1 ]
    [[ "$output" == *"scores, but 'model' knows 3 classes" ]]
    run "$predict" classify --model score -i mnli.tsv --task-name mnli -o out
    [ "$status" -eq 1 ]
    [[ "$output" == *"classes, but 'score' gives scores" ]]
    echo extra > vocab.txt
    cat model/vocab.txt >> vocab.txt
    "$TOOLS/glue-features" --task mnli --vocab vocab.txt -i mnli.tsv -o other.hdf5 -q
    run "$predict" classify --model model -i other.hdf5 -o out
    [ "$status" -eq 1 ]
    [[ "$output" == *"other.hdf5: made with another vocabulary than 'model/vocab.txt'" ]]
    [ -z "$(ls out)" ]
}

@test "what is wrong with the input or the options is said" {
    run "$predict" classify --model model -i mnli.tsv -o out
    [ "$status" -eq 2 ]
    [[ "$output" == *"'mnli.tsv' is no features file: --task-name"* ]]
    run "$predict" classify --model model -o out
    [ "$status" -eq 2 ]
    run "$predict" classify --model model -i missing.tsv --task-name mnli -o out
    [ "$status" -eq 1 ]
    [[ "$output" == *missing.tsv* ]]
    printf 'x\ty\n' >> mnli.tsv
    run "$predict" classify --model model -i mnli.tsv --task-name mnli -o out
    [ "$status" -eq 1 ]
    [[ "$output" == *"mnli.tsv:12: 2 columns, not 11 or more" ]]
    [ -z "$(ls -A out)" ]
}

@test "examples longer than the model's positions are wrong usage" {
    run "$predict" classify --model model --task mnli -i mnli.tsv -o out --seq-length 9999
    [ "$status" -eq 2 ]
    [[ "$output" == *"--seq-length 9999: the model knows "*" positions"* ]]
    [ -z "$(ls out)" ]
}

@test "a model without a classifier is refused" {
    /usr/bin/python3 "$SOURCE/tests/cli/predict_model.py" bare none
    run "$predict" classify --model bare -i mnli.tsv --task-name mnli -o out
    [ "$status" -eq 1 ]
    [[ "$output" == *"'bare' has no classifier: it lacks classifier."* ]]
}

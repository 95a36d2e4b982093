#!/usr/bin/env bats
# bert-train classify: classes and scores.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    train="$TOOLS/bert-train"
    features="$TOOLS/../tests/fake_features"
    cat > config.json <<'JSON'
{"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
 "intermediate_size": 32, "max_position_embeddings": 16, "type_vocab_size": 2,
 "initializer_range": 0.2}
JSON
    "$features" train.hdf5 classes 50
}

# classify OUTPUT [OPTION]...: 13 steps
classify() {
    local output=$1
    shift
    "$train" classify --train_file train.hdf5 --output_dir "$output" --config_file config.json \
        -t 1 --train_batch_size 12 --learning_rate 0.002 --num_steps_per_checkpoint 5 "$@"
}

@test "help and man page" {
    "$train" classify --help | grep -q -- --freeze_layers
    "$train" classify --help=man | grep -q '^.TH'
}

@test "16 rows are learnt by heart" {
    sed -i 's/{/{"hidden_dropout_prob": 0, "attention_probs_dropout_prob": 0,/' config.json
    "$features" train.hdf5 classes 16
    classify out --num_train_epochs 100 --num_steps_per_checkpoint 1000 --train_batch_size 16 \
        --eval_file train.hdf5 -q
    awk '$1 == "loss" { exit !($3 < 0.05) }' out/eval_results.txt
    grep -qx 'eval_accuracy = 1' out/eval_results.txt
}

@test "what is learnt holds for rows that were not seen; the best checkpoint stays" {
    "$features" train.hdf5 classes 600
    "$features" dev.hdf5 classes 200 1
    classify out --num_train_epochs 8 --num_steps_per_checkpoint 1000 --eval_file dev.hdf5 \
        --keep_checkpoints 1 2> speech
    [ "$(grep -c 'on 200 held-back sequences' speech)" -eq 8 ]
    awk '$1 == "eval_accuracy" && $3 < 0.9 { exit 1 }' out/eval_results.txt
    cut -d ' ' -f 1 out/eval_results.txt | paste -sd ' ' |
        grep -qx 'eval_accuracy eval_loss eval_matthews global_step loss'
    classify early -q --num_train_epochs 1 --max_steps 10 --eval_file dev.hdf5
    "$TOOLS/bert-predict" classify -q --model early/ckpt_10 --input dev.hdf5 --output told
    awk '$1 == "eval_accuracy" && $3 > 0.98 { exit 1 }' early/eval_results.txt
    diff <(grep -E 'accuracy|matthews' told/eval_results.txt) \
        <(grep -E 'accuracy|matthews' early/eval_results.txt)
    best=$(sed -n '/"best"/,/}/s/.*"number": \([0-9]*\).*/\1/p' out/ckpt_400/state.json)
    [ -d "out/ckpt_$best" ]
}

@test "scores are learnt too, with no accuracy" {
    "$features" train.hdf5 scores 600
    classify out --num_train_epochs 10 --num_steps_per_checkpoint 1000 --eval_file train.hdf5 2> speech
    grep -q '600 rows of scores' speech
    cut -d ' ' -f 1 out/eval_results.txt | paste -sd ' ' |
        grep -qx 'eval_loss eval_pearson eval_spearman global_step loss'
    awk '/eval_pearson|eval_spearman/ && $3 < 0.8 { exit 1 }' out/eval_results.txt
    grep -q 'pearson 0\.[89][0-9]*, spearman 0\.[89]' speech
    # The scores' own variance is about 0.6.
    awk '$1 == "loss" { exit !($3 < 0.1) }' out/eval_results.txt
    grep -q '"problem_type": "regression"' out/ckpt_500/config.json
}

@test "a step whose gradient is not finite is left out, those after it are not" {
    printf '[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n' > vocab.txt
    printf 'index\tgenre\tfile\tyear\told\tsource1\tsource2\tsentence1\tsentence2\tscore\n' > train.tsv
    for score in 1 2 3e38 4 5 0; do
        printf '0\t\t\t\t\t\t\ta b\tb a\t%s\n' $score >> train.tsv
    done
    "$train" classify --task sts-b --train_file train.tsv --vocab vocab.txt --output_dir out \
        --config_file config.json --train_batch_size 1 --num_train_epochs 2 --max_seq_length 16 \
        -t 1 --log_freq 1 2> speech
    [ "$(grep -c 'no update$' speech)" -eq 2 ]
    [ "$(grep -c 'loss nan (squared error nan)' speech)" -eq 2 ]
    [ "$(grep -o '"average_loss":[^,]*null' out/dllogger.json | wc -l)" -eq 2 ]
}

@test "as many classes as the rows have, or more" {
    classify out -q
    grep -q '"LABEL_2": 2' out/ckpt_13/config.json
    run grep -q 'LABEL_3' out/ckpt_13/config.json
    [ "$status" -eq 1 ]
    classify more -q --num_labels 5
    grep -q '"LABEL_4": 4' more/ckpt_13/config.json
    run classify less -q --num_labels 2
    [ "$status" -eq 2 ]
    [[ "$output" == *"has 3 classes, the model would have 2"* ]]
}

@test "a model is fine-tuned further, also with other classes" {
    classify first -q
    "$train" classify --train_file train.hdf5 --output_dir same --init_checkpoint first/ckpt_13 \
        --num_train_epochs 1 -t 1 2> speech
    run grep -q 'new weights' speech
    [ "$status" -eq 1 ]
    run "$train" classify --train_file train.hdf5 --output_dir other --num_labels 4 \
        --init_checkpoint first/ckpt_13 --num_train_epochs 1 -t 1
    [ "$status" -eq 1 ]
    [[ "$output" == *"tensor 'classifier.weight' is 3 x "*", the model's is 4 x "* ]]
}

@test "frozen layers stay as they are" {
    classify start -q --max_steps 0
    classify start -q --max_steps 1 --resume_from_checkpoint
    "$train" classify --train_file train.hdf5 --output_dir frozen --init_checkpoint start/ckpt_1 \
        --freeze_layers 1 --learning_rate 0.01 --num_train_epochs 1 -t 1 -q
    /usr/bin/python3 - start/ckpt_1 frozen/ckpt_2 <<'PY'
import json, struct, sys
def tensors(folder):
    data = open(folder + "/model.safetensors", "rb").read()
    n, = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + n])
    return {k: data[8 + n + v["data_offsets"][0]:8 + n + v["data_offsets"][1]]
            for k, v in header.items() if k != "__metadata__"}
a, b = map(tensors, sys.argv[1:])
for name in a:
    frozen = "embeddings" in name or "layer.0." in name
    assert (a[name] == b[name]) == frozen, name
PY
    run classify out -q --freeze_layers 3
    [ "$status" -eq 2 ]
    run classify start -q --resume_from_checkpoint --freeze_layers 1
    [ "$status" -eq 2 ]
    [[ "$output" == *"checkpoint 1 was made with frozen layers 0, now 1: "* ]]
    classify start -q --resume_from_checkpoint --freeze_layers 1 --resume_changed
}

@test "products of bf16 learn as well, with the same bytes for any number of threads" {
    "$features" train.hdf5 classes 600
    classify out --num_train_epochs 8 --num_steps_per_checkpoint 1000 --eval_file train.hdf5 -q \
        --precision bf16 --isa plain
    awk '$1 == "eval_accuracy" && $3 < 0.9 { exit 1 }' out/eval_results.txt
    classify three --num_train_epochs 1 -q --autocast --isa plain -t 3
    classify one --num_train_epochs 1 -q --autocast --isa plain
    diff -r one/ckpt_50 three/ckpt_50
    classify exact --num_train_epochs 1 -q
    run cmp -s one/ckpt_50/model.safetensors exact/ckpt_50/model.safetensors
    [ "$status" -eq 1 ]
}

@test "several files are mixed by weight" {
    "$features" more.hdf5 classes 30 9
    classify out --train_file train.hdf5=1,more.hdf5=1 2> speech
    grep -q 'done at step 20: 20 steps, 240 sequences' speech
    "$features" spans.hdf5 spans 30
    run classify none --train_file train.hdf5=1,spans.hdf5=1
    [ "$status" -eq 1 ]
    [[ "$output" == *"'spans.hdf5' holds questions, 'train.hdf5' classes"* ]]
}

@test "rows with what no row can have are named" {
    command -v /usr/bin/python3 && /usr/bin/python3 -c 'import h5py' || skip "no python3-h5py"
    for change in 'input_mask 4 1 "is not 1..1 0..0"' 'segment_ids 4 7 "is not 0..0 1..1"' \
        'label_ids 4 -3 "no class: -3"'; do
        eval "set -- $change"
        cp train.hdf5 bad.hdf5
        /usr/bin/python3 - "$@" <<'PY'
import sys, h5py
name, row, value = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with h5py.File("bad.hdf5", "r+") as f:
    if name == "input_mask":
        f[name][row, 1] = 0
    elif name == "segment_ids":
        f[name][row, 2] = value
    else:
        f[name][row] = value
PY
        run classify out -q --train_file bad.hdf5
        [ "$status" -eq 1 ]
        [[ "$output" == *"bad.hdf5: data set '$1': row 4: $4"* ]]
        rm -rf out
    done
}

# sst2 FILE ROWS: sentences of the words of vocab.txt, labelled by one of them
sst2() {
    printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' good bad film plot actor > vocab.txt
    { printf 'sentence\tlabel\n'
      for i in $(seq "$2"); do
          words=(film plot actor film)
          [ $((i % 2)) -eq 1 ] && words[i % 4]=good || words[i % 4]=bad
          printf '%s\t%d\n' "${words[*]}" $((i % 2))
      done
    } > "$1"
    sed -i 's/"vocab_size": 50/"vocab_size": 10/' config.json
}

@test "a task's own file: features are made once, and again when anything differs" {
    mkdir data
    sst2 data/train.tsv 40
    sst2 data/dev.tsv 20
    train() {
        "$train" classify --task SST-2 --data_dir data --vocab vocab.txt --config_file config.json \
            --output_dir "$1" --max_seq_length 12 --num_train_epochs 30 --learning_rate 0.002 -t 1 \
            --num_steps_per_checkpoint 1000 "${@:2}"
    }
    train out --do_eval 2> speech
    grep -q "'data/train.tsv': 40 examples, 0 cut" speech
    [ "$(ls data/*.hdf5 | wc -l)" -eq 2 ]
    (cd data && sha256sum -c -- *.sha256)
    grep -qx 'eval_accuracy = 1' out/eval_results.txt
    grep -q '"0": "0"' out/ckpt_38/config.json
    features=$(ls data/train*.hdf5)
    # The same again: they are there.
    train again --max_steps 1 2> speech
    grep -q "'data/train.tsv': features in '$features'" speech
    # Other lengths, other words: other features.
    train longer --max_steps 1 --max_seq_length 16 2> speech
    grep -q "'data/train.tsv': 40 examples" speech
    # Damage is seen.
    printf x | dd of="$features" bs=1 seek=3000 conv=notrunc 2> /dev/null
    train damaged --max_steps 1 2> speech
    grep -q "warning: '$features' is not as it was written: made again" speech
    cmp again/ckpt_1/model.safetensors damaged/ckpt_1/model.safetensors
    # They go elsewhere, or with the run.
    train cached --max_steps 1 -q --cache_dir cache
    [ "$(ls cache/*.hdf5 | wc -l)" -eq 1 ]
    train dropped --max_steps 1 -q --skip_cache
    [ "$(ls dropped)" = "$(printf 'ckpt_1\ndllogger.json')" ]
    cmp again/ckpt_1/model.safetensors dropped/ckpt_1/model.safetensors
}

@test "making features needs to know how" {
    mkdir data
    sst2 data/train.tsv 40
    run "$train" classify --train_file data/train.tsv --config_file config.json --output_dir out \
        --task sst-2
    [ "$status" -eq 2 ]
    [[ "$output" == *"needs --vocab"* ]]
    run "$train" classify --train_file data/train.tsv --config_file config.json --output_dir out \
        --vocab vocab.txt
    [ "$status" -eq 2 ]
    [[ "$output" == *"needs --task"* ]]
    run "$train" classify --config_file config.json --output_dir out
    [ "$status" -eq 2 ]
    run classify out --train_file data/nowhere.tsv
    [ "$status" -eq 1 ]
    [ "$(ls data)" = train.tsv ]
}

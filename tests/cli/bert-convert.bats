#!/usr/bin/env bats
# bert-convert: models of three systems come in, for two they go out, and nothing a file says is run.

bats_require_minimum_version 1.5.0

python=/usr/bin/python3 # where Debian's packages are

# Folders pretraining, squad, classify, encoder and hostile.
setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    if $python -c 'import importlib.util as i, sys; sys.exit(not i.find_spec("torch"))'; then
        $python "$SOURCE/tests/cli/make_weights.py" all
    fi
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    convert="$TOOLS/bert-convert"
    made="$BATS_FILE_TMPDIR"
    [ -d "$made/hostile" ] || skip "no python3-torch here"
}

# The tensors of two folders are the same bytes.
same() {
    cmp "$1/model.safetensors" "$2/model.safetensors"
}

@test "--help is complete and succeeds" {
    run "$convert" --help
    [ "$status" -eq 0 ]
    for word in --input --output --format --config --vocab --quiet huggingface pytorch; do
        [[ "$output" == *"$word"* ]]
    done
    run "$convert" --input nothing
    [ "$status" -eq 2 ]
    run "$convert" --input nothing --output out
    [ "$status" -eq 1 ]
    [[ "$output" == *"cannot open 'nothing': No such file or directory"* ]]
    [ ! -e out ]
}

@test "every form in which a model can come gives the same bytes" {
    cp -r "$made/pretraining/." .
    "$convert" -q --input hf --output want
    for form in hf/model.safetensors sharded legacy.bin zip.pt nested.pt parameters.pt strided.pt \
        half/model.safetensors tf tf/bert_model.ckpt tf/bert_model.ckpt.index \
        tf/bert_model.ckpt.data-00000-of-00001 google.zip old.tar.gz system garden_numbered \
        garden_listed; do
        "$convert" -q --input "$form" --output "out" --config hf/config.json --vocab hf/vocab.txt
        echo "$form"
        same out want
        rm -r out
    done
}

@test "the model garden's older pretrainer gives its encoder; shapes tell the heads" {
    cp -r "$made/pretraining/." .
    "$convert" --input garden_nested --output out 2> said
    cat said
    grep -q 'has: encoder, pooler (bert.pooler); has not: masked-LM head' said
    grep -q '41 left out: moments and counters' said
    "$convert" --input garden_numbered --output out 2> said
    cat said
    grep -q "left out, which no BERT has: 'encoder/layer_with_weights-6/bias/" said
    grep -q "'_CHECKPOINTABLE_OBJECT_GRAPH'" said
    mv garden_listed/bert_config.json elsewhere
    "$convert" --input garden_listed --output out 2> said
    cat said
    grep -q 'by the shapes 2 layers, hidden size 64, intermediate size 96, 4 heads' said
}

@test "ours to PyTorch's and back: the same bytes; torch.load reads it, with weights_only too" {
    for kind in pretraining squad classify; do
        "$convert" -q --input "$made/$kind/hf" --output "$kind/ours"
        "$convert" -q --input "$kind/ours" --output "$kind/system" --format pytorch
        [ "$(ls "$kind/system" | tr '\n' ' ')" = \
            'bert_config.json config.json pytorch_model.bin special_tokens_map.json tokenizer_config.json vocab.txt ' ]
        "$convert" -q --input "$kind/system" --output "$kind/back"
        same "$kind/back" "$kind/ours"
        cmp "$kind/back/config.json" "$kind/ours/config.json"
        cp "$kind/system/pytorch_model.bin" first
        "$convert" -q --input "$kind/ours" --output "$kind/system" --format pytorch
        cmp first "$kind/system/pytorch_model.bin"
        $python -m zipfile -t "$kind/system/pytorch_model.bin"
    done
    $python "$SOURCE/tests/cli/make_weights.py" check_system pretraining squad classify
}

@test "a class whose parts are all there, and its files" {
    cd "$made/pretraining"
    "$convert" --input zip.pt --config hf/config.json --vocab hf/vocab.txt \
        --output "$BATS_TEST_TMPDIR/out" 2> "$BATS_TEST_TMPDIR/said"
    cd "$BATS_TEST_TMPDIR"
    grep -q '"BertForPreTraining"' out/config.json
    grep -q 'tied' said
    [ "$(ls out | tr '\n' ' ')" = \
        'config.json model.safetensors special_tokens_map.json tokenizer_config.json vocab.txt ' ]
    grep -q '"do_lower_case": true' out/tokenizer_config.json
    "$convert" --input "$made/squad/hf" --output out 2> said
    grep -q '"BertForQuestionAnswering"' out/config.json
    grep -q "has no 'bert.pooler.dense.weight': left out" said
    "$convert" --input "$made/classify/hf" --output out 2> said
    grep -q '"BertForSequenceClassification"' out/config.json
    grep -q '"LABEL_2": 2' out/config.json
}

@test "what is guessed, skipped, cut and missing is said" {
    cp -r "$made/pretraining/." .
    mkdir alone
    cp nested.pt alone/ckpt_7.pt
    cp nested.pt alone/ckpt_10.pt
    "$convert" --input alone --output out 2> said
    cat said
    grep -q 'alone/ckpt_10.pt' said
    grep -q 'no config beside it: by the shapes 2 layers, hidden size 64.*1 heads' said
    grep -q 'no vocab.txt beside it' said
    grep -q "no tensors of the model: 'optimizer', 'epoch'" said
    "$convert" --input tf --output out 2> said
    cat said
    grep -q 'moments and counters of an optimizer' said
    grep -q '23 transposed\|1[0-9] transposed' said
    "$convert" --input system --output out 2> said
    grep -q '3 rows left out that pad the vocabulary of 45' said
    "$convert" --input "$made/encoder/hf" --output out 2> said
    grep -q 'has not: .*masked-LM head' said
}

@test "numbers that are none and vocabularies that do not fit are warned of" {
    cp -r "$made/pretraining/hf" .
    $python - <<'END'
import struct
with open("hf/model.safetensors", "r+b") as f:
    n, = struct.unpack("<Q", f.read(8))
    import json
    at = json.loads(f.read(n))["bert.pooler.dense.bias"]["data_offsets"][0]
    f.seek(8 + n + at + 4)
    f.write(struct.pack("<2f", float("nan"), float("-inf")))
END
    "$convert" -q --input hf --output out 2> said
    cat said
    [ "$(cat said)" = "bert-convert: warning: tensor 'bert.pooler.dense.bias' has 2 of 64 numbers that are not finite" ]
    cp -r "$made/pretraining/hf" whole
    "$convert" -q --input whole --output out -v /dev/null 2> said
    grep -q "warning: '/dev/null' is empty: the model is without a vocabulary" said
    head -n 20 whole/vocab.txt > short
    "$convert" -q --input whole --output out -v short 2> said
    grep -q 'warning: the vocabulary has 20 tokens, the model 45' said
}

@test "bert-train starts from any of them" {
    cp -r "$made/pretraining/." .
    "$TOOLS/../tests/fake_shards" rows 1 8
    for form in hf legacy.bin tf google.zip; do
        "$TOOLS/bert-train" pretrain --input_dir rows --config_file hf/config.json --max_steps 1 \
            --train_batch_size 4 --output_dir "from_${form%.*}" --init_checkpoint "$form" -t 1 -q
    done
    cmp from_hf/ckpt_1/model.safetensors from_legacy/ckpt_1/model.safetensors
    cmp from_hf/ckpt_1/model.safetensors from_tf/ckpt_1/model.safetensors
    cmp from_hf/ckpt_1/model.safetensors from_google/ckpt_1/model.safetensors
}

@test "nothing in a pickle is run" {
    cp -r "$made"/hostile/* .
    for file in system.pt eval.pt getattr.pt system_legacy.bin; do
        run "$convert" --input "$file" --output out
        echo "$output"
        [ "$status" -eq 1 ]
        [[ "$output" == *"nothing of it was run"* ]]
        [ ! -e was_run ]
        [ ! -e out ]
    done
    run "$convert" --input system.pt --output out
    [[ "$output" == *"system.pt: byte 2 of the pickle: asks for 'posix.system'"* ]]
}

@test "files that lie are refused in little memory and time" {
    cp -r "$made"/hostile/* .
    ldd "$convert" | grep -q asan || ulimit -v 4000000 # a sanitizer maps terabytes
    while IFS=: read -r file why; do
        run timeout 20 "$convert" --input "$file" --output out
        echo "$file: $status $output"
        [ "$status" -eq 1 ]
        [[ "$output" == bert-convert:*"$why"* ]]
        [ ! -e out ]
    done <<'WHY'
stride.pt:does not fit into its storage of 16 values
outside.pt:does not fit into its storage of 16 values
shared:tensors share their numbers: more than the file holds
cycle.pt:holds a dict without tensors
laughs.pt:holds a dict without tensors
deep.pt:over 1048576 values
memo.pt:a memo number that no pickler would have come to
numel.pt:its storage has 64 bytes, not 1073741824 values
shape.pt:overflows
long.pt:2147483647 bytes are asked for
cut.pt:the file is cut short
missing.pt:the zip archive has no entry 'archive/data/9'
deflated.pt:is compressed or encrypted
bits.pt:'archive/data/0' is damaged: its checksum is wrong
bits.bin:goes beyond the end of the file
bomb.zip:holds over 100 times its own bytes
tf_cut.index:does not end as one
tf_bits.index:block at byte 0 is damaged
tf_outside.index:which has 100
tf_crc.index:is damaged: its checksum (CRC-32C) is wrong
WHY
}

@test "the weights that are read are not written over" {
    cp -r "$made/encoder/." .
    ls -R . > before
    for input in hf hf/model.safetensors; do
        run -2 "$convert" -q --input "$input" --output hf
        [[ $output == *"'hf/model.safetensors' is a file to be read"* ]]
    done
    ls -R . | diff before -
    "$convert" -q --input hf --output hf --format pytorch
    run -2 "$convert" -q --input hf/pytorch_model.bin --output hf --format pytorch
    [[ $output == *"'hf/pytorch_model.bin' is a file to be read"* ]]
}

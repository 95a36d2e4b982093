#!/usr/bin/env bats
# bert-train: which rows and masks a training sees.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    train="$TOOLS/bert-train"
    shards="$TOOLS/../tests/fake_shards"
    cat > config.json <<'JSON'
{"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
 "intermediate_size": 32, "max_position_embeddings": 16, "type_vocab_size": 2}
JSON
    "$shards" plain 3 50
    "$shards" packed 2 40 packed
}

# pretrain INPUT OUTPUT [OPTION]...
pretrain() {
    local input=$1 output=$2
    shift 2
    "$train" pretrain --input_dir "$input" --output_dir "$output" --config_file config.json -q \
        --learning_rate 0.01 --warmup_proportion 0.2 -t 1 --train_batch_size 12 --max_steps 40 \
        --num_steps_per_checkpoint 50 "$@"
}

@test "dynamic masking: packed and not, other masks, and resuming draws the same" {
    for input in plain packed; do
        pretrain "$input" "static_$input"
        pretrain "$input" "whole_$input" --dynamic_masking
        run cmp -s "static_$input/ckpt_40/model.safetensors" "whole_$input/ckpt_40/model.safetensors"
        [ "$status" -eq 1 ]
        pretrain "$input" "cut_$input" --dynamic_masking --steps_this_run 17
        pretrain "$input" "cut_$input" --dynamic_masking --resume_from_checkpoint -t 3
        diff -r "whole_$input/ckpt_40" "cut_$input/ckpt_40"
        pretrain "$input" "more_$input" --dynamic_masking --mask-prob 0.8
        run cmp -s "more_$input/ckpt_40/model.safetensors" "whole_$input/ckpt_40/model.safetensors"
        [ "$status" -eq 1 ]
    done
}

@test "dynamic masking finds [MASK] in the vocabulary and in the shards alike" {
    printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' > vocab.txt
    pretrain plain seen --dynamic_masking
    pretrain plain told --dynamic_masking --vocab vocab.txt
    cmp seen/ckpt_40/model.safetensors told/ckpt_40/model.safetensors
}

@test "folders are mixed by weight, and resuming goes on with the same rows" {
    "$shards" more 1 30
    pretrain plain=3,more=1 whole
    pretrain plain=3,more=1 cut --steps_this_run 13
    pretrain plain=3,more=1 cut --resume_from_checkpoint
    diff -r whole/ckpt_40 cut/ckpt_40
    run pretrain plain=1,packed=1 none
    [ "$status" -eq 1 ]
    [[ "$output" == *"are packed, unlike those of 'plain'"* ]]
    run pretrain plain=1,nowhere=1 none
    [ "$status" -eq 1 ]
    run pretrain plain=1,more none
    [ "$status" -eq 2 ]
}

@test "other weights are other data" {
    "$shards" more 1 30
    pretrain plain=3,more=1 out --steps_this_run 5
    run pretrain plain=1,more=1 out --resume_from_checkpoint
    [ "$status" -eq 2 ]
    [[ "$output" == *"other data than"*"--resume_changed"* ]]
    pretrain plain=1,more=1 out --resume_from_checkpoint --resume_changed 2> speech
    grep -q "warning: checkpoint 5 was made with other data" speech
}

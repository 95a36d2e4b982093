#!/usr/bin/env bats
# bert-train: numbers of 16 bits beside those of 32, and instructions by name.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    train="$TOOLS/bert-train"
    distance="$TOOLS/../tests/weights_distance"
    cat > config.json <<'JSON'
{"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
 "intermediate_size": 32, "max_position_embeddings": 16, "type_vocab_size": 2}
JSON
    "$TOOLS/../tests/fake_shards" plain 3 50
}

# pretrain OUTPUT [OPTION]...: 20 steps of 12 rows
pretrain() {
    local output=$1
    shift
    "$train" pretrain --input_dir plain --output_dir "$output" --config_file config.json \
        --learning_rate 0.01 --warmup_proportion 0.2 --train_batch_size 12 --max_steps 20 \
        --num_steps_per_checkpoint 20 -t 1 "$@"
}

final_loss() {
    sed -n 's/.*"final_loss": *\([0-9.]*\).*/\1/p' "$1/dllogger.json" | tail -1
}

@test "bf16 learns what fp32 learns" {
    pretrain full -q
    pretrain half -q --precision bf16 --isa plain
    awk -v a="$(final_loss full)" -v b="$(final_loss half)" \
        'BEGIN { exit !(a > 0 && b > 0 && a - b < 0.01 * a && b - a < 0.01 * a) }'
    run cmp -s full/ckpt_20/model.safetensors half/ckpt_20/model.safetensors
    [ "$status" -eq 1 ]
}

@test "bf16: the same bytes on any number of threads, and after a pause" {
    pretrain one -q --autocast
    pretrain three -q --autocast -t 3
    cmp one/ckpt_20/model.safetensors three/ckpt_20/model.safetensors
    pretrain paused -q --autocast --steps_this_run 10
    pretrain paused -q --autocast --resume_from_checkpoint
    cmp one/ckpt_20/model.safetensors paused/ckpt_20/model.safetensors
    cmp one/ckpt_20/optimizer.safetensors paused/ckpt_20/optimizer.safetensors
}

@test "another precision or loss average does not continue a checkpoint, unless told to" {
    pretrain out -q --precision bf16 --isa plain --steps_this_run 10
    run pretrain out -q --resume_from_checkpoint --loss_average step
    [ "$status" -eq 2 ]
    [[ "$output" == *"was made with precision bf16, now fp32; loss_average micro, now step: "* ]]
    pretrain out -q --resume_from_checkpoint --loss_average step --resume_changed
    grep -q '"loss_average": "step"' out/ckpt_20/state.json
    grep -q '"precision": "fp32"' out/ckpt_20/state.json
}

@test "a log line after a pause is that of all its steps" {
    pretrain whole --log_freq 20 2> speech
    grep -o 'step 20/20  loss.*)' speech > want
    pretrain paused --log_freq 20 --steps_this_run 10 -q
    pretrain paused --log_freq 20 --resume_from_checkpoint 2> speech
    grep -o 'step 20/20  loss.*)' speech > got
    cmp want got
}

@test "kernels by name agree" {
    pretrain plain_kernel -q --isa plain
    for isa in blas avx2 avx512; do
        run pretrain "$isa" -q --isa "$isa"
        [ "$status" -eq 2 ] && continue # not on this CPU
        [ "$status" -eq 0 ]
        # Sums in another order, twenty steps of LAMB long.
        "$distance" plain_kernel/ckpt_20/model.safetensors "$isa/ckpt_20/model.safetensors" 1e-5
    done
}

@test "a CPU without the instructions says so, one without fast bf16 computes with fp32" {
    if ! grep -q amx_bf16 /proc/cpuinfo; then
        run pretrain out --isa amx
        [ "$status" -eq 2 ]
        [[ "$output" == *"no amx"* ]]
    fi
    run pretrain other --precision bf16 --isa avx2 --max_steps 1
    [ "$status" -eq 0 ] || [[ "$output" == *"no avx2"* ]]
    [ "$status" -ne 0 ] || [[ "$output" == *"computing with fp32 (avx2)"* ]]
    run pretrain third --isa mmx
    [ "$status" -eq 2 ]
}

@test "--benchmark prints rates and shares, and writes nothing" {
    mkdir empty
    cd empty
    for precision in fp32 bf16; do
        run "$train" pretrain --benchmark --config_file ../config.json --train_batch_size 4 \
            --precision "$precision" -t 2
        [ "$status" -eq 0 ]
        [[ "$output" == *"machine "* && "$output" == *"peaks "*"GFLOP/s a core"* ]]
        [[ "$output" == *"64 tokens in 4 sequences"*"(random)"* ]]
        [[ "$output" == *"whole step "* && "$output" == *"most memory used"* ]]
        [[ "$output" == *"layer weights, backward "*" % "*" %"*"attention "* || \
            "$output" == *"attention "*" % "*" %"*"layer weights, backward "*" % "*" %"* ]]
    done
    [ -z "$(ls -A)" ]
    run "$train" pretrain --benchmark --config_file ../config.json --input_dir ../plain
    [ "$status" -eq 0 ]
    [[ "$output" == *"(../plain)"* ]]
    # Of a model that this machine need not have the time for, the memory alone.
    run "$train" pretrain --benchmark --config_file large --train_batch_size 8 --steps_this_run 0
    [ "$status" -eq 0 ]
    [[ "$output" == *"memory "*" MiB for weights, gradients and moments, "*"24 layers of 1024"* ]]
    [[ "$output" != *"whole step"* ]]
    run "$train" pretrain --benchmark --config_file ../none.json
    [ "$status" -eq 1 ]
    run "$train" pretrain --config_file ../config.json
    [ "$status" -eq 2 ]
    [[ "$output" == *input_dir* ]]
}

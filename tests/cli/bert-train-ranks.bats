#!/usr/bin/env bats
# bert-train on several ranks, and killed at any moment.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    train="$TOOLS/bert-train"
    shards="$TOOLS/../tests/fake_shards"
    distance="$TOOLS/../tests/weights_distance"
    cat > config.json <<'JSON'
{"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
 "intermediate_size": 32, "max_position_embeddings": 16, "type_vocab_size": 2}
JSON
    "$shards" plain 3 50
    options="--config_file config.json --learning_rate 0.01 --warmup_proportion 0.2 -t 1
        --train_batch_size 12 --max_steps 20 --num_steps_per_checkpoint 5"
}

ranks() {
    command -v mpirun > /dev/null || skip "no mpirun"
    mpirun --allow-run-as-root --oversubscribe "$@"
}

@test "16 bits on the way between ranks: nearly the same, half the bytes" {
    for how in "" --allreduce_post_accumulation_fp16; do
        # shellcheck disable=SC2086 # lists of options
        ranks -n 2 "$train" pretrain --input_dir plain --output_dir "out$how" $options -q $how
    done
    "$distance" out--allreduce_post_accumulation_fp16/ckpt_20/model.safetensors \
        out/ckpt_20/model.safetensors 0.05
    run "$distance" out--allreduce_post_accumulation_fp16/ckpt_20/model.safetensors \
        out/ckpt_20/model.safetensors 1e-7
    [ "$status" -ne 0 ]
}

@test "evaluation on two ranks is that of one" {
    "$shards" held 1 45 test
    # shellcheck disable=SC2086
    ranks -n 2 "$train" pretrain --input_dir plain --output_dir two $options -q --eval_dir held \
        --evaluate
    # shellcheck disable=SC2086
    "$train" pretrain --input_dir plain --output_dir one $options -q --eval_dir held --evaluate \
        --steps_this_run 0 --init_checkpoint two/ckpt_20
    paste -d ' ' two/eval_results.txt one/eval_results.txt |
        awk '$1 != "global_step" { d = $3 - $6; if (d > 1e-6 || d < -1e-6) exit 1 }'
}

@test "max_time on two ranks: both go on until it is over, and end together" {
    # shellcheck disable=SC2086
    ranks -n 2 "$train" pretrain --input_dir plain --output_dir out $options --max_time 1:00:00 -q
    [ -d out/ckpt_20 ]
    # shellcheck disable=SC2086
    ranks -n 2 "$train" pretrain --input_dir plain --output_dir short $options --max_steps 1000000 \
        --num_steps_per_checkpoint 1000000 --log_freq 1000 --max_time 1 2> speech
    grep -q 'stopped by --max_time' speech
}

@test "a rank that fails ends all, and says which it is" {
    # shellcheck disable=SC2086
    run ranks -n 1 "$train" pretrain --input_dir plain --output_dir out $options : \
        -n 1 "$train" pretrain --input_dir nowhere --output_dir out $options
    [ "$status" -ne 0 ]
    [[ "$output" == *"rank 1 of 2: "*nowhere* ]]
}

@test "ranks with different shards or options are told, instead of waiting for ever" {
    "$shards" other 2 50
    # shellcheck disable=SC2086
    run ranks -n 1 "$train" pretrain --input_dir plain --output_dir out $options : \
        -n 1 "$train" pretrain --input_dir other --output_dir out $options
    [ "$status" -ne 0 ]
    [[ "$output" == *"the ranks were given different shards"* ]]
    # shellcheck disable=SC2086
    run ranks -n 1 "$train" pretrain --input_dir plain --output_dir out $options : \
        -n 1 "$train" pretrain --input_dir plain --output_dir out $options --seed 43
    [ "$status" -ne 0 ]
    [[ "$output" == *"the ranks were given different"* ]]
}

@test "killed at five random moments, some of them during a save, it ends in the same bytes" {
    long="--max_steps 400 --num_steps_per_checkpoint 7 --log_freq 50 -q"
    # shellcheck disable=SC2086
    "$train" pretrain --input_dir plain --output_dir whole $options $long
    seed=${BERTLINE_SEED:-$(date +%N | sed 's/^0*//')}
    echo "BERTLINE_SEED=$seed draws the same moments again" # seen when the test fails
    RANDOM=$((seed % 32768))
    for draw in 1 2 3 save save; do
        moment=$draw
        [ "$draw" = save ] || moment=$(printf '0.%03d' $((RANDOM % 200)))
        # shellcheck disable=SC2086
        "$train" pretrain --input_dir plain --output_dir cut $options $long \
            --resume_from_checkpoint 3>&- 2> /dev/null &
        pid=$!
        if [ "$moment" = save ]; then
            for _ in $(seq 1000); do
                ls -d cut/*.part > /dev/null 2>&1 && break
            done
        else
            sleep "$moment"
        fi
        kill -9 "$pid" 2> /dev/null || true
        wait "$pid" || true
        [ ! -e cut/ckpt_400 ]
    done
    # shellcheck disable=SC2086
    "$train" pretrain --input_dir plain --output_dir cut $options $long --resume_from_checkpoint
    diff -r whole/ckpt_400 cut/ckpt_400
    run ls -d cut/*.part
    [ "$status" -ne 0 ]
}

@test "overfit: 200 steps on one file to a loss under 0.05" {
    "$shards" one 1 11 # rows that can be told apart by what is not hidden
    "$train" pretrain --input_dir one --output_dir out --config_file tiny --deterministic_run -t 1 \
        --train_batch_size 11 --max_steps 200 --learning_rate 1e-3 --optimizer adamw \
        --warmup_proportion 0.05 --log_freq 10 --skip_checkpoint 2> speech
    sed -n 's/.*step 200.* loss \([0-9.]*\) .*/\1/p' speech | awk '{ exit !($1 < 0.05) }'
}

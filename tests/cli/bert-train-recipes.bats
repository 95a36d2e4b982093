#!/usr/bin/env bats
# bert-train: optimisers, schedules, batches, evaluation and the options of the TensorFlow trainer.

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
}

# pretrain OUTPUT [OPTION]...: 20 steps of 12 rows unless told otherwise
pretrain() {
    local output=$1
    shift
    "$train" pretrain --input_dir plain --output_dir "$output" --config_file config.json \
        --learning_rate 0.01 --warmup_proportion 0.2 -t 1 --train_batch_size 12 --max_steps 20 \
        --num_steps_per_checkpoint 5 "$@"
}

rates() {
    sed -n 's/.*"learning_rate": \([0-9.e-]*\), "average.*/\1/p' "$1" | awk '{ printf "%.6g\n", $1 }'
}

@test "losses are means of each micro batch, or of the whole step" {
    sed -i 's/{/{"hidden_dropout_prob": 0, "attention_probs_dropout_prob": 0,/' config.json
    "$shards" packed 2 50 packed
    for how in micro step; do
        "$train" pretrain --input_dir packed --output_dir "$how" --config_file config.json -q -t 1 \
            --train_batch_size 8 --gradient_accumulation_steps 8 --max_steps 5 --loss_average "$how"
    done
    # All packs have as many masked tokens, so both means are the same but for rounding.
    "$distance" micro/ckpt_5/model.safetensors step/ckpt_5/model.safetensors 1e-5
    pretrain whole --loss_average step -q
    pretrain cut --loss_average step --gradient_accumulation_steps 6 -q
    "$distance" cut/ckpt_20/model.safetensors whole/ckpt_20/model.safetensors 1e-4
}

@test "AdamW trains, and its moments are not LAMB's" {
    pretrain out --optimizer adamw --max_steps 300 --log_freq 50 --steps_this_run 250 \
        --num_steps_per_checkpoint 250 2> speech
    sed -n 's/.*loss \([0-9.]*\) (mlm.*/\1/p' speech |
        awk 'NR == 1 { first = $1 } { last = $1 } END { exit !(last < first - 1) }'
    run pretrain out --max_steps 300 --resume_from_checkpoint
    [ "$status" -ne 0 ]
    [[ "$output" == *"moments of adamw"*"--optimizer adamw"* ]]
    pretrain out --optimizer_type adamw --max_steps 300 --resume_from_checkpoint -q
}

@test "weight decay, betas, epsilon and the largest norm are used" {
    pretrain plain_run --max_steps 3 -q
    for option in "--weight_decay 0.5" "--beta1 0.5" "--beta2 0.5" "--epsilon 0.1" \
        "--max_grad_norm 1e-3"; do
        # shellcheck disable=SC2086 # option and value
        pretrain other --max_steps 3 -q $option
        run cmp -s plain_run/ckpt_3/model.safetensors other/ckpt_3/model.safetensors
        [ "$status" -eq 1 ]
        rm -r other
    done
}

@test "schedules" {
    pretrain linear --schedule linear -q
    rates linear/dllogger.json | head -4 | diff - <(printf '%s\n' 0.0025 0.005 0.0075 0.01)
    [ "$(rates linear/dllogger.json | sed -n 12p)" = 0.005 ]
    pretrain constant --schedule constant --warmup_steps 2 -q
    [ "$(rates constant/dllogger.json | sort -u | tr '\n' ' ')" = "0.005 0.01 " ]
    pretrain wsd --schedule wsd --decay_proportion 0.5 -q
    rates wsd/dllogger.json | awk 'NR == 10 { exit $1 != 0.01 }'
    rates wsd/dllogger.json | awk 'NR == 15 { exit $1 != 0.005 }'
    run pretrain no --warmup_steps 21
    [ "$status" -eq 2 ]
}

@test "max_time ends with a checkpoint that can be resumed" {
    pretrain out --max_steps 1000000 --num_steps_per_checkpoint 1000000 --log_freq 1000 \
        --max_time 0:00:0.7 2> speech
    grep -q 'stopped by --max_time' speech
    [ "$(ls -d out/ckpt_* | wc -l)" -eq 1 ]
    run pretrain no --max_time soon
    [ "$status" -eq 2 ]
}

@test "tokens_per_batch chooses the micro batches" {
    pretrain out --train_batch_size 4 --tokens_per_batch 440 --max_steps 1 2> speech
    # Rows of 6 to 16 tokens: 11 on average.
    grep -q 'a step is 4 rows x 10 micro batches' speech
}

@test "evaluation on held-back shards, with eval_results.txt" {
    run pretrain none --evaluate
    [ "$status" -eq 2 ]
    [[ "$output" == *--eval_dir* ]]
    "$shards" plain 1 45 test
    pretrain out --do_eval 2> speech
    [ "$(cut -d = -f 1 out/eval_results.txt | tr -d ' ' | tr '\n' ' ')" = \
        "global_step loss masked_lm_accuracy masked_lm_loss next_sentence_accuracy next_sentence_loss " ]
    grep -q 'global_step = 20' out/eval_results.txt
    grep -q 'step 20 on 45 held-back sequences' speech
    grep -q '"eval_masked_lm_loss"' out/dllogger.json
    # Training rows are the same with and without.
    pretrain alone -q --eval_interval 100
    rm plain/fake_test_0.hdf5
    pretrain without -q
    cmp without/ckpt_20/model.safetensors out/ckpt_20/model.safetensors
    # The number of rows at once and of ranks change nothing.
    "$shards" held 1 45 test
    pretrain other -q --eval_dir held --evaluate --eval_batch_size 45
    paste -d ' ' out/eval_results.txt other/eval_results.txt |
        awk '{ d = $3 - $6; if (d > 1e-5 || d < -1e-5) exit 1 }'
    pretrain other -q --eval_dir held --evaluate --max_eval_steps 2 --resume_from_checkpoint \
        2> speech
    run cmp -s out/eval_results.txt other/eval_results.txt
    [ "$status" -eq 1 ]
}

@test "the best checkpoint stays, and resuming remembers it" {
    "$shards" plain 1 45 test
    # The rate is so high at the end that the model gets worse.
    args="--max_steps 60 --warmup_proportion 1 --learning_rate 3 --eval_interval 10 --log_freq 7"
    # shellcheck disable=SC2086
    pretrain whole $args -q --keep_checkpoints 1
    best=$(sed -n '/"best"/,/}/s/.*"number": \([0-9]*\).*/\1/p' whole/ckpt_60/state.json)
    [ "$best" -lt 60 ]
    [ "$(ls -d whole/ckpt_* | wc -l)" -eq 2 ]
    [ -d "whole/ckpt_$best" ]
    # shellcheck disable=SC2086
    pretrain cut $args -q --keep_checkpoints 1 --steps_this_run 43
    # shellcheck disable=SC2086
    pretrain cut $args -q --keep_checkpoints 1 --resume_from_checkpoint
    diff -r whole/ckpt_60 cut/ckpt_60
}

@test "a checkpoint of another model is refused with the fields that differ" {
    pretrain out -q --steps_this_run 5
    sed -i 's/"intermediate_size": 32/"intermediate_size": 64/; s/{/{"layer_norm_eps": 0.001,/' \
        config.json
    run pretrain out --resume_from_checkpoint
    [ "$status" -ne 0 ]
    [[ "$output" == *"intermediate_size 64, not 32; layer_norm_eps 0.001, not 1e-12"* ]]
}

@test "options of the TensorFlow trainer are taken with their meaning" {
    "$shards" data 1 50
    "$shards" held 1 20 test
    "$train" pretrain --input_files_dir=data --eval_files_dir=held --output_dir=out -t 1 \
        --bert_config_file=config.json --optimizer_type=lamb --max_seq_length=128 --do_train=True \
        --max_predictions_per_seq=20 --do_eval=True --train_batch_size=12 --eval_batch_size=8 \
        --learning_rate=5e-3 --num_train_steps=10 --num_warmup_steps=2 --save_checkpoints_steps=4 \
        --save_summary_steps=1 --display_loss_steps=2 --iterations_per_loop=1000 \
        --max_eval_steps=1 --num_accumulation_steps=2 --allreduce_post_accumulation=True \
        --verbose_logging=False --horovod --report_loss=True --manual_fp16=False --noamp \
        --nouse_xla --init_loss_scale=1 --deterministic_run=True --bf16_config_path=x \
        --horovod_hierarchical_allreduce=False --enable_scoped_allocator=False \
        --dllog_path=log/dllog.json 2> speech
    [ "$(ls out)" = "$(printf 'ckpt_10\nckpt_4\nckpt_8\neval_results.txt')" ]
    grep -q 'on 8 held-back sequences' speech
    grep -q '"SEED": 1}' log/dllog.json
    [ "$(rates log/dllog.json | wc -l)" -eq 4 ]
}

@test "checkpoint_activations: less memory, the same bytes" {
    pretrain out -q
    pretrain less --checkpoint_activations 2> speech
    diff -r out/ckpt_20 less/ckpt_20
    activations() { sed -n 's/.*activations \([0-9]*\), data.*/\1/p' "$1"; }
    run pretrain large --config_file large --max_steps 1 --train_batch_size 16000000
    [ "$status" -eq 1 ]
    [[ "$output" == *"GiB of memory are needed"*"--checkpoint_activations"* ]]
    all=$(activations <(echo "$output"))
    run pretrain large --config_file large --max_steps 1 --train_batch_size 16000000 \
        --checkpoint_activations
    [ "$status" -eq 1 ]
    [ "$(activations <(echo "$output"))" -lt $((all / 4)) ]
}

@test "profile: every operation with its time, and a trace" {
    pretrain out --profile True --profile_steps 3:5 --tensorboard_logdir traces 2> speech
    grep -q 'profile: attention, backward  *6 calls' speech      # 2 layers, 3 steps
    grep -q 'profile: step: exchange  *3 calls' speech
    python3 -c 'import json; e = json.load(open("traces/trace.json"))["traceEvents"]; assert sum(x["name"] == "step: compute" for x in e) == 3'
    pretrain none --profile False 2> speech
    run grep profile: speech
    [ "$status" -eq 1 ]
    run pretrain none --profile True --profile_steps 5:3
    [ "$status" -eq 2 ]
}

@test "memory use is told" {
    pretrain out --log_memory_usage True 2> speech
    grep -q 'memory usage: max_memory:[0-9.]*G' speech
    grep -q '"memory usage": "max_memory:' out/dllogger.json
}

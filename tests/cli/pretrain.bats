#!/usr/bin/env bats
# scripts/pretrain: the commands of demo_bert.py and run_pretraining.sh.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    pretrain="$SOURCE/scripts/pretrain"
    shards="$TOOLS/../tests/fake_shards"
    unset MULTI_HLS_IPS
}

# What would be run, one command a line.
commands() {
    "$pretrain" --tools T --dry-run "$@" 2>&1 | grep 'T/bert-train'
}

@test "bookswiki: both phases with the originals' numbers" {
    commands -d fp32 -m base -v 8 > got
    [ "$(wc -l < got)" -eq 2 ]
    head -1 got | grep -q 'mpirun -np 8 .*--max_steps 7038 --warmup_steps 2000 --train_batch_size 8192 --gradient_accumulation_steps 256 --learning_rate 0.006 '
    tail -1 got | grep -q -- '--max_predictions_per_seq 80 --max_steps 1564 --warmup_steps 200 --train_batch_size 4096 --gradient_accumulation_steps 512 --learning_rate 0.004 .*--phase2 --phase1_end_step 7038'
    commands -d bf16 -m base -v 8 | head -1 | grep -q -- '--train_batch_size 8192 --gradient_accumulation_steps 128'
    commands -m large --recipe pytorch | tail -1 | grep -q -- '--max_steps 1563 .*--train_batch_size 4096 --gradient_accumulation_steps 512 --learning_rate 4e-3'
}

@test "options of demo_bert.py, hidden ones included" {
    commands --command=pretraining --data_type=fp32 --model_variant=tiny --test_set=bookswiki \
        --model=bert --epochs=40 --max_seq_length=64,256 --iters=100,50 --warmup=10,5 \
        --fast_perf_only=0 --save_ckpt_steps=7 --no_steps_accumulation=0 --batch_size=16,4 \
        --global_batch_size=256,64 --learning_rate=1e-3,5e-4 --checkpoint_folder=x \
        --bf16_config_path=x --kubernetes_run=False --run_phase2=False \
        --enable_scoped_allocator=False --horovod_hierarchical_allreduce=False > got
    head -1 got | grep -q -- '--num_steps_per_checkpoint 7 .*--max_seq_length 64 --max_predictions_per_seq 9 --max_steps 100 --warmup_steps 10 --train_batch_size 256 --gradient_accumulation_steps 16 --learning_rate 1e-3'
    tail -1 got | grep -q -- '--max_seq_length 256 .*--max_steps 50 --warmup_steps 5 --train_batch_size 64 --gradient_accumulation_steps 16 --learning_rate 5e-4 .*--phase1_end_step 100'
    commands -m tiny -fpo 1 | tail -1 | grep -q -- '--max_steps 782 .*--train_batch_size 200 --gradient_accumulation_steps 25 '
    commands -m tiny --no_steps_accumulation 1 | head -1 | grep -q -- '--train_batch_size 32 --gradient_accumulation_steps 1 '
    [ "$(commands -m tiny --run_phase2=True | wc -l)" -eq 1 ]
    MULTI_HLS_IPS=one,two commands -m tiny -v 4 | grep -q 'mpirun -np 8 .*--host one:4,two:4'
}

@test "decimal commas of the user's language change nothing" {
    for comma in $(locale -a) de_DE.UTF-8 none; do
        [ "$(LC_ALL=$comma awk 'BEGIN { printf "%.1f", 3 / 2 }' 2>&1)" = 1,5 ] && break
    done
    [ "$comma" != none ] || skip "no such language here"
    commands -d fp32 -m base -v 8 >want
    LC_ALL=$comma commands -d fp32 -m base -v 8 >got
    cmp want got
}

@test "what makes no sense is wrong usage" {
    for wrong in "" "-m huge" "-m tiny -t mrpc" "-m tiny -c finetuning" "-m tiny -i many" \
        "-m tiny --nonsense 1" "-m tiny -d int8" "-m tiny --hosts a,b"; do
        # shellcheck disable=SC2086 # lists of options
        run "$pretrain" $wrong
        [ "$status" -eq 2 ]
    done
    run "$pretrain" -m tiny --dataset_path nowhere
    [ "$status" -eq 1 ]
    [[ "$output" == *nowhere* ]]
    "$pretrain" --help | grep -q fast_perf_only
}

@test "both phases run, and the same command goes on after a crash" {
    "$shards" d/phase1 1 50
    "$shards" d/seq_len_512/books_wiki_en_corpus/training 1 40
    run_it() {
        "$pretrain" --tools "$TOOLS" -m tiny --dataset_path d -o out -i 6,4 -w 2,1 -b 4,4 \
            --global_batch_size 12,8 --save_ckpt_steps 2 "$@"
    }
    run run_it -- --steps_this_run 3
    [ "$status" -ne 0 ] # phase 2 has nothing to go on from
    [ -d out/ckpt_3 ]
    run_it 2> speech
    [ -d out/ckpt_10 ]
    grep -q 'resuming after step 3' out/pretrain.log
    grep -q '"final_loss"' out/phase_2/bert_dllog.json
    run_it 2> again
    grep -q 'nothing to train: step 4 of 4 is done' again
}

@test "overfit makes its shard of the sample" {
    "$pretrain" --tools "$TOOLS" -t overfit -m tiny --dataset_path made -o out -i 3 -w 1 2> speech
    grep -q 'global_step = 3' out/eval_results.txt
    [ -s made/shards/sample_training_0.hdf5 ]
}

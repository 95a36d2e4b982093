#!/usr/bin/env bats
# bert-train: what it promises about checkpoints, ranks, threads and bad input.

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
    options="--config_file config.json --learning_rate 0.01 --warmup_proportion 0.2 -t 1"
}

# pretrain OUTPUT [OPTION]...: 20 steps of 12 rows unless told otherwise
pretrain() {
    local output=$1
    shift
    # shellcheck disable=SC2086 # a list of options
    "$train" pretrain --input_dir plain --output_dir "$output" $options \
        --train_batch_size 12 --max_steps 20 --num_steps_per_checkpoint 5 "$@"
}

# The program behind a shell function that runs in the background.
program_of() {
    pgrep -P "$1" || echo "$1"
}

@test "help, man page and completion of the tool and of its command" {
    "$train" --help | grep -q pretrain
    "$train" --help=man | grep -q '^.TH'
    "$train" --help=bash | grep -q complete
    "$train" pretrain --help | grep -q -- --gradient_accumulation_steps
    "$train" pretrain --help=man | grep -q '^.TH'
}

@test "without a command, or with an unknown one, the commands are told" {
    run "$train"
    [ "$status" -eq 2 ]
    [[ "$output" == *pretrain* ]]
    run "$train" pretain
    [ "$status" -eq 2 ]
    [[ "$output" == *"'pretain'"*pretrain* ]]
}

@test "training learns, logs and leaves a whole checkpoint" {
    pretrain out --json_summary logs/here/log.json 2> speech
    grep -q 'step 20/20  loss' speech
    [ "$(ls out)" = "$(printf 'ckpt_10\nckpt_15\nckpt_20')" ]
    for file in model.safetensors optimizer.safetensors config.json state.json manifest.json; do
        [ -s "out/ckpt_20/$file" ]
    done
    grep -q '^DLLL {"timestamp": "[0-9.]*", "datetime": "[-0-9 :.]*", "elapsedtime": "[0-9.]*", "type": "LOG", "step": "PARAMETER", "data": {"SEED": 42}}$' logs/here/log.json
    [ "$(grep -c '"average_loss": .*"step_loss": .*"learning_rate": .*"average_training_time_step": .*"average_perf_per_step"' logs/here/log.json)" -eq 19 ]
    grep -q '"step": \[1, 20\], "data": {"final_loss"' logs/here/log.json
    tail -1 logs/here/log.json | grep -q '"step": \[\], "data": {"e2e_train_time": .*"training_sequences_per_second": .*"final_loss": .*"raw_train_time"'
}

@test "training learns" {
    pretrain out --max_steps 500 --num_steps_per_checkpoint 500 --log_freq 100 2> speech
    # One of 45 ids is right by chance.
    sed -n 's/.*mlm [0-9.]*, right \([0-9.]*\) .*/\1/p' speech > right
    awk 'NR == 1 { first = $1 } { last = $1 } END { exit !(first < 10 && last > 30) }' right
}

@test "any number of threads gives the same bytes" {
    pretrain one -t 1 -q
    pretrain three -t 3 -q
    diff -r one/ckpt_20 three/ckpt_20
}

@test "a killed and resumed training ends in the same bytes" {
    long="--max_steps 400 --num_steps_per_checkpoint 20 --log_freq 70 -q"
    # shellcheck disable=SC2086 # a list of options
    pretrain whole $long
    # shellcheck disable=SC2086
    pretrain cut $long 3>&- &
    pid=$!
    for _ in $(seq 500); do
        [ -d cut/ckpt_60 ] && break
        sleep 0.01
    done
    kill -9 "$(program_of "$pid")"
    wait "$pid" || true
    [ ! -e cut/ckpt_400 ]
    mkdir cut/ckpt_390.part
    echo half > cut/ckpt_390.part/model.safetensors
    # shellcheck disable=SC2086
    pretrain cut $long --resume_from_checkpoint
    diff -r whole/ckpt_400 cut/ckpt_400
    [ ! -e cut/ckpt_390.part ]
}

@test "SIGTERM saves after the current step and ends well; resuming ends in the same bytes" {
    pretrain whole --max_steps 1000 --num_steps_per_checkpoint 1000 --log_freq 300 -q
    pretrain cut --max_steps 1000 --num_steps_per_checkpoint 1000 --log_freq 300 2> speech 3>&- &
    pid=$!
    for _ in $(seq 500); do
        grep -q 'a step is' speech && break
        sleep 0.01
    done
    sleep 0.05
    kill -TERM "$(program_of "$pid")"
    wait "$pid"
    grep -q 'stopped by a signal' speech
    [ ! -e cut/ckpt_1000 ]
    pretrain cut --max_steps 1000 --num_steps_per_checkpoint 1000 --log_freq 300 -q \
        --resume_from_checkpoint
    diff -r whole/ckpt_1000 cut/ckpt_1000
}

@test "steps_this_run stops at that step, resume_step chooses" {
    pretrain out -q
    pretrain part --steps_this_run 7 -q
    [ "$(ls part)" = "$(printf 'ckpt_5\nckpt_7\ndllogger.json')" ]
    pretrain part --resume_from_checkpoint --resume_step 5 2> speech
    grep -q 'resuming after step 5' speech
    diff -r out/ckpt_20 part/ckpt_20
    run pretrain part --resume_from_checkpoint --resume_step 4
    [ "$status" -eq 1 ]
}

@test "two ranks with accumulation 2 do what one does with 4" {
    command -v mpirun || skip "no mpirun"
    pretrain one --train_batch_size 24 --gradient_accumulation_steps 4 -q
    mpirun --allow-run-as-root --oversubscribe -n 2 "$train" pretrain --input_dir plain \
        --output_dir two --config_file config.json --learning_rate 0.01 --warmup_proportion 0.2 \
        --max_steps 20 --num_steps_per_checkpoint 5 -t 1 \
        --train_batch_size 12 --gradient_accumulation_steps 2 2> speech
    "$distance" two/ckpt_20/model.safetensors one/ckpt_20/model.safetensors 1e-5
    [ "$(grep -c 'step 20/20' speech)" -eq 1 ]
    # One rank goes on where two stopped.
    rm -rf two/ckpt_20
    pretrain two --train_batch_size 24 --gradient_accumulation_steps 4 -q --resume_from_checkpoint
    "$distance" two/ckpt_20/model.safetensors one/ckpt_20/model.safetensors 1e-5
}

@test "a step cut into micro batches computes the same, without dropout" {
    sed -i 's/{/{"hidden_dropout_prob": 0, "attention_probs_dropout_prob": 0,/' config.json
    pretrain one -q
    pretrain four --gradient_accumulation_steps 4 --loss_average step -q
    "$distance" four/ckpt_20/model.safetensors one/ckpt_20/model.safetensors 1e-4
}

@test "a damaged newest checkpoint is passed over with a warning" {
    pretrain whole -q
    pretrain out --steps_this_run 10 -q
    printf x | dd of=out/ckpt_10/optimizer.safetensors bs=1 seek=5000 conv=notrunc 2> /dev/null
    pretrain out --resume_from_checkpoint 2> speech
    grep -q 'warning: checkpoint 10 is damaged and passed over: .*optimizer.safetensors.*SHA-256' speech
    grep -q 'resuming after step 5' speech
    diff -r whole/ckpt_20 out/ckpt_20
    for ckpt in out/ckpt_*; do rm "$ckpt/state.json"; done
    run pretrain out --resume_from_checkpoint
    [ "$status" -eq 1 ]
    [[ "$output" == *"no checkpoint that is whole"* ]]
}

@test "a full disk ends the run and leaves the checkpoint before it" {
    pretrain out --steps_this_run 5 -q
    cp -r out/ckpt_5 before
    # Files may not grow beyond 30 KiB: writing fails as on a full disk.
    run bash -c "trap '' XFSZ; ulimit -f 30; '$train' pretrain --input_dir plain --output_dir out \
        $options --train_batch_size 12 --max_steps 20 --resume_from_checkpoint -q"
    [ "$status" -eq 1 ]
    [[ "$output" == *"checkpoint 20: cannot write"* ]]
    [ "$(ls out)" = "$(printf 'ckpt_5\ndllogger.json')" ]
    diff -r before out/ckpt_5
}

@test "checkpoints are not overwritten unasked" {
    pretrain out --max_steps 2 -q
    run pretrain out --max_steps 2
    [ "$status" -ne 0 ]
    [[ "$output" == *"already has checkpoints"*--resume_from_checkpoint* ]]
    mkdir foreign
    touch foreign/ckpt_100.pt
    run pretrain foreign
    [ "$status" -ne 0 ]
}

@test "phase 2 goes on numbering after phase 1 and keeps its end" {
    pretrain out -q
    "$shards" longer 1 40
    "$train" pretrain --input_dir longer --output_dir out --config_file config.json \
        --learning_rate 0.004 --warmup_proportion 0.1 --train_batch_size 8 --max_steps 10 -t 1 \
        --num_steps_per_checkpoint 2 --phase2 --phase1_end_step 20 --resume_from_checkpoint \
        --steps_this_run 5 2> speech
    grep -q 'starting phase 2 with the weights and moments of checkpoint 20' speech
    "$train" pretrain --input_dir longer --output_dir out --config_file config.json \
        --learning_rate 0.004 --warmup_proportion 0.1 --train_batch_size 8 --max_steps 10 -t 1 \
        --num_steps_per_checkpoint 2 --phase2 --phase1_end_step 20 --resume_from_checkpoint 2> speech
    grep -q 'resuming after step 5 (checkpoint 25)' speech
    [ -d out/ckpt_30 ]
    [ -d out/ckpt_20 ]
    [ ! -d out/ckpt_24 ]
    run pretrain out --phase2 --phase1_end_step 21 --resume_from_checkpoint
    [ "$status" -ne 0 ]
    [[ "$output" == *phase1_end_step* ]]
}

@test "packed shards: the accumulation follows the mean number of sequences" {
    "$shards" packed 2 50 packed
    "$train" pretrain --input_dir packed --output_dir out $options --max_steps 3 \
        --train_batch_size 12 --gradient_accumulation_steps 3 2> speech
    grep -q 'a step is 4 rows x 2 micro batches' speech    # round(3 / 2) = 2
    "$train" pretrain --input_dir packed --output_dir one $options --max_steps 3 \
        --train_batch_size 4 --gradient_accumulation_steps 1 2> speech
    grep -q 'a step is 4 rows x 1 micro batches' speech    # never none
    echo '{"avg_seq_per_sample": 1.5}' > packed_metadata.json
    "$train" pretrain --input_dir packed/ --output_dir meta $options --max_steps 3 \
        --train_batch_size 12 --gradient_accumulation_steps 12 2> speech
    grep -q 'a step is 1 rows x 8 micro batches' speech
    run "$train" pretrain --input_dir packed --output_dir no $options --enable_packed_data_mode False
    [ "$status" -ne 0 ]
    [[ "$output" == *enable_packed_data_mode* ]]
    run pretrain no --enable_packed_data_mode True
    [ "$status" -ne 0 ]
}

@test "bad input is named" {
    run pretrain out --gradient_accumulation_steps 5
    [ "$status" -eq 2 ]
    [[ "$output" == *"12 is not divisible by"*5* ]]
    mkdir empty
    run "$train" pretrain --input_dir empty --output_dir out $options
    [ "$status" -eq 1 ]
    [[ "$output" == *empty* ]]
    run "$train" pretrain --input_dir nowhere --output_dir out $options
    [ "$status" -eq 1 ]
    [[ "$output" == *nowhere* ]]
    sed -i 's/"vocab_size": 50/"vocab_size": 30/' config.json
    run pretrain out
    [ "$status" -eq 1 ]
    [[ "$output" =~ "plain/fake_training_"[0-9]".hdf5: row "[0-9]+": id "[0-9]+" is not in the model's vocabulary of 30" ]]
    [ "$(ls out)" = dllogger.json ]
    run "$train" pretrain --input_dir plain --output_dir out
    [ "$status" -eq 2 ]
    [[ "$output" == *config_file* ]]
}

@test "weights diverge: no update, then the end, and the last checkpoint is finite" {
    run pretrain out --learning_rate 1e6 --warmup_proportion 0 --max_steps 100
    [ "$status" -eq 1 ]
    [[ "$output" == *"warning: step "*"no update"* ]]
    [[ "$output" == *"10 steps in a row without a finite loss"* ]]
}

@test "a vocabulary makes the checkpoint one that tokenizers load" {
    printf '[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n' > vocab.txt
    pretrain out --max_steps 1 --vocab vocab.txt -q 2> speech
    grep -q "warning: 'vocab.txt' has 5 tokens, the model 50: the last 45 have no name" speech
    sed 's/"vocab_size": 50/"vocab_size": 64/' config.json > padded.json
    pretrain padded --config_file padded.json --max_steps 1 --vocab vocab.txt -q 2> speech
    diff speech /dev/null
    cmp vocab.txt out/ckpt_1/vocab.txt
    grep -q '"do_lower_case": true' out/ckpt_1/tokenizer_config.json
    grep -q '"mask_token": "\[MASK\]"' out/ckpt_1/special_tokens_map.json
    seq 51 > vocab.txt
    run pretrain large --max_steps 1 --vocab vocab.txt
    [ "$status" -eq 1 ]
}

@test "init_checkpoint takes a folder or a file and starts at step 0" {
    pretrain out --max_steps 3 -q
    pretrain folder --max_steps 1 --init_checkpoint out/ckpt_3 -q
    pretrain file --max_steps 1 --init_checkpoint out/ckpt_3/model.safetensors -q
    diff -r folder/ckpt_1 file/ckpt_1
    # The only step of a schedule has rate 0.
    cmp out/ckpt_3/model.safetensors file/ckpt_1/model.safetensors
    run pretrain none --init_checkpoint nowhere
    [ "$status" -eq 1 ]
}

@test "a preset takes the vocabulary size of the shards" {
    "$train" pretrain --input_dir plain --output_dir out --config_file tiny --max_steps 1 -q
    grep -q '"vocab_size": 50' out/ckpt_1/config.json
}

@test "TensorBoard gets loss and speed" {
    pretrain out --max_steps 3 --enable-tensorboard-logging -q
    [ "$(grep -c Loss out/worker_0/events.out.tfevents.*)" -ge 1 ]
    grep -q performance out/worker_0/events.out.tfevents.*
}

@test "options of the original are taken" {
    pretrain out --max_steps 1 --do_train --json-summary log.json --use_habana --autocast \
        --use_lazy_mode=False --bert_model bert-base --disable_progress_bar --use-hpu-graphs True \
        --allreduce_post_accumulation --use_fused_lamb 2> speech
    grep -q 'note: --use_habana' speech
    [ -s log.json ]
}

@test "golden: ten LAMB steps from given weights end in the reference's weights" {
    golden="${BERTLINE_SHARED:-$SOURCE/../shared}/golden/bert"
    [ -r "$golden/expected.json" ] || skip "no golden data in '$golden'"
    for kind in unpacked packed; do
        mkdir "$kind"
        cp "$golden/$kind.hdf5" "$kind"
        rows=12
        [ "$kind" = packed ] && rows=6
        "$train" pretrain --input_dir "$kind" --output_dir "out_$kind" --train_batch_size "$rows" \
            --config_file "$golden/config.json" --init_checkpoint "$golden/pretrain.safetensors" \
            --learning_rate 0.006 --warmup_proportion 0.3 --max_steps 12 --steps_this_run 10 \
            -t 1 -q --json_summary "$kind.json"
        "$distance" "out_$kind/ckpt_10/model.safetensors" \
            "$golden/pretrain.after_lamb10.safetensors" 1e-4
        # Losses and rates of the trace.
        sed -n 's/.*"step_loss": \([0-9.]*\), "learning_rate": \([0-9.]*\),.*/\1 \2/p' "$kind.json" \
            > got
        tr ',{' '\n\n' < "$golden/expected.json" | awk '
            /"trace"/ { on = 1 }
            on && /"loss"/ { loss = $NF }
            on && /"lr"/ { sub(/}.*/, "", $NF); print loss, $NF; if (++n == 9) exit }' > want
        [ "$(wc -l < got)" -eq 9 ]
        paste -d ' ' got want | awk '
            function far(a, b) { return a - b > 1e-5 * b || b - a > 1e-5 * b }
            far($1, $3) || far($2, $4) { print; bad = 1 }
            END { exit bad }'
    done
}

#!/usr/bin/env bats
# bert-train squad: learning where answers stand, and what it promises about steps, rows and files.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    train="$TOOLS/bert-train"
    features="$TOOLS/../tests/fake_features"
    distance="$TOOLS/../tests/weights_distance"
    cat > config.json <<'JSON'
{"vocab_size": 50, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
 "intermediate_size": 32, "max_position_embeddings": 16, "type_vocab_size": 2}
JSON
    "$features" train.hdf5 spans 50
}

# squad OUTPUT [OPTION]...: 3 epochs of 50 rows by 12, which are 13 steps, the last of 6 rows
squad() {
    local output=$1
    shift
    "$train" squad --train_file train.hdf5 --output_dir "$output" --config_file config.json -t 1 \
        --train_batch_size 12 --learning_rate 0.01 --num_steps_per_checkpoint 5 "$@"
}

program_of() {
    pgrep -P "$1" || echo "$1"
}

@test "help and man page" {
    "$train" squad --help | grep -q -- --num_train_epochs
    "$train" squad --help=man | grep -q '^.TH'
}

@test "16 rows are learnt by heart" {
    sed -i 's/{/{"hidden_dropout_prob": 0, "attention_probs_dropout_prob": 0,/' config.json
    "$features" train.hdf5 spans 16
    squad out --num_train_epochs 100 --num_steps_per_checkpoint 1000 --train_batch_size 16 \
        --log_freq 10 --eval_file train.hdf5 -q
    awk '$1 == "loss" { exit !($3 < 0.05) }' out/eval_results.txt
    awk '/accuracy/ { n++; if ($3 != 1) exit 1 } END { exit n != 3 }' out/eval_results.txt
}

@test "what is learnt holds for rows that were not seen" {
    "$features" train.hdf5 spans 600
    "$features" dev.hdf5 spans 200 1
    squad out --num_train_epochs 8 --num_steps_per_checkpoint 1000 --eval_file dev.hdf5 2> speech
    [ "$(grep -c 'on 200 held-back sequences' speech)" -eq 8 ]
    awk '/_accuracy/ && $3 < 0.9 { exit 1 }' out/eval_results.txt
    cut -d ' ' -f 1 out/eval_results.txt | paste -sd ' ' |
        grep -qx 'end_accuracy end_loss exact_accuracy global_step loss start_accuracy start_loss'
}

@test "every row is taken as often as there are epochs, and the log tells the steps" {
    squad out --log_freq 1 2> speech
    grep -q '3 epochs are 13 steps' speech
    grep -q 'done at step 13: 13 steps, 150 sequences' speech
    grep -q '"data": {"training_features": 50}' out/dllogger.json
    grep -q '"data": {"steps": 13}' out/dllogger.json
    grep -q '"step": \[0, 1\], "data": {"average_loss"' out/dllogger.json
    grep -q '"step": \[2, 13\], "data": {"final_loss"' out/dllogger.json
    squad half --num_train_epochs 0.5 2> speech
    grep -q 'done at step 3: 3 steps, 25 sequences' speech
}

@test "the checkpoint is one of BertForQuestionAnswering, without a pooler" {
    squad out -q
    grep -q '"BertForQuestionAnswering"' out/ckpt_13/config.json
    head -c 9000 out/ckpt_13/model.safetensors > head
    grep -aq '"qa_outputs.weight"' head
    run grep -aq 'pooler' head
    [ "$status" -eq 1 ]
}

@test "threads change no byte, ranks and micro batches nothing that matters" {
    squad one -q
    squad three -t 3 -q
    diff -r one/ckpt_13 three/ckpt_13
    sed -i 's/{/{"hidden_dropout_prob": 0, "attention_probs_dropout_prob": 0,/' config.json
    # A larger epsilon, so that gradients which are nothing but rounding do not move anything.
    squad whole -q --epsilon 1e-3
    squad cut -q --epsilon 1e-3 --gradient_accumulation_steps 4
    "$distance" whole/ckpt_13/model.safetensors cut/ckpt_13/model.safetensors 1e-4
    command -v mpirun || skip "no mpirun"
    mpirun --allow-run-as-root --oversubscribe -n 2 "$train" squad --train_file train.hdf5 \
        --output_dir two --config_file config.json -t 1 --train_batch_size 6 --learning_rate 0.01 \
        -q --epsilon 1e-3
    "$distance" whole/ckpt_13/model.safetensors two/ckpt_13/model.safetensors 1e-4
}

@test "a killed and resumed training ends in the same bytes" {
    squad whole --num_train_epochs 60 --num_steps_per_checkpoint 20 --log_freq 70 -q
    squad cut --num_train_epochs 60 --num_steps_per_checkpoint 20 --log_freq 70 -q 3>&- &
    pid=$!
    for _ in $(seq 500); do
        [ -d cut/ckpt_60 ] && break
        sleep 0.01
    done
    kill -9 "$(program_of "$pid")"
    wait "$pid" || true
    [ ! -e cut/ckpt_250 ]
    squad cut --num_train_epochs 60 --num_steps_per_checkpoint 20 --log_freq 70 -q \
        --resume_from_checkpoint
    diff -r whole/ckpt_250 cut/ckpt_250
}

@test "max_steps ends a run and leaves the schedule as it was" {
    squad whole -q
    squad cut --max_steps 4 -q
    [ "$(ls cut)" = "$(printf 'ckpt_4\ndllogger.json')" ]
    squad cut -q --resume_from_checkpoint
    diff -r whole/ckpt_13 cut/ckpt_13
}

@test "another command does not continue a checkpoint, unless told to" {
    squad out --max_steps 4 -q
    run squad out -q --resume_from_checkpoint --learning_rate 0.02 --seed 7 --train_batch_size 10 \
        --bias_correction true
    [ "$status" -eq 2 ]
    [[ "$output" == *"checkpoint 4 was made with learning_rate 0.01, now 0.02; "* ]]
    [[ "$output" == *"max_steps 13, now 15; bias correction 0, now 1; seed 42, now 7; "* ]]
    [[ "$output" == *"rows in a step 12, now 10; rows in a micro batch 12, now 10: give"* ]]
    [[ "$output" == *"--resume_changed"* ]]
    squad out --resume_from_checkpoint --learning_rate 0.02 --resume_changed 2> speech
    grep -q 'warning: checkpoint 4 was made with learning_rate 0.01, now 0.02$' speech
    sed -i 's/"intermediate_size": 32/"intermediate_size": 64/' config.json
    run squad out --resume_from_checkpoint --resume_changed
    [ "$status" -eq 2 ]
    [[ "$output" == *"intermediate_size 64, not 32"* ]]
}

@test "weights of pretraining are taken, the missing head is named, the vocabulary goes along" {
    "$TOOLS/../tests/fake_shards" plain 1 40
    for i in $(seq 50); do echo "word$i"; done > vocab.txt
    "$train" pretrain --input_dir plain --output_dir pre --config_file config.json --max_steps 2 \
        --vocab vocab.txt --cased -q -t 1
    "$train" squad --train_file train.hdf5 --output_dir out --init_checkpoint pre/ckpt_2 \
        --num_train_epochs 1 --learning_rate 0 -t 1 2> speech
    grep -q "warning: 'pre/ckpt_2.*' has no qa_outputs.weight, qa_outputs.bias: new weights" speech
    cmp vocab.txt out/ckpt_2/vocab.txt
    grep -q '"do_lower_case": false' out/ckpt_2/tokenizer_config.json
    grep -q '"hidden_size": 16' out/ckpt_2/config.json
}

@test "files that hold something else are refused" {
    "$TOOLS/../tests/fake_shards" plain 1 40
    "$features" classes.hdf5 classes 20
    "$features" open.hdf5 spans 20 0 unlabelled
    for file in plain classes.hdf5 open.hdf5; do
        run squad out -q --train_file "$file"
        [ "$status" -eq 2 ]
        [[ "$output" == *"'$file' holds "* ]]
    done
    run squad out -q --eval_file classes.hdf5
    [ "$status" -eq 2 ]
    run squad out -q --max_seq_length 15
    [ "$status" -eq 2 ]
    [[ "$output" == *"have 16 tokens"* ]]
    head -c 3000 train.hdf5 > short.hdf5
    run squad out -q --train_file short.hdf5
    [ "$status" -eq 1 ]
    [[ "$output" == *"short.hdf5"* ]]
    sed -i 's/"vocab_size": 50/"vocab_size": 20/' config.json
    run squad out -q
    [ "$status" -eq 1 ]
    [[ "$output" == *"train.hdf5: row "*"not in the model's vocabulary of 20"* ]]
    [ ! -e out/ckpt_13 ]
}

@test "options of the originals are taken" {
    run "$train" squad --bert_model bert-large-uncased --do_lower_case --do_train --train_file \
        train.hdf5 --output_dir out --config_file config.json --train_batch_size 12 \
        --num_train_epochs 1 --use_fused_adam --use_habana --use_lazy_mode True --autocast \
        --json-summary out/log.json --seed 1 --max_seq_length 384 --doc_stride 128 --skip_cache
    [ "$status" -eq 0 ]
    [ -s out/log.json ]
}

@test "SQuAD's own JSON: features are made once; several ranks wait for them" {
    printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' who what ate the apple tom ann bird ? \
        > vocab.txt
    sed -i 's/"vocab_size": 50/"vocab_size": 14/; s/"max_position_embeddings": 16/"max_position_embeddings": 32/' \
        config.json
    cat > questions.json <<'JSON'
{"version": "1.1", "data": [{"title": "x", "paragraphs": [{"context": "tom ate the apple",
 "qas": [{"id": "1", "question": "who ate?", "answers": [{"text": "tom", "answer_start": 0}]},
         {"id": "2", "question": "what?", "answers": [{"text": "the apple", "answer_start": 8}]},
         {"id": "3", "question": "who?", "answers": [{"text": "ann", "answer_start": 0}]}]}]}]}
JSON
    train() {
        output=$1
        shift
        # shellcheck disable=SC2086 # a list of options
        "$@" squad $EXTRA --train_file questions.json --output_dir "$output" --vocab vocab.txt --config_file config.json \
            --max_seq_length 24 --doc_stride 8 --train_batch_size 2 --num_train_epochs 100 \
            --learning_rate 0.01 --num_steps_per_checkpoint 1000 -t 1 --eval_file questions.json \
            2> speech
    }
    train out "$train"
    grep -q "warning: question '3' is skipped" speech
    grep -q "'questions.json': 2 questions, 2 windows, 1 skipped" speech
    awk '/accuracy/ && $3 != 1 { exit 1 }' out/eval_results.txt
    [ "$(ls questions.json_*.hdf5 | wc -l)" -eq 2 ] # with the first answer, and with the only one
    # As run_squad.py: answers and their scores after the training.
    EXTRA="--do_predict --predict_file questions.json --do_eval" train answered "$train" > scores
    grep -q '"1": "tom"' answered/predictions.json
    grep -q '"2": "the apple"' answered/predictions.json
    grep -q '"exact_match": 66.6' scores
    rm questions.json_*
    command -v mpirun || skip "no mpirun"
    train two mpirun --allow-run-as-root --oversubscribe -n 2 "$train"
    [ "$(grep -c '2 questions, 2 windows' speech)" -eq 2 ]
    [ -d two/ckpt_50 ]
}

@test "what the model has no positions for is not begun, and what is missing is named" {
    printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' who ate tom > vocab.txt
    cat > q.json <<'JSON'
{"version": "1.1", "data": [{"title": "x", "paragraphs": [{"context": "tom ate",
 "qas": [{"id": "1", "question": "who ate", "answers": [{"text": "tom", "answer_start": 0}]}]}]}]}
JSON
    run squad out --train_file q.json --vocab vocab.txt --max_seq_length 24
    [ "$status" -eq 2 ]
    [[ "$output" == *"--max_seq_length 24: the model has 16 positions"* ]]
    run squad out --train_file nothing.json
    [ "$status" -eq 1 ]
    [[ "$output" == *"cannot open 'nothing.json': "* ]]
    run "$train" squad --output_dir out --do_predict --predict_file q.json
    [ "$status" -eq 2 ]
    [[ "$output" == *"bert-predict squad answers without training"* ]]
}

@test "a training that is not at its end answers nothing" {
    printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' who ate tom > vocab.txt
    cat > q.json <<'JSON'
{"version": "1.1", "data": [{"title": "x", "paragraphs": [{"context": "tom ate",
 "qas": [{"id": "1", "question": "who ate", "answers": [{"text": "tom", "answer_start": 0}]}]}]}]}
JSON
    answer() {
        squad out --vocab vocab.txt --do_predict --predict_file q.json --max_seq_length 16 "$@"
    }
    answer --num_train_epochs 100000 2> speech &
    pid=$!
    until grep -q 'a step is' speech; do sleep 0.1; done
    sleep 0.3
    kill -TERM "$(program_of "$pid")"
    wait "$pid"
    grep -q 'stopped by a signal' speech
    grep -q 'warning: training is not at its end: no predictions' speech
    [ ! -e out/predictions.json ]
    rm -r out
    answer -q
    [ -s out/predictions.json ]
}

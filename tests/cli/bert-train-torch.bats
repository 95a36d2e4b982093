#!/usr/bin/env bats
# bert-train against an independent model in PyTorch.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    python=/usr/bin/python3 # where Debian's packages are
    $python -c 'import torch, h5py' 2> /dev/null || skip "no python3-torch or python3-h5py here"
    train="$TOOLS/bert-train"
    shards="$TOOLS/../tests/fake_shards"
    gradient="$TOOLS/../tests/gradient_of"
    reference="$SOURCE/tests/cli/torch_reference.py"
    "$shards" plain 1 40
    "$shards" packed 1 30 packed
}

# config NAME=JSON...: a small model, and weights after some steps so that none is special
config() {
    cat > config.json <<JSON
{"vocab_size": 50, "hidden_size": 24, "num_hidden_layers": 3, "num_attention_heads": 3,
 "intermediate_size": 72, "max_position_embeddings": 16, "type_vocab_size": 2,
 "hidden_dropout_prob": 0, "attention_probs_dropout_prob": 0, "initializer_range": 0.2, $1}
JSON
    rm -rf start
    "$train" pretrain --input_dir plain --output_dir start --config_file config.json -q -t 1 \
        --train_batch_size 20 --max_steps 20 --learning_rate 0.01 --schedule constant
}

@test "losses and every gradient, erf and tanh GELU, both epsilons, packed and not" {
    for model in '"hidden_act": "gelu", "layer_norm_eps": 1e-12' \
        '"hidden_act": "gelu_new", "layer_norm_eps": 1e-3'; do
        config "$model"
        for input in plain packed; do
            read -r mlm nsp < <("$gradient" config.json start/ckpt_20 "$input" grads.safetensors)
            $python "$reference" gradients config.json start/ckpt_20/model.safetensors \
                "$input"/*.hdf5 grads.safetensors "$mlm" "$nsp"
        done
    done
}

@test "ten steps of LAMB and AdamW" {
    config '"hidden_act": "gelu"'
    for optimizer in lamb adamw; do
        "$train" pretrain --input_dir plain --output_dir "$optimizer" --config_file config.json \
            --init_checkpoint start/ckpt_20 --train_batch_size 40 --max_steps 10 -q -t 1 \
            --schedule constant --warmup_proportion 0 --learning_rate 0.002 --optimizer "$optimizer"
        $python "$reference" steps config.json start/ckpt_20/model.safetensors plain/*.hdf5 \
            "$optimizer" 0.002 10 "$optimizer/ckpt_10/model.safetensors"
    done
}

@test "ten steps of fine-tuning: answers, classes, scores" {
    config '"hidden_act": "gelu"'
    for kind in spans classes scores; do
        "$TOOLS/../tests/fake_features" "$kind.hdf5" "$kind" 40
        command=$([ "$kind" = spans ] && echo squad || echo classify)
        options="--train_file $kind.hdf5 --train_batch_size 40 -q -t 1"
        # New heads, which a rate of 0 leaves as they were made.
        # shellcheck disable=SC2086 # a list of options
        "$train" "$command" $options --config_file config.json --init_checkpoint start/ckpt_20 \
            --output_dir "$kind" --num_train_epochs 1 --learning_rate 0 2> /dev/null
        # shellcheck disable=SC2086
        "$train" "$command" $options --init_checkpoint "$kind/ckpt_1" --output_dir "$kind.after" \
            --num_train_epochs 10 --schedule constant --warmup_proportion 0 --learning_rate 0.002
        $python "$reference" tune config.json "$kind/ckpt_1/model.safetensors" "$kind.hdf5" 0.002 10 \
            "$kind.after/ckpt_10/model.safetensors"
    done
}

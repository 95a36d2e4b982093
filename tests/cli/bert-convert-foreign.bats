#!/usr/bin/env bats
# Models of other systems through bert-convert and the encoder give what those systems recorded.

foreign() {
    cd "$BATS_TEST_TMPDIR" || return 1
    python=/usr/bin/python3 # where Debian's packages are
    weights="${BERTLINE_SHARED:-$SOURCE/../shared}/data/weights"
    [ -d "$weights" ] || skip "no $weights"
    $python -c 'import importlib.util as i, sys; sys.exit(not i.find_spec("torch"))' ||
        skip "no python3-torch here"
    $python "$SOURCE/tests/cli/foreign_weights.py" "$1" "$TOOLS/.." "$weights"
}

@test "a dummy of PyTorch, legacy form" {
    foreign dummy
}

@test "real weights of a tiny BERT fine-tuned on SST-2, old names, legacy form" {
    foreign sst2
}

@test "question answering of PyTorch's exporter, zip form under state_dict and module" {
    foreign squad
}

@test "classification of TensorFlow, a checkpoint of two data files and snappy blocks" {
    foreign mrpc
}

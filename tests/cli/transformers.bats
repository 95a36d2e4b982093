#!/usr/bin/env bats
# Folders of ours through Hugging Face's transformers, and theirs through ours. Where it cannot be imported
# (PYTHONPATH may lead to it) these are skipped.

with_transformers() {
    cd "$BATS_TEST_TMPDIR" || return 1
    run /usr/bin/python3 "$SOURCE/tests/cli/transformers_models.py" "$TOOLS/.." "$1"
    echo "$output"
    [ "$status" -ne 77 ] || skip "${lines[-1]}"
    [ "$status" -eq 0 ]
}

@test "every class it has comes and goes in every form, without a word and bit for bit" {
    with_transformers classes
}

@test "what bert-train leaves is loaded as it is, and computes what bert-predict computes" {
    with_transformers training
}

@test "the folder's tokenizer cuts as tokenize cuts" {
    with_transformers tokenizer
}

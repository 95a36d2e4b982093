# make-pretrain-whole.bats -- a set is whole or absent, and what cannot be made is refused by name.

load pretrain_text

@test "fewer instances than shards: as many shards, with a warning" {
    write_text
    head -2 text.txt > two.txt
    run "$make_pretrain" --vocab vocab.txt -d 1 -o set two.txt
    [ "$status" -eq 0 ]
    [[ "$output" == *"warning: "*" training shards instead of 256"* ]]
    [[ "$output" == *"warning: no test shards"* ]]
    [ "$(ls set | wc -l)" -eq "$(member set_metadata.json 'd["training"]["instances"]')" ]
}

@test "a run over an old set replaces it and leaves other files alone" {
    write_text
    "$make_pretrain" -q -n 8 -o set text.tokens
    echo kept > set/notes.txt
    echo kept > set/other_training_0.hdf5
    "$make_pretrain" -q -n 2 --test-fraction 0 -o set text.tokens
    [ "$(ls -A set)" = "notes.txt
other_training_0.hdf5
set_training_0.hdf5
set_training_1.hdf5" ]
    "$make_pretrain" -q -n 2 --test-fraction 0 -o fresh/set text.tokens
    diff set_metadata.json fresh/set_metadata.json
}

@test "a cut token stream: exit 1, no folder, an old set stays as it is" {
    write_text
    head -c $(($(wc -c < text.tokens) - 5)) text.tokens > cut.tokens
    run "$make_pretrain" -o set cut.tokens
    [ "$status" -eq 1 ]
    [[ "$output" == *cut.tokens* ]]
    [ ! -e set ] && [ ! -e set_metadata.json ]
    "$make_pretrain" -q -n 2 -o set text.tokens
    cp -r set before
    run "$make_pretrain" -n 3 -o set < cut.tokens
    [ "$status" -eq 1 ]
    diff -r set before
    [ -e set_metadata.json ]
}

@test "a killed run leaves nothing that looks finished, and the next one makes the set" {
    write_text
    "$make_pretrain" -q -n 2 -d 100000 -o set text.tokens 3>&- &
    pid=$!
    for _ in $(seq 100); do
        [ -d set/.set.part ] && break
        sleep 0.05
    done
    kill -9 $pid
    wait $pid || true
    [ "$(ls -A set)" = ".set.part" ]
    [ ! -e set_metadata.json ]
    "$make_pretrain" -q -n 2 -o set text.tokens
    "$make_pretrain" -q -n 2 -o fresh/set text.tokens
    diff -r set fresh/set
}

@test "a full disk: exit 1, nothing under a final name" {
    write_text
    mkdir small
    mount -t tmpfs -o size=200k none small 2>/dev/null || skip "cannot mount a small file system"
    run "$make_pretrain" -n 2 -d 200 -o small/set text.tokens
    left=$(ls -A small)
    umount small
    [ "$status" -eq 1 ]
    [[ "$output" == *"No space left"* ]]
    [ -z "$left" ]
}

@test "empty input, missing input, text without a vocabulary, another vocabulary: told apart" {
    write_text
    : > empty.txt
    printf '\n \n\n' > blank.txt
    run "$make_pretrain" --vocab vocab.txt -o set empty.txt
    [ "$status" -eq 1 ] && [[ "$output" == *"no document in empty.txt"* ]]
    run "$make_pretrain" --rng python --vocab vocab.txt -o set text.txt blank.txt
    [ "$status" -eq 1 ] && [[ "$output" == *"no document in blank.txt"* ]]
    run "$make_pretrain" -o set missing.tokens
    [ "$status" -eq 1 ] && [[ "$output" == *"missing.tokens"* ]]
    run "$make_pretrain" -o set text.txt
    [ "$status" -eq 2 ] && [[ "$output" == *"--vocab"* ]]
    (cat vocab.txt && echo one more) > other.txt
    "$tokenize" --vocab other.txt text.txt > other.tokens
    run "$make_pretrain" -o set text.tokens other.tokens
    [ "$status" -eq 1 ] && [[ "$output" == *"other.tokens: made with another vocabulary"* ]]
    run "$make_pretrain" --vocab vocab.txt -o set < text.tokens
    [ "$status" -eq 2 ] && [[ "$output" == *"leave out --vocab"* ]]
    [ ! -e set ] && [ ! -e set_metadata.json ]
    run "$make_pretrain" -o out --vocab vocab.txt other.tokens
    [ "$status" -eq 1 ] && [[ "$output" == *"other.tokens: made with another vocabulary than --vocab"* ]]
}

@test "options that contradict each other are refused" {
    write_text
    for options in "--rng python --shards 3" "--rng python --test-fraction 0.1" \
        "--rng python --test-shards 1" "--rng python --test-shards 2" \
        "--test-fraction 0 --test-shards 2" "--test-fraction 0.1 --test-shards 0" \
        "--cased" "--rules google" "--seq-length 4" "--prefix a/b"; do
        # shellcheck disable=SC2086 # a list of options
        run "$make_pretrain" $options -o set text.tokens
        [ "$status" -eq 2 ]
    done
    run "$make_pretrain" --shards 2 -o set.hdf5 text.tokens
    [ "$status" -eq 2 ]
    [ ! -e set ]
    cp text.txt text.hdf5
    run "$make_pretrain" --rng python --vocab vocab.txt -o text.hdf5 text.hdf5
    [ "$status" -eq 2 ]
    [[ "$output" == *"'text.hdf5' is a file to be read"* ]]
    cmp text.txt text.hdf5
}

@test "a folder means its .txt files, a dot the present folder" {
    write_text
    mkdir in out
    cp text.txt in/a.txt
    echo "not text" > in/b.dat
    cd out
    "$make_pretrain" -q -n 1 --test-fraction 0 --vocab ../vocab.txt -o . ../in
    [ "$(ls)" = "out_training_0.hdf5" ]
    [ -e ../out_metadata.json ]
}

@test "--check finds a flipped byte, a stranger, a lie in the metadata, a missing shard" {
    write_text
    "$make_pretrain" -q -n 3 -o set text.tokens
    "$make_pretrain" --check set
    cp -r set bad
    cp set_metadata.json bad_metadata.json
    printf 'x' | dd of=bad/set_training_1.hdf5 bs=1 seek=20000 conv=notrunc status=none
    run "$make_pretrain" --check bad
    [ "$status" -eq 1 ]
    [[ "$output" == *"bad/set_training_1.hdf5: SHA-256 is "* ]]
    cp set/set_training_1.hdf5 bad
    cp set/set_training_1.hdf5 bad/other.hdf5
    run "$make_pretrain" --check bad
    [ "$status" -eq 1 ]
    [[ "$output" == *"bad/other.hdf5: is not in the metadata"* ]]
    rm bad/other.hdf5 bad/set_test_0.hdf5
    run "$make_pretrain" --check bad
    [ "$status" -eq 1 ]
    [[ "$output" == *"bad/set_test_0.hdf5"* ]]
    cp set/set_test_0.hdf5 bad
    for key in masked random_next tokens; do
        awk -v key="\"$key\":" '$1 == key && !done { sub(/[0-9]+/, "77"); done = 1 } { print }' \
            set_metadata.json > bad_metadata.json
        [ "$key" = tokens ] && continue # the first one is the corpus'
        run "$make_pretrain" --check bad
        [ "$status" -eq 1 ]
        [[ "$output" == *"'training.$key' is 77"* ]]
    done
    rm bad_metadata.json
    run "$make_pretrain" --check bad
    [ "$status" -eq 1 ]
    [[ "$output" == *"no metadata"* ]]
}

@test "every shard is on disk before one has its name" {
    command -v strace >/dev/null || skip "no strace here"
    write_text
    strace -f -q -y -e trace=fsync,rename -o calls "$make_pretrain" -q -o out -n 3 --test-shards 2 text.tokens ||
        skip "strace cannot trace here"
    [ "$(ls out | wc -l)" -eq 5 ]
    awk '
        / rename\(".*\.part\/[^"]*", "out\/out_/ { moved++ }
        match($0, /out_(training|test)_[0-9]+\.hdf5>\) *= 0/) && !moved { on_disk++ }
        /fsync resumed/ && /= 0/ && !moved { on_disk++ }
        END { exit !(moved == 5 && on_disk >= 5) }
    ' calls
}

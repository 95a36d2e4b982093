# What every tool promises of its options: one table, printed four ways, parsed one way.

bats_require_minimum_version 1.5.0

setup() {
    tools=$(cd "$TOOLS" && ls | grep -E '^[a-z-]+$')
    [ -n "$tools" ]
}

@test "help is complete and on standard output" {
    for tool in $tools; do
        run --separate-stderr "$TOOLS/$tool" --help
        [ "$status" -eq 0 ]
        [ -z "$stderr" ]
        [[ $output == *"Usage: $tool"* ]]
    done
}

@test "version names tool and project" {
    for tool in $tools; do
        run "$TOOLS/$tool" --version
        [ "$status" -eq 0 ]
        [[ $output == "$tool (bertline) "[0-9]* ]]
    done
}

@test "the man page is one that man can format" {
    command -v man >/dev/null || skip "no man here"
    for tool in $tools; do
        "$TOOLS/$tool" --help=man >"$BATS_TEST_TMPDIR/$tool.1"
        run --separate-stderr man --warnings -E UTF-8 -l -Tutf8 -Z "$BATS_TEST_TMPDIR/$tool.1"
        [ "$status" -eq 0 ]
        [ -z "$stderr" ]
    done
}

@test "the completion is a script that bash can read" {
    for tool in $tools; do
        "$TOOLS/$tool" --help=bash | bash -n
    done
}

@test "an unknown option is refused with the nearest known name" {
    run "$TOOLS/tokenize" --vocabulary x
    [ "$status" -eq 2 ]
    [[ $output == *"unknown option '--vocabulary', did you mean '--vocab'?"* ]]
}

@test "a value that is no number of the range is refused" {
    for value in -1 1e9 many ''; do
        run "$TOOLS/tokenize" --threads "$value" --vocab x
        [ "$status" -eq 2 ]
        [[ $output == *"--threads wants a number from 0 to"* ]]
    done
}

@test "a missing needed option is named" {
    run "$TOOLS/tokenize"
    [ "$status" -eq 2 ]
    [[ $output == *"--vocab FILE is needed"* ]]
}

@test "a choice is one of its list" {
    run "$TOOLS/make-pretrain" --rng dice --output "$BATS_TEST_TMPDIR/x"
    [ "$status" -eq 2 ]
    [[ $output == *"--rng wants counter|python, not 'dice'"* ]]
}

@test "dashes and underscores are the same, and so are the names of the originals" {
    for name in --max-seq-length --max_seq_length --seq-length --seq_length; do
        run "$TOOLS/make-pretrain" "$name" 1 --output "$BATS_TEST_TMPDIR/x"
        [ "$status" -eq 2 ]
        [[ $output == *"--seq-length wants a number from "* ]]
    done
}

@test "a page that cannot be written is an error" {
    for page in --help --version --help=man --help=bash; do
        run -1 sh -c "'$TOOLS/learn-vocab' $page >/dev/full"
    done
}

@test "a closed standard stream is no place for a file" {
    cd "$BATS_TEST_TMPDIR"
    printf 'words of a text, words of a text\n' >text
    "$TOOLS/learn-vocab" --size 100 text -o want
    "$TOOLS/learn-vocab" --size 100 text -o got 2>&- # which has a warning to say
    cmp want got
    run -1 sh -c "'$TOOLS/shard-text' -o shards <&-"
    [[ $output == *"standard input: cannot read: Bad file descriptor"* ]]
    run -1 sh -c "'$TOOLS/learn-vocab' --size 100 text >&-"
    [[ $output == *"cannot write 'standard output': Bad file descriptor"* ]]
}

@test "what is read is not written over" {
    cd "$BATS_TEST_TMPDIR"
    cp "$SOURCE/scripts/sample-wiki.xml" in
    ln -s in link
    for command in "wiki-extract in -o link" "wiki-extract in --report in" "book-extract in -o in" \
        "split-sentences in -o ./in" "learn-vocab in --size 100 -o in"; do
        run -2 sh -c "'$TOOLS'/$command"
        [[ $output == *"in' is a file to be read"* || $output == *"link' is a file to be read"* ]]
        cmp in "$SOURCE/scripts/sample-wiki.xml"
    done
    run -1 "$TOOLS/split-sentences" in -o ''
    [[ $output == *"cannot write '': it is no name"* ]]
    [ "$(ls -A | tr '\n' ' ')" = "in link " ]
}

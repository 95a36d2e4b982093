# learn-vocab: text -> WordPiece vocabulary

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    learn="$TOOLS/learn-vocab"
    shared="${BERTLINE_SHARED:-$SOURCE/../shared}"
}

# Text with many different words.
make_text() {
    awk 'BEGIN { for (i = 1; i <= 40000; i++) {
        x = (i * 7919) % 10007; word = ""
        while (x > 0) { word = word substr("etaoinshrdlu", x % 12 + 1, 1); x = int(x / 12) }
        printf "%s%s", word, i % 9 ? " " : ".\n" } }'
}

@test "--help is complete and succeeds" {
    run "$learn" --help
    [ "$status" -eq 0 ]
    for word in --size --cased --min-count --max-alphabet --max-words --output --threads; do
        [[ "$output" == *"$word"* ]]
    done
}

@test "the size is exact and the special tokens are at BERT's places" {
    make_text | "$learn" --size 1500 > vocab.txt
    [ "$(wc -l < vocab.txt)" -eq 1500 ]
    [ "$(sed -n 1p vocab.txt)" = '[PAD]' ]
    [ "$(sed -n 2p vocab.txt)" = '[unused0]' ]
    [ "$(sed -n 100p vocab.txt)" = '[unused98]' ]
    [ "$(sed -n 101,104p vocab.txt | tr '\n' ' ')" = '[UNK] [CLS] [SEP] [MASK] ' ]
    [ -z "$(sort vocab.txt | uniq -d)" ]
}

@test "tokenize takes it, and all of the text is known" {
    make_text > text.txt
    "$learn" --size 600 text.txt --output vocab.txt
    run bash -c '"$TOOLS/tokenize" --vocab vocab.txt --text text.txt | grep -c -F "[UNK]"'
    [ "$output" = 0 ]
}

@test "the same bytes for any number of threads" {
    make_text > text.txt
    cat text.txt text.txt text.txt text.txt text.txt text.txt text.txt text.txt > long.txt
    "$learn" --size 1000 -t 1 long.txt > one
    "$learn" --size 1000 -t 4 long.txt > many
    cmp one many
    "$learn" -q --size 1000 --max-words 500 -t 1 long.txt > one
    "$learn" -q --size 1000 --max-words 500 -t 4 long.txt > many
    cmp one many
}

@test "too little text gives fewer tokens and a warning" {
    run --separate-stderr "$learn" --size 5000 <<< 'a few words, and a few words more'
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -lt 5000 ]
    [[ "$stderr" == *"warning: only"* ]]
}

@test "words dropped for want of room are said" {
    run --separate-stderr "$learn" --size 300 --max-words 100 < <(make_text)
    [ "$status" -eq 0 ]
    [[ "$stderr" == *"different words"*"dropped"* ]]
}

@test "case and accents stay with --cased" {
    run "$learn" -q --size 100 --min-count 1 <<< 'Été'
    [[ "$output" == *$'\n''ete'* ]]
    run "$learn" -q --size 100 --min-count 1 --cased <<< 'Été'
    [[ "$output" == *$'\n''Été'* ]]
}

@test "special tokens in the text are no words" {
    run "$learn" -q --size 100 --cased <<< '[MASK] [MASK] ab'
    [[ "$output" != *$'\n''M'* ]]
    [[ "$output" == *$'\n''b'* ]]
}

@test "empty input and invalid UTF-8" {
    run "$learn" --output vocab.txt < /dev/null
    [ "$status" -eq 1 ]
    [[ "$output" == *"no words"* ]]
    [ ! -e vocab.txt ]
    run "$learn" -q --size 50 < <(printf 'ab\xff ab\xff')
    [ "$status" -eq 0 ]
    [[ "$output" == *$'\n''ab'* ]]
}

@test "a size that makes no sense is used wrongly" {
    run "$learn" --size 3 <<< 'x'
    [ "$status" -eq 2 ]
}

@test "a line of a megabyte" {
    make_text | tr '\n' ' ' > line.txt
    for i in 1 2 3 4 5 6; do cat line.txt; done > long.txt
    [ "$(wc -c < long.txt)" -gt 1000000 ]
    run "$learn" --size 500 long.txt
    [ "$status" -eq 0 ]
    [ "${#lines[@]}" -eq 500 ]
}

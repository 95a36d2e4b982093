# tokenize: sentences -> WordPiece ids

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    tokenize="$TOOLS/tokenize"
    shared="${BERTLINE_SHARED:-$SOURCE/../shared}"
    printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' hello , world ! un '##aff' '##able' x \
        '##xx' É e > vocab.txt
}

# The documents of a token stream, read after schemas/tokens.md alone: "1 2|3/4/" and the header.
read_stream() {
    python3 - "$1" << 'END'
import json, struct, sys
data = open(sys.argv[1], "rb").read()
assert data[:8] == b"BERTTOKS"
version, length = struct.unpack_from("<II", data, 8)
assert version == 1
header = json.loads(data[16:16 + length])
kind = {2: "H", 4: "I"}[header["id_bytes"]]
at = 16 + length
documents = sentences = ids = 0
parts = []
while True:
    n, = struct.unpack_from("<I", data, at)
    at += 4
    if n == 0xFFFFFFFF:
        break
    if n == 0:
        parts[-1] = parts[-1][:-1] + "/"
        documents += 1
        continue
    parts.append(" ".join(map(str, struct.unpack_from("<%d%s" % (n, kind), data, at))) + "|")
    at += n * header["id_bytes"]
    sentences += 1
    ids += n
assert struct.unpack_from("<QQQ", data, at) == (documents, sentences, ids)
assert len(data) == at + 32
print("".join(parts))
END
}

@test "--help is complete and succeeds" {
    run "$tokenize" --help
    [ "$status" -eq 0 ]
    for word in --vocab --cased --rules --ids --text --json --output --threads --quiet; do
        [[ "$output" == *"$word"* ]]
    done
}

@test "without a vocabulary it is used wrongly" {
    run "$tokenize" --ids
    [ "$status" -eq 2 ]
    [[ "$output" == *vocab* ]]
}

@test "--ids gives one line for each line of standard input" {
    run "$tokenize" --vocab vocab.txt --ids < <(printf 'Hello, World!\n\nunaffable\r\n  \nzzz')
    [ "$status" -eq 0 ]
    [ "$output" = "$(printf '5 6 7 8\n\n9 10 11\n\n1')" ]
}

@test "--text gives tokens, --json both" {
    run "$tokenize" --vocab vocab.txt --text < <(printf 'unaffable É\n\n')
    [ "$output" = "un ##aff ##able e" ]
    run "$tokenize" --vocab vocab.txt --json --cased < <(printf 'É x\n\n')
    [ "${lines[0]}" = '{"ids": [14, 12], "tokens": ["É", "x"], "offsets": [[0, 2], [3, 4]]}' ]
    [ "${lines[1]}" = '{"ids": [], "tokens": [], "offsets": []}' ]
}

@test "the option names of the original programs are taken" {
    run "$tokenize" --vocab_file vocab.txt --do_lower_case --ids --n_processes 1 <<< 'HELLO É'
    [ "$status" -eq 0 ]
    [ "$output" = "5 15" ]
    run "$tokenize" --vocab vocab.txt --cased --do_lower_case --ids <<< 'x'
    [ "$status" -eq 2 ]
    run "$tokenize" --vocab vocab.txt --text --ids <<< 'x'
    [ "$status" -eq 2 ]
}

@test "invalid UTF-8 is skipped, with a warning" {
    printf 'hel\xfflo \xe2\x82world\n\xc3\xa9\n\xff\n' > in.txt
    "$tokenize" --vocab vocab.txt --ids in.txt > got.ids 2> err.txt
    [ "$(cat got.ids)" = "$(printf '5 7\n15\n\n')" ]
    grep -q 'warning: 2 lines are not valid UTF-8' err.txt
    run "$tokenize" -q --vocab vocab.txt --ids in.txt
    [ "${lines[0]}" = "5 7" ]
    [[ "$output" != *warning* ]]
}

@test "a vocabulary without [MASK] is refused with its name and the token" {
    grep -vF '[MASK]' vocab.txt > cut.txt
    run "$tokenize" --vocab cut.txt --ids <<< 'hello'
    [ "$status" -eq 1 ]
    [[ "$output" == *cut.txt* && "$output" == *'[MASK]'* ]]
}

@test "a vocabulary that is not there is an error that names it" {
    run "$tokenize" --vocab nowhere.txt --ids <<< 'hello'
    [ "$status" -eq 1 ]
    [[ "$output" == *nowhere.txt* ]]
}

@test "an input that is not there is an error and leaves no output" {
    run "$tokenize" --vocab vocab.txt --output out.tokens nowhere.txt
    [ "$status" -eq 1 ]
    [[ "$output" == *nowhere.txt* ]]
    [ ! -e out.tokens ]
}

@test "the stream has documents and sentences as the original reads them" {
    # \r and \r\n end lines, U+0085 and spaces make a border, U+200B alone adds nothing and is none
    printf '\n\nhello\rworld\r\n \xc2\x85\nx\n\xe2\x80\x8b\n!\n\n\n\xe2\x80\x8b\n\nun' > in.txt
    "$tokenize" --vocab vocab.txt in.txt > out.tokens
    run read_stream out.tokens
    [ "$status" -eq 0 ]
    [ "$output" = "5|7/12|8/9/" ]
}

@test "the end of a file is no border of a document" {
    printf 'hello' > a.txt
    printf 'world\n\nx' > b.txt
    "$tokenize" --vocab vocab.txt a.txt b.txt --output out.tokens
    run read_stream out.tokens
    [ "$output" = "5|7/12/" ]
}

@test "an empty input is an empty stream and no lines" {
    "$tokenize" --vocab vocab.txt < /dev/null > out.tokens
    run read_stream out.tokens
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
    "$tokenize" --vocab vocab.txt --ids < /dev/null > out.ids
    [ ! -s out.ids ]
}

@test "ids beyond 16 bits are kept" {
    { cat vocab.txt; seq -f 'w%.0f' 70000; } > large.txt
    echo 'w69999 hello' | "$tokenize" --vocab large.txt > out.tokens
    run read_stream out.tokens
    [ "$output" = "70014 5/" ]
    seq -f 'w%.0f' 70000 > words.txt
    "$tokenize" --vocab large.txt --ids words.txt | cmp - <(seq 16 70015)
}

@test "borders are seen wherever the text is cut for the threads" {
    # of a million bytes some cut falls right before an empty line, another right after one
    yes $'hello\n' | head -n 300000 > in.txt
    { echo; echo; cat in.txt; } > shifted.txt
    for text in in.txt shifted.txt; do
        "$tokenize" --vocab vocab.txt "$text" > out.tokens
        read_stream out.tokens > documents
        [ "$(tr -cd / < documents | wc -c)" -eq 150000 ]
        [ "$(tr -d '5/\n' < documents | wc -c)" -eq 0 ]
    done
}

@test "the same bytes for any number of threads" {
    awk 'BEGIN { for (i = 1; i <= 30000; i++) {
        print "hello, un world", i
        if (i % 7 == 0) print ""
        if (i % 5000 == 0) print "\n\n" } }' > in.txt
    cat in.txt in.txt in.txt in.txt > four.txt
    for form in '' --ids --text --json; do
        "$tokenize" --vocab vocab.txt $form -t 1 four.txt > one
        "$tokenize" --vocab vocab.txt $form -t 4 four.txt > many
        cmp one many
    done
}

@test "a line of a megabyte is one line" {
    head -c 1000000 /dev/zero | tr '\0' x > in.txt
    run "$tokenize" --vocab vocab.txt --ids in.txt
    [ "$output" = "1" ]
    yes 'hello world' | head -n 100000 | tr '\n' ' ' > in.txt
    run "$tokenize" --vocab vocab.txt --ids in.txt
    [ "${#output}" -eq 399999 ]
}

@test "offsets are bytes of the line, with accents, emoji and syllables" {
    { cat vocab.txt; printf '%s\n' 'ᄒ' '##ᅡ' '##ᆫ'; } > jamo.txt
    run "$tokenize" --vocab jamo.txt --json <<< 'É 😀 한, unaffable'
    [ "$output" = '{"ids": [15, 1, 16, 17, 18, 6, 9, 10, 11], "tokens": ["e", "[UNK]", "ᄒ", "##ᅡ", "##ᆫ", ",", "un", "##aff", "##able"], "offsets": [[0, 2], [3, 7], [8, 11], [8, 11], [8, 11], [11, 12], [13, 15], [15, 18], [18, 22]]}' ]
}

@test "--pairs adds special tokens, cuts the longer sentence and pads" {
    printf 'hello world\tunaffable x\nx\nhello\t\n' > pairs.tsv
    run "$tokenize" --vocab vocab.txt --pairs --ids pairs.tsv
    [ "$output" = "$(printf '2 5 7 3 9 10 11 12 3\n2 12 3\n2 5 3 3')" ]
    run "$tokenize" --vocab vocab.txt --pairs --ids --max-length 6 --pad pairs.tsv
    [ "$output" = "$(printf '2 5 7 3 9 3\n2 12 3 0 0 0\n2 5 3 3 0 0')" ]
    run "$tokenize" --vocab vocab.txt --pairs --json --max_seq_length 5 --pad <<< $'hello\tx'
    [[ "$output" == *'"offsets": [[0, 0], [0, 5], [0, 0], [6, 7], [0, 0]]'* ]]
    [[ "$output" == *'"segments": [0, 0, 0, 1, 1], "mask": [1, 1, 1, 1, 1]'* ]]
    for wrong in '--pad --ids' '--ids --max-length 2' ''; do
        run "$tokenize" --vocab vocab.txt --pairs $wrong pairs.tsv
        [ "$status" -eq 2 ]
    done
    run "$tokenize" --vocab vocab.txt --ids --max-length 8 pairs.tsv
    [ "$status" -eq 2 ]
}

@test "--decode turns ids into text and refuses what is none" {
    run "$tokenize" --vocab vocab.txt --decode < <(printf '2 5 6 9 10 11 3 0\n\n1\n')
    [ "$status" -eq 0 ]
    [ "$output" = "$(printf 'hello , unaffable\n\n[UNK]')" ]
    for wrong in 16 -1 5x 99999999999999999999 5,6; do
        run "$tokenize" --vocab vocab.txt --decode < <(printf '5\n5 %s\n' "$wrong")
        [ "$status" -eq 1 ]
        [[ "$output" == *"line 2: '$wrong' is no id"* ]]
    done
}

@test "rules differ where the originals do" {
    printf 'x[MASK]x\nhello\xee\x80\x80 x\n' > in.txt
    run "$tokenize" --vocab vocab.txt --ids --rules hf-fast in.txt
    [ "$output" = "$(printf '12 4 12\n5 12')" ]
    run "$tokenize" --vocab vocab.txt --ids --rules google in.txt
    [ "$output" = "$(printf '12 1 1 1 12\n1 12')" ]
    run "$tokenize" --vocab vocab.txt --ids --rules hf in.txt
    [ "$output" = "$(printf '12 1 1 1 12\n5 12')" ]
}

@test "a line longer than --max-line is refused with its place" {
    { echo hello; yes 'hello' | tr '\n' ' ' | head -c 1500000; } > in.txt
    run "$tokenize" --vocab vocab.txt --ids --max-line 1 in.txt
    [ "$status" -eq 1 ]
    [[ "$output" == *"in.txt: line 2: "* ]]
    "$tokenize" --vocab vocab.txt --ids --max-line 2 in.txt | tail -n 1 > got
    [ "$(wc -w < got)" -eq 250000 ]
}

@test "a line longer than what is encoded at once is as its words" {
    for i in 1 2 3; do
        yes "hello, unaffable World é x" | head -n 30000 | tr '\n' ' '
        head -c 1200000 /dev/zero | tr '\0' ' ' # a part without a word in it
    done > in.txt
    echo >> in.txt
    tr ' ' '\n' < in.txt > words.txt
    "$tokenize" --vocab vocab.txt --ids in.txt > got
    [ "$(wc -l < got)" -eq 1 ]
    tr ' ' '\n' < got > got.words
    "$tokenize" --vocab vocab.txt --ids words.txt | tr ' ' '\n' | grep . > want.words
    cmp got.words want.words
    "$tokenize" --vocab vocab.txt --text in.txt | tr ' ' '\n' > got.words
    "$tokenize" --vocab vocab.txt --text words.txt | tr ' ' '\n' | grep . > want.words
    cmp got.words want.words
    "$tokenize" --vocab vocab.txt in.txt > stream
    read_stream stream > got
    { "$tokenize" --vocab vocab.txt --ids in.txt | tr "\n" /; echo; } > want
    cmp got want
}

@test "compressed input is read as it is" {
    echo 'hello world' | gzip > in.gz
    run "$tokenize" --vocab vocab.txt --ids in.gz
    [ "$output" = "5 7" ]
}

@test "the binary stream is not written to a terminal" {
    command -v script > /dev/null || skip "no script(1) here"
    run script -qec "$tokenize --vocab vocab.txt < vocab.txt" /dev/null
    [[ "$output" == *terminal* ]]
}

@test "a full disk is an error" {
    [ -w /dev/full ] || skip "no /dev/full here"
    yes 'hello world' | head -n 100000 > in.txt
    run bash -c '"$0" --vocab vocab.txt --ids in.txt > /dev/full' "$tokenize"
    [ "$status" -eq 1 ]
}

@test "make-pretrain notices a cut stream" {
    [ -x "$TOOLS/make-pretrain" ] || skip "no make-pretrain here"
    yes 'hello world' | head -n 1000 | "$tokenize" --vocab vocab.txt > whole.tokens
    head -c -1 whole.tokens > cut.tokens
    run "$TOOLS/make-pretrain" --output out cut.tokens
    [ "$status" -eq 1 ]
    [[ "$output" == *"cut off"* ]]
}

@test "no line of the golden tokens differs" {
    [ -d "$shared/golden/tokenize" ] || skip "no shared material here"
    zstdcat "$shared/golden/tokenize/lines.txt.zst" > lines.txt
    check() {
        "$tokenize" --vocab "$shared/data/vocab/$2/vocab.txt" $3 --ids lines.txt > got.ids
        zstdcat "$shared/golden/tokenize/$1.ids.zst" > want.ids
        cmp got.ids want.ids
    }
    check uncased bert-base-uncased ''
    check cased bert-base-cased --cased
    check multilingual-cased bert-base-multilingual-cased --cased
    check chinese bert-base-chinese ''
    check uncased.google bert-base-uncased '--rules google'
    check uncased.hf-fast bert-base-uncased '--rules hf-fast'
}

@test "what is read is not written over" {
    echo 'hello world' > in
    ln -s in link
    cp vocab.txt before.txt
    for output in in ./link vocab.txt; do
        run -2 "$tokenize" --vocab vocab.txt --ids in -o "$output"
        [[ $output == *"is a file to be read"* ]]
    done
    [ "$(cat in)" = 'hello world' ] && [ -L link ]
    cmp before.txt vocab.txt
}

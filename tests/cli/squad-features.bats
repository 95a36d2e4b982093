# What squad-features promises: the original's windows, bit for bit, or a message and no file.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    features="$TOOLS/squad-features"
    shared=${BERTLINE_SHARED:-$SOURCE/../shared}
    golden="$shared/golden/squad"
    questions="$shared/data/squad"
    vocab="$shared/data/vocab/bert-base-uncased/vocab.txt"
}

need_golden() {
    [ -d "$golden" ] || skip "no golden data here"
    /usr/bin/python3 -c 'import h5py' 2>/dev/null || skip "no h5py here"
}

check() {
    /usr/bin/python3 "$SOURCE/tests/cli/squad_golden.py" "$@"
}

@test "windows of version 1.1 are the original's, for training and prediction" {
    need_golden
    "$features" -q -v "$vocab" -i "$golden/v1.1.subset.json" -o train.hdf5 --first-answer
    check features train.hdf5 "$golden/v1.1.train.hdf5"
    "$features" -q -v "$vocab" -i "$golden/v1.1.subset.json" -o predict.hdf5 --predict
    check features predict.hdf5 "$golden/v1.1.predict.hdf5"
}

@test "short windows that overlap are the original's, by its option names" {
    need_golden
    check subset "$golden/v1.1.subset.json" in.json 400
    set -- --max_seq_length=96 --doc_stride=32 --max_query_length=20 --do_lower_case
    "$features" -q --vocab_file="$vocab" --train_file=in.json --do_train --output_file=t "$@" --first-answer
    check features t "$golden/v1.1-short.train.hdf5"
    "$features" -q --vocab_file="$vocab" --predict_file=in.json --do_predict --output_file=p "$@"
    check features p "$golden/v1.1-short.predict.hdf5"
}

@test "windows of version 2.0 are the original's, impossible questions among them" {
    need_golden
    in="$questions/dev-v2.0.part-a.json"
    "$features" -q -v "$vocab" -i "$in" -o train.hdf5 --version_2_with_negative --first-answer
    check features train.hdf5 "$golden/v2.0.train.hdf5"
    "$features" -q -v "$vocab" -i "$in" -o predict.hdf5 --version_2_with_negative --predict
    check features predict.hdf5 "$golden/v2.0.predict.hdf5"
}

# A vocabulary, and questions in one paragraph.
own() { # CONTEXT QAS...
    printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' the river '(' 1895 - 1943 ')' . where who \
        '?' a '##b' >vocab.txt
    printf '{"version": "1.1", "data": [{"title": "T", "paragraphs": [{"context": "%s", "qas": [%s]}]}]}' \
        "$1" "$2" >in.json
}

values() { # FILE SET
    /usr/bin/python3 -c 'import h5py, sys; print(*h5py.File(sys.argv[1])[sys.argv[2]][()].flatten())' "$@"
}

question() { # ID START TEXT [MORE]
    printf '{"id": "%s", "question": "who?", "answers": [{"answer_start": %s, "text": "%s"}]%s}' "$@"
}

# The call fails, says all of the words, and leaves nothing.
refused() { # CODE WORD...
    run "$features" -q -v vocab.txt -i in.json -o out.hdf5 $more
    [ "$status" -eq "$1" ] || { echo "$status: $output"; return 1; }
    shift
    for word in "$@"; do
        [[ $output == *"$word"* ]] || { echo "no '$word' in '$output'"; return 1; }
    done
    [ -z "$(ls | grep -v -e in.json -e vocab.txt)" ]
}

@test "an answer is narrowed to its tokens" {
    /usr/bin/python3 -c 'import h5py' 2>/dev/null || skip "no h5py here"
    own "the river (1895-1943)." "$(question q 11 1895)"
    "$features" -q -v vocab.txt -i in.json -o out.hdf5 -s 20
    [ "$(values out.hdf5 start_positions) $(values out.hdf5 end_positions)" = "7 7" ]
    [ "$(values out.hdf5 input_ids)" = "2 14 15 3 5 6 7 8 9 10 11 12 3 0 0 0 0 0 0 0" ]
}

@test "an answer that is not there is skipped, named and counted" {
    own "the river" "$(question here 4 river), $(question gone 4 there), $(question more 0 the)"
    run "$features" -v vocab.txt -i in.json -o out.hdf5
    [ "$status" -eq 0 ]
    [[ $output == *"warning: question 'gone' is skipped: its answer is not in the context"* ]]
    [[ $output == *"2 questions, 2 windows; 1 questions skipped"* ]]
}

@test "what cannot be right names file, place and question" {
    own "the river" "$(question q 5 river)"
    refused 1 "in.json: article 1, paragraph 1" "question 'q': the answer of 5 characters at 5 is outside"
    own "the river" "$(question q -1 r)"
    refused 1 "question 'q'" "at -1 is outside"
    own "the river" "$(question q 123456789012345678 r)"
    refused 1 "question 'q'" "is outside"
    own "the river" "$(question q 1.5 r)"
    refused 1 "question 'q': 'answer_start' is missing or is not an integer"
    own "the river" '{"id": "q", "question": "who?"}'
    refused 1 "question 'q': 'answers' is missing"
    own "the river" '{"id": "q", "answers": []}'
    refused 1 "question 'q': 'question' is missing"
    own "the river" '{"question": "who?", "answers": []}'
    refused 1 "question 1: 'id' is missing"
    own "the river" '{"id": "q", "question": "who?", "answers": []}'
    refused 1 "question 'q': no answer: is this a file of version 2?"
    own "the river" '{"id": "q", "question": "who?", "answers": [7]}'
    refused 1 "question 'q': answer 1 is not an object"
    own "the river" '[[[{"id": 5}]]]'
    refused 1 "question 1: it is not an object"
    own "the river" '{"id": "q", "question": "who?", "answers": [{"answer_start": 0, "text": "the"},
        {"answer_start": 4, "text": "river"}]}'
    refused 1 "question 'q': 2 answers, where training takes one"
    own "the river" "$(question q 0 the)"
    more=--version_2_with_negative refused 1 "question 'q': 'is_impossible' is missing"
    own "the river" "$(question q 0 the ', "is_impossible": 1')"
    more=--version_2_with_negative refused 1 "question 'q': 'is_impossible' is missing or is not true or false"
    own "the river" "$(question q 0 the)"
    more="-s 5" refused 1 "question 'q': its 2 tokens leave no room"
}

@test "broken nesting names the byte" {
    own "the river" "$(question q 0 the)"
    for text in '' '{' '[]' '{"data": {}}' '{"data": [}' '{"data": [[]]}' '{"data": [{"paragraphs": [{]}]}' \
        '{"version": "1"}' '{"data": []} x' '{"data": [{}]}' '{"data": [{"paragraphs": 5}]}' \
        '{"data": [], "data": []}' '{"data": [,]}' '{"a": tru, "data": []}' '{"data" []}' \
        '{"data": [{"paragraphs": [5]}]}' '{"data": [{"paragraphs": [{}]}]}' '{"data": [{"paragraphs": [{"qas": 1,' \
        '{"data": [{"paragraphs": [{"context": "\ud800", "qas": []}]}]}'; do
        printf '%s' "$text" >in.json
        refused 1 "in.json" "byte"
    done
    head -c 100000 /dev/zero | tr '\0' '[' >in.json
    refused 1 "in.json"
    { printf '{"data": [{"paragraphs": ['; head -c 100000 /dev/zero | tr '\0' '['; } >in.json
    refused 1 "in.json" "too early"
    { printf '{"data": [{"paragraphs": [';  yes '[' | head -100000; yes ']' | head -100000; printf ']}]}'; } >in.json
    refused 1 "in.json" "depth"
}

@test "a byte order mark in front is passed over" {
    printf '[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n' > words
    echo '{"version": "1.1", "data": [{"paragraphs": [{"context": "a b", "qas": [
        {"id": "q", "question": "a", "answers": [{"text": "b", "answer_start": 2}]}]}]}]}' > plain.json
    { printf '\xef\xbb\xbf'; cat plain.json; } > marked.json
    "$features" -q -v words -i plain.json -o 1
    "$features" -q -v words -i marked.json -o 2
    cmp 1 2
}

@test "one thread and four make the same bytes; standard input and compression make no difference" {
    need_golden
    in="$golden/v1.1.subset.json"
    "$features" -q -v "$vocab" -i "$in" -o a -p -t 1
    "$features" -q -v "$vocab" -i "$in" -o b -p -t 4
    cmp a b
    gzip <"$in" | "$features" -q -v "$vocab" -o c -p
    cmp a c
}

@test "memory does not grow with the file" {
    own "the river" "$(question q 0 the)"
    /usr/bin/python3 - <<'END'
import json
paragraph = json.load(open("in.json"))["data"][0]["paragraphs"][0]
paragraph["skip"] = "x" * 20000
text = json.dumps(paragraph)
with open("big.json", "w") as f:
    f.write('{"data": [{"paragraphs": [')
    f.write(",".join([text] * 5000))
    f.write("]}]}")
END
    if ldd "$features" | grep -q asan; then skip "not with AddressSanitizer"; fi
    # 100 MB of JSON, in at most 80 MB of memory with the libraries.
    (ulimit -v 400000; /usr/bin/python3 - "$features" <<'END'
import resource, subprocess, sys
subprocess.run([sys.argv[1], "-q", "-t2", "-v", "vocab.txt", "-i", "big.json", "-o", "out"], check=True)
assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 80000
END
    )
}

@test "a disk without room leaves nothing" {
    own "the river" "$(question q 0 the)"
    run "$features" -q -v vocab.txt -i in.json -o /nowhere/out.hdf5
    [ "$status" -eq 1 ]
    [[ $output == *"/nowhere/out.hdf5"* ]]
    need_golden
    (ulimit -f 100; trap '' XFSZ; "$features" -q -v "$vocab" -i "$golden/v1.1.subset.json" -o out -p 2>why) && return 1
    grep -q "squad-features: .*out" why
    [ ! -e out ]
    [ ! -e out.part ]
}

@test "help, and options that contradict each other" {
    run "$features" --help
    [ "$status" -eq 0 ]
    [[ $output == *"--max-query-length"*"[64]"* ]]
    own "the river" "$(question q 0 the)"
    more="--cased --do_lower_case" refused 2 "exclude each other"
    more="--train --predict" refused 2 "exclude each other"
    more="--doc_stride 0" refused 2 "doc-stride"
    run "$features" -v vocab.txt -i in.json
    [ "$status" -eq 2 ]
}

@test "questions and vocabulary are not written over" {
    printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' a > vocab.txt
    echo '{"version": "1.1", "data": []}' > q.json
    for name in q.json ./vocab.txt; do
        run "$features" -v vocab.txt -i q.json -o $name
        [ "$status" -eq 2 ]
        [[ "$output" == *"'$name' is a file to be read"* ]]
    done
    grep -q version q.json
    grep -qx a vocab.txt
}

# split-sentences: documents in, one sentence a line out.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR"
    split=$TOOLS/split-sentences
}

@test "help names the models and the forms of input" {
    run "$split" --help
    [ "$status" -eq 0 ]
    [[ $output == *"rules|punkt|line"* && $output == *"wikiextractor"* && $output == *"--language"* ]]
}

@test "sentences are lines, documents end with an empty line" {
    run sh -c 'printf "A dog. A cat.\nNew paragraph.\n\nNext one.\n" | "$0"' "$split"
    [ "$status" -eq 0 ]
    [ "$output" = $'A dog.\nA cat.\nNew paragraph.\n\nNext one.' ]
}

@test "--model line keeps paragraphs whole" {
    printf 'A dog. A cat.\n' >in
    [ "$("$split" --model line in)" = "A dog. A cat." ]
}

@test "JSON Lines and WikiExtractor's files are read by themselves" {
    printf '{"id": "3", "title": "T", "text": "A dog. A cat.\\nEnd."}\n' >a.jsonl
    printf '<doc id="4" url="" title="U">\nU\n\nA cow. A hen.\n\n</doc>\n' >b
    "$split" a.jsonl b >out
    printf 'A dog.\nA cat.\nEnd.\n\nA cow.\nA hen.\n\n' | cmp - out
    "$split" --json a.jsonl b >out
    printf '%s\n' '{"id": "3", "title": "T", "sentences": ["A dog.", "A cat.", "End."]}' \
        '{"id": "4", "title": "U", "sentences": ["A cow.", "A hen."]}' | cmp - out
}

@test "any number of threads gives the same bytes" {
    "$TOOLS/wiki-extract" "$SOURCE/scripts/sample-wiki.xml" >sample.txt
    for i in $(seq 100); do cat sample.txt; done >in
    "$split" -t 1 in >one
    "$split" -t 4 in >four
    cmp one four
    [ "$(wc -l <one)" -gt 30000 ]
}

@test "no byte but blanks is lost" {
    "$TOOLS/wiki-extract" "$SOURCE/scripts/sample-wiki.xml" >in
    "$split" in >out
    cmp <(tr -d ' \n' <in) <(tr -d ' \n' <out)
}

@test "bytes that are no UTF-8 pass through" {
    printf 'Caf\xe9 one. Two \xff\xfe.\n' >in
    "$split" in >out
    printf 'Caf\xe9 one.\nTwo \xff\xfe.\n\n' | cmp - out
}

@test "bad JSON is named with file and line, after what was good" {
    printf '{"text": "A dog."}\n{"text": 5}\n' >bad.jsonl
    run --separate-stderr "$split" bad.jsonl
    [ "$status" -eq 1 ]
    [ "$output" = "A dog." ]
    [[ $stderr == *"bad.jsonl"*2* ]]
}

@test "a missing file is an error, a wrong model a wrong use" {
    run "$split" missing
    [ "$status" -eq 1 ]
    run "$split" --model nonsense
    [ "$status" -eq 2 ]
}

@test "empty input gives empty output" {
    run "$split" /dev/null
    [ "$status" -eq 0 ]
    [ -z "$output" ]
}

@test "--language knows what a language abbreviates" {
    printf 'Im 2. Weltkrieg war sie kath. Nonne. Das war so.\n' >in
    [ "$("$split" --language de in)" = $'Im 2. Weltkrieg war sie kath. Nonne.\nDas war so.' ]
    run "$split" --language xx in
    [ "$status" -eq 2 ]
}

@test "a whole article or book in a line is a document, with or without being told" {
    printf 'A dog. A cat. \n\n\n\nA cow. A hen. \n\n' >in
    "$split" in >auto
    "$split" --input-format lines in >lines
    printf 'A dog.\nA cat.\n\nA cow.\nA hen.\n\n' | cmp - auto
    cmp auto lines
}

@test "an output that is a pipe or a device is written to as it is" {
    mkfifo pipe
    printf 'A dog. A cat.\n' >in
    cat pipe >got &
    "$split" --output pipe in
    wait $!
    [ -p pipe ]
    printf 'A dog.\nA cat.\n\n' | cmp - got
}

write_parameters() {
    printf '%s\n' '{"AbbrevTypes": {"kl": 1}, "Collocations": {}, "SentStarters": {},' \
        ' "OrthoContext": {"the": 34}}' >"$1"
}

@test "--model punkt follows its parameters" {
    write_parameters p.json
    printf 'Kl. Meier came. "So." The end.\n' >in
    "$split" --model punkt --parameters p.json in >out
    printf 'Kl. Meier came.\n"So."\nThe end.\n\n' | cmp - out
}

@test "--model punkt and --parameters go together, and bad parameters are named" {
    run "$split" --model punkt /dev/null
    [ "$status" -eq 2 ]
    write_parameters p.json
    run "$split" --parameters p.json /dev/null
    [ "$status" -eq 2 ]
    printf '{"AbbrevTypes": 5}' >bad.json
    run --separate-stderr "$split" --model punkt --parameters bad.json /dev/null
    [ "$status" -eq 1 ]
    [[ $stderr == *"bad.json"*"AbbrevTypes"* ]]
}

shared_or_skip() {
    shared=${BERTLINE_SHARED:-$SOURCE/../shared}
    [ -d "$shared/data/segmentation" ] || skip "no shared data here"
}

@test "--model punkt gives NLTK's sentences" {
    shared_or_skip
    english=/usr/share/gocode/src/gopkg.in/neurosnap/sentences.v1/data/english.json
    [ -f "$english" ] || skip "no parameters here: scripts/install-packages test"
    zstdcat "$shared/golden/sentences/punkt-english.jsonl.zst" >golden
    "$split" -q --model punkt --parameters "$english" --input-format json --json golden >got
    python3 - golden got <<'PY'
import json, sys
golden, got = ([json.loads(l)["sentences"] for l in open(p, encoding="utf-8")] for p in sys.argv[1:])
assert len(golden) == 3999 and golden == got
PY
}

# agree FILE F1: boundaries against human ones
agree() {
    python3 - "$split" "$shared/data/segmentation/$1" "$2" <<'PY'
import json, subprocess, sys
rows = [json.loads(line) for line in open(sys.argv[2], encoding="utf-8")]
text = "".join(r["text"].replace("\n", " ") + "\n\n" for r in rows)
out = subprocess.run([sys.argv[1]], input=text.encode(), capture_output=True, check=True).stdout.decode()
right = found = true = 0
def borders(sentences):
    at, places = 0, set()
    for s in sentences[:-1]:
        at += len("".join(s.split()))
        places.add(at)
    return places
docs = out.split("\n\n")
for row, doc in zip([r for r in rows if r["text"].strip()], docs):
    gold, mine = borders(row["sentences"]), borders(doc.split("\n"))
    right += len(gold & mine); found += len(mine); true += len(gold)
f1 = 2 * right / (found + true)
assert f1 >= float(sys.argv[3]), f1
PY
}

@test "boundaries of edited English agree with human ones" {
    shared_or_skip
    agree gum-train-wikilike.paragraphs.jsonl 0.96
}

@test "boundaries of mails, reviews and blogs do, too" {
    shared_or_skip
    agree ewt-dev.paragraphs.jsonl 0.90
}

# split-sentences: documents in, one sentence a line out.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR"
    split=$TOOLS/split-sentences
}

@test "help names the models and the forms of input" {
    run "$split" --help
    [ "$status" -eq 0 ]
    [[ $output == *"rules|line"* && $output == *"wikiextractor"* ]]
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

@test "boundaries of edited English agree with human ones" {
    shared=${BERTLINE_SHARED:-$SOURCE/../shared}
    [ -d "$shared/data/segmentation" ] || skip "no shared data here"
    python3 - "$split" "$shared/data/segmentation/gum-train-wikilike.paragraphs.jsonl" <<'PY'
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
assert f1 > 0.96, f1
PY
}

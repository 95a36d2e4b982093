# wiki-extract: a dump in, documents out, the same for any number of threads.

bats_require_minimum_version 1.5.0

# Fails when the command succeeds; a bare "!" would not end the test.
refute() {
    if "$@"; then
        return 1
    fi
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    sample=$SOURCE/scripts/sample-wiki.xml
    extract=$TOOLS/wiki-extract
}

@test "help says what stays and what goes" {
    run "$extract" --help
    [ "$status" -eq 0 ]
    [[ $output == *"--report"* && $output == *edirects* ]]
}

@test "the sample becomes documents without residue of markup" {
    "$extract" "$sample" >out.txt
    [ "$(grep -c '^$' out.txt)" -ge 30 ]
    refute grep -nE "\[\[|\]\]|\{\{|\}\}|''|<ref|thumb|\(\)|\( | ,|&[a-z]+;|__" out.txt
    grep -q 'from 30 kilometres (19 mi) away' out.txt
    refute grep -q 'REDIRECT' out.txt
    refute grep -q 'add a photo of a hive' out.txt
}

@test "standard input, compressed or not, gives the same" {
    "$extract" "$sample" >want
    "$extract" <"$sample" >got
    cmp want got
    bzip2 -c "$sample" | "$extract" - >got
    cmp want got
    gzip -c "$sample" >sample.any
    "$extract" sample.any -o got2
    cmp want got2
}

@test "any number of threads gives the same bytes" {
    for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sed -n '/<page>/,/<\/page>/p' "$sample"; done >pages
    { sed '/<page>/,$d' "$sample"; for i in 1 2 3 4; do cat pages; done; echo '</mediawiki>'; } >big.xml
    "$extract" -t 1 --json --report one.json big.xml >one
    "$extract" -t 4 --json --report four.json big.xml >four
    cmp one four
    cmp one.json four.json
    [ "$(wc -l <one)" -gt 1500 ]
}

@test "--json has id, title and text on every line" {
    "$extract" --json "$sample" >out.jsonl
    python3 - <<'PY'
import json
rows = [json.loads(line) for line in open("out.jsonl", encoding="utf-8")]
assert all(list(r) == ["id", "title", "text"] and r["text"].strip() == r["text"] for r in rows)
assert rows[0]["title"] == "Lighthouse" and rows[0]["id"] == "1"
PY
}

@test "the report counts every page once" {
    "$extract" --report r.json "$sample" >/dev/null
    python3 - <<'PY'
import json
r = json.load(open("r.json"))
assert r["pages"] == r["kept"] + sum(r["skipped"].values())
c = r["characters"]
assert c["wikitext"] == c["text"] + sum(c["removed"].values()) + sum(c["skipped"].values())
assert c["text"] > 0.3 * c["wikitext"] and r["complete"]
assert r["skipped"]["redirect"] == 1 and r["skipped"]["other_namespace"] == 3
assert r["most_common_unknown_templates"]["Volcanoes"] == 1
PY
}

@test "a cut dump gives every whole article, then an error with file and byte" {
    "$extract" "$sample" >want
    head -c 30000 "$sample" >cut.xml
    run --separate-stderr "$extract" cut.xml
    [ "$status" -eq 1 ]
    [[ $stderr == *"cut.xml"*"byte 30000"* ]]
    "$extract" cut.xml >got 2>/dev/null || true
    [ -s got ]
    cmp -n "$(stat -c %s got)" want got
}

@test "a cut compressed dump gives every whole article, then an error" {
    for i in $(seq 40); do sed -n '/<page>/,/<\/page>/p' "$sample"; done >pages
    { sed '/<page>/,$d' "$sample"; cat pages; echo '</mediawiki>'; } | bzip2 -1 >big.bz2
    head -c "$(($(stat -c %s big.bz2) * 3 / 4))" big.bz2 >cut.bz2
    run --separate-stderr "$extract" cut.bz2
    [ "$status" -eq 1 ]
    [ -n "$output" ]
    [[ $stderr == *"cut.bz2"* ]]
}

@test "what is no dump is refused with its place" {
    echo 'hello' >text
    run "$extract" text
    [ "$status" -eq 1 ]
    [[ $output == *"text: byte 0"* ]]
    printf '<mediawiki><page><title>\xff\xfe</title>' >latin
    run "$extract" latin
    [ "$status" -eq 1 ]
    [[ $output == *"latin: byte"* ]]
    run "$extract" missing.xml
    [ "$status" -eq 1 ]
    [[ $output == *"missing.xml"* ]]
}

@test "a cut dump leaves no output file, but a report that says so" {
    head -c 30000 "$sample" >cut.xml
    run "$extract" cut.xml -o out.txt --report r.json
    [ "$status" -eq 1 ]
    [ ! -e out.txt ]
    python3 -c 'import json; r = json.load(open("r.json")); assert r["kept"] and not r["complete"]'
}

@test "no report, no output: a report that cannot be written is an error" {
    for report in /dev/full missing/r.json .; do
        run "$extract" "$sample" -o out.txt --report "$report"
        [ "$status" -eq 1 ]
        [[ $output == *"cannot write"* ]]
        [ ! -e out.txt ]
        [ ! -e out.txt.part ]
    done
    run "$extract" "$sample" -o same --report same
    [ "$status" -eq 2 ]
    [ ! -e same ]
}

@test "output that cannot be written leaves a report that says so" {
    run "$extract" "$sample" -o /dev/full --report r.json
    [ "$status" -eq 1 ]
    python3 -c 'import json; assert not json.load(open("r.json"))["complete"]'
    # a folder in the place of the output, too late to be seen at the start
    part_appears() {
        for _ in $(seq 200); do
            [ -e late.part ] && mkdir late && return
            sleep 0.05
        done
    }
    { sed '$d' "$sample"; yes '' | head -c 4000000; } >most # more than is read ahead
    run "$extract" -o late --report l.json < <(cat most; part_appears; echo '</mediawiki>')
    [ "$status" -eq 1 ]
    python3 -c 'import json; assert not json.load(open("l.json"))["complete"]'
}

@test "options choose pages and parts" {
    "$extract" --namespaces 0,Category "$sample" -q >more.txt
    "$extract" "$sample" >out.txt
    [ "$(wc -c <more.txt)" -ge "$(wc -c <out.txt)" ]
    run "$extract" --namespaces Nonsense "$sample"
    [ "$status" -eq 2 ]
    "$extract" --min-chars 2000 --report r.json "$sample" >long.txt
    python3 -c 'import json; r = json.load(open("r.json")); assert r["skipped"]["too_short"] > 0'
    "$extract" --headings mark --lists mark --tables text --math tex "$sample" >marked.txt
    grep -q '^## ' marked.txt
    grep -q '^- ' marked.txt
    "$extract" --sections-drop none "$sample" >all.txt
    [ "$(wc -c <all.txt)" -gt "$(wc -c <out.txt)" ]
}

@test "two dumps are a wrong use" {
    run "$extract" "$sample" "$sample"
    [ "$status" -eq 2 ]
}

@test "namespaces that cannot be are a wrong use" {
    for list in '' 99999999999999999999 4294967296 0,Nowhere; do
        run -2 "$extract" --namespaces "$list" "$sample" -o out
        refute [ -e out ]
    done
}

@test "a variant that cannot be one is a wrong use" {
    for code in '' bogus zh_tw 12 z; do
        run -2 "$extract" --variant "$code" "$sample" -o out
        [[ $output == *"--variant '$code' is no code like zh-tw"* ]]
        refute [ -e out ]
    done
    for code in zh SR-EL uz-cyrl gan-hans; do
        "$extract" --variant "$code" "$sample" -q >/dev/null
    done
}

@test "output and report are two files, however they are called" {
    for report in out ./out "$PWD/out"; do
        run -2 "$extract" "$sample" -o out --report "$report"
        [[ $output == *"'out' cannot be both output and report"* ]]
        [ -z "$(ls -A)" ]
    done
}

@test "a full disk is an error" {
    [ -e /dev/full ] || skip "no /dev/full here"
    run "$extract" "$sample" -q >/dev/null
    [ "$status" -eq 0 ]
    run sh -c '"$0" "$1" >/dev/full' "$extract" "$sample"
    [ "$status" -eq 1 ]
}

@test "dumps of twelve languages come out clean" {
    shared=${BERTLINE_SHARED:-$SOURCE/../shared}
    [ -d "$shared/data/wiki/minidumps" ] || skip "no shared data here"
    for dump in "$shared"/data/wiki/minidumps/*.bz2; do
        "$extract" "$dump" >out.txt
        [ -s out.txt ]
        refute grep -nE "\[\[|\]\]|\{\{|\}\}|''|\{\||\|\}|px\||&nbsp;" out.txt
    done
}

@test "UTF-16 and 7z are read" {
    "$extract" "$sample" >want
    sed '1s/encoding="[^"]*"/encoding="UTF-16"/' "$sample" | iconv -f UTF-8 -t UTF-16 >sample16.xml
    "$extract" sample16.xml >got
    cmp want got
    command -v bsdtar >/dev/null || skip "no bsdtar here"
    bsdtar --format 7zip -cf sample.7z -C "$(dirname "$sample")" "$(basename "$sample")"
    "$extract" sample.7z >got
    cmp want got
}

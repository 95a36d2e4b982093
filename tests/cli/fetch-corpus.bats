# fetch-corpus against a server that breaks connections, ignores ranges, lies and refuses.

bats_require_minimum_version 1.5.0

refute() {
    if "$@"; then
        return 1
    fi
}

# The folder "served" is what the server has; $url is where it is.
setup() {
    cd "$BATS_TEST_TMPDIR"
    export no_proxy=127.0.0.1 NO_PROXY=127.0.0.1
    mkdir -p served
    seq 1 60000 >served/a.txt # 348,894 bytes
    sum=$(sha256sum <served/a.txt | cut -d' ' -f1)
    python3 "$SOURCE/tests/cli/loopback.py" served 3>&- &
    server=$!
    for _ in $(seq 100); do
        [ -e served/port ] && break
        sleep 0.05
    done
    url=http://127.0.0.1:$(cat served/port)
    fetch="$TOOLS/fetch-corpus --output got --pause 0.01"
}

teardown() {
    kill "$server"
}

@test "a URL is fetched, and a good file is not fetched again" {
    $fetch "$url/ok/a.txt" --sha256 "$sum"
    cmp served/a.txt got/a.txt
    run -0 $fetch "$url/ok/a.txt" --sha256 "$sum"
    [[ $output == *"already there, verified"* ]]
    [ "$(wc -l <served/log)" -eq 1 ]
    [ "$(ls got)" = a.txt ]
}

# manifest NAME:SIZE...: files of these sizes, wherever they are
manifest() {
    local files=
    for file in "$@"; do
        files="$files${files:+,} {\"name\": \"${file%:*}\", \"urls\": [\"$url/ok/${file%:*}\"], \"size\": ${file#*:}}"
    done
    printf '{"files": [%s]}\n' "$files" >manifest.json
}

@test "files that fit on the disk one by one and not together are not begun" {
    share=$(($(df --output=avail -B1 . | tail -n 1) * 6 / 10))
    manifest "a.txt:348894" "b:$share" "c:$share"
    run -1 $fetch manifest.json
    [[ $output == *"c: $share bytes are to come and "*" of other files, "*" are free in 'got'"* ]]
    [ ! -s served/log ]
    [ -z "$(ls got)" ]
    manifest "a.txt:348894"
    $fetch manifest.json
    cmp served/a.txt got/a.txt
    truncate -s "$share" got/b # what is there already need not come
    manifest "a.txt:348894" "b:$share" "c:$((share / 6))"
    run -1 $fetch manifest.json
    [[ $output != *"of other files"* ]]
}

@test "a connection that breaks again and again is continued where it broke" {
    $fetch "$url/cut-100000/a.txt" --sha256 "$sum" --retries 4
    cmp served/a.txt got/a.txt
    [ "$(wc -l <served/log)" -eq 4 ]
    grep -q 'bytes=300000-' served/log
}

@test "without progress the retries are bounded" {
    run -1 $fetch "$url/cut-0/a.txt" --retries 2
    [ "$(wc -l <served/log)" -eq 3 ]
    refute [ -e got/a.txt ]
}

@test "a server that ignores ranges sends all again, and the file is right" {
    $fetch "$url/norange-100000/a.txt"
    cmp served/a.txt got/a.txt
}

@test "a file that changes in the middle is not mixed" {
    run -1 $fetch "$url/changes-100000/a.txt"
    [[ $output == *"changed on the server"* ]]
    refute [ -e got/a.txt ]
    # The next run starts over, as the part belongs to another version.
    $fetch "$url/changes-100000/a.txt"
    [ "$(wc -c <got/a.txt)" -eq "$(wc -c <served/a.txt)" ]
    refute cmp -s served/a.txt got/a.txt
    [ "$(head -c 340000 got/a.txt | cmp - <(head -c 340000 served/a.txt) && echo same)" = same ]
}

@test "bytes of another range are refused" {
    run -1 $fetch "$url/otherrange-100000/a.txt" --retries 1
    [[ $output == *"other bytes than it was asked for"* ]]
    refute [ -e got/a.txt ]
}

@test "a file of another length than was promised is refused" {
    run -1 $fetch "$url/more-100000/a.txt"
    [[ $output == *"more than the 348894 bytes of the file"* ]]
    refute [ -e got/a.txt ]
    head -c 1000 served/a.txt >got/a.txt.part
    printf '%s\n"1-348894"\n' "$url/lies/a.txt" >got/a.txt.part.from
    run -1 $fetch "$url/lies/a.txt"
    [[ $output == *"other bytes than it was asked for"* ]]
    refute [ -e got/a.txt ]
}

@test "a killed download is continued by the next run" {
    run -1 $fetch "$url/cut-200000/a.txt" --retries 0
    [ "$(wc -c <got/a.txt.part)" -eq 200000 ]
    refute [ -e got/a.txt ]
    $fetch "$url/cut-200000/a.txt" --retries 0
    cmp served/a.txt got/a.txt
    [ "$(tail -1 served/log)" = "/cut-200000/a.txt bytes=200000-" ]
    [ "$(ls got)" = a.txt ]
}

@test "a part that is complete is only verified and named" {
    mkdir got
    cp served/a.txt got/a.txt.part
    printf '%s\n"1-%s"\n' "$url/ok/a.txt" "$(wc -c <served/a.txt)" >got/a.txt.part.from
    $fetch "$url/ok/a.txt" --sha256 "$sum"
    cmp served/a.txt got/a.txt
    grep -q 'bytes=348894-' served/log
}

@test "a wrong part is dropped and the file fetched from the start" {
    mkdir got
    head -c 1000 /dev/zero >got/a.txt.part
    $fetch "$url/ok/a.txt" --sha256 "$sum"
    cmp served/a.txt got/a.txt
}

@test "a busy server is asked again, 403 and 404 are not" {
    $fetch "$url/busy-2/a.txt"
    cmp served/a.txt got/a.txt
    [ "$(wc -l <served/log)" -eq 3 ]
    for code in 403 404; do
        : >served/log
        run -1 $fetch "$url/status-$code/b.txt"
        [[ $output == *"error: $code"* ]]
        [ "$(wc -l <served/log)" -eq 1 ]
    done
    run -1 $fetch "$url/status-503/b.txt" --retries 1
    [[ $output == *"503"* ]]
    for code in 204 300 302 304; do # no errors, and no file
        run -1 $fetch "$url/status-$code/b.txt"
        [[ $output == *"no file, but status $code"* ]]
    done
    refute [ -e got/b.txt ]
}

@test "redirects are followed, endless ones are not" {
    $fetch "$url/redirect/a.txt" --sha256 "$sum"
    cmp served/a.txt got/a.txt
    run -1 $fetch "$url/loop/b.txt"
    [[ $output == *"redirects"* ]]
}

@test "a promise of more bytes than come is an error" {
    run -1 $fetch "$url/long/a.txt" --retries 2
    refute [ -e got/a.txt ]
}

@test "a wrong checksum is an error, and the next place is tried" {
    run -1 $fetch "$url/wrong/a.txt" --sha256 "$sum"
    [[ $output == *"it has checksum"* ]]
    [ -z "$(ls got)" ]
    $fetch "$url/ok/a.txt" --sha256 "$sum" --mirror "$url/wrong,$url/status-404"
    cmp served/a.txt got/a.txt
}

@test "a manifest: several files, sizes, checksums, mirrors; one that fails does not stop the others" {
    seq 5 >served/b.txt
    cat >m.json <<JSON
{"files": [
  {"name": "x/a.txt", "url": "$url/ok/a.txt", "size": 348894, "sha256": "$sum"},
  {"name": "missing.txt", "url": "$url/status-404/c.txt"},
  {"urls": ["$url/status-503/b.txt", "$url/ok/b.txt"], "md5": "$(md5sum <served/b.txt | cut -c-32)"},
  {"name": "size.txt", "url": "$url/ok/b.txt", "size": 11}
]}
JSON
    run -1 $fetch m.json --retries 0 --parallel 3
    [[ $output == *"2 of 4 files"* && $output == *"missing.txt"* && $output == *"10 bytes, not 11"* ]]
    cmp served/a.txt got/x/a.txt
    cmp served/b.txt got/b.txt
    [ "$(ls got)" = "$(printf 'b.txt\nx')" ]
}

@test "the checksum published beside a dump is used, also where the dump is called latest" {
    mkdir -p served/xxwiki/latest
    printf 'not really a dump' >served/xxwiki/latest/xxwiki-latest-pages-articles.xml.bz2
    echo "$(sha1sum <served/xxwiki/latest/xxwiki-latest-pages-articles.xml.bz2 | cut -c-40)" \
        " xxwiki-20240601-pages-articles.xml.bz2" >served/xxwiki/latest/xxwiki-latest-sha1sums.txt
    run -0 $fetch xxwiki --mirror "$url/ok"
    [[ $output == *"fetched, verified"* ]]
    printf x >>served/xxwiki/latest/xxwiki-latest-pages-articles.xml.bz2
    printf x >>got/xxwiki-latest-pages-articles.xml.bz2
    cat >m.json <<JSON
{"files": [{"url": "$url/ok/xxwiki/latest/xxwiki-latest-pages-articles.xml.bz2",
            "checksums": "$url/ok/xxwiki/latest/xxwiki-latest-sha1sums.txt"}]}
JSON
    run -1 $fetch m.json
    [[ $output == *"it has checksum"* ]]
}

@test "archives are checked by what is in them, and unpacked" {
    mkdir -p model
    seq 10 >model/vocab.txt
    seq 20 >model/other.txt
    python3 -c 'import shutil; shutil.make_archive("served/model", "zip", ".", "model")'
    gzip -c served/a.txt >served/a.txt.gz
    cat >m.json <<JSON
{"files": [{"url": "$url/ok/model.zip",
            "members": {"vocab.txt": "$(sha256sum <model/vocab.txt | cut -d' ' -f1)"}},
           {"url": "$url/ok/a.txt.gz"}]}
JSON
    run -0 $fetch m.json --unpack
    [[ $output == *"model.zip: fetched, verified"* && $output == *"nothing to verify it by"* ]]
    diff -r model got/model
    cmp served/a.txt got/a.txt
    sed -i "s/\"vocab.txt\": \"..../\"vocab.txt\": \"0000/" m.json
    rm -r got
    run -1 $fetch m.json
    [[ $output == *"vocab.txt' in it has SHA-256"* ]]
    refute [ -e got/model.zip ]
}

@test "an archive whose names lead out of the folder is not unpacked" {
    python3 - <<'PY'
import zipfile
with zipfile.ZipFile("served/evil.zip", "w") as z:
    z.writestr("../../evil.txt", "x")
PY
    run -1 $fetch "$url/ok/evil.zip" --unpack
    [[ $output == *"leads out of its folder"* ]]
    refute [ -e evil.txt ]
    refute [ -e ../evil.txt ]
}

@test "hostile manifests are refused" {
    echo '{"files": [{"name": "../x", "url": "'"$url"'/ok/a.txt"}]}' >m.json
    run -1 $fetch m.json
    [[ $output == *"m.json: file 1"*"leads out"* ]]
    echo '{"files": [{"name": "x", "url": "file:///etc/passwd"}]}' >m.json
    run -1 $fetch m.json
    [[ $output == *"no http or https URL"* ]]
    echo '{"files": [{"url": "'"$url"'/ok/a.txt", "sha256": "12"}]}' >m.json
    run -1 $fetch m.json
    [[ $output == *"64 hexadecimal digits"* ]]
    for name in . a/./b a//b; do # a second name of a file is one too many
        echo '{"files": [{"name": "'"$name"'", "url": "'"$url"'/ok/a.txt"}]}' >m.json
        run -1 $fetch m.json
        [[ $output == *"'$name' is no name for a file"* ]]
    done
    for wrong in '"size": "348894"' '"size": -1' '"name": 5' '"urls": "x"' '"checksums": []' '"members": []'; do
        echo '{"files": [{"url": "'"$url"'/ok/a.txt", '"$wrong"'}]}' >m.json
        run -1 $fetch m.json
        [[ $output == *"m.json: file 1: '$(cut -d'"' -f2 <<<"$wrong")' is "* ]]
    done
    echo '{"files": [{"url": "'"$url"'/ok/a.txt"}, {"name": "a.txt.part", "url": "'"$url"'/ok/a.txt"}]}' >m.json
    run -2 $fetch m.json
    [[ $output == *"two files would be called 'a.txt.part'"* ]]
    [ ! -s served/log ]
}

@test "a folder of the name is no file" {
    mkdir -p got/a.txt
    run -1 $fetch "$url/ok/a.txt"
    [[ $output == *"'got/a.txt': it is a folder"* ]]
    [ ! -s served/log ]
}

@test "--list names the sources; an unknown one is wrong usage" {
    run -0 "$TOOLS/fetch-corpus" --list
    [[ $output == *squad-v1.1* && $output == *google-bert-base-uncased* && $output == *vocab-chinese* ]]
    run -2 $fetch nosuch
    [[ $output == *"--list"* ]]
    run -2 "$TOOLS/fetch-corpus" enwiki
    run -2 $fetch "$url/ok/a.txt" "$url/cut-9/a.txt"
}

@test "the other tools read URLs through the same breaks" {
    bzip2 -c "$SOURCE/scripts/sample-wiki.xml" >served/dump.xml.bz2
    "$TOOLS/wiki-extract" "$SOURCE/scripts/sample-wiki.xml" >want
    "$TOOLS/wiki-extract" -t 2 "$url/norange-9000/dump.xml.bz2" >one
    cmp want one
    "$TOOLS/wiki-extract" -t 1 "$url/cut-9000/dump.xml.bz2" >two
    cmp want two
}

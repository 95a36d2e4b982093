# shard-text.bats -- documents over text shards, as the originals distribute them.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR"
    shard_text="$TOOLS/shard-text"
}

# write_text SEED DOCUMENTS LONGEST: documents of 1 to LONGEST sentences, most of them short
write_text() {
    awk -v x="$1" -v n="$2" -v longest="$3" 'BEGIN {
        for (d = 0; d < n; d++) {
            x = (x * 1103 + 12345) % 65536
            sentences = 1 + int((x / 65536) ^ 3 * longest)
            for (s = 0; s < sentences; s++)
                print "document " d " sentence " s
            print ""
        }
    }' > text.txt
}

@test "every shard is the one that a slow reference makes" {
    # seed documents longest training test fraction
    while read -r seed n longest training test fraction; do
        write_text "$seed" "$n" "$longest"
        rm -rf set
        "$shard_text" -q -o set --n_training_shards "$training" --n_test_shards "$test" \
            --fraction_test_set "$fraction" text.txt
        /usr/bin/python3 "$SOURCE/tests/cli/shard_text_reference.py" text.txt set "$training" \
            "$test" "$fraction" set
    done <<'OPTIONS'
1 300 40 7 3 0.1
2 300 40 8 8 0.1
3 100 900 4 4 0.3
4 12 5 6 6 0.5
5 500 3 16 4 0.2
6 60 30 5 0 0
7 2 10 1 1 0.1
OPTIONS
}

@test "the warning of the original: documents longer than a share" {
    write_text 3 100 900
    run "$shard_text" -o set -n 30 text.txt
    [ "$status" -eq 0 ]
    [[ "$output" == *"warning: "*"more sentences than a shard's share"* ]]
}

@test "several files and a pipe give the same shards; checksums are true" {
    write_text 1 60 20
    awk -v RS= -v ORS='\n\n' 'NR <= 20' text.txt > a.txt
    awk -v RS= -v ORS='\n\n' 'NR > 20' text.txt > b.txt
    # The last document of a file ends with the file.
    sed -i '$d' a.txt
    "$shard_text" -q -n 3 -o one/set text.txt
    "$shard_text" -q -n 3 -o two/set a.txt b.txt
    "$shard_text" -q -n 3 -o pipe/set < text.txt
    diff -r one/set two/set
    diff -r one/set pipe/set
    cd one
    /usr/bin/python3 -c 'import json
for f in json.load(open("set_metadata.json"))["files"]: print(f["sha256"] + "  set/" + f["name"])' |
        sha256sum --check --quiet
    [ "$(cat set/*.txt | grep -c .)" -eq "$(grep -c . ../text.txt)" ]
}

@test "fewer documents than shards: exit 1, nothing is left" {
    write_text 1 5 10
    run "$shard_text" -o set -n 4 text.txt
    [ "$status" -eq 1 ]
    [[ "$output" == *"5 documents are fewer than 8 shards"* ]]
    [ ! -e set ] && [ ! -e set_metadata.json ]
}

@test "a prefix that leads out of the folder is a wrong use" {
    write_text 7 20 5
    for prefix in ../x a/b ''; do
        run "$shard_text" --output out --shards 2 --prefix "$prefix" text.txt
        [ "$status" -eq 2 ]
        [ "$(ls -A)" = text.txt ]
    done
}

@test "a new run replaces the old shards and leaves other files alone" {
    write_text 1 60 10
    "$shard_text" -q -n 6 -o set text.txt
    echo kept > set/notes.txt
    "$shard_text" -q -n 2 --test-fraction 0 -o set text.txt
    [ "$(ls -A set)" = "notes.txt
set_training_0.txt
set_training_1.txt" ]
}

@test "shards that are read are not replaced" {
    write_text 1 60 10
    "$shard_text" -q -n 3 -o set text.txt
    cp -r set before
    run -2 "$shard_text" -q -n 2 --test-fraction 0 -o set before/set_training_0.txt \
        set/set_training_1.txt
    [[ $output == *"'set/set_training_1.txt' is a file to be read"* ]]
    diff -r before set
    "$shard_text" -q -n 2 --test-fraction 0 --prefix other -o set set/set_training_*.txt
    [ -e set/other_training_1.txt ]
}

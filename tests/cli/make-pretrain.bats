# make-pretrain.bats -- tokens or text -> pretraining shards: exact, reproducible, whole or absent.

setup() {
    cd "$BATS_TEST_TMPDIR"
    make_pretrain="$TOOLS/make-pretrain"
    tokenize="$TOOLS/tokenize"
    shared="${BERTLINE_SHARED:-$SOURCE/../shared}"
    vocab="$shared/data/vocab/bert-base-uncased/vocab.txt"
}

# A vocabulary of 40 words and 12 documents of 3 to 25 sentences of 1 to 20 words each.
write_text() {
    {
        printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]'
        for i in $(seq 40); do echo "w$i"; done
    } > vocab.txt
    awk 'BEGIN {
        x = 1
        for (d = 0; d < 12; d++) {
            for (s = 0; s < 3 + 2 * d; s++) {
                line = ""
                for (w = 0; w <= x % 20; w++) {
                    x = (x * 1103 + 12345) % 65536
                    line = line "w" (x % 40 + 1) " "
                }
                print line
            }
            print ""
        }
    }' > text.txt
    "$tokenize" --vocab vocab.txt text.txt > text.tokens
}

need_h5py() {
    /usr/bin/python3 -c 'import h5py' 2>/dev/null || skip "no python3-h5py here"
}

need_shared() {
    [ -e "$vocab" ] || skip "no shared material in '$shared'"
}

# member METADATA EXPRESSION: the value in the JSON, d being the root
member() {
    /usr/bin/python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$@"
}

# digests FILE: SHA-256 of each array's bytes
digests() {
    /usr/bin/python3 - "$1" <<'PYTHON'
import h5py, hashlib, sys
with h5py.File(sys.argv[1]) as f:
    for name in sorted(f):
        print(name, hashlib.sha256(f[name][...].tobytes()).hexdigest())
PYTHON
}

@test "help tells every option with the original's names" {
    run "$make_pretrain" --help
    [ "$status" -eq 0 ]
    for word in --output --seq-length --max-predictions --dupe-factor --rng --shards \
        --test-fraction --memory --whole-word-mask; do
        [[ "$output" == *"$word"* ]]
    done
}

@test "the original's shards come out of --rng python, 128 and 512" {
    need_shared
    need_h5py
    for length in 128/20 512/80; do
        s=${length%/*}
        "$make_pretrain" -q --rng python --vocab_file "$vocab" --do_lower_case \
            --input_file "$shared/golden/make-pretrain/shard.txt" --output_file "$s.hdf5" \
            --max_seq_length "$s" --max_predictions_per_seq "${length#*/}" \
            --masked_lm_prob 0.15 --short_seq_prob 0.1 --random_seed 12345 --dupe_factor 5
        digests "$s.hdf5" > ours
        digests "$shared/golden/make-pretrain/seq${s}_training_0.hdf5" > original
        [ "$(wc -l < original)" -eq 6 ]
        diff original ours
    done
}

@test "--rng python equals a slow reference for all kinds of options" {
    need_h5py
    write_text
    for i in $(seq 20); do echo "##$i"; done >> vocab.txt
    # w1 stays whole; "w77" is w7 and a piece.
    sed 's/\(w[2-9]\) /\1\1 /g; s/w\([2-9]\)w\([2-9]\) /w\1\2 /g' text.txt > pieces.txt
    "$tokenize" --vocab vocab.txt --ids pieces.txt > pieces.ids
    # length predictions masked_prob short_prob copies seed whole_words
    while read -r s p m r d seed whole; do
        words=$([ "$whole" = yes ] && echo --whole-word-mask || true)
        "$make_pretrain" -q --rng python --vocab vocab.txt -o set.hdf5 -s "$s" -p "$p" \
            --masked-lm-prob "$m" --short-seq-prob "$r" -d "$d" --seed "$seed" $words pieces.txt
        /usr/bin/python3 "$SOURCE/tests/cli/pretrain_reference.py" pieces.ids vocab.txt set.hdf5 \
            "$s" "$p" "$m" "$r" "$d" "$seed" "$whole"
    done <<'OPTIONS'
128 20 0.15 0.1 5 12345 no
128 20 0.15 0.1 5 12345 yes
64 7 0.3 0.5 3 1 no
64 7 0.3 0.5 3 1 yes
5 1 0.15 1 2 99 no
17 17 1 0 2 4294967297 yes
512 80 0.15 0.1 10 0 no
OPTIONS
}

@test "-t 1, -t 4, little memory, a pipe and text input give the same bytes" {
    write_text
    "$make_pretrain" -q -t 1 -n 3 -o one/set text.tokens
    "$make_pretrain" -q -t 4 -n 3 -o four/set text.tokens
    "$make_pretrain" -q -t 4 -n 3 -m 8K -o little/set text.tokens
    "$make_pretrain" -q -t 2 -n 3 -o pipe/set < text.tokens
    "$make_pretrain" -q -t 2 -n 3 -o text/set --vocab vocab.txt text.txt
    for other in four little pipe text; do
        diff -r one/set "$other/set"
    done
    diff one/set_metadata.json four/set_metadata.json
}

@test "--rng python: -t 1 = -t 4, and a shard does not know of the others" {
    write_text
    tac text.txt > other.txt
    "$make_pretrain" -q --rng python --vocab vocab.txt -t 1 -o one/set text.txt other.txt
    "$make_pretrain" -q --rng python --vocab vocab.txt -t 4 -o four/set text.txt other.txt
    "$make_pretrain" -q --rng python --vocab vocab.txt -o alone.hdf5 other.txt
    diff -r one/set four/set
    diff one/set_metadata.json four/set_metadata.json
    [ "$(ls one/set)" = "set_training_0.hdf5
set_training_1.hdf5" ]
    need_h5py
    diff <(digests one/set/set_training_1.hdf5) <(digests alone.hdf5)
}

@test "--rng python --test-shards: the last inputs become test shards, with one metadata file" {
    write_text
    tac text.txt > other.txt
    for t in 1 3; do
        "$make_pretrain" -q --rng python --vocab vocab.txt -t $t --test-shards 1 -o $t/set \
            text.txt other.txt other.txt
    done
    diff -r 1/set 3/set
    diff 1/set_metadata.json 3/set_metadata.json
    [ "$(ls 1/set)" = "set_test_0.hdf5
set_training_0.hdf5
set_training_1.hdf5" ]
    # A shard does not know on which side it stands.
    need_h5py
    diff <(digests 1/set/set_test_0.hdf5) <(digests 1/set/set_training_1.hdf5)
    [ "$(member 1/set_metadata.json 'd["training"]["shards"], d["test"]["shards"]')" = "(2, 1)" ]
    "$make_pretrain" --check 1/set
}

@test "another seed gives another set; more copies keep the first ones" {
    write_text
    need_h5py
    "$make_pretrain" -q -n 1 --test-fraction 0 -d 1 -o a text.tokens
    "$make_pretrain" -q -n 1 --test-fraction 0 -d 1 --seed 2 -o b text.tokens
    "$make_pretrain" -q -n 1 --test-fraction 0 -d 2 -o c text.tokens
    /usr/bin/python3 - <<'PYTHON'
import h5py
def rows(name):
    with h5py.File(f"{name}/{name}_training_0.hdf5") as f:
        return {bytes(r) for r in f["input_ids"][...]}
a, b, c = rows("a"), rows("b"), rows("c")
assert a != b and a < c, (len(a), len(b), len(c))
PYTHON
}

@test "shards are balanced to one row, and the metadata says what is in them" {
    write_text
    "$make_pretrain" -q -n 7 --test-shards 2 --test-fraction 0.3 -o set text.tokens
    [ "$(member set_metadata.json 'len(d["files"])')" -eq 9 ]
    [ "$(member set_metadata.json 'd["training"]["shards"], d["test"]["shards"]')" = "(7, 2)" ]
    run member set_metadata.json \
        'sorted({f["instances"] - d["training"]["instances"] // 7 for f in d["files"][:7]})'
    [ "$output" = "[0, 1]" ] || [ "$output" = "[0]" ]
    run member set_metadata.json 'd["training"]["documents"] + d["test"]["documents"]'
    [ "$output" = 12 ]
    run member set_metadata.json 'd["corpora"][0]["inputs"][0]["sha256"]'
    [ "$output" = "$(sha256sum < text.tokens | cut -d ' ' -f 1)" ]
    member set_metadata.json '"\n".join(f["sha256"] + "  set/" + f["name"] for f in d["files"])' |
        sha256sum --check --quiet
}

@test "no document is in both parts, and random sentences stay in theirs" {
    need_h5py
    # Every document has a word of its own, in every sentence.
    write_text
    for d in $(seq 40); do
        for s in 1 2 3 4 5 6; do echo "w$d w$d w$d w$d w$d w$d w$d"; done
        echo
    done > text.txt
    "$make_pretrain" -q -n 3 --test-fraction 0.3 --vocab vocab.txt -s 32 -p 5 -o set text.txt
    /usr/bin/python3 - <<'PYTHON'
import glob, h5py
def words(part):
    found = set()
    for path in glob.glob(f"set/set_{part}_*.hdf5"):
        with h5py.File(path) as f:
            # What was masked is told by the labels, what was not stands there.
            for ids, at, labels in zip(f["input_ids"], f["masked_lm_positions"], f["masked_lm_ids"]):
                ids = ids.copy()
                for i, label in zip(at, labels):
                    if i:
                        ids[i] = label
                found |= set(ids.tolist()) - {0, 2, 3}
    return found
training, test = words("training"), words("test")
assert training and test and not training & test, (training, test)
assert len(training | test) == 40
PYTHON
}

@test "a single document works: B is its own text, label 0" {
    need_h5py
    write_text
    sed -n '/./!q;p' text.txt > single.txt
    for rng in counter python; do
        "$make_pretrain" -q --rng $rng --vocab vocab.txt -o $rng.hdf5 single.txt
        /usr/bin/python3 - $rng.hdf5 <<'PYTHON'
import h5py, sys
labels = h5py.File(sys.argv[1])["next_sentence_labels"][...]
assert len(labels) > 0 and not labels.any(), labels
PYTHON
    done
}

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
}

@test "text is tokenized by the rules that are asked for" {
    write_text
    printf 'w1 [MASK] w2\nw3 w4\n\nw5\nw6 [MASK]\n\n' >> text.txt # one token, or three
    for rules in hf google hf-fast; do
        "$tokenize" --vocab vocab.txt --rules "$rules" text.txt > text.tokens
        "$make_pretrain" -o from_tokens --prefix p text.tokens
        "$make_pretrain" -o from_text --prefix p --vocab vocab.txt --rules "$rules" text.txt
        diff -r from_tokens from_text
        grep -q "\"rules\": *\"$rules\"" from_text_metadata.json
        mv from_text "text_$rules"
    done
    run diff -rq text_hf text_google
    [ "$status" -eq 1 ]
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

@test "the labels of Google's script: a random B of the same document counts" {
    need_h5py
    write_text
    grep . text.txt > single.txt
    for rng in counter python; do
        "$make_pretrain" -q --rng $rng --vocab vocab.txt -o nvidia.hdf5 single.txt
        "$make_pretrain" -q --rng $rng --vocab vocab.txt -o google.hdf5 --nsp-label google single.txt
        /usr/bin/python3 - <<'PYTHON'
import h5py, numpy
a, b = (h5py.File(n)["next_sentence_labels"][...] for n in ("nvidia.hdf5", "google.hdf5"))
x, y = (h5py.File(n)["input_ids"][...] for n in ("nvidia.hdf5", "google.hdf5"))
assert not a.any() and b.any() and numpy.array_equal(x, y)
PYTHON
    done
}

# Words of text.txt by the row: what stood there before it was masked.
unmask='
import h5py, numpy, sys
def rows(path):
    with h5py.File(path) as f:
        d = {k: v[...] for k, v in f.items()}
    ids = d["input_ids"].copy()
    n = (d["masked_lm_positions"] > 0).sum(1)
    for row in range(len(ids)):
        at = d["masked_lm_positions"][row][:n[row]]
        ids[row][at] = d["masked_lm_ids"][row][:n[row]]
    return d, ids, n
'

@test "sentence order: the two parts of a chunk, swapped in half of the rows" {
    need_h5py
    # Every word of the corpus is another one, so that order shows.
    { printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]'; seq 9000; } > vocab.txt
    awk 'BEGIN { for (d = 0; d < 60; d++) { for (s = 0; s < 1 + d % 9; s++) { l = ""
        for (w = 0; w < 1 + (d * s) % 14; w++) l = l " " ++n; print l } print "" } }' > text.txt
    for rng in counter python; do
        "$make_pretrain" -q --rng $rng --pairs sop --vocab vocab.txt -s 32 -p 5 -o set.hdf5 text.txt
        /usr/bin/python3 - "$rng" <<PYTHON
$unmask
d, ids, n = rows("set.hdf5")
seen = {}
for row, label in zip(range(len(ids)), d["next_sentence_labels"]):
    t = ids[row][d["input_mask"][row] == 1].tolist()
    second = d["segment_ids"][row].sum()
    seen[int(label)] = seen.get(int(label), 0) + 1
    a, b = t[1:len(t) - 1 - second], t[len(t) - second:-1]
    if label == -1:
        assert second == 0 and len(t) == 3, t
        continue
    a, b = (b, a) if label else (a, b)
    whole = a + b
    assert whole == list(range(whole[0], whole[0] + len(whole))) or len(whole) == 29, whole
assert seen[-1] and 0.3 < seen[1] / (seen[0] + seen[1]) < 0.7, seen
PYTHON
    done
}

@test "no pairs: whole sentences while they fit, every token exactly once a copy" {
    need_h5py
    { printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]'; seq 9000; } > vocab.txt
    awk 'BEGIN { for (d = 0; d < 40; d++) { for (s = 0; s < 1 + d % 9; s++) { l = ""
        for (w = 0; w < 1 + (d * s) % 70; w++) l = l " " ++n; print l } print "" } }' > text.txt
    for rng in counter python; do
        "$make_pretrain" -q --rng $rng --pairs none -d 2 --vocab vocab.txt -s 32 -p 5 -o set.hdf5 text.txt
        /usr/bin/python3 - <<PYTHON
$unmask
import collections
d, ids, n = rows("set.hdf5")
assert (d["next_sentence_labels"] == -1).all() and not d["segment_ids"].any()
count = collections.Counter(x for row in ids for x in row.tolist() if x > 4)
words = open("text.txt").read().split()
assert len(count) == len(words) and set(count.values()) == {2}
PYTHON
    done
}

@test "spans are runs; half of the tokens can be masked; the limit of predictions is told" {
    need_h5py
    write_text
    for rng in counter python; do
        "$make_pretrain" -q --rng $rng --vocab vocab.txt -s 128 -p 70 --masked-lm-prob 0.5 -o t.hdf5 text.txt
        "$make_pretrain" -q --rng $rng --vocab vocab.txt -s 128 -p 70 --masked-lm-prob 0.15 \
            --masking spans -o s.hdf5 text.txt
        "$make_pretrain" -q --rng $rng --vocab vocab.txt -s 128 -p 70 --masked-lm-prob 0.15 -o w.hdf5 text.txt
        /usr/bin/python3 - <<PYTHON
$unmask
def run_length(path):
    d, ids, n = rows(path)
    at = d["masked_lm_positions"]
    runs = (n > 0).sum() + sum((numpy.diff(a[:k]) > 1).sum() for a, k in zip(at, n))
    return n.sum() / runs, n.sum() / d["input_mask"].sum()
tokens, share = run_length("t.hdf5")
assert abs(share - 0.5) < 0.01, share
spans, share = run_length("s.hdf5")
words, _ = run_length("w.hdf5")
assert abs(share - 0.15) < 0.01 and spans > 2 * words, (share, spans, words)
PYTHON
    done
    run "$make_pretrain" --masked-lm-prob 0.5 -n 1 --test-fraction 0 -o set text.tokens
    [ "$status" -eq 0 ]
    [[ "$output" == *"20 masked ones at most, not 64"* ]]
}

@test "--keep-original: the other five arrays stay, ids are what they were" {
    need_h5py
    write_text
    for rng in counter python; do
        "$make_pretrain" -q --rng $rng --vocab vocab.txt -o masked.hdf5 text.txt
        "$make_pretrain" -q --rng $rng --vocab vocab.txt --keep-original -o kept.hdf5 text.txt
        /usr/bin/python3 - <<PYTHON
$unmask
d, ids, n = rows("masked.hdf5")
k, _, _ = rows("kept.hdf5")
for name in d:
    if name != "input_ids":
        assert numpy.array_equal(d[name], k[name]), name
assert numpy.array_equal(ids, k["input_ids"]) and not numpy.array_equal(ids, d["input_ids"])
PYTHON
    done
}

@test "gzip, zstd and none hold the same rows; zstd chunks are frames behind HDF5's shuffle" {
    need_h5py
    write_text
    for way in gzip zstd none; do
        "$make_pretrain" -q -n 1 --test-fraction 0 --compression $way -o $way/set text.tokens
        "$make_pretrain" -q --check $way/set
    done
    /usr/bin/python3 - <<'PYTHON'
import h5py, numpy, subprocess
name = "set/set_training_0.hdf5"
with h5py.File("gzip/" + name) as a, h5py.File("none/" + name) as b, h5py.File("zstd/" + name) as c:
    for key in a:
        want = a[key][...]
        assert numpy.array_equal(want, b[key][...]), key
        assert b[key].id.get_create_plist().get_nfilters() == 0
        plan = c[key].id.get_create_plist()
        assert plan.get_filter(plan.get_nfilters() - 1)[0] == 32015
        assert c[key].id.get_num_chunks() == 1
        _, frame = c[key].id.read_direct_chunk((0,) * want.ndim)
        raw = numpy.frombuffer(subprocess.run(["zstd", "-dcq"], input=frame, stdout=-1, check=True).stdout, "u1")
        raw = raw.reshape(want.itemsize, -1).T.copy().view(want.dtype).reshape(c[key].chunks)
        assert numpy.array_equal(raw[:len(want)], want), key
PYTHON
    "$TOOLS/nnlsh-pack" -q --input zstd/set --output packs --seq-length 128
    [ -e packs_metadata.json ]
}

@test "TFRecords: framing, features and types, the rows of the HDF5 set" {
    need_h5py
    write_text
    "$make_pretrain" -q -n 2 -o hdf5/set text.tokens
    "$make_pretrain" -q -n 2 -o records/set --format tfrecord text.tokens
    "$make_pretrain" -q --check records/set
    [ "$(cd records/set && echo */*)" = "test/set_test_0.tfrecord test/set_test_1.tfrecord training/set_training_0.tfrecord training/set_training_1.tfrecord" ]
    for name in test_0 test_1 training_0 training_1; do
        /usr/bin/python3 "$SOURCE/tests/cli/tfrecord_reference.py" \
            "records/set/${name%_*}/set_$name.tfrecord" "hdf5/set/set_$name.hdf5"
    done
    # Another format over it replaces the set.
    "$make_pretrain" -q -n 2 -o records/set text.tokens
    diff -r hdf5/set records/set
    [ -z "$(find records/set -name '*.tfrecord')" ]
}

@test "--document-ids: the same rows, and one number for all copies of a document in any set" {
    need_h5py
    write_text
    for rng in counter python; do
        parts=(--shards 2 --test-fraction 0)
        [ $rng = counter ] || parts=()
        "$make_pretrain" -q -o $rng --rng $rng "${parts[@]}" text.tokens
        "$make_pretrain" -q -o ${rng}_ids --prefix $rng --rng $rng "${parts[@]}" --document-ids text.tokens
        "$make_pretrain" --check ${rng}_ids
    done
    "$make_pretrain" -q -t 1 -o again -n 2 --test-fraction 0 --prefix counter --document-ids text.tokens
    diff -r counter_ids again
    /usr/bin/python3 - <<'PYTHON'
import glob, h5py, numpy
# A row's first segment starts with a sentence of one document only.
lines, owner, d = open("text.txt").read().split("\n"), {}, 0
words = {w.strip(): i for i, w in enumerate(open("vocab.txt"))}
text = [[]]
for line in lines:
    if line.strip():
        text[-1] += [words[w] for w in line.split()]
    elif text[-1]:
        text.append([])
text = [t for t in text if t]
of = [{}, {}]
for k, rng in enumerate(("counter", "python")):
    for plain in sorted(glob.glob(f"{rng}/*.hdf5")):
        with h5py.File(plain) as f, h5py.File(plain.replace(rng, rng + "_ids", 1)) as g:
            assert set(g) - set(f) == {"document_ids"}
            for name in f:
                assert (f[name][()] == g[name][()]).all(), name
            ids = g["document_ids"]
            assert ids.dtype == "i8" and ids.shape == (len(f["input_ids"]),) and min(ids) > 0
            for row in range(0, len(ids), 2):
                x = f["input_ids"][row].copy()
                n = list(f["masked_lm_positions"][row]).index(0) if 0 in f["masked_lm_positions"][row] else 20
                x[f["masked_lm_positions"][row][:n]] = f["masked_lm_ids"][row][:n]
                a = list(x[1:list(f["segment_ids"][row] * 1 + (f["input_mask"][row] == 0)).index(1) - 1])
                homes = [i for i, t in enumerate(text)
                         if any(t[j:j + len(a)] == a for j in range(len(t) - len(a) + 1))]
                if len(homes) == 1:
                    assert of[k].setdefault(homes[0], ids[row]) == ids[row]
assert len(of[0]) > 8 and len(set(of[0].values())) == len(of[0])
assert all(of[1][i] == of[0][i] for i in of[0] if i in of[1]) and len(of[1]) > 8
PYTHON
    run "$make_pretrain" -q -o tf --format tfrecord --document-ids text.tokens
    [ "$status" -eq 2 ]
    [ ! -e tf ]
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

@test "the metadata are what their JSON Schema says" {
    write_text
    "$make_pretrain" -q -n 3 -o set text.tokens
    "$make_pretrain" -q --rng python --vocab vocab.txt -o python text.txt text.txt
    "$make_pretrain" -q --format tfrecord -n 2 -o records text.tokens
    for file in set_metadata.json python_metadata.json records_tfrecord.json; do
        /usr/bin/python3 "$SOURCE/tests/cli/json_schema.py" \
            "$SOURCE/schemas/pretrain-metadata.schema.json" $file
    done
    sed 's/"masked": [0-9]*/"masked": "many"/' set_metadata.json > wrong.json
    run /usr/bin/python3 "$SOURCE/tests/cli/json_schema.py" \
        "$SOURCE/schemas/pretrain-metadata.schema.json" wrong.json
    [ "$status" -eq 1 ]
}

@test "mpirun -n 1, 2, 3 write the bytes of one process" {
    command -v mpirun > /dev/null || skip "no mpirun here"
    write_text
    awk -v RS= -v ORS='\n\n' 'NR > 7' text.txt > more.txt
    "$tokenize" --vocab vocab.txt more.txt > more.tokens
    for rng in counter python; do
        some=$([ $rng = counter ] && echo "-n 5" || true)
        "$make_pretrain" -q $some --rng $rng -o alone/set text.tokens more.tokens
        for n in 1 2 3; do
            mpirun -n $n "$make_pretrain" -q -t 1 $some --rng $rng -o ranks/set text.tokens more.tokens
            diff -r alone ranks
            rm -r ranks
        done
        rm -r alone
    done
    run mpirun -n 2 "$make_pretrain" -q -o ranks/set text.tokens missing.tokens
    [ "$status" -ne 0 ]
    [[ "$output" == *"missing.tokens"* ]]
    [ ! -e ranks/set_metadata.json ]
}

@test "the original's training classes and a plain Dataset read the shards" {
    need_h5py
    write_text
    "$make_pretrain" -q -n 2 -o set text.tokens
    /usr/bin/python3 "$SOURCE/tests/cli/read_shards.py" set
}

# make-pretrain-objectives.bats -- pairs, masks and draws: what an instance is.

load pretrain_text

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

# What nnlsh-pack promises: every sequence exactly once, in the original's data sets, whole or absent.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    pack="$TOOLS/nnlsh-pack"
    shared=${BERTLINE_SHARED:-$SOURCE/../shared}
}

need_h5py() {
    /usr/bin/python3 -c 'import h5py' 2>/dev/null || skip "no h5py here"
}

shards() {
    /usr/bin/python3 "$SOURCE/tests/cli/shards.py" "$@"
}

golden() {
    [ -d "$shared/golden" ] || skip "no golden data here"
    mkdir -p "$1"
    cp "$shared/golden/make-pretrain/seq$2_training_0.hdf5" "$1"
}

value() {
    /usr/bin/python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$@"
}

@test "every sequence is packed exactly once, for any depth" {
    need_h5py
    shards make in 3 300 128 20 1
    for depth in 1 2 3 8; do
        "$pack" -q -i in -o "out$depth" --max-sequences-per-pack $depth --samples-per-file 200
        shards same in "out$depth" 128 20 $depth
    done
    "$pack" -q -i in -o out --max-sequences-per-pack 0
    shards same in out 128 20 "$(value out_metadata.json max_sequences_per_pack)"
}

@test "shards of the original script are packed exactly once, at 128 and 512" {
    need_h5py
    golden in128 128
    golden in512 512
    "$pack" -q --input_dir=in128 --output_dir=out128 --max_sequence_length=128 \
        --max_predictions_per_sequence=20 --train_batch_size=8
    shards same in128 out128 128 20 3
    [ "$(ls out128)" = "mixed_strategies_part_0.hdf5
mixed_strategies_part_1.hdf5" ]
    "$pack" -q -i in512 -o out512 -d 0
    shards same in512 out512 512 80 "$(value out512_metadata.json max_sequences_per_pack)"
}

@test "shards made from a corpus of real text: nothing is lost, no documents meet" {
    need_h5py
    corpus="$shared/data/corpus/state_of_the_union.tar.zst"
    vocab="$shared/data/vocab/bert-base-uncased/vocab.txt"
    [ -e "$corpus" ] && [ -e "$vocab" ] || skip "no corpus here"
    zstd -dcq "$corpus" | tar x
    find . -name '18[0-4]*.txt' | sort | while read -r speech; do
        grep -v '^$' "$speech"
        echo
    done | "$TOOLS/split-sentences" >sentences.txt
    "$TOOLS/make-pretrain" -q -o real -n 2 --test-fraction 0 --dupe-factor 2 --vocab "$vocab" sentences.txt
    "$TOOLS/make-pretrain" -q -o told -n 2 --test-fraction 0 --dupe-factor 2 --document-ids \
        --vocab "$vocab" sentences.txt
    "$pack" -q -i told -o packed
    shards same real packed 128 20 3
    [ "$(value packed_metadata.json document_meetings)" -eq 0 ]
    "$TOOLS/shard-show" --verify told packed
}

@test "one thread and four make the same bytes, memory or files to sort in too" {
    need_h5py
    shards make in 2 500 128 20 2
    "$pack" -q -i in -o a -t 1
    "$pack" -q -i in -o b -t 4
    "$pack" -q -i in -o c --memory 64K
    diff -r a b
    diff -r a c
    cmp a_metadata.json b_metadata.json
    "$pack" -q -i in -o d --seed 43
    run cmp a/mixed_strategies_part_0.hdf5 d/mixed_strategies_part_0.hdf5
    [ "$status" -eq 1 ]
}

@test "the metadata has all keys and adds up" {
    need_h5py
    shards make in 2 500 128 20 3
    "$pack" -q -i in -o out --samples-per-file 100
    /usr/bin/python3 - <<'END'
import hashlib, json
text = open("out_metadata.json").read()
m = json.loads(text)
assert text == json.dumps(m, indent=2, sort_keys=True) + "\n"
for key in """avg_seq_per_sample compression_ratio expected_speed_up new_number_of_samples
        number_of_sequences_dropped number_of_strategies_utilized original_number_of_samples
        packing_efficiency padding_tokens_original_dataset padding_tokens_packed_dataset
        theoretical_speed_up top_8_strategies lower_bound solver max_sequences_per_pack
        max_sequence_length patterns pattern_counts histogram""".split():
    assert key in m, key
n, packs, tokens = 1000, m["new_number_of_samples"], sum(i * c for i, c in enumerate(m["histogram"]))
assert m["original_number_of_samples"] == n == sum(m["histogram"])
assert m["number_of_sequences_dropped"] == 0
assert sum(m["pattern_counts"]) == packs == sum(f["rows"] for f in m["files"])
assert packs >= m["lower_bound"]
assert m["avg_seq_per_sample"] == n / packs and m["packing_efficiency"] == tokens / (packs * 128)
assert m["padding_tokens_packed_dataset"] == packs * 128 - tokens
assert m["padding_tokens_original_dataset"] == n * 128 - tokens
assert m["theoretical_speed_up"] == 128 * n / tokens
assert all(sum(p) <= 128 and len(p) <= 3 for p in m["patterns"])
assert m["top_8_strategies"] == m["patterns"][:8]
for f in m["files"]:
    assert f["sha256"] == hashlib.sha256(open("out/" + f["name"], "rb").read()).hexdigest()
assert [f["rows"] for f in m["files"][:-1]] == [100] * (len(m["files"]) - 1)
END
}

@test "parts of an earlier run are gone, other shards in the folder are in the way" {
    need_h5py
    shards make in 1 500 128 20 4
    "$pack" -q -i in -o out --samples-per-file 50
    cp -r out before
    "$pack" -q -i in -o out
    [ "$(ls out)" = mixed_strategies_part_0.hdf5 ]
    run "$pack" -q -i in -o in
    [ "$status" -eq 2 ]
    [[ $output == *"'in/made_training_0.hdf5' is in the way"* ]]
    [ "$(ls in)" = made_training_0.hdf5 ]
}

@test "packs can be packed anew, without loss" {
    need_h5py
    shards make in 1 500 128 20 5
    "$pack" -q -i in -o two -d 2
    "$pack" -q -i two -o three -d 3
    shards same in three 128 20 3
}

@test "rows may be longer than those of the shards, not shorter" {
    need_h5py
    shards make in 1 300 64 10 6
    "$pack" -q -i in -o out -s 256 -p 36 -d 8
    shards same in out 256 36 8
    run "$pack" -q -i in -o less -s 32
    [ "$status" -eq 2 ]
    [[ $output == *"rows of 64 tokens, packs were asked of 32"* ]]
    run "$pack" -q -i in -o less -p 9
    [ "$status" -eq 2 ]
    [ ! -e less ]
}

@test "masked tokens that might not fit are an error before anything is written" {
    need_h5py
    shards make in 2 400 128 4 7
    run "$pack" -i in -o out -d 0
    [ "$status" -eq 1 ]
    # In the file and row it names, all 4 are masked of as many tokens as it says.
    named='(in/made_training_[01].hdf5): row ([0-9]+): 4 of ([0-9]+) tokens are masked'
    [[ $output =~ $named ]]
    /usr/bin/python3 -c '
import h5py, sys
with h5py.File(sys.argv[1]) as f:
    assert f["input_mask"][int(sys.argv[2])].sum() == int(sys.argv[3])
    assert (f["masked_lm_positions"][int(sys.argv[2])] > 0).sum() == 4' "${BASH_REMATCH[@]:1}"
    [ ! -e out ] && [ ! -e out_metadata.json ]
    # The number it tells is enough, and one less is not.
    enough=$(grep -o 'max-predictions of [0-9]*' <<<"$output" | grep -o '[0-9]*$')
    run "$pack" -i in -o out -d 0 -p $((enough - 1))
    [ "$status" -eq 1 ]
    [ ! -e out ]
    "$pack" -q -i in -o out -d 0 -p "$enough"
    shards same in out 128 "$enough" "$(value out_metadata.json max_sequences_per_pack)"
}

@test "sequences of one document are kept out of one pack where shards tell them" {
    need_h5py
    shards make in 2 500 128 20 13
    cp -r in silent
    /usr/bin/python3 -c '
import h5py, numpy as np
for i in 0, 1:
    with h5py.File(f"in/made_training_{i}.hdf5", "a") as f:
        f["document_ids"] = np.random.RandomState(i).randint(1, 20, 500).astype("i8")'
    meet() {
        /usr/bin/python3 - "$1" <<'END'
import os, sys
sys.path.insert(0, os.environ["SOURCE"] + "/tests/cli")
import shards, h5py, collections
document, packs = {}, collections.defaultdict(list)
for i in 0, 1:
    path = f"in/made_training_{i}.hdf5"
    with h5py.File(path) as f:
        ids = f["document_ids"][()]
    for key, number in zip(shards.sequences(path, False, ("document_ids",)), ids):
        document[key] = number
for name in sorted(os.listdir(sys.argv[1])):
    path = os.path.join(sys.argv[1], name)
    with h5py.File(path) as f:
        rows = [(name, r) for r, m in enumerate(f["input_mask"][()]) for _ in range(m.max())]
    for row, key in zip(rows, shards.sequences(path, True)):
        packs[row].append(document[key])
print(sum(len(p) - len(set(p)) for p in packs.values()))
END
    }
    "$pack" -q -i silent -o chance
    [ "$(meet chance)" -gt 10 ]
    [ "$(value chance_metadata.json sequences_of_known_documents)" -eq 0 ]
    for depth in 2 3 8; do
        "$pack" -q -i in -o out -d $depth
        shards same silent out 128 20 $depth
        [ "$(meet out)" -eq 0 ]
        [ "$(value out_metadata.json document_meetings)" -eq 0 ]
        [ "$(value out_metadata.json sequences_of_known_documents)" -eq 1000 ]
        "$pack" -q -i in -o again -d $depth -t 1 --memory 64K
        diff -r out again
        "$TOOLS/shard-show" --verify in out
    done
    # One document for nearly all: most have to meet; they are counted, none is lost.
    /usr/bin/python3 -c '
import h5py
for i in 0, 1:
    with h5py.File(f"in/made_training_{i}.hdf5", "a") as f:
        f["document_ids"][50:] = 7'
    run "$pack" -i in -o out
    [ "$status" -eq 0 ]
    n=$(value out_metadata.json document_meetings)
    [ "$n" -gt 100 ]
    [ "$(meet out)" -eq "$n" ]
    [[ $output == *"warning: $n of 1000 sequences share a row with another of their document"* ]]
    shards same silent out 128 20 3
}

@test "what is no shard is refused by name, and nothing is written" {
    need_h5py
    mkdir none empty
    run "$pack" -i empty -o out
    [ "$status" -eq 1 ]
    [[ $output == *"folder 'empty' holds no shards"* ]]
    run "$pack" -i missing -o out
    [ "$status" -eq 1 ]
    shards make in 2 100 64 10 8
    head -c 5000 in/made_training_1.hdf5 >cut && mv cut in/made_training_1.hdf5
    run "$pack" -i in -o out
    [ "$status" -eq 1 ]
    [[ $output == *"in/made_training_1.hdf5: HDF5 file is damaged or cut short"* ]]
    echo text >in/made_training_1.hdf5
    run "$pack" -i in -o out
    [ "$status" -eq 1 ]
    [[ $output == *"in/made_training_1.hdf5: not an HDF5 file"* ]]
    /usr/bin/python3 -c '
import h5py
with h5py.File("in/made_training_1.hdf5", "w") as f:
    f["input_ids"] = [[1, 2]]'
    run "$pack" -i in -o out
    [ "$status" -eq 1 ]
    [[ $output == *"in/made_training_1.hdf5: data set 'input_mask' is missing"* ]]
    shards make in 2 100 64 10 8
    /usr/bin/python3 -c '
import h5py
with h5py.File("in/made_training_0.hdf5", "a") as f:
    f["segment_ids"][17, 0] = 1'
    run "$pack" -i in -o out
    [ "$status" -eq 1 ]
    [[ $output == *"in/made_training_0.hdf5: data set 'segment_ids': row 17: "* ]]
    [ ! -e out_metadata.json ]
    [ -z "$(ls out)" ]
}

@test "files of other layouts and integer types are read" {
    need_h5py
    shards make in 1 200 128 20 9
    mkdir other
    /usr/bin/python3 -c '
import h5py
with h5py.File("in/made_training_0.hdf5") as f, h5py.File("other/x.h5", "w") as g:
    g.create_dataset("input_ids", data=f["input_ids"][()].astype("u2"))
    g.create_dataset("input_mask", data=f["input_mask"][()].astype("i8"), chunks=(7, 3))
    g.create_dataset("segment_ids", data=f["segment_ids"][()].astype("u4"), shuffle=True)
    g.create_dataset("masked_lm_positions", data=f["masked_lm_positions"][()].astype(">i2"))
    g.create_dataset("masked_lm_ids", data=f["masked_lm_ids"][()], fletcher32=True)
    g.create_dataset("next_sentence_labels", data=f["next_sentence_labels"][()].reshape(-1, 1))'
    "$pack" -q -i in -o a
    "$pack" -q -i other -o b
    shards equal a/mixed_strategies_part_0.hdf5 b/mixed_strategies_part_0.hdf5
    /usr/bin/python3 -c '
import h5py
with h5py.File("other/x.h5", "a") as g:
    mask = g["input_mask"][()]
    del g["input_mask"]
    g.create_dataset("input_mask", data=mask, compression="lzf")'
    run "$pack" -q -i other -o c
    [ "$status" -eq 1 ]
    [[ $output == *"other/x.h5: data set 'input_mask' needs the HDF5 filter 'lzf' (32000)"* ]]
}

@test "a full disk is an error, and no part has its name" {
    need_h5py
    shards make in 1 2000 128 20 10
    run bash -c "trap '' XFSZ; ulimit -f 100; '$pack' -i in -o out"
    [ "$status" -eq 1 ]
    [[ $output == *"File too large"* ]]
    [ ! -e out/mixed_strategies_part_0.hdf5 ]
    [ ! -e out_metadata.json ]
}

@test "plan: a histogram and the same lengths line by line give one plan" {
    echo '[0, 0, 0, 4, 2, 1]' >h.json
    "$pack" plan -H h.json -s 8 -d 2 >a.json
    printf '%s\n' 3 3 4 5 3 4 3 | "$pack" plan -s 8 -d 2 >b.json
    cmp a.json b.json
    grep -q '"new_number_of_samples": 4,' a.json
    grep -q '"lower_bound": 4,' a.json
    "$pack" plan --histogram a.json --seq-length 8 --max-sequences-per-pack 2 | cmp - a.json
}

@test "plan: what is no length is named with its line" {
    run bash -c "printf '3\nx\n' | '$pack' plan -s 8"
    [ "$status" -eq 1 ]
    [[ $output == *"2: not a length"* ]]
    run bash -c "printf '3\n9\n' | '$pack' plan -s 8"
    [ "$status" -eq 1 ]
    [[ $output == *"length 9 does not fit rows of 8 tokens"* ]]
    run bash -c "'$pack' plan -s 8 </dev/null"
    [ "$status" -eq 1 ]
    run bash -c "printf '3\n' | '$pack' plan -s 8 >/dev/full"
    [ "$status" -eq 1 ]
    run "$pack" plan -s 8 -H h.json lengths.txt
    [ "$status" -eq 2 ]
}

@test "plan: every line gets a pack and an offset, and nothing overlaps" {
    /usr/bin/python3 -c '
import random
random.seed(1)
print("\n".join(str(random.randint(1, 64)) for _ in range(2000)))' >lengths.txt
    for depth in 0 3; do
        "$pack" plan -q -s 64 -d $depth lengths.txt >plan.json
        "$pack" plan -q -s 64 -d $depth --assign <lengths.txt >places.txt
        /usr/bin/python3 - $depth <<'END'
import collections, json, sys
lengths = [int(line) for line in open("lengths.txt")]
places = [tuple(map(int, line.split())) for line in open("places.txt")]
plan, depth = json.load(open("plan.json")), int(sys.argv[1])
packs = collections.defaultdict(list)
for length, (number, offset) in zip(lengths, places, strict=True):
    packs[number].append((offset, length))
assert sorted(packs) == list(range(plan["new_number_of_samples"]))
for pack in packs.values():
    end = 0
    for offset, length in sorted(pack):
        assert offset == end
        end += length
    assert end <= 64 and (not depth or len(pack) <= depth)
END
    done
    run "$pack" plan -a -H plan.json -s 64
    [ "$status" -eq 2 ]
}

@test "plan: solvers keep their order, and the screen says how far the optimum is" {
    echo '[0,0,0,9,7,5,3,11,2,4,6,1]' >h.json
    for solver in optimal nnls best-fit; do
        "$pack" plan -q -H h.json -s 11 --solver $solver >$solver.json
        [ "$(value $solver.json solver)" = $solver ]
        [ "$(value $solver.json above_lower_bound)" -eq \
            $(($(value $solver.json new_number_of_samples) - $(value $solver.json lower_bound))) ]
        [ "$(value optimal.json new_number_of_samples)" -le \
            "$(value $solver.json new_number_of_samples)" ]
    done
    run "$pack" plan -H h.json -s 11
    [[ $output == *"packs, the optimum, proven;"* ]]
    run "$pack" plan --solver magic -H h.json -s 11
    [ "$status" -eq 2 ]
}

@test "the metadata are as their JSON Schema says" {
    need_h5py
    shards make in 1 300 64 10 11
    "$pack" -q -i in -o out
    "$pack" plan -q -H out_metadata.json -s 64 >plan.json
    /usr/bin/python3 - <<'END'
import json, os, re
schema = json.load(open(os.environ["SOURCE"] + "/schemas/pack-metadata.schema.json"))
page = open(os.environ["SOURCE"] + "/schemas/pack-metadata.md").read()
types = {"integer": int, "number": (int, float), "array": list, "string": str, "object": dict}
def check(value, s):
    assert "type" not in s or isinstance(value, types[s["type"]]), (value, s)
    assert "const" not in s or value == s["const"], (value, s)
    assert "enum" not in s or value in s["enum"], (value, s)
    assert "minimum" not in s or value >= s["minimum"], (value, s)
    assert "pattern" not in s or re.search(s["pattern"], value), (value, s)
    for item in value if isinstance(value, list) else []:
        check(item, s.get("items", {}))
    if isinstance(value, dict):
        assert set(s["required"]) <= set(value) <= set(s["properties"]), set(value) ^ set(s["required"])
        for key in value:
            check(value[key], s["properties"][key])
for name in "out_metadata.json", "plan.json":
    check(json.load(open(name)), schema)
assert set(re.findall(r"^\| (\w+) \|", page, re.M)) - {"key"} == set(schema["properties"])
assert set(schema["dependentRequired"]["files"]) | {"files"} == \
    set(schema["properties"]) - set(schema["required"])
END
}

@test "gzip, zstd and none hold the same packs, and are packed again alike" {
    need_h5py
    shards make in 1 300 64 10 12
    for kind in gzip zstd none; do
        "$pack" -q -i in -o $kind --compression $kind
        "$pack" -q -i $kind -o again_$kind -d 2
        shards equal again_gzip/mixed_strategies_part_0.hdf5 again_$kind/mixed_strategies_part_0.hdf5
    done
    shards equal gzip/mixed_strategies_part_0.hdf5 none/mixed_strategies_part_0.hdf5
}

@test "packs that are read are not replaced" {
    need_h5py
    shards make in 2 100 128 20 1
    "$pack" -q -i in -o out
    cp -r out before
    ln -s out link
    run -2 "$pack" -q -i out -o link --max-sequences-per-pack 2
    [[ $output == *"mixed_strategies_part_0.hdf5' is a file to be read"* ]]
    diff -r before out
}

# make-pretrain-formats.bats -- HDF5, TFRecords, document ids, metadata, and who reads them.

load pretrain_text

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

@test "the original's training classes and a plain Dataset read the shards" {
    need_h5py
    write_text
    "$make_pretrain" -q -n 2 -o set text.tokens
    /usr/bin/python3 "$SOURCE/tests/cli/read_shards.py" set
}

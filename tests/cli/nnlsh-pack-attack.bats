# What nnlsh-pack and shard-show stand: hostile files, signals.

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

@test "a killed or stopped run leaves nothing that looks whole, and the next one finishes the work" {
    need_h5py
    shards make in 2 6000 128 20 14
    "$pack" -q -i in -o whole --samples-per-file 900
    for signal in KILL TERM INT; do
        rm -rf out
        hit=0
        for pause in 0.01 0.03 0.1; do
            "$pack" -q -i in -o out --samples-per-file 900 &
            sleep $pause
            kill -s $signal $! 2>/dev/null && hit=1
            wait $! || true
            if [ ! -e out_metadata.json ]; then
                for part in out/*.hdf5; do
                    [ ! -e "$part" ] || cmp "$part" "whole/${part#out/}"
                done
            fi
        done
        [ $hit -eq 1 ]
        "$pack" -q -i in -o out --samples-per-file 900
        diff -r out whole
        rm out_metadata.json
    done
}

@test "hostile shards are refused by name, and nothing is written" {
    need_h5py
    /usr/bin/python3 - <<'END'
import os, sys
sys.path.insert(0, os.environ["SOURCE"] + "/tests/cli")
import shards, h5py, numpy as np
def spoil(name, change):
    shards.make("bad/" + name, 1, 50, 32, 5, 15)
    with h5py.File(f"bad/{name}/made_training_0.hdf5", "a") as f:
        change(f)
def put(set, data, **how):
    def change(f):
        del f[set]
        f.create_dataset(set, data=data, **how)
    return change
def empty(set, shape, type="i4", **how):
    def change(f):
        del f[set]
        f.create_dataset(set, shape, type, chunks=True, **how)
    return change
def ids(value):
    def change(f):
        f["input_ids"][7, 0] = value
    return change
spoil("float", put("masked_lm_positions", np.full((50, 5), np.nan, "f4")))
spoil("text", put("input_ids", np.full((50, 32), b"x")))
spoil("compound", put("input_mask", np.zeros((50, 32), [("a", "i4")])))
spoil("scalar", put("input_ids", 5))
spoil("cube", put("input_ids", np.zeros((50, 32, 2), "i4")))
spoil("thin", put("input_ids", np.zeros((50, 0), "i4")))
spoil("narrow", put("masked_lm_ids", np.zeros((50, 4), "i4")))
spoil("short", put("segment_ids", np.zeros((49, 32), "i1")))
spoil("negative", ids(-1))
spoil("wide", put("input_ids", np.full((50, 32), 2**40)))
spoil("unsigned", put("input_mask", np.full((50, 32), 2**64 - 1, "u8")))
spoil("group", lambda f: (f.__delitem__("input_ids"), f.create_group("input_ids")))
spoil("link", lambda f: (f.__delitem__("input_ids"), f.__setitem__("input_ids", h5py.SoftLink("/none"))))
spoil("external", lambda f: (f.__delitem__("input_ids"),
                             f.__setitem__("input_ids", h5py.ExternalLink("no.hdf5", "/x"))))
spoil("document_negative", lambda f: f.create_dataset("document_ids", data=np.full(50, -3)))
spoil("document_short", lambda f: f.create_dataset("document_ids", data=np.ones(49, "i8")))
spoil("document_table", lambda f: f.create_dataset("document_ids", data=np.ones((50, 2), "i8")))
spoil("document_float", lambda f: f.create_dataset("document_ids", data=np.ones(50, "f8")))
def giant(f):
    for name, width, type in [("input_ids", 32, "i4"), ("input_mask", 32, "i1"), ("segment_ids", 32, "i1"),
                              ("masked_lm_positions", 5, "i4"), ("masked_lm_ids", 5, "i4")]:
        empty(name, (2**40, width), type)(f)
    del f["next_sentence_labels"]
    f.create_dataset("next_sentence_labels", (2**40,), "i1", chunks=True)
spoil("giant_rows", giant)
def broad(f):
    for name, type in [("input_ids", "i4"), ("input_mask", "i1"), ("segment_ids", "i1")]:
        empty(name, (50, 2**21), type)(f)
spoil("giant_columns", broad)
END
    for name in bad/*; do
        run timeout 60 "$pack" -i "$name" -o out
        [ "$status" -eq 1 ] || { echo "$name: $status: $output"; false; }
        [[ $output == *"$name/made_training_0.hdf5"* ]] || { echo "$name: $output"; false; }
        [ -z "$(ls out 2>/dev/null)" ] && [ ! -e out_metadata.json ]
        run timeout 60 "$TOOLS/shard-show" --verify "$name"
        [ "$status" -eq 1 ] || { echo "$name: $status: $output"; false; }
    done
}

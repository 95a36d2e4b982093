# What shard-show promises: what is in shards, said to people and to programs; and whether it is right.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    show="$TOOLS/shard-show"
    /usr/bin/python3 -c 'import h5py' 2>/dev/null || skip "no h5py here"
}

shards() {
    /usr/bin/python3 "$SOURCE/tests/cli/shards.py" "$@"
}

# One shard, rows of 16 tokens with two masked columns, sequences of the given lengths.
lengths() {
    /usr/bin/python3 - "$@" <<'END'
import os, sys, h5py, numpy as np
folder, lens = sys.argv[1], [int(x) for x in sys.argv[2:]]
os.makedirs(folder)
n, T = len(lens), 16
data = {"input_ids": np.zeros((n, T), "i4"), "input_mask": np.zeros((n, T), "i1"),
        "segment_ids": np.zeros((n, T), "i1"), "masked_lm_positions": np.zeros((n, 2), "i4"),
        "masked_lm_ids": np.zeros((n, 2), "i4"), "next_sentence_labels": np.zeros(n, "i1")}
for row, length in enumerate(lens):
    data["input_ids"][row, :length] = [2] + [5 + (row + k) % 4 for k in range(1, length)]
    data["input_mask"][row, :length] = 1
    data["segment_ids"][row, length // 2 or 1:length] = 1
    if length > 2:
        data["masked_lm_positions"][row, 0] = 1
        data["masked_lm_ids"][row, 0] = 9
        data["input_ids"][row, 1] = 4
with h5py.File(folder + "/x_training_0.hdf5", "w") as f:
    for name, values in data.items():
        f.create_dataset(name, data=values, chunks=True, maxshape=(None,) + values.shape[1:])
END
}

@test "numbers of shards and of packs are the ones that Python counts" {
    shards make in 3 200 64 10 1
    "$TOOLS/nnlsh-pack" -q -i in -o out --samples-per-file 100
    "$show" --json in out >two.json
    /usr/bin/python3 - <<'END'
import glob, json, h5py, numpy as np
for line, packed in zip(open("two.json"), (False, True)):
    s = json.loads(line)
    files = sorted(glob.glob(("out" if packed else "in") + "/*.hdf5"))
    data = [h5py.File(f) for f in files]
    mask = np.concatenate([f["input_mask"][()] for f in data])
    masked = np.concatenate([f["masked_lm_positions"][()] for f in data])
    assert [f["name"] for f in s["files"]] == [f.split("/")[1] for f in files]
    assert all(f["packed"] == packed for f in s["files"])
    assert s["rows"] == len(mask) == sum(f["rows"] for f in s["files"])
    assert s["sequences"] == mask.max(1).sum() == 600
    assert s["efficiency"] == (mask > 0).mean()
    fill = np.bincount((mask > 0).sum(1)).tolist()
    lengths = np.bincount([(row == k).sum() for row in mask for k in range(1, row.max() + 1)])
    assert s["tokens_per_row"]["histogram"] == fill
    assert s["length"]["histogram"] == lengths.tolist()
    assert s["masked_per_row"]["histogram"] == np.bincount((masked > 0).sum(1)).tolist()
    assert s["sequences_per_row"]["histogram"] == np.bincount(mask.max(1)).tolist()
    assert s["masking"]["mask"] + s["masking"]["kept"] + s["masking"]["other"] == \
        s["masked_per_row"]["sum"]
    assert s["next_sentence"]["random"] + s["next_sentence"]["follows"] == 600
END
    "$show" --json -t 1 in out | cmp - two.json
    run "$show" in out
    [ "$status" -eq 0 ]
    [[ $output == *"in: 3 pretraining shards, 600 rows of 64 tokens"* ]]
    [[ $output == *"out: "*" packed shards, "*"up to 3 sequences and 13 masked"* ]]
    [[ $output == *"bound          at least "* ]]
}

@test "rows are text: segments, what was masked, borders of packs" {
    printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' five six seven eight nine >vocab.txt
    lengths in 6 4 2
    "$show" --rows 0:2 --vocab vocab.txt in >rows.txt
    diff rows.txt - <<'END'
row 0: 1 sequence, 6 of 16 tokens, 1 masked
    1  6 tokens, B follows A
       A  [CLS] [MASK]{nine} seven
       B  eight five six
row 1: 1 sequence, 4 of 16 tokens, 1 masked
    1  4 tokens, B follows A
       A  [CLS] [MASK]{nine}
       B  eight five
END
    "$TOOLS/nnlsh-pack" -q -i in -o out
    "$show" --rows 0 --vocab vocab.txt out >packed.txt
    head -n 1 packed.txt | grep -q 'row 0: 3 sequences, 12 of 16 tokens, 2 masked'
    grep -q '    3  6 tokens' packed.txt
    "$show" --rows 1 in | grep -q 'A  2 4{9}'
    # Colour adds escape sequences and nothing else.
    "$show" --rows 0:2 --vocab vocab.txt --color always in >colour.txt
    run cmp colour.txt rows.txt
    [ "$status" -eq 1 ]
    sed 's/\x1b\[[0-9;]*m//g' colour.txt | cmp - rows.txt
}

@test "rows are counted through all files; what is no range is refused" {
    shards make in 2 30 16 2 2
    "$show" --rows 29:31 in | grep '^row' | cut -d: -f1 >got
    printf 'row 29\nrow 30\n' | cmp - got
    "$show" --rows 0 in/made_training_1.hdf5 | tail -n +2 >a
    "$show" --rows 30 in | tail -n +2 | cmp - a
    [ "$("$show" --rows 58: in | grep -c '^row')" -eq 2 ]
    [ "$("$show" --rows : in | grep -c '^row')" -eq 60 ]
    for range in 60 x 3:2 -1 1:x 5:5 '' 1:2:3; do
        run "$show" "--rows=$range" in
        [ "$status" -eq 2 ]
    done
}

@test "control characters of a vocabulary do not reach the terminal" {
    printf '[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nfive\n\033[31mred\nse\033ven\neight\nnine\n' >vocab.txt
    lengths in 8
    "$show" --rows 0 --vocab vocab.txt in >rows.txt
    run grep -c "$(printf '\033')" rows.txt
    [ "$output" = 0 ]
    grep -q 'se?ven' rows.txt
}

@test "empty sets, one sequence, full rows, length 1: all are shown, packed and verified" {
    lengths empty
    "$show" empty | grep -q 'empty: 1 pretraining shard, 0 rows of 16 tokens'
    "$show" --verify empty
    "$show" --report empty.html empty
    grep -q 'nothing to show' empty.html
    run "$TOOLS/nnlsh-pack" -i empty -o out
    [ "$status" -eq 1 ]
    [[ $output == *"the shards hold no sequence"* ]]
    [ ! -e out ]
    lengths one 7
    lengths full 16 16 16 16 16
    lengths ones 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1
    for solver in optimal nnls best-fit; do
        for set in one:1 full:5 ones:2; do
            name=${set%:*}
            "$TOOLS/nnlsh-pack" -q -i "$name" -o packed -d 0 --solver $solver
            "$show" --verify packed
            "$show" packed | grep -q ", ${set#*:} rows of 16 tokens"
        done
    done
}

@test "verify names file and row of what is wrong, and goes on to the next" {
    shards make in 2 100 32 5 3
    "$TOOLS/nnlsh-pack" -q -i in -o out
    run "$show" --verify in out
    [ "$status" -eq 0 ]
    [[ $output == *"out: 1 file, "*" rows, 200 sequences: all as it should be"* ]]
    rm out_metadata.json
    /usr/bin/python3 -c '
import h5py
with h5py.File("in/made_training_1.hdf5", "a") as f:
    f["segment_ids"][17, 0] = 1
with h5py.File("out/mixed_strategies_part_0.hdf5", "a") as f:
    f["positions"][5, 2] = 7'
    run "$show" --verify in out
    [ "$status" -eq 1 ]
    [[ $output == *"in/made_training_1.hdf5: "*"row 17: "* ]]
    [[ $output == *"out/mixed_strategies_part_0.hdf5: "*"row 5: "* ]]
    [[ $output == *"2 problems were found"* ]]
}

@test "what is cut, no shard, or has wrong columns is refused by name" {
    shards make in 1 300 32 5 4
    head -c 3000 in/made_training_0.hdf5 >cut.hdf5
    echo text >text.hdf5
    /usr/bin/python3 -c '
import h5py, shutil
shutil.copy("in/made_training_0.hdf5", "wide.hdf5")
with h5py.File("wide.hdf5", "a") as f:
    mask = f["input_mask"][()]
    del f["input_mask"]
    f["input_mask"] = mask[:, :31]'
    mkdir empty
    for what in "cut.hdf5:damaged or cut short" "text.hdf5:not an HDF5 file" \
        "wide.hdf5:data set 'input_mask' has 31 columns, not 32" "empty:"; do
        for option in "" --json --verify; do
            # shellcheck disable=SC2086 # no option at all is one of them
            run "$show" $option "${what%%:*}"
            [ "$status" -eq 1 ]
            [[ $output == *"${what%%:*}"*"${what#*:}"* ]]
        done
        run "$show" --report r.html "${what%%:*}"
        [ "$status" -eq 1 ]
        [ ! -e r.html ]
    done
    run "$show" missing.hdf5
    [ "$status" -eq 1 ]
    [[ $output == *"cannot open 'missing.hdf5': No such file"* ]]
}

@test "the report is one page of well-formed drawings that loads nothing" {
    shards make 'in<&>' 1 300 64 10 5
    "$TOOLS/nnlsh-pack" -q -i 'in<&>' -o out
    "$show" --report report.html 'in<&>' out
    /usr/bin/python3 - <<'END'
import re, xml.dom.minidom
page = open("report.html").read()
drawings = re.findall("<svg.*?</svg>", page, re.S)
assert len(drawings) == 8
for drawing in drawings:
    xml.dom.minidom.parseString(drawing)
assert "<h2>in&lt;&amp;&gt;</h2>" in page and "in<&>" not in page
assert not re.search("src=|href=|url\\(|<script|<link", page)
bars = re.findall("<title>.*?: ([0-9,]+)</title>", drawings[0])
assert sum(int(n.replace(",", "")) for n in bars) == 300
END
    "$show" --report - out | grep -q '</html>'
    run "$show" --report /dev/full/x out
    [ "$status" -eq 1 ]
}

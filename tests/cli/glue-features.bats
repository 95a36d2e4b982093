# glue-features: a file of a GLUE task -> features

setup() {
    cd "$BATS_TEST_TMPDIR" || exit 1
    glue="$TOOLS/glue-features"
    shared="${BERTLINE_SHARED:-$SOURCE/../shared}"
    printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' a b c d e é > vocab.txt
    printf 'Quality\tx\tx\tone\ttwo\n1\t1\t2\ta b c\td\n0\t1\t2\tA\t\n' > pairs.tsv
}

# Everything in a features file, as text; h5py needs the system's Python.
show() {
    /usr/bin/python3 - "$1" << 'END' || skip "python3 with h5py is not here"
import h5py, sys
f = h5py.File(sys.argv[1])
for k in ("input_ids", "input_mask", "segment_ids", "label_ids"):
    if k in f:
        print(k, f[k].dtype, f[k][:].tolist())
print(f.attrs["task"], f.attrs["labels"], f.attrs["rows"])
END
}

# Whether all arrays of the golden file are the first rows of ours.
equals_golden() {
    /usr/bin/python3 - "$1" "$2" << 'END'
import h5py, numpy, sys
ours, golden = h5py.File(sys.argv[1]), h5py.File(sys.argv[2])
assert set(ours) == set(golden)
for k in golden:
    assert ours[k].dtype == golden[k].dtype, k
    assert numpy.array_equal(ours[k][:len(golden[k])], golden[k][:]), k
END
}

@test "--help names every option" {
    run "$glue" --help
    [ "$status" -eq 0 ]
    for word in --task --vocab --input --output --seq-length --set --cased --threads; do
        [[ "$output" == *"$word"* ]]
    done
}

@test "rows are [CLS] A [SEP] B [SEP], an empty B is none" {
    "$glue" --task mrpc --vocab vocab.txt -i pairs.tsv -o f.hdf5 -s 8 -q
    run show f.hdf5
    [ "${lines[0]}" = "input_ids int32 [[2, 5, 6, 7, 3, 8, 3, 0], [2, 5, 3, 0, 0, 0, 0, 0]]" ]
    [ "${lines[1]}" = "input_mask int8 [[1, 1, 1, 1, 1, 1, 1, 0], [1, 1, 1, 0, 0, 0, 0, 0]]" ]
    [ "${lines[2]}" = "segment_ids int8 [[0, 0, 0, 0, 0, 1, 1, 0], [0, 0, 0, 0, 0, 0, 0, 0]]" ]
    [ "${lines[3]}" = "label_ids int32 [1, 0]" ]
    [ "${lines[4]}" = "mrpc 0|1 2" ]
}

@test "a byte order mark in front belongs to no column" {
    printf 'gj04\t1\t\ta b\n' > plain.tsv # cola has no header: the first line is an example
    { printf '\xef\xbb\xbf'; cat plain.tsv; } > marked.tsv
    "$glue" -q --task cola -v vocab.txt -i plain.tsv -o 1.hdf5
    "$glue" -q --task cola -v vocab.txt -i marked.tsv -o 2.hdf5
    show 1.hdf5 > 1
    show 2.hdf5 > 2
    cmp 1 2
}

@test "what is too long is cut, and counted" {
    run "$glue" --task mrpc --vocab vocab.txt -i pairs.tsv -o f.hdf5 -s 6
    [ "$status" -eq 0 ]
    [ "$output" = "glue-features: 2 examples, 1 cut to 6 tokens" ]
    run show f.hdf5
    [[ "${lines[0]}" == *"[2, 5, 6, 3, 8, 3]"* ]]
}

@test "the options of the originals and any spelling of a task are taken" {
    "$glue" --task_name MRPC --vocab_file vocab.txt --input pairs.tsv --output_file f.hdf5 \
        --max_seq_length 8 --do_lower_case -q
    "$glue" --task mrpc --vocab vocab.txt -i pairs.tsv -o g.hdf5 -s 8 -q --cased
    run show g.hdf5
    [[ "${lines[0]}" == *"[2, 1, 3, 0, 0, 0, 0, 0]]" ]]
}

@test "a test set has no labels" {
    printf 'index\tsentence\n0\ta b\n' > test.tsv
    run "$glue" --task sst-2 --vocab vocab.txt -i test.tsv -o f.hdf5 -s 4
    [[ "$output" == *"1 examples without labels"* ]]
    run show f.hdf5
    [ "${lines[0]}" = "input_ids int32 [[2, 5, 6, 3]]" ]
    [[ "$output" != *label_ids* ]]
    printf 'x\ty\n0\ta b\n' > test.tsv
    "$glue" --task sst-2 --vocab vocab.txt -i test.tsv -o f.hdf5 -s 4 -q --set test
    run show f.hdf5
    [ "${lines[0]}" = "input_ids int32 [[2, 5, 6, 3]]" ]
}

@test "sts-b has scores" {
    printf 'a\tb\tc\td\te\tf\tg\th\ti\tscore\n0\t1\t2\t3\t4\t5\t6\ta\tb\t3.25\r\n' > s.tsv
    "$glue" --task sts-b --vocab vocab.txt -i s.tsv -o f.hdf5 -s 8 -q
    run show f.hdf5
    [ "${lines[3]}" = "label_ids float32 [3.25]" ]
    [ "${lines[4]}" = "sts-b  1" ]
}

@test "a line that is no example is named, and nothing is left" {
    printf '0\t1\t2\ta\n' >> pairs.tsv
    run "$glue" --task mrpc --vocab vocab.txt -i pairs.tsv -o f.hdf5
    [ "$status" -eq 1 ]
    [ "$output" = "glue-features: pairs.tsv:4: 4 columns, not 5 or more" ]
    printf 'sentence\tlabel\na\t0\nb\tyes\n' > bad.tsv
    run "$glue" --task sst-2 --vocab vocab.txt -i bad.tsv -o f.hdf5
    [ "$status" -eq 1 ]
    [ "$output" = "glue-features: bad.tsv:3: label 'yes' is none of 0, 1" ]
    [ ! -e f.hdf5 ]
    [ ! -e f.hdf5.part ]
}

@test "a wrong line far into a file is named by its number" {
    { printf 'sentence\tlabel\n'; yes "$(printf 'a b c d e\t1')" | head -n 120000; echo x; } > l.tsv
    run "$glue" --task sst-2 --vocab vocab.txt -i l.tsv -o f.hdf5 -s 4 -t 3
    [ "$status" -eq 1 ]
    [ "$output" = "glue-features: l.tsv:120002: 1 columns, not 2 or more" ]
}

@test "a file without an example is refused" {
    printf 'sentence\tlabel\n' > none.tsv
    for file in none.tsv /dev/null; do
        run "$glue" --task sst-2 --vocab vocab.txt -i "$file" -o f.hdf5
        [ "$status" -eq 1 ]
        [[ "$output" == *"$file: no example in it"* ]]
    done
    run "$glue" --task sst-2 --vocab vocab.txt -i missing.tsv -o f.hdf5
    [ "$status" -eq 1 ]
    [[ "$output" == *missing.tsv* ]]
}

@test "an example in the place of the header is said" {
    printf 'a\t0\nb\t1\n' > h.tsv
    run "$glue" --task sst-2 --vocab vocab.txt -i h.tsv -o f.hdf5
    [ "$status" -eq 0 ]
    [[ "$output" == *"warning: 'h.tsv': line 1 reads like an example"* ]]
}

@test "short lines of qqp are counted" {
    printf 'id\tq1\tq2\ta\tb\tis_duplicate\n0\t1\t2\ta\tb\t1\n0\t1\ta\n0\t1\t2\tc\td\t0\n' > q.tsv
    run "$glue" --task qqp --vocab vocab.txt -i q.tsv -o f.hdf5 -s 8
    [ "$status" -eq 0 ]
    [[ "$output" == *"1 lines have too few columns and were left out, line 3 first"* ]]
    [[ "$output" == *"2 examples"* ]]
}

@test "an unknown task and an operand are wrong usage" {
    run "$glue" --task mprc --vocab vocab.txt -i pairs.tsv -o f.hdf5
    [ "$status" -eq 2 ]
    [[ "$output" == *"no task 'mprc'"* ]]
    run "$glue" --task mrpc --vocab vocab.txt -i pairs.tsv -o f.hdf5 more.tsv
    [ "$status" -eq 2 ]
}

@test "what is read is not written over" {
    cp pairs.tsv before.tsv
    ln pairs.tsv link.tsv
    run "$glue" --task mrpc --vocab vocab.txt --input pairs.tsv --output ./link.tsv
    [ "$status" -eq 2 ]
    [[ "$output" == *"'./link.tsv' is a file to be read"* ]]
    cmp before.tsv pairs.tsv
}

@test "the bytes do not depend on the threads" {
    { printf 'sentence\tlabel\n'; seq 30000 | sed 's/.*/a b c d & e\t1/'
    } > l.tsv
    "$glue" --task sst-2 --vocab vocab.txt -i l.tsv -o 1.hdf5 -s 16 -t 1 -q
    "$glue" --task sst-2 --vocab vocab.txt -i - -o 4.hdf5 -s 16 -t 4 -q < l.tsv
    cmp 1.hdf5 4.hdf5
}

@test "every array of MRPC and SST-2 equals the original's" {
    [ -e "$shared/golden/glue/mrpc.dev.hdf5" ] || skip "no shared material"
    vocab=$shared/data/vocab/bert-base-uncased/vocab.txt
    "$glue" --task mrpc --vocab "$vocab" -i "$shared/data/glue/MRPC/dev.tsv" -o m.hdf5 -q
    equals_golden m.hdf5 "$shared/golden/glue/mrpc.dev.hdf5"
    head -n 2000 "$shared/data/glue/SST-2/train.tsv" > sst.tsv
    "$glue" --task sst-2 --vocab "$vocab" -i sst.tsv -o s.hdf5 -s 64 -q
    equals_golden s.hdf5 "$shared/golden/glue/sst2.train_first1999.hdf5"
}

@test "both forms of MRPC's files and every real set can be read" {
    [ -d "$shared/data/glue" ] || skip "no shared material"
    vocab=$shared/data/vocab/bert-base-uncased/vocab.txt
    for file in MRPC/train.tsv:3667 MRPC/msr_paraphrase_train.txt:4076 CoLA/train.tsv:8551 \
        RTE/train.tsv:2490 WNLI/train.tsv:635 STS-B/train.tsv:5749; do
        path=${file%:*}
        run "$glue" --task "${path%/*}" --vocab "$vocab" -i "$shared/data/glue/$path" -o f.hdf5
        [ "$status" -eq 0 ]
        [[ "$output" == *": ${file#*:} examples,"* ]]
    done
}

# What squad-features promises: the original's windows, bit for bit, or a message and no file.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    features="$TOOLS/squad-features"
    shared=${BERTLINE_SHARED:-$SOURCE/../shared}
    golden="$shared/golden/squad"
    questions="$shared/data/squad"
    vocab="$shared/data/vocab/bert-base-uncased/vocab.txt"
}

need_golden() {
    [ -d "$golden" ] || skip "no golden data here"
    /usr/bin/python3 -c 'import h5py' 2>/dev/null || skip "no h5py here"
}

check() {
    /usr/bin/python3 "$SOURCE/tests/cli/squad_golden.py" "$@"
}

@test "windows of version 1.1 are the original's, for training and prediction" {
    need_golden
    "$features" -q -v "$vocab" -i "$golden/v1.1.subset.json" -o train.hdf5 --first-answer
    check features train.hdf5 "$golden/v1.1.train.hdf5"
    "$features" -q -v "$vocab" -i "$golden/v1.1.subset.json" -o predict.hdf5 --predict
    check features predict.hdf5 "$golden/v1.1.predict.hdf5"
}

@test "short windows that overlap are the original's, by its option names" {
    need_golden
    check subset "$golden/v1.1.subset.json" in.json 400
    set -- --max_seq_length=96 --doc_stride=32 --max_query_length=20 --do_lower_case
    "$features" -q --vocab_file="$vocab" --train_file=in.json --do_train --output_file=t "$@" --first-answer
    check features t "$golden/v1.1-short.train.hdf5"
    "$features" -q --vocab_file="$vocab" --predict_file=in.json --do_predict --output_file=p "$@"
    check features p "$golden/v1.1-short.predict.hdf5"
}

@test "windows of version 2.0 are the original's, impossible questions among them" {
    need_golden
    in="$questions/dev-v2.0.part-a.json"
    "$features" -q -v "$vocab" -i "$in" -o train.hdf5 --version_2_with_negative --first-answer
    check features train.hdf5 "$golden/v2.0.train.hdf5"
    "$features" -q -v "$vocab" -i "$in" -o predict.hdf5 --version_2_with_negative --predict
    check features predict.hdf5 "$golden/v2.0.predict.hdf5"
}

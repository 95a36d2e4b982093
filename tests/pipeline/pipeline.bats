# The tools together, as scripts/pretrain.mk joins them: from a dump to a trained model.

setup_file() {
    cat >"$BATS_FILE_TMPDIR/config.json" <<'JSON'
{ "vocab_size": 1200, "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
  "intermediate_size": 64, "max_position_embeddings": 256 }
JSON
    run_pipeline "$BATS_FILE_TMPDIR/one" THREADS=1
}

# run_pipeline FOLDER [VARIABLE=value]...
run_pipeline() {
    local out=$1
    shift
    make -s -f "$SOURCE/scripts/pretrain.mk" DUMP="$SOURCE/scripts/sample-wiki.xml" OUT="$out" \
        TOOLS="$TOOLS" NAMES=short QUIET=--quiet VOCAB_SIZE=1200 SHARDS=3 TEST_SHARDS=1 \
        CONFIG="$BATS_FILE_TMPDIR/config.json" CHECKPOINT_EVERY=5 \
        PHASE1_LENGTH=64 PHASE1_MASKED=10 PHASE1_STEPS=30 PHASE1_BATCH=16 \
        PHASE1_RATE=3e-2 PHASE1_WARMUP=0.1 \
        PHASE1_ACCUMULATION=1 PHASE2_LENGTH=256 PHASE2_MASKED=40 PHASE2_STEPS=10 \
        PHASE2_BATCH=8 PHASE2_ACCUMULATION=2 "$@" all
}

need_h5py() {
    /usr/bin/python3 -c 'import h5py' 2>/dev/null || skip "no python3-h5py here"
}

# same_but_logs FOLDER FOLDER: all files equal, logs (which hold times) aside
same_but_logs() {
    diff -r --exclude='*.log' "$1" "$2"
}

@test "the whole way gives the same bytes with one thread and with four" {
    run_pipeline "$BATS_TEST_TMPDIR/four" THREADS=4
    same_but_logs "$BATS_FILE_TMPDIR/one" "$BATS_TEST_TMPDIR/four"
}

@test "nothing unfinished is left behind" {
    run find "$BATS_FILE_TMPDIR/one" -name '*.part*' -o -name '.*.part'
    [ -z "$output" ]
}

@test "the loss falls" {
    losses=$(sed -n 's/.*"step": \[[0-9].*\(average\|final\)_loss": \([0-9.]*\).*/\2/p' \
        "$BATS_FILE_TMPDIR/one/model/phase1.log")
    [ "$(wc -l <<<"$losses")" -eq 30 ]
    awk 'NR == 1 { first = $1 } { last = $1 } END { exit !(last < first - 0.5) }' <<<"$losses"
}

@test "the packs are what the original's checker reads: names, types, shapes" {
    need_h5py
    /usr/bin/python3 - "$BATS_FILE_TMPDIR/one" <<'PYTHON'
import glob, h5py, sys
types = {"input_ids": "int32", "input_mask": "int32", "segment_ids": "int8", "positions": "int32",
         "masked_lm_positions": "int32", "masked_lm_ids": "int32",
         "next_sentence_positions": "int32", "next_sentence_labels": "int8",
         "next_sentence_weights": "int32"}
for phase, length, masked in ((1, 64, 10), (2, 256, 40)):
    files = glob.glob(f"{sys.argv[1]}/phase{phase}_packed/mixed_strategies_part_*.hdf5")
    assert files
    for name in files:
        with h5py.File(name) as f:
            assert {k: str(v.dtype) for k, v in f.items()} == types, name
            rows = len(f["input_ids"])
            assert rows > 0
            for key, columns in (("input_ids", length), ("positions", length),
                                 ("masked_lm_ids", masked + 3), ("next_sentence_labels", 3)):
                assert f[key].shape == (rows, columns), (name, key, f[key].shape)
PYTHON
}

@test "killed while it trains, the same command goes on to the same model" {
    out=$BATS_TEST_TMPDIR/killed
    mkdir "$out"
    # Everything but the training is there, so the kill hits the training.
    cp -a "$BATS_FILE_TMPDIR"/one/{.options,documents.txt,sentences.txt,vocab.txt,tokens.bin,phase*} "$out"
    cp "$BATS_FILE_TMPDIR/one/extract_report.json" "$out"
    rm "$out"/*_trained
    set -m
    run_pipeline "$out" 3>&- >/dev/null 2>&1 &
    for _ in $(seq 600); do
        [ -d "$out/model/ckpt_10" ] && break
        sleep 0.02
    done
    [ -d "$out/model/ckpt_10" ]
    kill -9 -$! 2>/dev/null || true # it may have been faster
    wait || true
    run_pipeline "$out"
    same_but_logs "$BATS_FILE_TMPDIR/one" "$out"
}

# run_packs FOLDER [VARIABLE=value]...: the data only, under the originals' names
run_packs() {
    local out=$1
    shift
    make -j4 -s -f "$SOURCE/scripts/pretrain.mk" DUMP="$SOURCE/scripts/sample-wiki.xml" OUT="$out" \
        TOOLS="$TOOLS" QUIET=--quiet VOCAB_SIZE=1200 SHARDS=3 TEST_SHARDS=2 "$@"
}

# changed FOLDER: what was written after the mark, the last part of each name
changed() {
    find "$1" -type f -newer mark ! -path '*/.options/*' ! -name 'manifest.*' | sed 's,.*/,,' | sort
}

@test "a second build from scratch has the same checksums; nothing is made twice" {
    cd "$BATS_TEST_TMPDIR"
    run_packs set verify
    [ "$(ls -d set/hdf5_lower_case_1_seq_len_{128_max_pred_20,512_max_pred_80}_*/wikicorpus_en | wc -l)" -eq 2 ]
    [ "$(wc -l < set/manifest.sha256)" -gt 15 ]
    (cd set && sha256sum --check --quiet manifest.sha256)
    sleep 1.1 # file times may have no fractions
    touch mark
    run_packs set packs
    [ -z "$(changed set)" ]
}

@test "another choice makes again what depends on it, and nothing else" {
    cd "$BATS_TEST_TMPDIR"
    run_packs set packs
    sleep 1.1
    touch mark
    run_packs set packs PACK_DEPTH=2
    [ "$(changed set | uniq)" = "mixed_strategies_part_0.hdf5
wikicorpus_en_metadata.json" ]
    sleep 1.1
    touch mark
    run_packs set packs PACK_DEPTH=2 DUPES=2 PRETRAIN_OPTIONS='--masking words'
    run changed set
    [[ "$output" == *wikicorpus_en_training_0.hdf5* ]]
    [[ "$output" != *tokens* && "$output" != *vocab* && "$output" != *report* ]]
    sleep 1.1
    touch mark
    run_packs set packs PACK_DEPTH=2 DUPES=2 PRETRAIN_OPTIONS='--masking words' VOCAB_SIZE=1100
    run changed set
    [[ "$output" == *vocab.txt* && "$output" == *wikicorpus_en.tokens* ]]
    [[ "$output" != *report* && "$output" != *one_article* ]]
}

@test "RNG=python: the originals' text shards, and each as the original makes it" {
    cd "$BATS_TEST_TMPDIR"
    need_h5py
    run_packs set packs RNG=python
    text=set/sharded_training_shards_3_test_shards_2_fraction_0.1/wikicorpus_en
    hdf5=$(echo set/hdf5_lower_case_1_seq_len_128_*/wikicorpus_en)
    [ "$(ls $text | wc -l)" -eq 5 ]
    for name in training_0 training_2 test_1; do
        "$TOOLS/tokenize" --vocab set/vocab.txt --ids "$text/wikicorpus_en_$name.txt" > ids
        /usr/bin/python3 "$SOURCE/tests/cli/pretrain_reference.py" ids set/vocab.txt \
            "$hdf5/wikicorpus_en_$name.hdf5" 128 20 0.15 0.1 5 12345 no
    done
    # One folder with one metadata file, as with the other generator.
    [ "$(ls "$(dirname "$hdf5")")" = "wikicorpus_en
wikicorpus_en_metadata.json" ]
    [ "$(ls "$hdf5")" = "wikicorpus_en_test_0.hdf5
wikicorpus_en_test_1.hdf5
wikicorpus_en_training_0.hdf5
wikicorpus_en_training_1.hdf5
wikicorpus_en_training_2.hdf5" ]
    "$TOOLS/make-pretrain" --check "$hdf5"
    # Fewer shards than before leave none behind.
    run_packs set packs RNG=python SHARDS=2 TEST_SHARDS=1 \
        TEXT_SHARDS="set/fewer/wikicorpus_en"
    [ "$(ls "$hdf5"/*.hdf5 | wc -l)" -eq 3 ]
}

@test "a build killed at random moments, run again and again, ends in the same manifest" {
    cd "$BATS_TEST_TMPDIR"
    run_packs whole manifest
    set -m
    seed=${BERTLINE_SEED:-$(date +%N | sed 's/^0*//')}
    echo "BERTLINE_SEED=$seed draws the same moments again" # seen when the test fails
    RANDOM=$((seed % 32768))
    for _ in $(seq 10); do
        run_packs killed manifest 3>&- >/dev/null 2>&1 &
        sleep "$(printf '0.%03d' $((RANDOM % 250)))"
        kill -9 -$! 2>/dev/null || true # it may have been faster
        wait || true
    done
    run_packs killed manifest
    diff whole/manifest.sha256 killed/manifest.sha256
    [ -z "$(find killed -name '.*.part')" ]
}

@test "a dump of a few articles in any language goes through" {
    shared=${BERTLINE_SHARED:-$SOURCE/../shared}
    [ -d "$shared/data/wiki/minidumps" ] || skip "no $shared here"
    for dump in "$shared"/data/wiki/minidumps/*.xml.bz2; do
        out=$BATS_TEST_TMPDIR/$(basename "$dump" .xml.bz2)
        make -s -f "$SOURCE/scripts/pretrain.mk" DUMP="$dump" OUT="$out" TOOLS="$TOOLS" \
            NAMES=short QUIET=--quiet VOCAB_SIZE=1200 SHARDS=2 TEST_SHARDS=1 \
            CONFIG="$BATS_FILE_TMPDIR/config.json" PHASE1_LENGTH=64 PHASE1_MASKED=10 \
            PHASE1_STEPS=2 PHASE1_BATCH=4 PHASE1_ACCUMULATION=1 PHASE2_LENGTH=256 \
            PHASE2_MASKED=40 PHASE2_STEPS=2 PHASE2_BATCH=4 PHASE2_ACCUMULATION=1 all
        [ -f "$out/model/ckpt_4/model.safetensors" ]
    done
}

# make-pretrain.bats -- tokens or text -> pretraining shards: exact, reproducible, balanced.

load pretrain_text

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

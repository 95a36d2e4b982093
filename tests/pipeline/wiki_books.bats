# What create_datasets_from_start.sh of the originals makes: the packs of a dump and a folder of books.

# build FOLDER GOAL... [VARIABLE=value]...
build() {
    local out=$1
    shift
    make -j4 -s -f "$SOURCE/scripts/pretrain.mk" DUMP="$SOURCE/scripts/sample-wiki.xml" OUT="$out" \
        TOOLS="$TOOLS" QUIET=--quiet VOCAB_SIZE=1200 SHARDS=3 TEST_SHARDS=2 "$@"
}

# changed FOLDER: what was written after the mark, the last part of each name
changed() {
    find "$1" -type f -newer mark ! -path '*/.options/*' | sed 's,.*/,,' | sort
}

# write_book FILE WORD: three chapters about WORD
write_book() {
    for chapter in 1 2 3; do
        printf '\n\nCHAPTER %s\n\n' "$chapter"
        for paragraph in 1 2 3 4 5 6 7 8; do
            printf 'The %s of day %s was seen from afar, as the old\n' "$2" "$paragraph"
            printf 'ones had said. Nobody who saw the %s forgot it, and\nfew spoke of it.\n\n' "$2"
        done
    done >"$1"
}

@test "wiki_books: a dump and a folder of books end in the same packs, books first" {
    cd "$BATS_TEST_TMPDIR"
    mkdir -p shelf/more
    write_book shelf/one.txt lantern
    write_book "shelf/more/two words.txt" harbour
    build set wiki_books BOOKS=shelf
    [ -f set/packed_lower_case_1_seq_len_128_*/books_wiki_en_corpus_metadata.json ]
    [ -f set/packed_lower_case_1_seq_len_512_*/books_wiki_en_corpus/mixed_strategies_part_0.hdf5 ]
    documents=set/formatted_one_article_per_line
    cat $documents/bookscorpus_one_book_per_line.txt $documents/wikicorpus_en_one_article_per_line.txt |
        "$TOOLS/split-sentences" | cmp - set/sentences/books_wiki_en_corpus.txt
    [ "$(grep -c 'Nobody who saw the harbour' set/sentences/books_wiki_en_corpus.txt)" -eq 24 ]
    python3 -c 'import json; assert json.load(open("set/extract_report.json"))["complete"]'
    sleep 1.1
    touch mark
    build set wiki_books BOOKS=shelf
    [ -z "$(changed set)" ]
    write_book shelf/three.txt ladder # another book is another set; the dump is not read again
    build set wiki_books BOOKS=shelf
    run changed set
    [[ "$output" == *bookscorpus* && "$output" == *mixed_strategies* && "$output" != *wikicorpus* ]]
    run build none wiki_books
    [ "$status" -ne 0 ]
    [[ "$output" == *"BOOKS= names the folder of books"* ]]
    [ ! -e none ]
}

@test "wiki_books: the whole way with RNG=python, and a second build has the same checksums" {
    cd "$BATS_TEST_TMPDIR"
    mkdir shelf
    write_book shelf/one.txt lantern
    build set wiki_books verify BOOKS=shelf RNG=python
    [ "$(ls set/sharded_training_shards_3_test_shards_2_fraction_0.1/books_wiki_en_corpus | wc -l)" -eq 5 ]
    (cd set && sha256sum --check --quiet manifest.sha256)
}

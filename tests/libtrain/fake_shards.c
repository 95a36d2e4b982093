/* fake_shards.c -- small shards for tests of the trainer: every row is told apart by its ids.
 *
 *   fake_shards DIR FILES ROWS [packed] [test]     test: named as held-back shards, other rows
 *
 * Rows of 16 tokens from a vocabulary of 50; row r of file f begins [CLS] with the two ids that spell
 * its number, then repeats them, so that there is something to learn. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "store/shard.h"

enum {
    SEQ_LENGTH = 16,
    VOCAB = 50,
    CLS = 2,
    SEP = 3,
    MASK = 4,
    FIRST = 5,
    LEAST = 6,
    FIRST_TEST_FILE = 20
};

/* The sequence of a number: its length, ids and masked places follow from it. */
static void fill(struct sequence *s, int number, size_t max_len)
{
    const int base = VOCAB - FIRST;
    const size_t len = LEAST + (size_t)(number * 7) % (max_len - LEAST + 1);

    s->n_ids = len;
    s->n_first = len / 2 + 1;
    for (size_t i = 0; i < len; i++)
        s->ids[i] = FIRST + (i % 2 ? number % base : number / base % base);
    s->ids[0] = CLS;
    s->ids[s->n_first - 1] = SEP;
    s->ids[len - 1] = SEP;
    s->n_masked = 1;
    s->masked_at[0] = 1;
    s->masked_ids[0] = s->ids[1];
    s->ids[1] = MASK;
    s->next_label = number % 2;
}

static int write_shard(const char *path, int file, int n_rows, bool packed, struct err *err)
{
    const struct shard_shape shape = {packed, SEQ_LENGTH, packed ? 5 : 3, packed ? 2 : 1, 0};
    const struct shard_origin origin = {.vocab_size = VOCAB};
    const size_t n = packed ? 2 : 1;
    struct shard_writer *w = shard_create(path, &shape, &origin, err);
    struct sequence sequences[2];
    const struct sequence *row[2] = {&sequences[0], &sequences[1]};
    int rc = w ? 0 : -1;

    for (size_t i = 0; i < 2; i++)
        sequence_init(&sequences[i], SEQ_LENGTH, 3);
    for (int r = 0; r < n_rows && rc == 0; r++) {
        for (size_t i = 0; i < n; i++)
            fill(&sequences[i], (file * n_rows + r) * (int)n + (int)i, SEQ_LENGTH / n);
        rc = shard_put(w, row, n, err);
    }
    if (rc == 0)
        rc = shard_commit(w, err);
    if (w)
        shard_discard(w);
    for (size_t i = 0; i < 2; i++)
        sequence_release(&sequences[i]);
    return rc;
}

int main(int argc, char **argv)
{
    bool packed = false;
    bool test = false;
    struct err err = {0};
    int rc = argc < 4 ? err_set(&err, ERR_USAGE, "fake_shards DIR FILES ROWS [packed]")
                      : file_make_folder(argv[1], &err);

    for (int i = 4; i < argc; i++) {
        packed = packed || !strcmp(argv[i], "packed");
        test = test || !strcmp(argv[i], "test");
    }
    for (int file = 0; rc == 0 && file < atoi(argv[2]); file++) {
        char name[64];
        char *path;

        snprintf(name, sizeof name, test ? "fake_test_%d.hdf5" : "fake_training_%d.hdf5", file);
        path = file_join(argv[1], name);
        rc = write_shard(path, file + (test ? FIRST_TEST_FILE : 0), atoi(argv[3]), packed, &err);
        free(path);
    }
    if (rc < 0)
        fprintf(stderr, "fake_shards: %s\n", err.text);
    return rc < 0;
}

/* shard_files.h -- for tests of what reads shards: a folder of rows that are told apart by a number. */
#ifndef TESTS_SHARD_FILES_H
#define TESTS_SHARD_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/file.h"
#include "store/shard.h"

enum { FILES_LENGTH = 8, FILES_VOCAB = 5000 };

/* folder/name: rows "[CLS] number number [SEP]" with numbers from `first` on. */
static inline void write_numbered_shard(const char *folder, const char *name, int32_t first,
                                        int n_rows)
{
    const struct shard_shape shape = {false, FILES_LENGTH, 1, 1, 0};
    const struct shard_origin origin = {.vocab_size = FILES_VOCAB};
    struct err err = {0};
    char *path;
    struct shard_writer *w;
    struct sequence s;
    const struct sequence *row = &s;

    assert_int_equal(file_make_folder(folder, &err), 0);
    path = file_join(folder, name);
    w = shard_create(path, &shape, &origin, &err);
    assert_non_null(w);
    sequence_init(&s, 4, 1);
    for (int r = 0; r < n_rows; r++) {
        s.n_ids = s.n_first = 4;
        s.ids[0] = 2;
        s.ids[1] = 4;
        s.ids[2] = first + r;
        s.ids[3] = 3;
        s.n_masked = 1;
        s.masked_at[0] = 1;
        s.masked_ids[0] = first + r;
        s.next_label = 0;
        assert_int_equal(shard_put(w, &row, 1, &err), 0);
    }
    assert_int_equal(shard_commit(w, &err), 0);
    shard_discard(w);
    sequence_release(&s);
    free(path);
}

#endif

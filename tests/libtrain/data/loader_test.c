/* loader_test.c -- what is in the shards comes out of the stream, once an epoch, from any position. */
#include "data/loader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"

enum { LENGTH = 12, VOCAB = 1000, CLS = 2, SEP = 3 };

struct scratch {
    char folder[64];
    struct err err;
};

static int make_scratch(void **state)
{
    struct scratch *s = calloc(1, sizeof *s);

    strcpy(s->folder, "/tmp/loader_test.XXXXXX");
    if (!mkdtemp(s->folder))
        return -1;
    *state = s;
    return 0;
}

static int drop_scratch(void **state)
{
    struct scratch *s = *state;

    file_remove(s->folder, &s->err);
    free(s);
    return 0;
}

/* [CLS] number [SEP] number ... : the number tells the sequence apart. */
static void fill(struct sequence *s, int32_t number, size_t len)
{
    s->n_ids = len;
    s->n_first = 3;
    for (size_t i = 0; i < len; i++)
        s->ids[i] = number;
    s->ids[0] = CLS;
    s->ids[2] = SEP;
    s->n_masked = 2;
    s->masked_at[0] = 1;
    s->masked_at[1] = 3;
    s->masked_ids[0] = number;
    s->masked_ids[1] = number + 1;
    s->next_label = number % 2;
}

/* Rows of 1 (or, packed, 2) sequences with numbers from `first` on. */
static void write_shard(struct scratch *s, const char *name, int32_t first, int n_rows, bool packed)
{
    const struct shard_shape shape = {packed, LENGTH, packed ? 6 : 2, packed ? 2 : 1, 0};
    const struct shard_origin origin = {.vocab_size = VOCAB};
    char *path = file_join(s->folder, name);
    struct shard_writer *w = shard_create(path, &shape, &origin, &s->err);
    struct sequence sequences[2];
    const struct sequence *row[2] = {&sequences[0], &sequences[1]};

    assert_non_null(w);
    for (int i = 0; i < 2; i++)
        sequence_init(&sequences[i], LENGTH, 2);
    for (int r = 0; r < n_rows; r++) {
        for (int i = 0; i <= packed; i++)
            fill(&sequences[i], first++, packed ? 5 : LENGTH - (size_t)r % 4);
        assert_int_equal(shard_put(w, row, packed ? 2 : 1, &s->err), 0);
    }
    assert_int_equal(shard_commit(w, &s->err), 0);
    shard_discard(w);
    for (int i = 0; i < 2; i++)
        sequence_release(&sequences[i]);
    free(path);
}

static void open_loader(struct loader *l, struct scratch *s)
{
    assert_int_equal(loader_open(l, s->folder, 42, &s->err), 0);
}

static void a_batch_has_the_sequences_end_to_end(void **state)
{
    struct scratch *s = *state;
    struct loader l;
    struct batch b;

    write_shard(s, "a.hdf5", 100, 8, false);
    open_loader(&l, s);
    assert_int_equal(l.vocab_size, VOCAB);
    loader_init_batch(&b, &l, 8);
    assert_int_equal(loader_fill(&b, &l, 0, 8, &s->err), 0);
    assert_int_equal(b.n_sequences, 8);
    assert_int_equal(b.n_tokens, 2 * (12 + 11 + 10 + 9));
    assert_int_equal(b.n_masked, 16);
    assert_int_equal(b.starts[0], 0);
    assert_int_equal(b.starts[8], b.n_tokens);
    for (size_t k = 0; k < 8; k++) {
        const size_t at = b.starts[k];
        const int32_t number = b.ids[at + 1];

        assert_int_equal(b.ids[at], CLS);
        assert_int_equal(b.starts[k + 1] - at, 12 - (number - 100) % 4);
        for (size_t i = 0; at + i < b.starts[k + 1]; i++) {
            assert_int_equal(b.positions[at + i], i);
            assert_int_equal(b.segments[at + i], i >= 3);
        }
        assert_int_equal(b.masked_at[2 * k], at + 1);
        assert_int_equal(b.masked_at[2 * k + 1], at + 3);
        assert_int_equal(b.masked_ids[2 * k + 1], number + 1);
        assert_int_equal(b.next_labels[k], number % 2);
    }
    batch_release(&b);
    loader_close(&l);
}

static void check_epochs(struct scratch *s, int n_sequences)
{
    struct loader l;
    struct batch b;
    uint64_t position = 0;

    open_loader(&l, s);
    loader_init_batch(&b, &l, 7);
    for (int epoch = 0; epoch < 2; epoch++) {
        int seen[VOCAB] = {0};

        while (position < (uint64_t)(epoch + 1) * l.order.n_rows) {
            const uint64_t left = (uint64_t)(epoch + 1) * l.order.n_rows - position;
            const size_t n = left < 7 ? (size_t)left : 7;

            assert_int_equal(loader_fill(&b, &l, position, n, &s->err), 0);
            for (size_t k = 0; k < b.n_sequences; k++)
                seen[b.ids[b.starts[k] + 1]]++;
            position += n;
        }
        for (int i = 0; i < n_sequences; i++)
            assert_int_equal(seen[100 + i], 1);
    }
    batch_release(&b);
    loader_close(&l);
}

static void every_sequence_of_every_file_comes_once_an_epoch(void **state)
{
    struct scratch *s = *state;

    write_shard(s, "a.hdf5", 100, 20, false);
    write_shard(s, "b.hdf5", 120, 1, false);
    write_shard(s, "c.hdf5", 121, 33, false);
    check_epochs(s, 54);
}

static void packed_rows_come_with_all_their_sequences(void **state)
{
    struct scratch *s = *state;
    struct loader l;
    double mean;

    write_shard(s, "a.hdf5", 100, 20, true);
    write_shard(s, "b.hdf5", 140, 5, true);
    check_epochs(s, 50);
    open_loader(&l, s);
    assert_true(l.shape.packed);
    assert_int_equal(loader_mean_sequences(&mean, &l, &s->err), 0);
    assert_true(mean == 2);
    loader_close(&l);
}

/* Where a resumed run or another rank begins to read does not matter. */
static void the_stream_does_not_depend_on_where_reading_began(void **state)
{
    struct scratch *s = *state;
    struct loader all, late;
    struct batch a, b;

    write_shard(s, "a.hdf5", 100, 50, false);
    open_loader(&all, s);
    open_loader(&late, s);
    assert_int_equal(all.fingerprint, late.fingerprint);
    loader_init_batch(&a, &all, 4);
    loader_init_batch(&b, &late, 4);
    for (uint64_t p = 0; p <= 120; p += 4)
        assert_int_equal(loader_fill(&a, &all, p, 4, &s->err), 0);
    assert_int_equal(loader_fill(&b, &late, 120, 4, &s->err), 0);
    assert_int_equal(a.n_tokens, b.n_tokens);
    assert_memory_equal(a.ids, b.ids, a.n_tokens * sizeof *a.ids);
    batch_release(&a);
    batch_release(&b);
    loader_close(&all);
    loader_close(&late);
}

static void other_data_have_another_fingerprint(void **state)
{
    struct scratch *s = *state;
    struct loader l;
    uint64_t before;

    write_shard(s, "a.hdf5", 100, 5, false);
    open_loader(&l, s);
    before = l.fingerprint;
    loader_close(&l);
    write_shard(s, "b.hdf5", 105, 5, false);
    open_loader(&l, s);
    assert_true(l.fingerprint != before);
    loader_close(&l);
}

static void packed_and_unpacked_files_do_not_mix(void **state)
{
    struct scratch *s = *state;
    struct loader l;

    write_shard(s, "a.hdf5", 100, 5, false);
    write_shard(s, "b.hdf5", 105, 5, true);
    assert_int_equal(loader_open(&l, s->folder, 42, &s->err), -1);
    assert_non_null(strstr(s->err.text, "b.hdf5"));
}

static void check_limit(struct scratch *s, const struct loader_limits *limits, const char *why)
{
    struct loader l;
    struct batch b;

    open_loader(&l, s);
    loader_limit(&l, limits);
    loader_init_batch(&b, &l, 10);
    assert_int_equal(loader_fill(&b, &l, 0, 10, &s->err), -1);
    if (!strstr(s->err.text, why))
        fail_msg("'%s' does not say '%s'", s->err.text, why);
    batch_release(&b);
    loader_close(&l);
}

static void rows_beyond_the_model_are_named(void **state)
{
    struct scratch *s = *state;

    write_shard(s, "a.hdf5", 100, 10, false);
    check_limit(s, &(struct loader_limits){109, 12, 2, 2, 0},
                "a.hdf5: row 8: id 109"); /* a masked one */
    check_limit(s, &(struct loader_limits){110, 12, 2, 2, 0}, "a.hdf5: row 9: id 110");
    check_limit(s, &(struct loader_limits){VOCAB, 11, 2, 2, 0}, "row 0: 12 tokens");
    check_limit(s, &(struct loader_limits){VOCAB, 12, 1, 2, 0}, "row 0: a second segment");
}

static void filled_masked_columns_are_cut_as_the_original_cuts_them(void **state)
{
    struct scratch *s = *state;
    struct loader l;
    struct batch b;

    write_shard(s, "a.hdf5", 100, 4, false); /* 2 masked of 2 columns */
    open_loader(&l, s);
    loader_limit(&l, &(struct loader_limits){VOCAB, 12, 2, 1, 0});
    loader_init_batch(&b, &l, 4);
    assert_int_equal(loader_fill(&b, &l, 0, 4, &s->err), 0);
    assert_int_equal(b.n_masked, 4);
    batch_release(&b);
    loader_close(&l);
}

static void folders_without_shards_are_errors(void **state)
{
    struct scratch *s = *state;
    struct loader l;

    assert_int_equal(loader_open(&l, s->folder, 42, &s->err), -1);
    assert_int_equal(loader_open(&l, "/nowhere", 42, &s->err), -1);
}

static void nonsense_in_the_metadata_is_an_error(void **state)
{
    struct scratch *s = *state;
    char *inside = file_join(s->folder, "p");
    char *metadata = file_join(s->folder, "p_metadata.json");
    struct scratch packed = {0};
    struct loader l;
    double mean;
    FILE *f;

    assert_int_equal(file_make_folder(inside, &s->err), 0);
    snprintf(packed.folder, sizeof packed.folder, "%s", inside);
    write_shard(&packed, "a.hdf5", 100, 5, true);
    open_loader(&l, &packed);
    f = fopen(metadata, "w");
    assert_non_null(f);
    fputs("{\"avg_seq_per_sample\": 0}", f);
    fclose(f);
    assert_int_equal(loader_mean_sequences(&mean, &l, &s->err), -1);
    assert_non_null(strstr(s->err.text, "p_metadata.json"));
    f = fopen(metadata, "w");
    assert_non_null(f);
    fputs("{\"avg_seq_per_sample\": 1.25}", f);
    fclose(f);
    assert_int_equal(loader_mean_sequences(&mean, &l, &s->err), 0);
    assert_true(mean == 1.25);
    loader_close(&l);
    free(inside);
    free(metadata);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_scratch, drop_scratch)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_batch_has_the_sequences_end_to_end),
        TEST(every_sequence_of_every_file_comes_once_an_epoch),
        TEST(packed_rows_come_with_all_their_sequences),
        TEST(the_stream_does_not_depend_on_where_reading_began),
        TEST(other_data_have_another_fingerprint),
        TEST(packed_and_unpacked_files_do_not_mix),
        TEST(rows_beyond_the_model_are_named),
        TEST(filled_masked_columns_are_cut_as_the_original_cuts_them),
        TEST(folders_without_shards_are_errors),
        TEST(nonsense_in_the_metadata_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* stream_test.c -- folders are mixed in the proportion of their weights, and none of their rows is lost. */
#include "data/stream.h"

#include <string.h>

#include "shard_files.h"

enum { FIRST_A = 100, ROWS_A = 7, FIRST_B = 200, ROWS_B = 11 };

struct scratch {
    char folder[64];
    char a[80], b[80];
    char mix[200];
};

static int make_scratch(void **state)
{
    struct scratch *s = calloc(1, sizeof *s);

    strcpy(s->folder, "/tmp/stream_test.XXXXXX");
    if (!mkdtemp(s->folder))
        return -1;
    snprintf(s->a, sizeof s->a, "%s/a", s->folder);
    snprintf(s->b, sizeof s->b, "%s/b", s->folder);
    snprintf(s->mix, sizeof s->mix, "%s=3,%s=1", s->a, s->b);
    write_numbered_shard(s->a, "x_training_0.hdf5", FIRST_A, ROWS_A);
    write_numbered_shard(s->b, "x_training_0.hdf5", FIRST_B, ROWS_B);
    *state = s;
    return 0;
}

static int drop_scratch(void **state)
{
    struct scratch *s = *state;
    struct err err = {0};

    file_remove(s->folder, &err);
    free(s);
    return 0;
}

/* How often each number is among n rows from `position` on. */
static void count(int *seen, struct stream *s, uint64_t position, size_t n)
{
    struct err err = {0};
    struct batch b;

    memset(seen, 0, FILES_VOCAB * sizeof *seen);
    stream_init_batch(&b, s, n);
    assert_int_equal(stream_fill(&b, s, position, n, &err), 0);
    assert_int_equal(b.n_sequences, n);
    for (size_t i = 0; i < n; i++)
        seen[b.ids[b.starts[i] + 2]]++;
    batch_release(&b);
}

static void rows_come_in_the_proportion_of_the_weights(void **state)
{
    struct scratch *files = *state;
    static int seen[FILES_VOCAB];
    struct err err = {0};
    struct stream s;
    int n_a = 0, n_b = 0;

    assert_int_equal(stream_open(&s, files->mix, 1, &err), 0);
    count(seen, &s, 0, STREAM_PERIOD);
    /* 768 rows of a are 109 epochs and 5 rows, 256 of b 23 epochs and 3 rows. */
    for (int i = 0; i < ROWS_A; i++) {
        assert_true(seen[FIRST_A + i] == 109 || seen[FIRST_A + i] == 110);
        n_a += seen[FIRST_A + i];
    }
    for (int i = 0; i < ROWS_B; i++) {
        assert_true(seen[FIRST_B + i] == 23 || seen[FIRST_B + i] == 24);
        n_b += seen[FIRST_B + i];
    }
    assert_int_equal(n_a, 768);
    assert_int_equal(n_b, 256);
    stream_close(&s);
}

static void any_position_is_the_same_whatever_came_before(void **state)
{
    struct scratch *files = *state;
    struct err err = {0};
    struct stream s, other;
    struct batch all, one;

    assert_int_equal(stream_open(&s, files->mix, 5, &err), 0);
    assert_int_equal(stream_open(&other, files->mix, 5, &err), 0);
    stream_init_batch(&all, &s, 3000);
    stream_init_batch(&one, &other, 1);
    assert_int_equal(stream_fill(&all, &s, 0, 3000, &err), 0);
    for (uint64_t i = 0; i < 3000; i += 997) {
        assert_int_equal(stream_fill(&one, &other, i, 1, &err), 0);
        assert_int_equal(one.ids[2], all.ids[4 * i + 2]);
    }
    batch_release(&all);
    batch_release(&one);
    stream_close(&s);
    stream_close(&other);
}

static void weights_make_another_stream(void **state)
{
    struct scratch *files = *state;
    struct err err = {0};
    struct stream s, other;
    char mix[200];

    snprintf(mix, sizeof mix, "%s=1,%s=1", files->a, files->b);
    assert_int_equal(stream_open(&s, files->mix, 1, &err), 0);
    assert_int_equal(stream_open(&other, mix, 1, &err), 0);
    assert_true(s.fingerprint != other.fingerprint);
    assert_int_equal(s.n_rows, ROWS_A + ROWS_B);
    stream_close(&s);
    stream_close(&other);
}

static void what_is_no_list_is_refused(void **state)
{
    struct scratch *files = *state;
    struct err err = {0};
    struct stream s;
    char mix[200];

    assert_int_equal(stream_open(&s, "a=1,b", 1, &err), -1);
    assert_int_equal(stream_open(&s, "nowhere", 1, &err), -1);
    snprintf(mix, sizeof mix, "%s=0,%s=1", files->a, files->b);
    assert_int_equal(stream_open(&s, mix, 1, &err), -1);
    snprintf(mix, sizeof mix, "%s=1e-6,%s=1", files->a, files->b);
    assert_int_equal(stream_open(&s, mix, 1, &err), -1);
    assert_non_null(strstr(err.text, "weight"));
}

static void mask_is_seen_in_the_shards_and_masks_change(void **state)
{
    struct scratch *files = *state;
    struct remask how = {.prob = 0.5, .most = 5, .vocab_size = FILES_VOCAB, .seed = 3};
    static int seen[FILES_VOCAB];
    struct err err = {0};
    struct stream s;
    int n = 0;

    assert_int_equal(stream_open(&s, files->a, 1, &err), 0);
    assert_int_equal(stream_find_mask(&how.mask_id, &s, &err), 0);
    assert_int_equal(how.mask_id, 4);
    count(seen, &s, 0, 70);
    assert_int_equal(seen[4], 0); /* the second token is never hidden in the shards */
    stream_remask(&s, &how);
    count(seen, &s, 0, 70);
    n = seen[4];
    assert_true(n > 30);
    stream_close(&s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_scratch, drop_scratch)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rows_come_in_the_proportion_of_the_weights),
        TEST(any_position_is_the_same_whatever_came_before),
        TEST(weights_make_another_stream),
        TEST(what_is_no_list_is_refused),
        TEST(mask_is_seen_in_the_shards_and_masks_change),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* sequence_test.c -- what goes into a temporary file comes back, and damage is noticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store/sequence.h"

enum { MAX_LEN = 16, MAX_MASKED = 4 };

static void fill(struct sequence *s, int32_t largest)
{
    for (int32_t i = 0; i < 9; i++)
        s->ids[i] = 100 + i;
    s->ids[8] = largest;
    s->n_ids = 9;
    s->n_first = 5;
    s->masked_at[0] = 2;
    s->masked_at[1] = 7;
    s->masked_ids[0] = 42;
    s->masked_ids[1] = 43;
    s->n_masked = 2;
}

static void check_round_trip(int32_t largest, int32_t label, int64_t document, size_t width)
{
    struct sequence in, out;
    struct buf bytes = {0};
    struct err err = {0};

    sequence_init(&in, MAX_LEN, MAX_MASKED);
    sequence_init(&out, MAX_LEN, MAX_MASKED);
    fill(&in, largest);
    in.next_label = label;
    in.document = document;
    out.document = 77;
    buf_put_text(&bytes, "before");
    sequence_encode(&bytes, &in);
    assert_int_equal(bytes.len, 6 + 13 + (9 + 2 * 2) * width + (document ? 8 : 0));
    assert_memory_equal(bytes.data, "before", 6);
    assert_int_equal(
        sequence_decode(&out, bytes.data + 6, bytes.len - 6, MAX_LEN, MAX_MASKED, &err), 0);

    assert_int_equal(out.n_ids, in.n_ids);
    assert_int_equal(out.n_first, in.n_first);
    assert_int_equal(out.n_masked, in.n_masked);
    assert_int_equal(out.next_label, label);
    assert_true(out.document == document);
    assert_memory_equal(out.ids, in.ids, in.n_ids * sizeof *in.ids);
    assert_memory_equal(out.masked_at, in.masked_at, in.n_masked * sizeof *in.masked_at);
    assert_memory_equal(out.masked_ids, in.masked_ids, in.n_masked * sizeof *in.masked_ids);
    out.n_ids = out.n_masked = 0;
    out.document = 77;
    assert_int_equal(sequence_outline(&out, bytes.data + 6, bytes.len - 6, &err), 0);
    assert_true(out.n_ids == in.n_ids && out.n_masked == in.n_masked && out.document == document);
    assert_int_equal(sequence_outline(&out, bytes.data + 6, bytes.len - 7, &err), -1);
    buf_release(&bytes);
    sequence_release(&in);
    sequence_release(&out);
}

static void small_ids_take_16_bits(void **state)
{
    (void)state;
    check_round_trip(65535, 1, 0, 2);
    check_round_trip(65535, 0, INT64_MAX, 2);
    check_round_trip(65535, -1, 1, 2);
}

static void large_ids_take_32_bits(void **state)
{
    (void)state;
    check_round_trip(65536, 1, 0, 4);
    check_round_trip(INT32_MAX, -1, INT64_C(1) << 40, 4);
}

static void every_cut_is_noticed(void **state)
{
    struct sequence in, out;
    struct buf bytes = {0};

    (void)state;
    sequence_init(&in, MAX_LEN, MAX_MASKED);
    sequence_init(&out, MAX_LEN, MAX_MASKED);
    fill(&in, 120);
    sequence_encode(&bytes, &in);
    for (size_t n = 0; n < bytes.len; n++) {
        struct err err = {0};

        assert_int_equal(sequence_decode(&out, bytes.data, n, MAX_LEN, MAX_MASKED, &err), -1);
        assert_int_equal(err.kind, ERR_FORMAT);
    }
    buf_release(&bytes);
    sequence_release(&in);
    sequence_release(&out);
}

static void what_has_no_room_is_refused(void **state)
{
    struct sequence in, out;
    struct buf bytes = {0};
    struct err err = {0};

    (void)state;
    sequence_init(&in, MAX_LEN, MAX_MASKED);
    sequence_init(&out, MAX_LEN, MAX_MASKED);
    fill(&in, 120);
    sequence_encode(&bytes, &in);
    assert_int_equal(sequence_decode(&out, bytes.data, bytes.len, 8, MAX_MASKED, &err), -1);
    assert_int_equal(sequence_decode(&out, bytes.data, bytes.len, MAX_LEN, 1, &err), -1);
    assert_int_equal(sequence_decode(&out, bytes.data, bytes.len, 9, 2, &err), 0);
    buf_release(&bytes);
    sequence_release(&in);
    sequence_release(&out);
}

static void an_empty_sequence_is_one(void **state)
{
    struct sequence s = {.next_label = -1};
    struct buf bytes = {0};
    struct err err = {0};

    (void)state;
    sequence_encode(&bytes, &s);
    assert_int_equal(sequence_decode(&s, bytes.data, bytes.len, 0, 0, &err), 0);
    assert_int_equal(s.n_ids, 0);
    buf_release(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_ids_take_16_bits),   cmocka_unit_test(large_ids_take_32_bits),
        cmocka_unit_test(every_cut_is_noticed),     cmocka_unit_test(what_has_no_room_is_refused),
        cmocka_unit_test(an_empty_sequence_is_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* rows_test.c -- a row is taken apart, or refused with data set, row and column. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/rows.h"
#include "store/shard.h"

enum { T = 8, P = 4, S = 3, N = 2 };

/* Row 1 is  [10 11 12 | 20 21 22 23 | 0],  masked: 11, 22. */
static struct shard packed = {
    .path = (char *)"x.hdf5",
    .shape = {.packed = true, .seq_length = T, .max_predictions = P, .max_sequences = S},
    .n_rows = N};

static void fill(struct rows *r)
{
    static const int32_t values[FORMAT_SETS][T] = {
        [SET_INPUT_IDS] = {10, 11, 12, 20, 21, 22, 23, 0},
        [SET_INPUT_MASK] = {1, 1, 1, 2, 2, 2, 2, 0},
        [SET_SEGMENT_IDS] = {0, 0, 1, 0, 0, 0, 0, 0},
        [SET_POSITIONS] = {0, 1, 2, 0, 1, 2, 3, 0},
        [SET_MASKED_POSITIONS] = {1, 5},
        [SET_MASKED_IDS] = {91, 92},
        [SET_NEXT_POSITIONS] = {0, 3},
        [SET_NEXT_LABELS] = {1, 0},
        [SET_NEXT_WEIGHTS] = {1, 0},
    };

    rows_init(r, packed.file, packed.path, &packed.shape, packed.tells_documents, N);
    for (int i = 0; i < FORMAT_SETS; i++) {
        const size_t width =
            format_columns(&packed.shape, format_of((enum format_set)i, true)->width);

        memcpy(r->set[i] + width, values[i], width * sizeof *values[i]);
    }
}

static int take(struct sequence *sequences, struct rows *r, struct err *err)
{
    size_t n_masked;

    for (size_t i = 0; i < S; i++)
        sequences[i].n_first = sequences[i].n_masked = 0;
    if (rows_find_ends(r, 1, err) < 0 || rows_count_masked(&n_masked, r, 1, err) < 0)
        return -1;
    return rows_take(sequences, r, 1, n_masked, err);
}

static void a_row_is_taken_apart(void **state)
{
    struct sequence s[S];
    struct rows r;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < S; i++)
        sequence_init(&s[i], T, P);
    fill(&r);
    assert_int_equal(take(s, &r, &err), 0);
    assert_int_equal(r.n_ends, 2);
    assert_int_equal(s[0].n_ids, 3);
    assert_int_equal(s[0].n_first, 2);
    assert_int_equal(s[0].n_masked, 1);
    assert_int_equal(s[0].masked_at[0], 1);
    assert_int_equal(s[0].masked_ids[0], 91);
    assert_int_equal(s[0].next_label, 1);
    assert_int_equal(s[1].n_ids, 4);
    assert_int_equal(s[1].ids[3], 23);
    assert_int_equal(s[1].masked_at[0], 2);
    assert_int_equal(s[1].next_label, -1); /* its weight is 0 */
    assert_int_equal(s[1].document, 0);
    rows_release(&r);
    for (size_t i = 0; i < S; i++)
        sequence_release(&s[i]);
}

/* One wrong value each, and where the message has to say it is. */
static void every_wrong_value_is_named(void **state)
{
    static const struct {
        enum format_set set;
        size_t column;
        int32_t value;
        const char *says;
    } cases[] = {
        {SET_INPUT_IDS, 4, -5, "'input_ids': row 41: negative id: -5 in column 4"},
        {SET_INPUT_MASK, 0, 2, "'input_mask': row 41: unexpected sequence number: 2 in column 0"},
        {SET_INPUT_MASK, 0, 0, "'input_mask': row 41: row without tokens"},
        {SET_INPUT_MASK, 3, 3, "unexpected sequence number: 3 in column 3"},
        {SET_INPUT_MASK, 7, 1, "unexpected sequence number: 1 in column 7"},
        {SET_INPUT_MASK, 5, 0, "token behind the padding: 2 in column 6"},
        {SET_SEGMENT_IDS, 3, 1, "'segment_ids': row 41: impossible segment: 1 in column 3"},
        {SET_SEGMENT_IDS, 5, 1, "segment 0 after segment 1: 0 in column 6"},
        {SET_SEGMENT_IDS, 5, 7, "impossible segment: 7 in column 5"},
        {SET_POSITIONS, 4, 4, "'positions': row 41: does not count"},
        {SET_MASKED_POSITIONS, 1, 7, "'masked_lm_positions': row 41: position outside"},
        {SET_MASKED_POSITIONS, 1, -1, "position outside of the sequences: -1 in column 1"},
        {SET_MASKED_POSITIONS, 1, 1, "position that does not rise: 1 in column 1"},
        {SET_MASKED_POSITIONS, 1, 3, "masked start of a sequence: 3 in column 1"},
        {SET_MASKED_POSITIONS, 3, 6, "position after the end"},
        {SET_MASKED_IDS, 0, -1, "'masked_lm_ids': row 41: negative id"},
        {SET_MASKED_IDS, 2, 5, "id without a position: 5 in column 2"},
        {SET_NEXT_POSITIONS, 1, 4, "'next_sentence_positions': row 41: not the start"},
        {SET_NEXT_LABELS, 1, 2, "'next_sentence_labels': row 41: neither 0 nor 1: 2"},
        {SET_NEXT_WEIGHTS, 0, 2, "'next_sentence_weights': row 41: neither 0 nor 1"},
        {SET_NEXT_WEIGHTS, 2, 1, "weight of a sequence that is not there: 1 in column 2"},
    };
    struct sequence s[S];

    (void)state;
    for (size_t i = 0; i < S; i++)
        sequence_init(&s[i], T, P);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rows r;
        struct err err = {0};

        fill(&r);
        r.first = 40;
        r.set[cases[i].set][format_columns(&packed.shape, format_of(cases[i].set, true)->width) +
                            cases[i].column] = cases[i].value;
        assert_int_equal(take(s, &r, &err), -1);
        assert_int_equal(err.kind, ERR_FORMAT);
        if (strncmp(err.text, "x.hdf5: ", 8) != 0 || !strstr(err.text, cases[i].says))
            fail_msg("case %zu: '%s' does not say '%s'", i, err.text, cases[i].says);
        rows_release(&r);
    }
    for (size_t i = 0; i < S; i++)
        sequence_release(&s[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_is_taken_apart),
        cmocka_unit_test(every_wrong_value_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

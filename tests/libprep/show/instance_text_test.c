/* instance_text_test.c -- rows as people see them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "show/instance_text.h"

static int32_t ids[] = {2, 4, 6, 3, 7, 3};
static int32_t masked_at[] = {1, 4};
static int32_t masked_ids[] = {5, 7};
static const struct sequence pair = {.ids = ids,
                                     .n_ids = 6,
                                     .n_first = 4,
                                     .masked_at = masked_at,
                                     .masked_ids = masked_ids,
                                     .n_masked = 2,
                                     .next_label = 1};

static void check(const char *want, const struct sequence *s, size_t n, const struct vocab *v)
{
    struct buf text = {0};

    instance_text_row(&text, 3, s, n, 16, v, false);
    assert_string_equal(text.data, want);
    buf_release(&text);
}

static void load(struct vocab *v, const char *text)
{
    struct unicode *u = unicode_open();
    struct err err = {0};

    assert_int_equal(vocab_parse(v, text, strlen(text), u, &err), 0);
    unicode_close(u);
}

static void segments_masks_and_labels_are_shown(void **state)
{
    struct sequence two[2] = {pair, pair};
    struct vocab v = {0};

    (void)state;
    load(&v, "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ncat\nsat\nmat\n");
    check("row 3: 1 sequence, 6 of 16 tokens, 2 masked\n"
          "    1  6 tokens, B is random\n"
          "       A  [CLS] [MASK]{cat} sat [SEP]\n"
          "       B  mat{mat} [SEP]\n",
          &pair, 1, &v);
    two[0].n_ids = two[0].n_first = 3;
    two[0].n_masked = 1;
    two[0].next_label = -1;
    two[1].next_label = 0;
    check("row 3: 2 sequences, 9 of 16 tokens, 3 masked\n"
          "    1  3 tokens, no label\n"
          "       A  [CLS] [MASK]{cat} sat\n"
          "    2  6 tokens, B follows A\n"
          "       A  [CLS] [MASK]{cat} sat [SEP]\n"
          "       B  mat{mat} [SEP]\n",
          two, 2, &v);
    vocab_release(&v);
}

static void numbers_stand_for_what_no_vocabulary_has(void **state)
{
    struct vocab v = {0};

    (void)state;
    check("row 3: 1 sequence, 6 of 16 tokens, 2 masked\n"
          "    1  6 tokens, B is random\n"
          "       A  2 4{5} 6 3\n"
          "       B  7{7} 3\n",
          &pair, 1, NULL);
    load(&v, "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ncat\n");
    check("row 3: 1 sequence, 6 of 16 tokens, 2 masked\n"
          "    1  6 tokens, B is random\n"
          "       A  [CLS] [MASK]{cat} 6 [SEP]\n"
          "       B  7{7} [SEP]\n",
          &pair, 1, &v);
    vocab_release(&v);
}

static void control_characters_do_not_get_out(void **state)
{
    struct sequence one = pair;
    struct vocab v = {0};

    (void)state;
    one.n_masked = 0;
    load(&v, "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nx\n\x1b[31m\n\xc2\x9b\xc3\xa9\n");
    check("row 3: 1 sequence, 6 of 16 tokens, 0 masked\n"
          "    1  6 tokens, B is random\n"
          "       A  [CLS] [MASK] ?[31m [SEP]\n"
          "       B  \xc2?\xc3\xa9 [SEP]\n",
          &one, 1, &v);
    vocab_release(&v);
}

static void colour_adds_escape_sequences_only(void **state)
{
    struct buf plain = {0};
    struct buf colour = {0};
    size_t n = 0;

    (void)state;
    instance_text_row(&plain, 3, &pair, 1, 16, NULL, false);
    instance_text_row(&colour, 3, &pair, 1, 16, NULL, true);
    for (size_t i = 0; i < colour.len; i++) {
        if (colour.data[i] == '\033')
            i += strcspn(colour.data + i, "m");
        else
            colour.data[n++] = colour.data[i];
    }
    assert_true(colour.len > plain.len);
    assert_int_equal(n, plain.len);
    assert_memory_equal(colour.data, plain.data, n);
    buf_release(&plain);
    buf_release(&colour);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_masks_and_labels_are_shown),
        cmocka_unit_test(numbers_stand_for_what_no_vocabulary_has),
        cmocka_unit_test(control_characters_do_not_get_out),
        cmocka_unit_test(colour_adds_escape_sequences_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

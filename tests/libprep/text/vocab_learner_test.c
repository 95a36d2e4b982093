/* Learning against a twin that counts all pairs anew before every merge. */
#include "text/vocab_learner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"
#include "text/vocab.h"

static void learn(struct buf *text, struct vocab_learner_report *report, const struct unicode *u,
                  const struct word_counts *words, size_t size, size_t max_alphabet)
{
    const struct vocab_learner_options options = {
        .size = size, .max_alphabet = max_alphabet, .min_count = 2};
    struct err err = {0};

    buf_clear(text);
    assert_int_equal(vocab_learner_run(text, report, words, u, &options, &err), 0);
}

static void add(struct word_counts *words, const char *word, uint64_t count)
{
    word_counts_add(words, word, strlen(word), count);
}

static void frequent_pairs_become_pieces(void **state)
{
    struct word_counts words = {0};
    struct vocab_learner_report report;
    struct buf text = {0};

    add(&words, "low", 5);
    add(&words, "lowest", 2);
    add(&words, "newer", 6);
    add(&words, "wider", 3);
    add(&words, ",", 9);
    learn(&text, &report, *state, &words, 30, 100);
    /* ##e ##r occurs 9 times, l ##o and then lo ##w 7, n ##e and ##w ##er 6: the older wins. */
    assert_string_equal(text.data,
                        "[PAD]\n[unused0]\n[unused1]\n[unused2]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"
                        ",\nd\ne\ni\nl\nn\no\nr\ns\nt\nw\n"
                        "##d\n##e\n##i\n##l\n##n\n##o\n##r\n##s\n##t\n##w\n##er\n");
    assert_int_equal(report.n_tokens, 30);
    learn(&text, &report, *state, &words, 33, 100);
    assert_non_null(strstr(text.data, "##w\n##er\nlo\nlow\nne\n"));
    word_counts_release(&words);
    buf_release(&text);
}

/* The twin: words as lists of token texts, all pairs counted before every merge. */
enum { TWIN_WORDS = 60, TWIN_LEN = 10, TWIN_TEXT = 16, TWIN_PIECES = 400 };

struct twin {
    char piece[TWIN_PIECES][TWIN_TEXT];
    size_t n_pieces;
    int word[TWIN_WORDS][TWIN_LEN]; /* pieces */
    size_t len[TWIN_WORDS];
    uint64_t count[TWIN_WORDS];
    size_t n_words;
};

static int twin_piece(struct twin *t, const char *text)
{
    for (size_t i = 0; i < t->n_pieces; i++)
        if (strcmp(t->piece[i], text) == 0)
            return (int)i;
    assert_true(t->n_pieces < TWIN_PIECES);
    assert_true(strlen(text) < TWIN_TEXT);
    memcpy(t->piece[t->n_pieces], text, strlen(text) + 1);
    return (int)t->n_pieces++;
}

/* The most frequent pair; of equals the one with the smallest pieces. */
static uint64_t twin_best(const struct twin *t, int *left, int *right)
{
    static uint64_t counts[TWIN_PIECES][TWIN_PIECES];
    uint64_t best = 0;

    memset(counts, 0, sizeof counts);
    for (size_t w = 0; w < t->n_words; w++)
        for (size_t i = 1; i < t->len[w]; i++)
            counts[t->word[w][i - 1]][t->word[w][i]] += t->count[w];
    for (int a = 0; a < (int)t->n_pieces; a++)
        for (int b = 0; b < (int)t->n_pieces; b++)
            if (counts[a][b] > best) {
                best = counts[a][b];
                *left = a;
                *right = b;
            }
    return best;
}

static void twin_merge(struct twin *t, int left, int right)
{
    char text[2 * TWIN_TEXT];
    int merged;

    snprintf(text, sizeof text, "%s%s", t->piece[left], t->piece[right] + 2);
    merged = twin_piece(t, text);
    for (size_t w = 0; w < t->n_words; w++) {
        size_t n = 0;

        for (size_t i = 0; i < t->len[w]; i++) {
            const bool here =
                i + 1 < t->len[w] && t->word[w][i] == left && t->word[w][i + 1] == right;

            t->word[w][n++] = here ? merged : t->word[w][i];
            i += here;
        }
        t->len[w] = n;
    }
}

static void random_words_are_as_in_the_twin(void **state)
{
    struct twin *t = mem_alloc(sizeof *t);
    struct rng random;

    rng_at(&random, 11, 0, 0);
    for (size_t round = 0; round < 30; round++) {
        const size_t n_letters = 2 + round % 3;
        const size_t size = 8 + n_letters * 2 + rng_below(&random, 60);
        struct word_counts words = {0};
        struct vocab_learner_report report;
        struct buf got = {0}, want = {0};
        char text[TWIN_TEXT];
        int left = 0, right = 0;

        *t = (struct twin){0};
        for (size_t i = 0; i < TWIN_WORDS; i++) {
            char word[TWIN_LEN] = "";
            const size_t len = 1 + rng_below(&random, TWIN_LEN - 1);

            for (size_t j = 0; j < len; j++)
                word[j] = (char)('a' + rng_below(&random, n_letters));
            add(&words, word, 1 + rng_below(&random, 9));
        }
        for (size_t form = 0; form < 2; form++)
            for (size_t i = 0; i < n_letters; i++) {
                snprintf(text, sizeof text, form ? "##%c" : "%c", (char)('a' + i));
                twin_piece(t, text);
            }
        for (size_t i = 0; i < words.n_words; i++, t->n_words++) {
            const struct word_count *w = &words.words[i];

            t->count[i] = w->count;
            for (size_t j = 0; j < w->len; j++) {
                snprintf(text, sizeof text, j ? "##%c" : "%c", words.text.data[w->at + j]);
                t->word[i][t->len[i]++] = twin_piece(t, text);
            }
        }
        while (5 + size / 10 + t->n_pieces < size && twin_best(t, &left, &right) >= 2)
            twin_merge(t, left, right);
        buf_put_text(&want, "[PAD]\n");
        for (size_t i = 0; i < size / 10; i++)
            buf_printf(&want, "[unused%zu]\n", i);
        buf_put_text(&want, "[UNK]\n[CLS]\n[SEP]\n[MASK]\n");
        for (size_t i = 0; i < t->n_pieces; i++)
            buf_printf(&want, "%s\n", t->piece[i]);
        learn(&got, &report, *state, &words, size, 1000);
        assert_string_equal(got.data, want.data);
        word_counts_release(&words);
        buf_release(&got);
        buf_release(&want);
    }
    free(t);
}

static void the_order_of_words_does_not_matter(void **state)
{
    struct word_counts words[2] = {0};
    struct vocab_learner_report report;
    struct buf text[2] = {0};

    for (int i = 0; i < 500; i++) {
        char word[16];

        for (int which = 0; which < 2; which++) {
            const int x = which ? 499 - i : i;

            snprintf(word, sizeof word, "%d", x * x * 31 % 100003);
            add(&words[which], word, (uint64_t)(1 + x % 7));
        }
    }
    for (int which = 0; which < 2; which++)
        learn(&text[which], &report, *state, &words[which], 300, 100);
    assert_string_equal(text[0].data, text[1].data);
    assert_int_equal(report.n_tokens, 300);
    for (int which = 0; which < 2; which++) {
        word_counts_release(&words[which]);
        buf_release(&text[which]);
    }
}

static void special_tokens_are_where_berts_are(void **state)
{
    struct word_counts words = {0};
    struct vocab_learner_report report;
    struct buf text = {0};
    struct vocab v;
    struct err err = {0};

    add(&words, "hello", 3);
    learn(&text, &report, *state, &words, 1000, 100);
    assert_int_equal(vocab_parse(&v, text.data, text.len, *state, &err), 0);
    assert_int_equal(v.pad, 0);
    assert_int_equal(vocab_id(&v, "[unused98]", 10), 99);
    assert_int_equal(v.unk, 100);
    assert_int_equal(v.cls, 101);
    assert_int_equal(v.sep, 102);
    assert_int_equal(v.mask, 103);
    assert_int_equal(report.n_unused, 99);
    assert_int_equal(v.n, report.n_tokens); /* fewer than asked for: there are no more pairs */
    assert_true(v.n < 1000);
    assert_true(vocab_id(&v, "hello", 5) >= 0);
    vocab_release(&v);
    learn(&text, &report, *state, &words, VOCAB_LEARNER_MIN_SIZE, 100);
    assert_string_equal(text.data, "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nl\n##l\n");
    word_counts_release(&words);
    buf_release(&text);
}

static void rare_characters_are_left_out_and_said(void **state)
{
    struct word_counts words = {0};
    struct vocab_learner_report report;
    struct buf text = {0};

    add(&words, "aab", 10);
    add(&words, "中", 5);
    add(&words, "éa", 1);
    learn(&text, &report, *state, &words, 50, 3);
    assert_int_equal(report.n_characters, 3);
    assert_int_equal(report.n_characters_left_out, 1);
    assert_int_equal(report.count, 16);
    assert_int_equal(report.count_left_out, 1);
    assert_non_null(strstr(text.data, "\na\nb\n中\n##a\n##b\n")); /* no ##中: it stands alone */
    assert_null(strstr(text.data, "é"));
    word_counts_release(&words);
    buf_release(&text);
}

static void nothing_to_learn_from_is_an_error(void **state)
{
    const struct vocab_learner_options options = {.size = 100, .max_alphabet = 10, .min_count = 2};
    struct word_counts words = {0};
    struct vocab_learner_report report;
    struct buf text = {0};
    struct err err = {0};

    assert_int_equal(vocab_learner_run(&text, &report, &words, *state, &options, &err), -1);
    assert_int_equal(err.kind, ERR_FORMAT);
}

static int open_table(void **state)
{
    *state = unicode_open();
    return 0;
}

static int close_table(void **state)
{
    unicode_close(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frequent_pairs_become_pieces),
        cmocka_unit_test(random_words_are_as_in_the_twin),
        cmocka_unit_test(the_order_of_words_does_not_matter),
        cmocka_unit_test(special_tokens_are_where_berts_are),
        cmocka_unit_test(rare_characters_are_left_out_and_said),
        cmocka_unit_test(nothing_to_learn_from_is_an_error),
    };

    return cmocka_run_group_tests(tests, open_table, close_table);
}

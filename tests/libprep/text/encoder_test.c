/* The fast way against the plain one: every kernel, every code point, random bytes, long parts. */
#include "text/encoder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"
#include "text/spans.h"
#include "text/vocab.h"

/* Too long for the cache. */
static const char many_pieces[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

static const char *const rules[] = {"hf", "google", "hf-fast"};

/* Made of letters, marks, Hangul and ideographs, so that different words have different ids. */
static const char content[] =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##a\nb\n##b\nthe\n##the\nhello\nworld\n,\n.\n!\n[\n]\n"
    "mask\nMASK\ne\n##e\nE\n##E\n##É\nÉ\nσ\n##σ\n##ς\nΣ\n##Σ\n中\n文\n豈\n\u1112\n##\u1161\n##"
    "\u11ab\n"
    "«\n»\n¿\n;\n`\n=\nя\n##я\nЯ\n##Я\nй\nи\n##и\n\u0301\n##\u0301\n##ab\n##abab\nabab\n\ue000\n";

struct world {
    struct unicode *u;
    struct vocab vocab;
    struct wordpiece wordpieces[3];
    struct encoder encoders[6]; /* (rules, cased) */
    struct encoder_scratch *scratch[6];
    struct encoder_scratch *plain;
    struct spans spans;
};

/* The ids of pieces of up to `most` bytes, one behind the other. */
static void check_pieces(struct world *w, size_t i, const char *text, size_t n, size_t most,
                         const int32_t *want, size_t n_want)
{
    size_t n_got = 0;

    for (size_t at = 0, take; at < n; at += take) {
        const int32_t *ids;
        size_t n_ids;

        take = encoder_cut(text + at, n - at, most);
        assert_in_range(take, 1, n - at);
        encoder_run(&ids, &n_ids, &w->encoders[i], w->scratch[i], text + at, take);
        assert_true(n_got + n_ids <= n_want);
        if (n_ids > 0)
            assert_memory_equal(ids, want + n_got, n_ids * sizeof *want);
        n_got += n_ids;
    }
    assert_int_equal(n_got, n_want);
}

/* The plain ids of each line, in pieces of up to `most` bytes, and whether wrong bytes are told. */
static void check_lines(struct world *w, size_t i, const char *text, size_t n, size_t most)
{
    const size_t cap = 3 * n + 1;
    int32_t *want = mem_array(cap, sizeof *want);
    size_t n_want = 0, n_got = 0;
    bool invalid = false;
    const int32_t *ids;
    size_t n_ids;

    for (size_t at = 0, end; at <= n; at = end + 1) {
        for (end = at; end < n && text[end] != '\n'; end++)
            ;
        encoder_run_plain(&ids, &n_ids, &w->encoders[i], w->plain, text + at, end - at);
        assert_true(n_want + n_ids < cap);
        if (n_ids > 0)
            memcpy(want + n_want, ids, n_ids * sizeof *ids);
        n_want += n_ids;
        if (end < n)
            want[n_want++] = ENCODER_LINE_END;
    }
    for (size_t at = 0, take; at < n; at += take) {
        take = encoder_cut(text + at, n - at, most);
        encoder_run_lines(&ids, &n_ids, &w->encoders[i], w->scratch[i], text + at, take);
        assert_true(n_got + n_ids <= n_want);
        if (n_ids > 0)
            assert_memory_equal(ids, want + n_got, n_ids * sizeof *want);
        n_got += n_ids;
        invalid = invalid || encoder_met_invalid(w->scratch[i]);
    }
    assert_int_equal(n_got, n_want);
    assert_int_equal(invalid, unicode_valid(text, n) < n);
    free(want);
}

static void check(struct world *w, size_t i, const char *text, size_t n)
{
    char *exact = mem_text_n(text, n); /* so that a read behind the end is seen */
    const int32_t *got, *want;
    size_t n_got, n_want;

    encoder_run_plain(&want, &n_want, &w->encoders[i], w->plain, text, n);
    for (int twice = 0; twice < 2; twice++) {
        encoder_run(&got, &n_got, &w->encoders[i], w->scratch[i], exact, n);
        assert_int_equal(n_got, n_want);
        if (n_want > 0)
            assert_memory_equal(got, want, n_want * sizeof *want);
        assert_int_equal(encoder_met_invalid(w->scratch[i]), unicode_valid(text, n) < n);
    }
    for (size_t most = 1; most <= 16; most *= 4)
        check_pieces(w, i, exact, n, most, want, n_want);
    check_lines(w, i, exact, n, 32);
    check_lines(w, i, exact, n, 20000);
    encoder_run_plain(&want, &n_want, &w->encoders[i], w->plain, text, n);
    spans_run(&w->spans, w->u, w->encoders[i].rules, w->encoders[i].wordpiece, i % 2, text, n);
    assert_int_equal(w->spans.n, n_want);
    for (size_t j = 0; j < n_want; j++) {
        assert_int_equal(w->spans.items[j].id, want[j]);
        assert_true(w->spans.items[j].start < w->spans.items[j].end);
        assert_true(w->spans.items[j].end <= n);
    }
    free(exact);
}

static void check_all(struct world *w, const char *text, size_t n)
{
    for (size_t i = 0; i < 6; i++)
        check(w, i, text, n);
}

static void every_kernel_gives_the_same_masks(void **state)
{
    enum { MAX = 400 };
    struct byte_masks_plan plan = {0};
    struct rng random;

    (void)state;
    rng_at(&random, 1, 0, 0);
    for (int round = 0; round < 3000; round++) {
        char text[MAX], folded[2][MAX + BYTE_MASKS_BLOCK];
        struct byte_masks masks[2][MAX / BYTE_MASKS_BLOCK + 1];
        const size_t n = 1 + rng_below(&random, MAX - 1);
        const size_t n_blocks = (n + BYTE_MASKS_BLOCK - 1) / BYTE_MASKS_BLOCK;
        const bool ascii = round % 2;

        plan.lower = round % 3;
        for (int c = 0; c < 128; c++)
            plan.class_of[c] = (uint8_t)(1 << rng_below(&random, 4) & 7);
        byte_masks_prepare(&plan);
        for (size_t i = 0; i < n; i++)
            text[i] = (char)rng_below(&random, ascii ? 128 : 256);
        byte_masks_kernel(0)(folded[0], masks[0], text, n, &plan);
        for (size_t k = 1; k <= 2; k++) {
            if (!byte_masks_kernel(k))
                continue;
            byte_masks_kernel(k)(folded[1], masks[1], text, n, &plan);
            assert_memory_equal(folded[0], folded[1], n_blocks * BYTE_MASKS_BLOCK);
            assert_memory_equal(masks[0], masks[1], n_blocks * sizeof **masks);
        }
    }
}

/* Alone, inside a word, and beside what it could be taken together with. */
static void every_code_point_is_as_the_plain_way_has_it(void **state)
{
    for (int32_t point = 0; point < UNICODE_END; point++) {
        char c[4], text[64];
        size_t len, n = 0;

        if (point >= 0xD800 && point <= 0xDFFF)
            continue;
        if (point >= 0x30000 && point % 61 != 0 && point < 0xE0000)
            continue; /* unassigned, all alike */
        if (point >= 0xE0200 && point % 61 != 0)
            continue; /* private, all alike */
        len = unicode_encode(c, point);
        for (const char *p = "# a#b,#a #\xcc\x81 [#MASK] #"; *p; p++) {
            memcpy(text + n, *p == '#' ? c : p, *p == '#' ? len : 1);
            n += *p == '#' ? len : 1;
        }
        if (point < 0x3400 || point % 6 == 0) /* beyond are long rows of equals: one rule each */
            check_all(*state, text, n);
        else
            check(*state, (size_t)point % 6, text, n);
    }
}

static void random_text_is_as_the_plain_way_has_it(void **state)
{
    static const char *const parts[] = {"a",
                                        "ab",
                                        "hello",
                                        "Hello,",
                                        "world",
                                        "the",
                                        "[MASK]",
                                        "[mask]",
                                        "[MA",
                                        "SK]",
                                        "[CLS]",
                                        " ",
                                        "  ",
                                        "\t",
                                        "\r",
                                        "\n",
                                        "\n\n",
                                        "É",
                                        "Σ",
                                        "ΑΣ.",
                                        "σ'",
                                        "中",
                                        "文中",
                                        "豈",
                                        "한",
                                        "\xff",
                                        "\xe2",
                                        "\x82",
                                        "\xf0\x9f",
                                        "\xed\xa0\x80",
                                        "\u00a0",
                                        "\u2028",
                                        "\u3000",
                                        "\u200b",
                                        "\ufffd",
                                        "\u0301",
                                        "\u0323",
                                        "\x0b",
                                        "\x01",
                                        "!",
                                        ".",
                                        "\u037e",
                                        "\u1fef",
                                        "≠",
                                        "İ",
                                        "\ue000",
                                        "\U0001f600",
                                        "\U0002b820",
                                        "\u1734",
                                        "\u2e44",
                                        "Яй",
                                        "«a»",
                                        "abababababababababababababababab",
                                        many_pieces};
    struct buf text = {0};
    struct rng random;

    rng_at(&random, 11, 0, 0);
    for (int round = 0; round < 4000; round++) {
        const size_t n = round % 100 ? rng_below(&random, 24) : rng_below(&random, 4000);

        buf_clear(&text);
        for (size_t i = 0; i < n; i++) {
            const char *part = parts[rng_below(&random, sizeof parts / sizeof *parts)];

            if (round % 200 == 0 && strchr(" \t\r\n", part[0]))
                continue; /* one long part */
            if (rng_below(&random, 20) == 0)
                buf_put_byte(&text, (char)rng_below(&random, 256));
            else
                buf_put_text(&text, part);
        }
        check_all(*state, text.data ? text.data : "", text.len);
    }
    buf_release(&text);
}

/* Parts longer than a piece: cut at ideographs, not cut at all, with and without what needs the whole. */
static void long_parts_are_as_the_plain_way_has_it(void **state)
{
    static const char *const ends[] = {"", "Σ", "[MASK]", "中[MASK]", "[MA\u00adSK]", " hello"};
    static const char *const fills[] = {"中", "a", "x,", "中a", "\u0301", "\xff", "яЯ«"};
    struct buf text = {0};

    for (size_t i = 0; i < sizeof fills / sizeof *fills; i++)
        for (size_t j = 0; j < sizeof ends / sizeof *ends; j++) {
            buf_clear(&text);
            while (text.len < 9000)
                buf_put_text(&text, fills[i]);
            buf_put_text(&text, ends[j]);
            check_all(*state, text.data, text.len);
            buf_put_text(&text, fills[i]);
            buf_put_text(&text, "b b");
            check_all(*state, text.data, text.len);
        }
    buf_release(&text);
}

static int open_world(void **state)
{
    struct world *w = mem_alloc(sizeof *w);
    struct err err = {0};

    w->u = unicode_open();
    assert_int_equal(vocab_parse(&w->vocab, content, strlen(content), w->u, &err), 0);
    for (size_t i = 0; i < 6; i++) {
        const struct basic_rules *r = basic_rules_named(rules[i / 2]);

        if (i % 2 == 0)
            wordpiece_init(&w->wordpieces[i / 2], &w->vocab, r->max_points);
        encoder_init(&w->encoders[i], w->u, r, &w->wordpieces[i / 2], i % 2);
        w->scratch[i] = encoder_scratch_open(1 << 16);
    }
    w->plain = encoder_scratch_open(1 << 16);
    *state = w;
    return 0;
}

static int close_world(void **state)
{
    struct world *w = *state;

    for (size_t i = 0; i < 6; i++) {
        encoder_scratch_close(w->scratch[i]);
        encoder_release(&w->encoders[i]);
    }
    for (size_t i = 0; i < 3; i++)
        wordpiece_release(&w->wordpieces[i]);
    encoder_scratch_close(w->plain);
    spans_release(&w->spans);
    vocab_release(&w->vocab);
    unicode_close(w->u);
    free(w);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kernel_gives_the_same_masks),
        cmocka_unit_test(every_code_point_is_as_the_plain_way_has_it),
        cmocka_unit_test(random_text_is_as_the_plain_way_has_it),
        cmocka_unit_test(long_parts_are_as_the_plain_way_has_it),
    };

    return cmocka_run_group_tests(tests, open_world, close_world);
}

/* BasicTokenizer against a twin written line by line after the original, on utf8proc alone. */
#include "text/basic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <utf8proc.h>

#include "base/mem.h"
#include "base/rng.h"

enum { MAX_POINTS = 512 };

static const char *const all_rules[] = {"hf", "google", "hf-fast"};

struct text {
    int32_t at[MAX_POINTS];
    size_t n;
};

static void put(struct text *t, int32_t point)
{
    assert_true(t->n < MAX_POINTS);
    t->at[t->n++] = point;
}

static bool in(int32_t point, int32_t first, int32_t last)
{
    return point >= first && point <= last;
}

static const char *category_of(const struct unicode *u, int32_t c)
{
    /* Only here the twin asks the table: what is newer than Unicode 14 (unicode_test knows). */
    return unicode_at(u, c)->category == UNICODE_CN ? "Cn" : utf8proc_category_string(c);
}

static bool is_split_space(int32_t c)
{
    return in(c, 9, 13) || in(c, 28, 32) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           in(c, 0x2000, 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
           c == 0x3000;
}

static bool is_cjk(int32_t c, const char *rules)
{
    if (strcmp(rules, "hf-fast") == 0 && in(c, 0x2B820, 0x2B91F))
        return false;
    return in(c, 0x4E00, 0x9FFF) || in(c, 0x3400, 0x4DBF) || in(c, 0x20000, 0x2A6DF) ||
           in(c, 0x2A700, 0x2B73F) || in(c, 0x2B740, 0x2B81F) || in(c, 0x2B820, 0x2CEAF) ||
           in(c, 0xF900, 0xFAFF) || in(c, 0x2F800, 0x2FA1F);
}

static bool is_punctuation(const struct unicode *u, int32_t c, const char *rules)
{
    if (strcmp(rules, "hf-fast") == 0) /* Unicode 8: unicode_test.c has the twin */
        return unicode_at(u, c)->flags & UNICODE_PUNCTUATION_8;
    return in(c, 33, 47) || in(c, 58, 64) || in(c, 91, 96) || in(c, 123, 126) ||
           category_of(u, c)[0] == 'P';
}

/* Which C* go: all, Cc and Cf, those of Unicode 8 and Co. */
static bool is_control(const struct unicode *u, int32_t c, const char *rules)
{
    const char *category = category_of(u, c);

    if (c == '\t' || c == '\n' || c == '\r')
        return false;
    if (strcmp(rules, "hf") == 0)
        return category[0] == 'C';
    if (strcmp(rules, "google") == 0)
        return strcmp(category, "Cc") == 0 || strcmp(category, "Cf") == 0;
    return unicode_at(u, c)->flags & UNICODE_CONTROL_8;
}

/* _clean_text() and _tokenize_chinese_chars() */
static void clean(struct text *to, const struct unicode *u, const char *rules,
                  const struct text *from)
{
    to->n = 0;
    for (size_t i = 0; i < from->n; i++) {
        const int32_t c = from->at[i];
        const bool tab = c == '\t' || c == '\n' || c == '\r';
        const char *category = category_of(u, c);

        if (c == 0 || c == 0xFFFD || is_control(u, c, rules))
            continue;
        if (c == ' ' || tab || strcmp(category, "Zs") == 0) {
            put(to, ' ');
        } else if (is_cjk(c, rules)) {
            put(to, ' ');
            put(to, c);
            put(to, ' ');
        } else {
            put(to, c);
        }
    }
}

/* The Rust way: NFD, no marks, then each code point in lower case. */
static void fold_fast(struct text *to, const struct unicode *u, const struct text *from)
{
    utf8proc_uint8_t bytes[4 * MAX_POINTS];
    int32_t nfd[4 * MAX_POINTS];
    utf8proc_ssize_t n = 0;

    for (size_t i = 0; i < from->n; i++)
        n += utf8proc_encode_char(from->at[i], bytes + n);
    n = utf8proc_decompose(bytes, n, nfd, 4 * MAX_POINTS, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE);
    to->n = 0;
    for (utf8proc_ssize_t i = 0; i < n; i++)
        if (!(unicode_at(u, nfd[i])->flags & UNICODE_MARK_8))
            put(to, utf8proc_tolower(nfd[i]));
}

/* lower(), without the final sigma, and _run_strip_accents() */
static void fold(struct text *to, const struct unicode *u, const struct text *from)
{
    utf8proc_uint8_t bytes[4 * MAX_POINTS];
    int32_t nfd[4 * MAX_POINTS];
    utf8proc_ssize_t n = 0;

    for (size_t i = 0; i < from->n; i++) {
        if (from->at[i] == 0x130) {
            n += utf8proc_encode_char('i', bytes + n);
            n += utf8proc_encode_char(0x307, bytes + n);
        } else {
            n += utf8proc_encode_char(utf8proc_tolower(from->at[i]), bytes + n);
        }
    }
    n = utf8proc_decompose(bytes, n, nfd, 4 * MAX_POINTS, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE);
    to->n = 0;
    for (utf8proc_ssize_t i = 0; i < n; i++)
        if (strcmp(category_of(u, nfd[i]), "Mn") != 0)
            put(to, nfd[i]);
}

static bool is_never_split(const struct text *t)
{
    static const char *const names[] = {"[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"};

    for (size_t i = 0; i < 5; i++) {
        bool same = t->n == strlen(names[i]);

        for (size_t j = 0; same && j < t->n; j++)
            same = t->at[j] == names[i][j];
        if (same)
            return true;
    }
    return false;
}

/* The words of a text without special tokens of hf-fast, each with a line feed after it. */
static void twin(struct buf *got, const struct unicode *u, const char *rules, bool cased,
                 const struct text *text)
{
    const bool keeps = strcmp(rules, "hf") == 0;
    struct text cleaned, token, folded;

    clean(&cleaned, u, rules, text);
    for (size_t i = 0; i < cleaned.n;) {
        const struct text *word = &token;
        bool open = false;

        token.n = 0;
        while (i < cleaned.n && !is_split_space(cleaned.at[i]))
            put(&token, cleaned.at[i++]);
        while (i < cleaned.n && is_split_space(cleaned.at[i]))
            i++;
        if (!cased && !(keeps && is_never_split(&token))) {
            if (strcmp(rules, "hf-fast") == 0)
                fold_fast(&folded, u, &token);
            else
                fold(&folded, u, &token);
            word = &folded;
        }
        for (size_t j = 0; j < word->n; j++) {
            const bool alone =
                is_punctuation(u, word->at[j], rules) && !(keeps && is_never_split(word));

            if (open && alone)
                buf_put_byte(got, '\n');
            got->len += unicode_encode(buf_reserve(got, 4), word->at[j]);
            open = !alone;
            if (alone)
                buf_put_byte(got, '\n');
        }
        if (open)
            buf_put_byte(got, '\n');
    }
    buf_put(got, "", 0);
}

/* The same, special tokens of hf-fast taken out of the raw text first. */
static void twin_of(struct buf *got, const struct unicode *u, const char *rules, bool cased,
                    const struct text *text)
{
    struct text part = {.n = 0};

    buf_clear(got);
    for (size_t i = 0; i < text->n; i++) {
        bool special = false;

        for (size_t n = 5; n <= 6 && strcmp(rules, "hf-fast") == 0 && !special; n++) {
            struct text name = {.n = n};

            for (size_t j = 0; j < n; j++)
                name.at[j] = i + j < text->n ? text->at[i + j] : 0;
            special = is_never_split(&name);
            if (special) {
                twin(got, u, rules, cased, &part);
                part.n = 0;
                for (size_t j = 0; j < n; j++)
                    buf_put_byte(got, (char)name.at[j]);
                buf_put_byte(got, '\n');
                i += n - 1;
            }
        }
        if (!special)
            put(&part, text->at[i]);
    }
    twin(got, u, rules, cased, &part);
}

static void ours(struct buf *got, struct basic *b, const struct unicode *u, const char *rules,
                 bool cased, const struct text *text)
{
    struct buf bytes = {0};

    buf_clear(got);
    for (size_t i = 0; i < text->n; i++)
        bytes.len += unicode_encode(buf_reserve(&bytes, 4), text->at[i]);
    basic_split(b, u, basic_rules_named(rules), cased, bytes.data, bytes.len);
    for (size_t i = 0; i < b->n_words; i++) {
        const struct basic_word *w = &b->words[i];
        int32_t points[MAX_POINTS];

        buf_put(got, b->text.data + w->at, w->len);
        buf_put_byte(got, '\n');
        assert_int_equal(unicode_decode(points, b->text.data + w->at, w->len), w->n_points);
    }
    buf_put(got, "", 0);
    buf_release(&bytes);
}

static void check_same(const struct unicode *u, bool cased, const struct text *text)
{
    struct buf want = {0};
    struct buf got = {0};
    struct basic b = {0};

    for (size_t i = 0; i < 3; i++) {
        twin_of(&want, u, all_rules[i], cased, text);
        ours(&got, &b, u, all_rules[i], cased, text);
        assert_string_equal(got.data, want.data);
    }
    basic_release(&b);
    buf_release(&want);
    buf_release(&got);
}

/* Each alone, and between a letter and an accented capital; surrogates are not in UTF-8. */
static void every_code_point_is_as_in_the_twin(void **state)
{
    const struct unicode *u = *state;
    struct buf want = {0};
    struct buf got = {0};
    struct basic b = {0};

    for (int32_t point = 0; point < UNICODE_END; point++) {
        const struct text text = {{point, ' ', 'a', point, 0xC9, 0x323}, 6};

        if (in(point, 0xD800, 0xDFFF) || point == 0x3A3)
            continue;
        if (point % 61 != 0 && (in(point, 0x32400, 0xDFFFF) || point >= 0xE0200))
            continue; /* unassigned and private, all alike */
        for (int i = 0; i < 6; i++) {
            twin(&want, u, all_rules[i / 2], i % 2, &text);
            ours(&got, &b, u, all_rules[i / 2], i % 2, &text);
            assert_string_equal(got.data, want.data);
            buf_clear(&want);
        }
    }
    basic_release(&b);
    buf_release(&want);
    buf_release(&got);
}

static void random_texts_are_as_in_the_twin(void **state)
{
    enum { ROUNDS = 3000, MAX = 60 };
    static const int32_t pool[] = {'a',    'B',    ' ',    '.',    '[',    ']',     '\t',    0xC5,
                                   0x301,  0x130,  0x4E2D, 0xAC01, 0x302E, 0x1D165, 0x2028,  0xA0,
                                   0x200B, 0xFFFD, 0x0B,   0x1FEF, 0x37E,  0xF900,  0x1F600, 0xCF3};
    const struct unicode *u = *state;
    struct rng random;

    rng_at(&random, 7, 0, 0);
    for (size_t round = 0; round < ROUNDS; round++) {
        struct text text = {.n = 1 + rng_below(&random, MAX)};

        for (size_t i = 0; i < text.n; i++)
            text.at[i] = pool[rng_below(&random, sizeof pool / sizeof *pool)];
        if (round % 4 == 0 && text.n >= 8)
            for (size_t i = 0; i < 6; i++)
                text.at[i + 1] = "[MASK]"[i];
        check_same(u, round % 2, &text);
    }
}

static void check(const struct unicode *u, bool cased, const char *text, const char *want)
{
    struct basic b = {0};
    struct buf got = {0};

    basic_split(&b, u, basic_rules_named("hf"), cased, text, strlen(text));
    for (size_t i = 0; i < b.n_words; i++) {
        buf_put_text(&got, i ? "|" : "");
        buf_put(&got, b.text.data + b.words[i].at, b.words[i].len);
    }
    assert_string_equal(got.data ? got.data : "", want);
    buf_release(&got);
    basic_release(&b);
}

static void special_tokens_stay_whole_between_white_space_only(void **state)
{
    check(*state, false, "[MASK] [mask] x[MASK]y [SEP].", "[MASK]|[|mask|]|x|[|mask|]|y|[|sep|]|.");
    check(*state, true, "[CLS] [CLS]a", "[CLS]|[|CLS|]|a");
    check(*state, false, "[MA\xc2\xadSK]", "[MASK]"); /* cleaned before it is looked at */
}

static void words_meet_where_control_characters_were(void **state)
{
    check(*state, false, "a\x0b\x62 c\xe2\x80\x8b\x64 e\xc2\x85\x66", "ab|cd|ef");
    check(*state, false, "a\tb\nc\rd\xe2\x80\xa8\x65", "a|b|c|d|e");
}

static void case_and_accents_stay_when_cased(void **state)
{
    check(*state, true, "Élan ΟΔΟΣ", "Élan|ΟΔΟΣ");
    check(*state, false, "Élan ΟΔΟΣ, ΣΑΣ.", "elan|οδος|,|σας|.");
    check(*state, false, "", "");
    check(*state, false, "\xcc\x81", ""); /* an accent alone leaves nothing */
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
        cmocka_unit_test(every_code_point_is_as_in_the_twin),
        cmocka_unit_test(random_texts_are_as_in_the_twin),
        cmocka_unit_test(special_tokens_stay_whole_between_white_space_only),
        cmocka_unit_test(words_meet_where_control_characters_were),
        cmocka_unit_test(case_and_accents_stay_when_cased),
    };

    return cmocka_run_group_tests(tests, open_table, close_table);
}

/* Unicode 14 as CPython 3.11 has it, code point by code point. */
#include "text/unicode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <utf8proc.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/rng.h"

enum { SIGMA = 0x3A3, FINAL_SIGMA = 0x3C2 };

static const char *const category_names[] = {
    "Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps",
    "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co",
};

static void put_points(struct buf *to, const int32_t *points, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_printf(to, i ? ",%X" : "%X", (unsigned)points[i]);
}

/* The sum is that of CPython 3.11 (unicodedata 14.0.0), made by
 *
 *   hx = lambda s: ",".join("%X" % ord(c) for c in s)
 *   for p in range(0x110000):
 *       c = chr(p)
 *       h.update(("%X %s %d %d %s %s %d %d\n" % (p, unicodedata.category(c),
 *           unicodedata.combining(c), c.isspace(), hx(c.lower()) if p != 0x3A3 else "3C3",
 *           hx(unicodedata.normalize("NFD", c)), ("a" + c + "\u03A3").lower()[-1] == "\u03C2",
 *           ("a\u03A3" + c).lower()[1] == "\u03C2")).encode()) */
static void every_code_point_is_as_in_python(void **state)
{
    static const char want[] = "2d3121cf64988391519860a3e83876aa77e51c5ac5cd22c7b0577aed72c71a64";
    struct unicode *u = *state;
    struct sha256 *sha = sha256_open();
    char got[HASH_HEX_SIZE];
    struct buf line = {0};

    for (int32_t point = 0; point < UNICODE_END; point++) {
        const struct unicode_point *p = unicode_at(u, point);
        const int32_t before[] = {'a', point, SIGMA};
        const int32_t after[] = {'a', SIGMA, point};
        int32_t to[8];
        size_t n;

        buf_clear(&line);
        buf_printf(&line, "%X %s %d %d ", (unsigned)point, category_names[p->category], p->order,
                   (p->flags & UNICODE_SPACE) != 0);
        put_points(&line, to, unicode_lower(to, u, &point, 1));
        buf_put_byte(&line, ' ');
        put_points(&line, to, unicode_nfd(to, u, &point, 1));
        n = unicode_lower(to, u, before, 3);
        buf_printf(&line, " %d", to[n - 1] == FINAL_SIGMA);
        unicode_lower(to, u, after, 3);
        buf_printf(&line, " %d\n", to[1] == FINAL_SIGMA);
        sha256_add(sha, line.data, line.len);
    }
    sha256_end(sha, got);
    buf_release(&line);
    assert_string_equal(got, want);
}

static bool in(int32_t point, int32_t first, int32_t last)
{
    return point >= first && point <= last;
}

static bool is_cjk(int32_t c)
{
    return in(c, 0x4E00, 0x9FFF) || in(c, 0x3400, 0x4DBF) || in(c, 0x20000, 0x2A6DF) ||
           in(c, 0x2A700, 0x2B73F) || in(c, 0x2B740, 0x2B81F) || in(c, 0x2B820, 0x2CEAF) ||
           in(c, 0xF900, 0xFAFF) || in(c, 0x2F800, 0x2FA1F);
}

/* The decisions of BERT's tokenization.py, written as there, from utf8proc alone. */
static void every_class_is_as_berts(void **state)
{
    struct unicode *u = *state;
    size_t n_new = 0;

    for (int32_t c = 0; c < UNICODE_END; c++) {
        const unsigned flags = unicode_at(u, c)->flags;
        const bool is_new = unicode_at(u, c)->category == UNICODE_CN &&
                            utf8proc_category(c) != UTF8PROC_CATEGORY_CN;
        const char *name = is_new ? "Cn" : utf8proc_category_string(c);
        const bool kept = c == '\t' || c == '\n' || c == '\r';
        const bool control = name[0] == 'C' && !kept;
        const bool punctuation =
            in(c, 33, 47) || in(c, 58, 64) || in(c, 91, 96) || in(c, 123, 126) || name[0] == 'P';
        const bool white = c == ' ' || kept || strcmp(name, "Zs") == 0;

        n_new += is_new;
        assert_int_equal((flags & (UNICODE_CONTROL | UNICODE_NOTHING)) != 0, control);
        assert_int_equal((flags & UNICODE_NOTHING) != 0, control && !strchr("cf", name[1]));
        assert_int_equal((flags & UNICODE_PUNCTUATION) != 0, punctuation);
        assert_int_equal((flags & UNICODE_MARK) != 0, strcmp(name, "Mn") == 0);
        assert_int_equal((flags & UNICODE_CJK) != 0, is_cjk(c));
        assert_int_equal((flags & UNICODE_REPLACEMENT) != 0, c == 0xFFFD);
        if (white)
            assert_true(flags & UNICODE_SPACE);
        else if ((flags & UNICODE_SPACE) && !control)
            assert_true(c == 0x2028 || c == 0x2029); /* the rest of what str.split() splits at */
    }
    assert_int_equal(n_new, 4489); /* what Unicode 15.0 added */
}

/* The sum is that of Perl 5.36, which has Unicode 14 and the age of every code point. What was assigned
 * in Unicode 8 has the category it had then, but for six that were given another one since:
 *
 *   my %was = (0x166D => "Po", 0x111C9 => "Po", 0x1734 => "Mn", 0xA9BD => "Mc", 0x1885 => "Lo",
 *              0x1886 => "Lo");
 *   for my $p (0 .. 0x10FFFF) {
 *       my $c = chr($p);
 *       my $is = $was{$p} // ($c =~ /\p{Present_In: 8.0}/ ? "as now" : "Cn");
 *       my $now = $is eq "as now";
 *       my $control = $now && $c =~ /\p{Cc}|\p{Cf}|\p{Co}/ && $c !~ /[\t\n\r]/;
 *       my $punctuation = $now && $c =~ /\p{P}/ || $is eq "Po" || $c =~ m#[!-/:-\@[-`{-~]#;
 *       my $mark = $now && $c =~ /\p{Mn}/ || $is eq "Mn";
 *       $sha->add(sprintf("%X %d %d %d\n", $p, $control || 0, $punctuation || 0, $mark || 0));
 *   } */
static void every_class_of_unicode_8_is_as_in_perl(void **state)
{
    static const char want[] = "e75bd96959b34b4289d1ae3f1d3497c533362fe7db61a9114de6f2bae9adc0fb";
    struct unicode *u = *state;
    struct sha256 *sha = sha256_open();
    char got[HASH_HEX_SIZE];
    char line[32];

    for (int32_t point = 0; point < UNICODE_END; point++) {
        const unsigned flags = unicode_at(u, point)->flags;

        snprintf(line, sizeof line, "%X %d %d %d\n", (unsigned)point,
                 (flags & UNICODE_CONTROL_8) != 0, (flags & UNICODE_PUNCTUATION_8) != 0,
                 (flags & UNICODE_MARK_8) != 0);
        sha256_add(sha, line, strlen(line));
        assert_int_equal((flags & UNICODE_CJK_RUST) != 0,
                         is_cjk(point) && !in(point, 0x2B820, 0x2B91F));
    }
    sha256_end(sha, got);
    assert_string_equal(got, want);
}

static void what_needs_no_folding_says_so(void **state)
{
    struct unicode *u = *state;

    for (int32_t point = 0; point < UNICODE_END; point++) {
        int32_t to[8];

        if (unicode_at(u, point)->flags & UNICODE_FOLDS)
            continue;
        assert_int_equal(unicode_lower(to, u, &point, 1), 1);
        assert_int_equal(to[0], point);
        assert_int_equal(unicode_nfd(to, u, &point, 1), 1);
        assert_int_equal(to[0], point);
        assert_int_equal(unicode_at(u, point)->order, 0);
    }
}

static void invalid_bytes_are_ignored_as_python_ignores_them(void **state)
{
    static const struct {
        const char *bytes;
        const char *points;
    } cases[] = {
        {"a\xff\x62", "61,62"},
        {"a\xc3", "61"},
        {"a\xe2\x82\x41\x62", "61,41,62"},
        {"\xed\xa0\x80x", "78"},
        {"\xf0\x9f\x98", ""},
        {"\xf0\x9f\x98\x80", "1F600"},
        {"\xc0\xafz", "7A"},
        {"\xf4\x90\x80\x80q", "71"},
        {"\xe0\x80\x80r", "72"},
        {"\xf0\x80\x80\x80s", "73"},
        {"\xe2\xe2\x82\xac", "20AC"},
        {"\x80\xbf", ""},
        {"\xf5\x80t", "74"},
        {"\xef\xbf\xbe\xef\xb7\x90", "FFFE,FDD0"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int32_t points[16];
        struct buf got = {0};

        put_points(&got, points, unicode_decode(points, cases[i].bytes, strlen(cases[i].bytes)));
        assert_string_equal(got.data ? got.data : "", cases[i].points);
        buf_release(&got);
    }
}

static void every_code_point_survives_encoding(void **state)
{
    char bytes[4];
    int32_t back;

    (void)state;
    for (int32_t point = 0; point < UNICODE_END; point++) {
        const size_t n = unicode_encode(bytes, point);
        const bool surrogate = in(point, 0xD800, 0xDFFF);

        assert_int_equal(unicode_decode(&back, bytes, n), !surrogate);
        assert_int_equal(unicode_valid(bytes, n), surrogate ? 0 : n);
        if (!surrogate)
            assert_int_equal(back, point);
    }
    assert_int_equal(unicode_valid("ab\xc3", 3), 2);
}

static void sigma_is_final_at_the_end_of_a_word(void **state)
{
    static const struct {
        const char *text;
        const char *lower;
    } cases[] = {
        {"ΑΣ", "ας"},
        {"ΑΣ.", "ας."},
        {"ΑΣ.Α", "ασ.α"},
        {"Σ", "σ"},
        {".Σ", ".σ"},
        {"Α.Σ", "α.ς"},
        {"ΑΣΣ", "ασς"},
        {"ΣΑ", "σα"},
        {"ΑΣ\u0308", "ας\u0308"},
        {"ΑΣ\u0308Α", "ασ\u0308α"},
        {"1Σ", "1σ"},
        {"Α Σ", "α σ"},
        {"\u0130Σ", "i\u0307ς"},
        {"\u02B0Σ", "\u02B0σ"},
        {"a\u02B0Σ", "a\u02B0ς"},
        {"\u24B6Σ-", "\u24D0ς-"},
    };
    struct unicode *u = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int32_t points[16], got[32], want[32];
        const size_t n = unicode_decode(points, cases[i].text, strlen(cases[i].text));
        const size_t n_want = unicode_decode(want, cases[i].lower, strlen(cases[i].lower));

        assert_true(unicode_lower_max(points, n) <= 32);
        assert_int_equal(unicode_lower(got, u, points, n), n_want);
        assert_memory_equal(got, want, n_want * sizeof *want);
    }
}

/* Random texts, many of them long runs of marks, against utf8proc's own decomposition. */
static void nfd_orders_marks_as_utf8proc_does(void **state)
{
    enum { N = 200, ROUNDS = 300 };
    static const int32_t pool[] = {'a',    0x301,  0x323,  0x302E, 0x1D165, 0xAC01, 0x1EAD,
                                   0x5B0,  0x5B1,  0x1B44, 0x345,  0x1100,  0xF900, 0x334,
                                   0x0F73, 0x0344, 0x2ADC, 0x94D,  0x3099,  0x1F82};
    struct unicode *u = *state;
    struct rng random;

    rng_at(&random, 1, 2, 3);
    for (size_t round = 0; round < ROUNDS; round++) {
        const size_t n = 1 + rng_below(&random, N);
        const size_t n_pool = round % 2 ? sizeof pool / sizeof *pool : 5;
        int32_t points[N], got[4 * N], want[4 * N];
        struct buf text = {0};
        utf8proc_ssize_t n_want;
        size_t n_got;

        for (size_t i = 0; i < n; i++) {
            points[i] = pool[rng_below(&random, n_pool)];
            text.len += unicode_encode(buf_reserve(&text, 4), points[i]);
        }
        n_want = utf8proc_decompose((const utf8proc_uint8_t *)text.data, (utf8proc_ssize_t)text.len,
                                    want, 4 * N, UTF8PROC_STABLE | UTF8PROC_DECOMPOSE);
        n_got = unicode_nfd(got, u, points, n);
        assert_int_equal(n_got, unicode_nfd_max(u, points, n));
        assert_int_equal(n_got, n_want);
        assert_memory_equal(got, want, n_got * sizeof *got);
        buf_release(&text);
    }
}

static void strip_takes_pythons_white_space(void **state)
{
    static const struct {
        const char *text;
        const char *left;
    } cases[] = {
        {"  a b \t\r\n", "a b"},
        {"\x1c\x85 x\xc2\x85\xe2\x80\xa8\xc2\xa0", "x"},
        {" \xff\xe3\x80\x80 ", ""},
        {"\xe2\x80\x8b", "\xe2\x80\x8b"}, /* a zero-width space is none */
        {"", ""},
    };
    struct unicode *u = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = cases[i].text;
        size_t n = strlen(text);

        assert_int_equal(unicode_is_blank(u, text, n), cases[i].left[0] == '\0');
        unicode_strip(&text, &n, u);
        assert_int_equal(n, strlen(cases[i].left));
        assert_memory_equal(text, cases[i].left, n);
    }
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
        cmocka_unit_test(every_code_point_is_as_in_python),
        cmocka_unit_test(every_class_is_as_berts),
        cmocka_unit_test(every_class_of_unicode_8_is_as_in_perl),
        cmocka_unit_test(what_needs_no_folding_says_so),
        cmocka_unit_test(invalid_bytes_are_ignored_as_python_ignores_them),
        cmocka_unit_test(every_code_point_survives_encoding),
        cmocka_unit_test(sigma_is_final_at_the_end_of_a_word),
        cmocka_unit_test(nfd_orders_marks_as_utf8proc_does),
        cmocka_unit_test(strip_takes_pythons_white_space),
    };

    return cmocka_run_group_tests(tests, open_table, close_table);
}

/* JSON comes out the same way every time, and bad JSON is refused with its place. */
#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"

static struct json *parse(const char *text)
{
    struct err err = {0};

    return json_parse(text, strlen(text), &err);
}

static void check_written(const char *text, enum json_style style, const char *want)
{
    struct json *v = parse(text);
    struct buf got = {0};

    assert_non_null(v);
    json_write(&got, v, style);
    assert_string_equal(got.data, want);
    buf_release(&got);
    json_release(v);
}

static void reals_are_written_with_the_fewest_digits(void **state)
{
    (void)state;
    check_written("[0.1, 1.0, 1e300, 1.0735870323654124, 68264.0, -0.0]", JSON_LINE,
                  "[0.1, 1.0, 1e+300, 1.0735870323654124, 68264.0, -0.0]");
}

static void keys_keep_their_order_unless_sorted(void **state)
{
    (void)state;
    check_written("{\"b\":1,\"a\":[true,null]}", JSON_LINE, "{\"b\": 1, \"a\": [true, null]}");
    check_written("{\"b\":1,\"a\":[]}", JSON_SORTED, "{\n  \"a\": [],\n  \"b\": 1\n}\n");
}

static void text_is_escaped_but_stays_utf8(void **state)
{
    (void)state;
    check_written("[\"a\\\"b\\\\\\n\\u0001\\u00e9\"]", JSON_LINE,
                  "[\"a\\\"b\\\\\\n\\u0001\xc3\xa9\"]");
}

static void bad_json_is_refused_with_its_place(void **state)
{
    static const char *const texts[] = {
        "", "{", "{\"a\":1,}", "[1 2]", "{\"a\":1,\"a\":2}", "nul", "\"\xff\""};
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_null(json_parse(texts[i], strlen(texts[i]), &err));
        assert_int_equal(err.kind, ERR_FORMAT);
        assert_non_null(strstr(err.text, "line "));
    }
}

static void wrong_kinds_give_the_fallback(void **state)
{
    struct json *v = parse("{\"n\": 3, \"t\": \"x\", \"r\": 2.5}");

    (void)state;
    assert_int_equal(json_int_or(json_member(v, "n"), -1), 3);
    assert_int_equal(json_int_or(json_member(v, "t"), -1), -1);
    assert_int_equal(json_int_or(json_member(v, "none"), -1), -1);
    assert_true(json_real_or(json_member(v, "n"), 0) == 3.0);
    assert_true(json_real_or(json_member(v, "r"), 0) == 2.5);
    assert_string_equal(json_text_or(json_member(v, "t"), "?"), "x");
    json_release(v);
}

/* FIPS 180-2, appendix B.1. */
static void sha256_is_the_standards(void **state)
{
    char hex[HASH_HEX_SIZE];

    (void)state;
    sha256_of(hex, "abc", 3);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void xxh3_of_a_stream_is_that_of_the_block(void **state)
{
    struct xxh3 *x = xxh3_open(0);

    (void)state;
    xxh3_add(x, "some", 4);
    xxh3_add(x, " bytes", 6);
    assert_true(xxh3_end(x) == xxh3_of("some bytes", 10, 0));
    assert_true(xxh3_of("some bytes", 10, 0) != xxh3_of("some bytes", 10, 1));
}

static void texts_are_json_whatever_the_bytes(void **state)
{
    static const char *const cases[][2] = {
        {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
        {"\xff", "\"\xef\xbf\xbd\""},
        {"\xc3", "\"\xef\xbf\xbd\""},
        {"\xc0\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\""}, /* too long a form */
        {"\xe0\x80\xaf", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {"\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""}, /* a surrogate */
        {"\xe2\x82\"", "\"\xef\xbf\xbd\xef\xbf\xbd\\\"\""},           /* the quote survives */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf b = {0};
        struct err err = {0};
        struct json *v;

        json_write_text(&b, cases[i][0], strlen(cases[i][0]));
        assert_string_equal(b.data, cases[i][1]);
        v = json_parse(b.data, b.len, &err);
        assert_non_null(v);
        json_release(v);
        buf_release(&b);
    }
}

static void a_byte_order_mark_is_passed_over(void **state)
{
    const char text[] = "\xef\xbb\xbf{\"a\": 1}";
    struct err err = {0};
    struct json *v = json_parse(text, strlen(text), &err);

    (void)state;
    assert_int_equal(json_int_or(json_member(v, "a"), 0), 1);
    json_release(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_json_whatever_the_bytes),
        cmocka_unit_test(a_byte_order_mark_is_passed_over),
        cmocka_unit_test(reals_are_written_with_the_fewest_digits),
        cmocka_unit_test(keys_keep_their_order_unless_sorted),
        cmocka_unit_test(text_is_escaped_but_stays_utf8),
        cmocka_unit_test(bad_json_is_refused_with_its_place),
        cmocka_unit_test(wrong_kinds_give_the_fallback),
        cmocka_unit_test(sha256_is_the_standards),
        cmocka_unit_test(xxh3_of_a_stream_is_that_of_the_block),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

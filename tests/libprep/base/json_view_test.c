/* A view holds what the tree of json.h holds, and is refused when that is, with the same words. */
#include "base/json_view.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"

enum { N_CHANGED = 100000, MAX_TEXT = 256 };

static const char *const texts[] = {
    "{\"context\": \"a \\\"b\\\" \\u00e9\\ud83d\\ude00\\u0000.\", \"qas\": [{\"id\": \"1\", "
    "\"answers\": [{\"answer_start\": 17, \"text\": \"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"}]}]}",
    "[0, -0, 1, -12, 999999999999999999, 9223372036854775807, -9223372036854775808]",
    "[1.5, 1e5, -0.25E-3, true, false, null, \"\", [], {}, [[]], [{}]]",
    " \t\r\n[ 1 ,\n2 , { \"a\" : \"\\\\ \\/ \\b \\f \\n \\r \\t\" } ] ",
    "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9,\"j\":10,\"k\":11,"
    "\"l\":12,\"m\":13,\"n\":14,\"o\":15,\"p\":16,\"q\":17}",
    "\"a long text of ASCII, the end of which is \x7f and no more\"",
    "7",
};

static void check_equal(const struct json_node *node, const struct json *tree);

struct walk {
    const struct json_node *map;
};

static int check_member(void *context, const char *key, const struct json *value)
{
    const struct walk *w = context;
    const struct json_node *node = json_node_member(w->map, key);

    assert_non_null(node);
    check_equal(node, value);
    return 0;
}

static void check_equal(const struct json_node *node, const struct json *tree)
{
    const struct json_node *item = node + 1;
    struct walk w = {node};

    assert_int_equal(node->kind, json_kind_of(tree));
    switch (node->kind) {
    case JSON_KIND_INT:
        assert_true(node->value == json_int_or(tree, 0));
        break;
    case JSON_KIND_BOOL:
        assert_int_equal(node->value, json_bool_or(tree, false));
        break;
    case JSON_KIND_TEXT:
        assert_int_equal(node->count, json_text_len(tree));
        assert_memory_equal(node->text, json_text_or(tree, NULL), node->count + 1);
        break;
    case JSON_KIND_LIST:
        assert_int_equal(node->count, json_count(tree));
        for (size_t i = 0; i < node->count; i++, item = json_node_next(item))
            check_equal(item, json_item(tree, i));
        break;
    case JSON_KIND_MAP:
        assert_int_equal(node->count, json_count(tree));
        json_each(tree, check_member, &w);
        break;
    default:
        break;
    }
}

/* Returns whether it is JSON. */
static bool check(const char *text, size_t n)
{
    struct err plain_err = {0};
    struct err err = {0};
    char *copy = mem_resize(NULL, n + !n, 1); /* nothing behind its end: ASan sees reading on */
    struct json_view view;
    struct json *plain;
    int rc;

    memcpy(copy, text, n);
    plain = json_parse(copy, n, &plain_err);
    rc = json_view_parse(&view, copy, n, &err);
    free(copy);
    assert_int_equal(rc, plain ? 0 : -1);
    if (plain) {
        assert_int_equal(json_node_next(view.nodes) - view.nodes, view.n_nodes);
        check_equal(view.nodes, plain);
        json_view_release(&view);
    } else {
        assert_string_equal(err.text, plain_err.text);
        assert_null(view.nodes);
    }
    json_release(plain);
    return rc == 0;
}

static void holds_what_the_tree_holds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_true(check(texts[i], strlen(texts[i])));
}

static void refuses_what_the_plain_parser_refuses(void **state)
{
    static const char *const wrong[] = {
        "",
        " ",
        "[",
        "]",
        "[1",
        "[1,",
        "[1,]",
        "[,1]",
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "{\"a\":1,}",
        "{a:1}",
        "{1:1}",
        "{\"a\" 1}",
        "[1 2]",
        "1 2",
        "01",
        "-",
        "+1",
        "1.",
        ".5",
        "1e",
        "1e+",
        "1.5.5",
        "0x1",
        "1-2",
        "9223372036854775808",
        "-9223372036854775809",
        "1e999",
        "tru",
        "truex",
        "nul",
        "\"",
        "\"\\\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\udc00\"",
        "\"\\ud800\\",
        "\"a\nb\"",
        "\"\x80\"",
        "\"\xc0\xaf\"",
        "\"\xed\xa0\x80\"",
        "\"\xe0\x80\x80\"",
        "\"\xf5\x80\x80\x80\"",
        "\"\xe2\x82\"",
        "\"\xe2",
        "{\"a\":1,\"a\":2}",
        "{\"\\u0061\":1,\"a\":2}",
        "{\"\\u0000\":1}",
    };

    static const char twins_of_many[] =
        "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9,\"j\":10,"
        "\"k\":11,\"l\":12,\"m\":13,\"n\":14,\"o\":15,\"p\":16,\"a\":17}";

    (void)state;
    assert_false(check(twins_of_many, strlen(twins_of_many)));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (check(wrong[i], strlen(wrong[i])))
            fail_msg("'%s' was taken", wrong[i]);
}

static void nesting_has_the_same_limit(void **state)
{
    char deep[2 * 2049];

    (void)state;
    for (size_t n = 2047; n <= 2049; n++) {
        memset(deep, '[', n);
        memset(deep + n, ']', n);
        assert_int_equal(check(deep, 2 * n), n <= 2048);
    }
}

/* Some bytes of a text are others. */
static void changed_texts_are_read_alike(void **state)
{
    static const char likely[] = "{}[]\",:\\u0129.eE-+ \n\x80\xc3\xe2\xf0\xed\xa0";
    struct rng rng;
    size_t n_taken = 0;

    (void)state;
    rng_at(&rng, 7, 0, 0);
    for (size_t i = 0; i < N_CHANGED; i++) {
        const char *text = texts[rng_below(&rng, sizeof texts / sizeof *texts)];
        const size_t n = strlen(text);
        char changed[MAX_TEXT];

        assert_true(n < sizeof changed);
        memcpy(changed, text, n + 1);
        for (size_t k = 1 + rng_below(&rng, 2); k > 0; k--)
            changed[rng_below(&rng, n)] = likely[rng_below(&rng, sizeof likely - 1)];
        n_taken += check(changed, n - (i % 8 == 0) * rng_below(&rng, n));
    }
    assert_in_range(n_taken, N_CHANGED / 100, N_CHANGED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_what_the_tree_holds),
        cmocka_unit_test(refuses_what_the_plain_parser_refuses),
        cmocka_unit_test(nesting_has_the_same_limit),
        cmocka_unit_test(changed_texts_are_read_alike),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Lines to ids: the original's answers, and the cache against the plain way. */
#include "text/tokenizer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/rng.h"
#include "text/basic.h"
#include "text/wordpiece.h"

static const char own_path[] = "tokenizer_test.tmp";
static const char own_vocab[] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\n,\nworld\n!\nun\n"
                                "##aff\n##able\nx\n##x\nÉ\ne\nσ\n##ς\n##σ\nthe\n##the\nΣ\n";

static struct tokenizer *open_own(bool cased)
{
    const struct tokenizer_options options = {.cased = cased, .rules = "hf"};
    struct err err = {0};
    FILE *f = fopen(own_path, "wb");
    struct tokenizer *t;

    assert_non_null(f);
    fputs(own_vocab, f);
    fclose(f);
    t = tokenizer_open(own_path, &options, &err);
    unlink(own_path);
    assert_non_null(t);
    return t;
}

/* The ids as decimal numbers with one space between. */
static void encode(struct buf *got, const struct tokenizer *t, struct tokenizer_scratch *s,
                   const char *line, size_t n)
{
    const int32_t *ids;
    size_t n_ids;

    buf_clear(got);
    buf_put(got, "", 0);
    tokenizer_encode(&ids, &n_ids, t, s, line, n);
    for (size_t i = 0; i < n_ids; i++)
        buf_printf(got, i ? " %d" : "%d", (int)ids[i]);
}

static void check(const struct tokenizer *t, struct tokenizer_scratch *s, const char *line,
                  const char *want)
{
    struct buf got = {0};

    encode(&got, t, s, line, strlen(line));
    assert_string_equal(got.data, want);
    encode(&got, t, s, line, strlen(line)); /* now from the cache */
    assert_string_equal(got.data, want);
    buf_release(&got);
}

static void a_line_becomes_ids(void **state)
{
    struct tokenizer *t = open_own(false);
    struct tokenizer_scratch *s = tokenizer_scratch_open();

    (void)state;
    check(t, s, "Hello, World! unaffable", "5 6 7 8 9 10 11");
    check(t, s, "", "");
    check(t, s, " \t\r\n ", "");
    check(t, s, "[MASK] É \xff zzz", "4 15 1");
    check(t, s, "ΣΣ Σ", "16 17 16");
    tokenizer_scratch_close(s);
    tokenizer_close(t);
}

static void one_scratch_serves_several_tokenizers(void **state)
{
    struct tokenizer *cased = open_own(true);
    struct tokenizer *uncased = open_own(false);
    struct tokenizer_scratch *s = tokenizer_scratch_open();

    (void)state;
    for (int i = 0; i < 2; i++) {
        check(cased, s, "É hello Hello Σ", "14 5 1 21");
        check(uncased, s, "É hello Hello Σ", "15 5 5 16");
    }
    tokenizer_scratch_close(s);
    tokenizer_close(cased);
    tokenizer_close(uncased);
}

static void the_header_tells_of_the_vocabulary(void **state)
{
    struct tokenizer *t = open_own(true);
    const struct tokens_header *h = tokenizer_header(t);
    char sha256[HASH_HEX_SIZE];

    (void)state;
    sha256_of(sha256, own_vocab, strlen(own_vocab));
    assert_string_equal(h->vocab_sha256, sha256);
    assert_int_equal(h->vocab_size, 22);
    assert_int_equal(h->mask, 4);
    assert_true(h->cased);
    assert_string_equal(h->rules, "hf");
    assert_false(h->continues[9]);
    assert_true(h->continues[10]);
    assert_int_equal(h->n_words, 22);
    assert_string_equal(tokenizer_token(t, 11), "##able");
    assert_int_equal(tokenizer_id(t, "world", 5), 7);
    assert_int_equal(tokenizer_id(t, "worlds", 6), -1);
    tokenizer_close(t);
}

static void unknown_rules_are_refused(void **state)
{
    const struct tokenizer_options options = {.rules = "spacy"};
    struct err err = {0};

    (void)state;
    assert_null(tokenizer_open(own_path, &options, &err));
    assert_int_equal(err.kind, ERR_USAGE);
}

/* The whole line through basic.h and wordpiece.h, without cutting and without a cache. */
static void encode_plainly(struct buf *got, struct basic *b, const struct unicode *u,
                           const struct wordpiece *w, const char *line, size_t n)
{
    buf_clear(got);
    buf_put(got, "", 0);
    basic_split(b, u, basic_rules_named("hf"), false, line, n);
    for (size_t i = 0; i < b->n_words; i++) {
        const struct basic_word *word = &b->words[i];
        int32_t ids[4096];
        const size_t n_ids =
            wordpiece_encode(ids, w, b->text.data + word->at, word->len, word->n_points);

        for (size_t j = 0; j < n_ids; j++)
            buf_printf(got, got->len ? " %d" : "%d", (int)ids[j]);
    }
}

static void the_cache_changes_nothing(void **state)
{
    enum { ROUNDS = 30000 };
    static const char *const parts[] = {
        "hello",       "Hello,",   "un",       "affable",      "x",
        "xxxxxxxxxxx", " ",        "  ",       "\t",           "\r",
        "É",           "Σ",        "ΑΣ.",      "[MASK]",       "[mask]",
        "\xff",        "\xe2\x80", "\xc2\xa0", "\xe2\x80\xa8", "中",
        "\x0b",        "the",      "!"};
    struct tokenizer *t = open_own(false);
    struct tokenizer_scratch *s = tokenizer_scratch_open();
    struct unicode *u = unicode_open();
    struct vocab vocab;
    struct wordpiece w;
    struct basic b = {0};
    struct buf line = {0}, got = {0}, want = {0};
    struct err err = {0};
    struct rng random;

    (void)state;
    assert_int_equal(vocab_parse(&vocab, own_vocab, strlen(own_vocab), u, &err), 0);
    wordpiece_init(&w, &vocab, 100);
    rng_at(&random, 5, 0, 0);
    for (size_t round = 0; round < ROUNDS; round++) {
        buf_clear(&line);
        for (size_t i = rng_below(&random, 12) + 1; i > 0; i--)
            buf_put_text(&line, parts[rng_below(&random, sizeof parts / sizeof *parts)]);
        encode(&got, t, s, line.data, line.len);
        encode_plainly(&want, &b, u, &w, line.data, line.len);
        assert_string_equal(got.data, want.data);
    }
    buf_release(&line);
    buf_release(&got);
    buf_release(&want);
    basic_release(&b);
    wordpiece_release(&w);
    vocab_release(&vocab);
    unicode_close(u);
    tokenizer_scratch_close(s);
    tokenizer_close(t);
}

/* What the original answers with the vocabulary of bert-base-uncased. */
static void the_originals_answers(void **state)
{
    static const struct {
        const char *line;
        const char *ids;
    } cases[] = {
        {"Hello, World!", "7592 1010 2088 999"},
        {"unaffable", "14477 20961 3468"},
        {"[MASK] [mask] x[MASK]y [SEP].",
         "103 1031 7308 1033 1060 1031 7308 1033 1061 1031 19802 1033 1012"},
        {"\u039f\u0394\u039f\u03a3", "1169 29722 15297"},
        {"\u0130stanbul", "9960"},
        {"\u1e9e", "1096"},
        {"\u212b", "1037"},
        {"\u00c5", "1037"},
        {"na\u00efve caf\u00e9", "15743 7668"},
        {"a\x0b\x62", "11113"},
        {"a\u200bb", "11113"},
        {"co\u00adop", "21859"},
        {"\ufeffBOM", "8945 2213"},
        {"日本語abc", "1864 1876 1950 5925"},
        {"한국어", "1469 30006 30021 29991 30014 30020 29999 30008"},
        {"a—b…c«d»¿e", "1037 1517 1038 1529 1039 1077 1040 1090 1094 1041"},
        {"$5+3=8^2", "1002 1019 1009 1017 1027 1022 1034 1016"},
        {"€5", "1574 2629"},
        {"\u2e80x", "100"},
        {"l\u2028m", "1048 1049"},
        {"don't", "2123 1005 1056"},
        {"U.S.A.", "1057 1012 1055 1012 1037 1012"},
        {"2,500M", "1016 1010 3156 2213"},
        {"100%", "2531 1003"},
        {"C++", "1039 1009 1009"},
        {"e-mail@x.org", "1041 1011 5653 1030 1060 1012 8917"},
        {"\ufb01", "1984"},
        {"\u2460", "100"},
        {"\U0001f600", "100"},
        {"\u0938\u094d", "1338"},
        {"\u2167", "100"},
        {"\u01c5", "100"},
        {"\u212a", "1047"},
        {"a\u0301", "1037"},
        {"\u3000x\u00a0y", "1060 1061"},
        {"\U0002b820", "100"},
        {"\U0002ceb0", "100"},
        {"tab\there\r\nnl", "21628 2182 17953"},
    };
    const struct tokenizer_options options = {.rules = "hf"};
    const char *shared = getenv("BERTLINE_SHARED");
    char *path = file_join(shared ? shared : "../shared", "data/vocab/bert-base-uncased/vocab.txt");
    struct tokenizer_scratch *s = tokenizer_scratch_open();
    struct buf got = {0}, want = {0};
    struct err err = {0};
    struct tokenizer *t;
    char xs[102];

    (void)state;
    if (!file_exists(path)) {
        print_message("skipped: no '%s'\n", path);
        free(path);
        tokenizer_scratch_close(s);
        skip();
    }
    t = tokenizer_open(path, &options, &err);
    assert_non_null(t);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(t, s, cases[i].line, cases[i].ids);
    memset(xs, 'x', sizeof xs);
    buf_put_text(&want, "22038");
    for (int i = 0; i < 49; i++)
        buf_put_text(&want, " 20348");
    encode(&got, t, s, xs, 100);
    assert_string_equal(got.data, want.data);
    encode(&got, t, s, xs, 101);
    assert_string_equal(got.data, "100");
    buf_release(&got);
    buf_release(&want);
    tokenizer_scratch_close(s);
    tokenizer_close(t);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_becomes_ids),
        cmocka_unit_test(one_scratch_serves_several_tokenizers),
        cmocka_unit_test(the_header_tells_of_the_vocabulary),
        cmocka_unit_test(unknown_rules_are_refused),
        cmocka_unit_test(the_cache_changes_nothing),
        cmocka_unit_test(the_originals_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

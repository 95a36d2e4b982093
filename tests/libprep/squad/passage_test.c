/* passage_test.c -- windows, labels and contexts against the rules said plainly. */
#include "squad/passage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "own_vocab.h"

struct fixture {
    struct tokenizer *tokenizer;
    struct tokenizer_scratch *scratch;
    struct unicode *unicode;
};
static struct fixture f;

static int set_up(void **state)
{
    (void)state;
    f.tokenizer = own_tokenizer("passage_test.tmp");
    f.scratch = tokenizer_scratch_open();
    f.unicode = unicode_open();
    return f.tokenizer ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    tokenizer_close(f.tokenizer);
    tokenizer_scratch_close(f.scratch);
    unicode_close(f.unicode);
    return 0;
}

static int make(struct passage *p, const struct passage_options *o, const char *context,
                const char *question, int start, const char *answer, struct err *err)
{
    char json[2000];

    snprintf(json, sizeof json,
             "{\"context\": \"%s\", \"qas\": [{\"id\": \"q\", \"question\": \"%s\", "
             "\"is_impossible\": %s,"
             " \"answers\": [{\"answer_start\": %d, \"text\": \"%s\"}]}]}",
             context, question, start < 0 ? "true" : "false", start, answer);
    return passage_make(p, json, strlen(json), o, f.tokenizer, f.scratch, f.unicode, err);
}

static void check_row(const struct passage *p, size_t w, size_t T, const char *want)
{
    const struct query *q = &p->queries[0];
    int32_t ids[100] = {0};
    char got[1000] = "";
    size_t n_first;
    const size_t n = passage_ids(ids, &n_first, p, q, w, f.tokenizer);

    assert_true(n <= T);
    for (size_t i = 0; i < n; i++)
        sprintf(got + strlen(got), "%s%s",
                i == 0         ? ""
                : i == n_first ? " | "
                               : " ",
                tokenizer_token(f.tokenizer, ids[i]));
    assert_string_equal(got, want);
}

static void long_contexts_are_cut_into_windows(void **state)
{
    const struct passage_options o = {
        .seq_length = 9, .doc_stride = 3, .max_query_length = 2, .training = true};
    const int32_t starts[] = {0, 5, 0};
    const int32_t ends[] = {0, 6, 0};
    struct passage p;
    struct err err = {0};

    (void)state;
    assert_int_equal(make(&p, &o, "a b cx d e f g h", "y z y", 9, "e f", &err), 0);
    assert_int_equal(p.queries[0].n_windows, 3);
    check_row(&p, 0, 9, "[CLS] y z [SEP] | a b c ##x [SEP]");
    check_row(&p, 1, 9, "[CLS] y z [SEP] | ##x d e f [SEP]");
    check_row(&p, 2, 9, "[CLS] y z [SEP] | f g h [SEP]");
    for (size_t w = 0; w < 3; w++) {
        int32_t start;
        int32_t end;

        passage_label(&start, &end, &p.queries[0], w);
        assert_int_equal(start, starts[w] ? starts[w] + 1 : 0);
        assert_int_equal(end, ends[w] ? ends[w] + 1 : 0);
    }
    passage_release(&p);
}

static void answers_are_narrowed_to_their_tokens(void **state)
{
    const struct passage_options o = {
        .seq_length = 40, .doc_stride = 3, .max_query_length = 2, .training = true};
    struct passage p;
    struct err err = {0};

    (void)state;
    assert_int_equal(make(&p, &o, "a (b.b).", "y", 3, "b", &err), 0);
    assert_int_equal(p.queries[0].start, 2); /* the first b */
    assert_int_equal(p.queries[0].end, 2);
    passage_release(&p);
    assert_int_equal(make(&p, &o, "a bxx c", "y", 2, "bx", &err), 0);
    assert_int_equal(p.queries[0].start, 1);
    assert_int_equal(p.queries[0].end, 2);
    passage_release(&p);
    assert_int_equal(make(&p, &o, "a xb c", "y", 3, "b", &err), 0); /* x ##b is one unknown word */
    assert_int_equal(p.queries[0].start, 1);
    assert_int_equal(p.queries[0].end, 1);
    passage_release(&p);
}

static void impossible_questions_have_no_label(void **state)
{
    const struct passage_options o = {.seq_length = 40,
                                      .doc_stride = 3,
                                      .max_query_length = 2,
                                      .training = true,
                                      .version_2 = true};
    struct passage p;
    struct err err = {0};
    int32_t start = -1;
    int32_t end = -1;

    (void)state;
    assert_int_equal(make(&p, &o, "a b", "y", -1, "", &err), 0);
    assert_true(p.queries[0].impossible);
    passage_label(&start, &end, &p.queries[0], 0);
    assert_int_equal(start, 0);
    assert_int_equal(end, 0);
    passage_release(&p);
}

/* The original's loop over all windows. */
static bool plain_max_context(const struct query *q, size_t w, size_t at)
{
    double best = -1;
    size_t best_window = 0;

    for (size_t i = 0; i < q->n_windows; i++) {
        const struct window *x = &q->windows[i];
        const size_t last = x->first + x->n - 1;
        double score;

        if (at < x->first || at > last)
            continue;
        score =
            (double)(at - x->first < last - at ? at - x->first : last - at) + 0.01 * (double)x->n;
        if (score > best) {
            best = score;
            best_window = i;
        }
    }
    return best_window == w;
}

static void contexts_are_compared_as_in_the_original(void **state)
{
    struct rng r;

    (void)state;
    rng_python(&r, 1);
    for (int round = 0; round < 300; round++) {
        struct window windows[200];
        const size_t n = 1 + rng_below(&r, 150);
        const size_t capacity = 1 + rng_below(&r, 40);
        const size_t stride = 1 + rng_below(&r, 20);
        struct query q = {.windows = windows};

        for (size_t first = 0;;) {
            const size_t len = n - first < capacity ? n - first : capacity;

            windows[q.n_windows++] = (struct window){.first = first, .n = len};
            if (first + len == n)
                break;
            first += len < stride ? len : stride;
        }
        for (size_t w = 0; w < q.n_windows; w++)
            for (size_t k = 0; k < windows[w].n; k++)
                if (passage_max_context(&q, w, windows[w].first + k) !=
                    plain_max_context(&q, w, windows[w].first + k))
                    fail_msg("round %d, window %zu, token %zu", round, w, k);
    }
}

static void too_many_windows_are_refused(void **state)
{
    const struct passage_options o = {.seq_length = 100, .doc_stride = 1, .max_query_length = 4};
    char *json = malloc(200000);
    size_t n = (size_t)sprintf(json, "{\"context\": \"");
    struct passage p;
    struct err err = {0};

    (void)state;
    for (int i = 0; i < 70000; i++) {
        json[n++] = 'a';
        json[n++] = ' ';
    }
    n += (size_t)sprintf(json + n, "\", \"qas\": [{\"id\": \"q\", \"question\": \"y\"}]}");
    assert_int_equal(passage_make(&p, json, n, &o, f.tokenizer, f.scratch, f.unicode, &err), -1);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_string_equal(err.text, "question 'q': over 65536 windows in one paragraph");
    free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_contexts_are_cut_into_windows),
        cmocka_unit_test(answers_are_narrowed_to_their_tokens),
        cmocka_unit_test(impossible_questions_have_no_label),
        cmocka_unit_test(contexts_are_compared_as_in_the_original),
        cmocka_unit_test(too_many_windows_are_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

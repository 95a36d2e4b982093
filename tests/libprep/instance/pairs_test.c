/* pairs_test.c -- what every instance is: two pieces of running text of the corpus, within length. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "instance/pairs.h"

enum { N_DOCUMENTS = 40, CLS = 2, SEP = 3, MASK = 4, FIRST_ID = 5, MAX_LENGTH = 512 };

struct world {
    struct corpus corpus;
    struct tokens_header vocab;
    size_t documents[N_DOCUMENTS];
    int32_t document_of[65536]; /* every position of the corpus has an id of its own */
};

/* Documents of 1 to 60 sentences of 1 to 40 ids, one sentence of 700; id = FIRST_ID + place. */
static int build(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    struct err err = {0};
    struct rng rng;
    int32_t next = FIRST_ID;

    rng_at(&rng, 99, 0, 0);
    assert_int_equal(corpus_open(&w->corpus, "/tmp", 65536, &err), 0);
    for (int32_t d = 0; d < N_DOCUMENTS; d++) {
        const int64_t n_sentences = d == 0 ? 1 : rng_between(&rng, 1, 60);

        for (int64_t i = 0; i < n_sentences; i++) {
            const int64_t n = d == 7 && i == 0 ? 700 : rng_between(&rng, 1, 40);
            int32_t ids[700];

            for (int64_t k = 0; k < n; k++) {
                w->document_of[next] = d;
                ids[k] = next++;
            }
            assert_int_equal(corpus_add_sentence(&w->corpus, ids, (size_t)n, &err), 0);
        }
        assert_int_equal(corpus_end_document(&w->corpus, &err), 0);
        w->documents[d] = (size_t)d;
    }
    assert_int_equal(corpus_seal(&w->corpus, &err), 0);
    w->vocab = (struct tokens_header){.vocab_size = 65536,
                                      .cls = CLS,
                                      .sep = SEP,
                                      .mask = MASK,
                                      .continues = calloc(65536, sizeof(bool)),
                                      .words = calloc(1, sizeof(int32_t)),
                                      .n_words = 1};
    *state = w;
    return 0;
}

static int destroy(void **state)
{
    struct world *w = *state;

    corpus_close(&w->corpus);
    tokens_header_release(&w->vocab);
    free(w);
    return 0;
}

/* Puts back what was masked. */
static void unmask(struct sequence *s)
{
    for (size_t i = 0; i < s->n_masked; i++)
        s->ids[s->masked_at[i]] = s->masked_ids[i];
}

/* Ids that follow one another stand so in the corpus; returns their document. */
static int32_t check_running_text(const struct world *w, const int32_t *ids, size_t n)
{
    assert_true(n > 0);
    for (size_t i = 1; i < n; i++) {
        assert_int_equal(ids[i], ids[i - 1] + 1);
        assert_int_equal(w->document_of[ids[i]], w->document_of[ids[0]]);
    }
    return w->document_of[ids[0]];
}

static void check_instance(const struct world *w, const struct pairs *p, struct sequence *s,
                           int32_t d)
{
    const size_t n_a = s->n_first - 2;
    const size_t n_b = s->n_ids - s->n_first - 1;
    const int32_t *a = s->ids + 1;
    const int32_t *b = s->ids + s->n_first;

    unmask(s);
    assert_in_range(s->n_ids, PAIRS_MIN_LENGTH, p->rules.seq_length);
    assert_int_equal(s->ids[0], CLS);
    assert_int_equal(s->ids[s->n_first - 1], SEP);
    assert_int_equal(s->ids[s->n_ids - 1], SEP);
    assert_int_equal(check_running_text(w, a, n_a), d);
    if (s->next_label) {
        assert_int_not_equal(check_running_text(w, b, n_b), d);
    } else {
        assert_int_equal(check_running_text(w, b, n_b), d);
        assert_true(b[0] > a[n_a - 1]);
    }
}

static void check_all(struct world *w, size_t seq_length, size_t max_predictions)
{
    const struct pairs_rules rules = {.seq_length = seq_length,
                                      .masking = {.prob = 0.15, .max_predictions = max_predictions},
                                      .short_seq_prob = 0.1};
    struct pairs p;
    struct rng rng;
    size_t n = 0, n_random = 0;

    pairs_init(&p, &rules, &w->corpus, w->documents, N_DOCUMENTS, &w->vocab);
    for (uint32_t copy = 0; copy < 5; copy++) {
        for (int32_t d = 0; d < N_DOCUMENTS; d++) {
            rng_at(&rng, 5, copy, (uint64_t)d);
            pairs_begin(&p, (size_t)d, &rng);
            while (pairs_next(&p)) {
                check_instance(w, &p, &p.sequence, d);
                n_random += p.sequence.next_label == 1;
                n++;
            }
        }
    }
    /* Half, and more where a chunk is often a single sentence: always where that is the rule. */
    assert_in_range(n_random, n * 4 / 10, seq_length < 128 ? n : n * 7 / 10);
    pairs_release(&p);
}

static void instances_are_running_text_within_length(void **state)
{
    check_all(*state, 128, 20);
    check_all(*state, 512, 80);
    check_all(*state, 16, 3);
    check_all(*state, PAIRS_MIN_LENGTH, 1);
}

/* Long enough for everything: then each sentence is in an A, or in a B that follows one. */
static void every_sentence_is_used(void **state)
{
    struct world *w = *state;
    const struct pairs_rules rules = {
        .seq_length = 65535, .masking = {.prob = 0.15, .max_predictions = 20}, .short_seq_prob = 0};
    const size_t n_ids = (size_t)w->corpus.n_ids;
    bool *seen = calloc(n_ids + FIRST_ID, sizeof *seen);
    struct pairs p;
    struct rng rng;

    pairs_init(&p, &rules, &w->corpus, w->documents, N_DOCUMENTS, &w->vocab);
    for (size_t d = 0; d < N_DOCUMENTS; d++) {
        rng_at(&rng, 6, 0, d);
        pairs_begin(&p, d, &rng);
        while (pairs_next(&p)) {
            const struct sequence *s = &p.sequence;
            const size_t n = s->next_label ? s->n_first : s->n_ids;

            unmask(&p.sequence);
            for (size_t i = 0; i < n; i++)
                seen[s->ids[i]] = true;
        }
    }
    for (size_t id = FIRST_ID; id < n_ids + FIRST_ID; id++)
        assert_true(seen[id]);
    pairs_release(&p);
    free(seen);
}

static void the_only_document_follows_itself(void **state)
{
    struct world *w = *state;
    const struct pairs_rules rules = {
        .seq_length = 64, .masking = {.prob = 0.15, .max_predictions = 10}, .short_seq_prob = 0.1};
    const size_t only = 9;
    struct pairs p;
    struct rng rng;
    size_t n = 0;

    pairs_init(&p, &rules, &w->corpus, &only, 1, &w->vocab);
    rng_at(&rng, 8, 0, 0);
    pairs_begin(&p, 0, &rng);
    for (; pairs_next(&p); n++)
        assert_int_equal(p.sequence.next_label, 0);
    assert_true(n > 0);
    pairs_release(&p);
}

static void the_same_draws_give_the_same_instances(void **state)
{
    struct world *w = *state;
    const struct pairs_rules rules = {
        .seq_length = 128, .masking = {.prob = 0.15, .max_predictions = 20}, .short_seq_prob = 0.1};
    struct pairs p;
    struct rng rng;
    struct buf first = {0}, again = {0};

    pairs_init(&p, &rules, &w->corpus, w->documents, N_DOCUMENTS, &w->vocab);
    for (int round = 0; round < 2; round++) {
        for (size_t d = 0; d < N_DOCUMENTS; d++) {
            /* The second time in another order: documents do not know of each other. */
            const size_t at = round ? N_DOCUMENTS - 1 - d : d;

            rng_at(&rng, 7, 0, at);
            pairs_begin(&p, at, &rng);
            while (pairs_next(&p))
                if (at == 11)
                    sequence_encode(round ? &again : &first, &p.sequence);
        }
    }
    assert_true(first.len > 0);
    assert_int_equal(first.len, again.len);
    assert_memory_equal(first.data, again.data, first.len);
    buf_release(&first);
    buf_release(&again);
    pairs_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instances_are_running_text_within_length),
        cmocka_unit_test(every_sentence_is_used),
        cmocka_unit_test(the_only_document_follows_itself),
        cmocka_unit_test(the_same_draws_give_the_same_instances),
    };

    return cmocka_run_group_tests(tests, build, destroy);
}

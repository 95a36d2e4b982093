/* masking.c -- create_masked_lm_predictions() of google-research/bert, draw for draw.
 *
 * Without whole words every piece is a word of its own. The order of draws is the contract: one
 * shuffle of the words, then for each masked position one to three. */
#include "instance/masking.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

/* Of the masked positions; the rest of 1 - SHOW_MASK is halved between "keep" and "any word". */
static const double SHOW_MASK = 0.8;
static const double KEEP = 0.5;

void masking_init(struct masking *m, const struct tokens_header *vocab, double prob,
                  size_t max_predictions, bool whole_words, size_t max_len)
{
    *m = (struct masking){.vocab = vocab,
                          .prob = prob,
                          .max_predictions = max_predictions,
                          .whole_words = whole_words};
    m->positions = mem_array(max_len, sizeof *m->positions);
    m->begins = mem_array(max_len + 1, sizeof *m->begins);
    m->order = mem_array(max_len, sizeof *m->order);
    m->labels = mem_array(max_len, sizeof *m->labels);
    for (size_t i = 0; i < max_len; i++)
        m->labels[i] = -1;
}

size_t masking_count(const struct masking *m, size_t n)
{
    /* rint() rounds half to even, as Python's round(). */
    const double share = rint((double)n * m->prob);
    const size_t count = share < 1 ? 1 : (size_t)share;

    return count < m->max_predictions ? count : m->max_predictions;
}

/* Fills positions and begins; returns the number of words. */
static size_t find_words(struct masking *m, const struct sequence *s)
{
    const struct tokens_header *v = m->vocab;
    size_t n_words = 0;
    size_t n = 0;

    for (size_t i = 0; i < s->n_ids; i++) {
        const int32_t id = s->ids[i];

        if (id == v->cls || id == v->sep)
            continue;
        /* As in the original, a piece that lost its head to truncation joins the word before it,
         * even across [SEP]. */
        if (!m->whole_words || n_words == 0 || !v->continues[id])
            m->begins[n_words++] = n;
        m->positions[n++] = (int32_t)i;
    }
    m->begins[n_words] = n;
    return n_words;
}

static int32_t shown_instead(const struct masking *m, int32_t id, struct rng *rng)
{
    const struct tokens_header *v = m->vocab;

    if (rng_real(rng) < SHOW_MASK)
        return v->mask;
    if (rng_real(rng) < KEEP)
        return id;
    return v->words[rng_between(rng, 0, (int64_t)v->n_words - 1)];
}

static void collect(struct masking *m, struct sequence *s)
{
    s->n_masked = 0;
    for (size_t i = 0; i < s->n_ids; i++) {
        if (m->labels[i] < 0)
            continue;
        s->masked_at[s->n_masked] = (int32_t)i;
        s->masked_ids[s->n_masked++] = m->labels[i];
        m->labels[i] = -1;
    }
}

void masking_apply(struct masking *m, struct sequence *s, struct rng *rng)
{
    const size_t n_words = find_words(m, s);
    const size_t want = masking_count(m, s->n_ids);
    size_t have = 0;

    for (size_t i = 0; i < n_words; i++)
        m->order[i] = (int32_t)i;
    rng_shuffle(rng, m->order, n_words);
    for (size_t w = 0; w < n_words && have < want; w++) {
        const size_t begin = m->begins[m->order[w]];
        const size_t end = m->begins[m->order[w] + 1];

        if (end - begin > want - have)
            continue;
        for (size_t i = begin; i < end; i++) {
            const int32_t at = m->positions[i];

            m->labels[at] = s->ids[at];
            s->ids[at] = shown_instead(m, s->ids[at], rng);
        }
        have += end - begin;
    }
    collect(m, s);
}

void masking_release(struct masking *m)
{
    free(m->positions);
    free(m->begins);
    free(m->order);
    free(m->labels);
    *m = (struct masking){0};
}

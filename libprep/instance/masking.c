/* masking.c -- create_masked_lm_predictions() of google-research/bert, draw for draw.
 *
 * Without whole words every piece is a word of its own. The order of draws is the contract: one
 * shuffle of the words, then for each masked position one to three. The counter shuffles as it goes: a
 * draw for each word that is looked at. */
#include "instance/masking.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

/* Of the masked positions; the rest of 1 - SHOW_MASK is halved between "keep" and "any word". */
static const double SHOW_MASK = 0.8;
static const double KEEP = 0.5;

/* Lengths of spans, of SpanBERT: geometric with this chance to end, cut and scaled at the longest. */
static const double SPAN_END = 0.2;
enum { LONGEST_SPAN = 10, WORD_BITS = 64 };

void masking_init(struct masking *m, const struct tokens_header *vocab,
                  const struct masking_rules *rules, size_t max_len)
{
    *m = (struct masking){.vocab = vocab, .rules = *rules};
    m->positions = mem_array(max_len, sizeof *m->positions);
    m->begins = mem_array(max_len + 1, sizeof *m->begins);
    m->order = mem_array(max_len, sizeof *m->order);
    m->labels = mem_array(max_len, sizeof *m->labels);
    m->hidden = mem_array(max_len / WORD_BITS + 1, sizeof *m->hidden);
    for (size_t i = 0; i <= max_len; i++)
        m->begins[i] = i; /* every piece a word: find_words() leaves it so, or counts anew */
}

size_t masking_count(const struct masking *m, size_t n)
{
    /* rint() rounds half to even, as Python's round(). */
    const double share = rint((double)n * m->rules.prob);
    const size_t count = share < 1 ? 1 : (size_t)share;

    return count < m->rules.max_predictions ? count : m->rules.max_predictions;
}

static bool is_special(const struct tokens_header *v, int32_t id)
{
    return (id == v->cls) | (id == v->sep);
}

/* Fills positions, and begins if pieces are not words; returns the number of words. */
static size_t find_words(struct masking *m, const struct sequence *s)
{
    const struct tokens_header *v = m->vocab;
    size_t n_words = 0;
    size_t n = 0;

    for (size_t i = 0; i < s->n_ids; i++) { /* without a branch: anything may follow anything */
        m->positions[n] = (int32_t)i;
        n += !is_special(v, s->ids[i]);
    }
    if (m->rules.way == MASKING_TOKENS)
        return n;
    for (size_t i = 0; i < n; i++) {
        /* As in the original, a piece that lost its head to truncation joins the word before it,
         * even across [SEP]. */
        if (n_words == 0 || !v->continues[s->ids[m->positions[i]]])
            m->begins[n_words++] = i;
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

static bool is_hidden(const struct masking *m, int32_t at)
{
    return m->hidden[at / WORD_BITS] >> (at % WORD_BITS) & 1;
}

/* Labels in the order of positions; nothing is hidden after this. */
static void collect(struct masking *m, struct sequence *s)
{
    size_t n = 0;

    for (size_t i = 0; i <= s->n_ids / WORD_BITS; i++) {
        for (uint64_t left = m->hidden[i]; left; left &= left - 1) {
            const size_t at = i * WORD_BITS + (size_t)__builtin_ctzll(left);

            s->masked_at[n] = (int32_t)at;
            s->masked_ids[n++] = m->labels[at];
        }
        m->hidden[i] = 0;
    }
    s->n_masked = n;
}

/* Gives position `at` its label; it shows `shown` from now on. */
static void hide(struct masking *m, struct sequence *s, int32_t at, int32_t shown)
{
    m->hidden[at / WORD_BITS] |= (uint64_t)1 << (at % WORD_BITS);
    m->labels[at] = s->ids[at];
    if (!m->rules.keep_original)
        s->ids[at] = shown;
}

static size_t draw_span(struct rng *rng)
{
    double chance = SPAN_END;
    double all = 0;
    double left;
    size_t n = 1;

    for (size_t i = 0; i < LONGEST_SPAN; i++, chance *= 1 - SPAN_END)
        all += chance;
    left = rng_real(rng) * all;
    for (chance = SPAN_END; n < LONGEST_SPAN && left >= chance; chance *= 1 - SPAN_END, n++)
        left -= chance;
    return n;
}

/* Whether word w, which has to stand right behind position `last`, can be the next of a span that
 * has room for n more positions. */
static bool can_join(const struct masking *m, size_t w, int32_t last, size_t n)
{
    const size_t begin = m->begins[w];
    const size_t end = m->begins[w + 1];

    if (end - begin > n || m->positions[begin] != last + 1)
        return false;
    /* A word across [SEP], see find_words(), is no run of positions. */
    return m->positions[end - 1] - m->positions[begin] == (int32_t)(end - begin) - 1 &&
           !is_hidden(m, m->positions[begin]);
}

/* Masks a span that starts with word w; returns how many positions, at most `room`. */
static size_t hide_span(struct masking *m, struct sequence *s, size_t w, size_t n_words,
                        size_t room, struct rng *rng)
{
    const struct tokens_header *v = m->vocab;
    const size_t longest = draw_span(rng);
    const bool show_mask = rng_real(rng) < SHOW_MASK;
    const bool keep = !show_mask && rng_real(rng) < KEEP;
    int32_t last = m->positions[m->begins[w]] - 1;
    size_t n = 0;

    for (size_t i = 0; i < longest && w + i < n_words && can_join(m, w + i, last, room - n); i++) {
        for (size_t k = m->begins[w + i]; k < m->begins[w + i + 1]; k++) {
            const int32_t at = m->positions[k];

            hide(m, s, at,
                 show_mask ? v->mask
                 : keep    ? s->ids[at]
                           : v->words[rng_between(rng, 0, (int64_t)v->n_words - 1)]);
            last = at;
            n++;
        }
    }
    return n;
}

static void hide_spans(struct masking *m, struct sequence *s, size_t n_words, size_t want,
                       struct rng *rng)
{
    size_t have = 0;

    for (size_t i = 0; i < n_words && have < want; i++) {
        const size_t w = (size_t)rng_shuffle_item(rng, m->order, n_words, i);

        if (!is_hidden(m, m->positions[m->begins[w]]))
            have += hide_span(m, s, w, n_words, want - have, rng);
    }
}

static void hide_words(struct masking *m, struct sequence *s, size_t n_words, size_t want,
                       struct rng *rng)
{
    size_t have = 0;

    for (size_t i = 0; i < n_words && have < want; i++) {
        const size_t w = (size_t)rng_shuffle_item(rng, m->order, n_words, i);
        const size_t begin = m->begins[w];
        const size_t end = m->begins[w + 1];

        if (end - begin > want - have)
            continue;
        for (size_t k = begin; k < end; k++) {
            const int32_t at = m->positions[k];

            hide(m, s, at, shown_instead(m, s->ids[at], rng));
        }
        have += end - begin;
    }
}

void masking_apply(struct masking *m, struct sequence *s, struct rng *rng)
{
    const size_t n_words = find_words(m, s);
    const size_t want = masking_count(m, s->n_ids);

    for (size_t i = 0; i < n_words; i++)
        m->order[i] = (int32_t)i;
    rng_shuffle_begin(rng, m->order, n_words);
    if (m->rules.way == MASKING_SPANS)
        hide_spans(m, s, n_words, want, rng);
    else
        hide_words(m, s, n_words, want, rng);
    collect(m, s);
}

void masking_release(struct masking *m)
{
    free(m->positions);
    free(m->begins);
    free(m->order);
    free(m->hidden);
    free(m->labels);
    *m = (struct masking){0};
}

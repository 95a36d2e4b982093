/* pairs.c -- the walk of create_instances_from_document().
 *
 * Sentences of a document lie one behind the other in the corpus, so A and B are two ranges of it
 * and nothing is copied before the instance is complete. */
#include "instance/pairs.h"

#include <assert.h>

enum {
    N_SPECIALS = 3,         /* [CLS], [SEP], [SEP] */
    N_SPECIALS_SINGLE = 2,  /* [CLS], [SEP] */
    MAX_DOCUMENT_DRAWS = 10 /* to find another document than the present one */
};

static const double RANDOM_NEXT = 0.5;
static const double SWAPPED = 0.5;

struct range {
    uint64_t begin;
    uint64_t end;
};

static uint64_t length_of(struct range r)
{
    return r.end - r.begin;
}

void pairs_init(struct pairs *p, const struct pairs_rules *rules, const struct corpus *corpus,
                const size_t *documents, size_t n_documents, const struct tokens_header *vocab)
{
    assert(rules->seq_length >= PAIRS_MIN_LENGTH && rules->masking.max_predictions > 0);
    *p = (struct pairs){
        .rules = *rules, .corpus = corpus, .documents = documents, .n_documents = n_documents};
    masking_init(&p->masking, vocab, &rules->masking, rules->seq_length);
    sequence_init(&p->sequence, rules->seq_length, rules->masking.max_predictions);
}

/* Ids of text in one instance. */
static size_t room_for_text(const struct pairs *p)
{
    return p->rules.seq_length - (p->rules.kind == PAIRS_NONE ? N_SPECIALS_SINGLE : N_SPECIALS);
}

void pairs_begin(struct pairs *p, size_t d, struct rng *rng)
{
    const size_t max_ids = room_for_text(p);

    p->rng = rng;
    p->document = d;
    p->n_sentences = corpus_document(&p->bounds, p->corpus, p->documents[d]);
    p->at = 0;
    p->offset = 0;
    /* Once a document: all its instances share the shorter target. */
    p->target = max_ids;
    if (rng_real(rng) < p->rules.short_seq_prob)
        p->target = (uint64_t)rng_between(rng, 2, (int64_t)max_ids);
}

/* B from any place of another document, at least `want` ids when the document has them. Returns the
 * label: with one document only, or after ten unlucky draws, B is from the same one and does not
 * count as random, unless the rules are Google's. */
static int32_t draw_random_next(struct range *b, struct pairs *p, int64_t want)
{
    const uint64_t *bounds;
    size_t n, at;
    size_t other = p->document;

    for (int i = 0; i < MAX_DOCUMENT_DRAWS && other == p->document; i++)
        other = (size_t)rng_between(p->rng, 0, (int64_t)p->n_documents - 1);
    n = corpus_document(&bounds, p->corpus, p->documents[other]);
    at = (size_t)rng_between(p->rng, 0, (int64_t)n - 1);
    b->begin = bounds[at];
    do {
        b->end = bounds[++at];
    } while (at < n && (int64_t)length_of(*b) < want);
    return p->rules.google_label || other != p->document;
}

/* Takes ids from the longer one, B when they are equal, at a random end, until both fit. Without a
 * branch: either end of either one is as likely as the other. */
static void truncate_pair(struct range *a, struct range *b, uint64_t max_ids, struct rng *rng)
{
    uint64_t n_a = length_of(*a);
    uint64_t n_b = length_of(*b);

    while (n_a + n_b > max_ids) {
        const bool from_a = n_a > n_b;
        const bool from_front = rng_coin(rng);

        a->begin += from_a & from_front;
        b->begin += !from_a & from_front;
        n_a -= from_a;
        n_b -= !from_a;
    }
    a->end = a->begin + n_a;
    b->end = b->begin + n_b;
}

/* An empty B leaves one segment. */
static void put_together(struct pairs *p, struct range a, struct range b)
{
    const struct tokens_header *v = p->masking.vocab;
    struct sequence *s = &p->sequence;
    const size_t n_a = (size_t)length_of(a);
    const size_t n_b = (size_t)length_of(b);

    s->ids[0] = v->cls;
    corpus_copy(s->ids + 1, p->corpus, a.begin, n_a);
    s->ids[1 + n_a] = v->sep;
    s->n_ids = s->n_first = n_a + 2;
    if (n_b == 0)
        return;
    corpus_copy(s->ids + s->n_first, p->corpus, b.begin, n_b);
    s->ids[s->n_first + n_b] = v->sep;
    s->n_ids += n_b + 1;
}

/* One behind the last sentence of the chunk that starts with the next one. */
static size_t end_of_chunk(const struct pairs *p)
{
    size_t end = p->at;

    do {
        end++;
    } while (end < p->n_sentences && p->bounds[end] - p->bounds[p->at] < p->target);
    return end;
}

static void next_by_nsp(struct range *a, struct range *b, struct pairs *p)
{
    const size_t first = p->at;
    const size_t end = end_of_chunk(p);
    const size_t n = end - first;
    const size_t n_a = n < 2 ? 1 : (size_t)rng_between(p->rng, 1, (int64_t)n - 1);

    *a = (struct range){p->bounds[first], p->bounds[first + n_a]};
    if (n < 2 || rng_real(p->rng) < RANDOM_NEXT) {
        p->sequence.next_label =
            draw_random_next(b, p, (int64_t)p->target - (int64_t)length_of(*a));
        p->at = first + n_a; /* what B would have been is used again */
    } else {
        *b = (struct range){p->bounds[first + n_a], p->bounds[end]};
        p->sequence.next_label = 0;
        p->at = end;
    }
}

/* A sentence that is alone in its chunk is cut in two: ALBERT's script puts a random text behind it,
 * which has nothing to do with order. */
static void next_by_sop(struct range *a, struct range *b, struct pairs *p)
{
    const size_t first = p->at;
    const size_t end = end_of_chunk(p);
    const size_t n = end - first;
    const uint64_t begin = p->bounds[first];
    const uint64_t n_ids = p->bounds[end] - begin;
    uint64_t middle;

    p->at = end;
    *a = (struct range){begin, begin + n_ids};
    *b = (struct range){0, 0};
    p->sequence.next_label = -1;
    if (n_ids < 2)
        return;
    middle = n < 2 ? begin + (uint64_t)rng_between(p->rng, 1, (int64_t)n_ids - 1)
                   : p->bounds[first + (size_t)rng_between(p->rng, 1, (int64_t)n - 1)];
    a->end = middle;
    *b = (struct range){middle, begin + n_ids};
    p->sequence.next_label = rng_real(p->rng) < SWAPPED;
    if (p->sequence.next_label) {
        const struct range first_part = *a;

        *a = *b;
        *b = first_part;
    }
}

/* Whole sentences while they fit; what is longer than a row goes on in the next one. */
static void next_without_pairs(struct range *a, struct range *b, struct pairs *p)
{
    const uint64_t begin = p->bounds[p->at] + p->offset;

    p->sequence.next_label = -1;
    *b = (struct range){0, 0};
    *a = (struct range){begin, begin};
    while (p->at < p->n_sentences && p->bounds[p->at + 1] - begin <= p->target) {
        a->end = p->bounds[++p->at];
        p->offset = 0;
    }
    if (a->end == begin) {
        a->end = begin + p->target;
        p->offset += p->target;
    }
}

bool pairs_next(struct pairs *p)
{
    struct range a, b;

    if (p->at == p->n_sentences)
        return false;
    switch (p->rules.kind) {
    case PAIRS_NSP:
        next_by_nsp(&a, &b, p);
        break;
    case PAIRS_SOP:
        next_by_sop(&a, &b, p);
        break;
    default:
        next_without_pairs(&a, &b, p);
    }
    truncate_pair(&a, &b, room_for_text(p), p->rng);
    put_together(p, a, b);
    masking_apply(&p->masking, &p->sequence, p->rng);
    return true;
}

void pairs_release(struct pairs *p)
{
    masking_release(&p->masking);
    sequence_release(&p->sequence);
    *p = (struct pairs){0};
}

/* vocab_learner.c -- counts of pairs are kept up to date merge by merge.
 *
 *      pair (left, right) --> count, the words it may be in      found by a hash table
 *      heap of (count, pair)                                     the largest is merged next
 *
 * A merge touches only the words of its pair. Counts that fell are not corrected in the heap: an
 * entry whose count is not the pair's any more is put back with the right one when it comes up. */
#include "text/vocab_learner.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

struct piece {
    size_t at; /* into learner.text: the token with its "##" */
    size_t len;
};

struct pair {
    int32_t left, right; /* pieces */
    int64_t count;
    uint32_t *words; /* (n) that may have it, without repetitions in a row */
    size_t n;
    size_t cap;
    bool raised; /* its count grew in the present merge */
};

struct heap_entry {
    int64_t count;
    size_t pair;
};

struct word {
    size_t at; /* into learner.symbols */
    size_t len;
    int64_t count;
};

struct learner {
    struct buf text;
    struct piece *pieces; /* (n_pieces) */
    size_t n_pieces, cap_pieces;
    uint32_t *piece_slots; /* (n_piece_slots) piece plus 1 by its text */
    size_t n_piece_slots;

    struct word *words; /* (n_words) */
    size_t n_words;
    int32_t *symbols; /* the pieces of all words */
    size_t n_symbols;

    struct pair *pairs; /* (n_pairs) */
    size_t n_pairs, cap_pairs;
    uint32_t *pair_slots; /* (n_pair_slots) pair plus 1 by its pieces */
    size_t n_pair_slots;
    size_t *raised; /* (n_raised) pairs to put into the heap */
    size_t n_raised, cap_raised;

    struct heap_entry *heap; /* (n_heap) a binary heap, the first comes next */
    size_t n_heap, cap_heap;
};

/* ---- pieces ---- */

static size_t piece_slot(const struct learner *l, const char *text, size_t len)
{
    size_t slot = xxh3_of(text, len, 0) & (l->n_piece_slots - 1);

    while (l->piece_slots[slot] > 0) {
        const struct piece *p = &l->pieces[l->piece_slots[slot] - 1];

        if (p->len == len && memcmp(l->text.data + p->at, text, len) == 0)
            break;
        slot = (slot + 1) & (l->n_piece_slots - 1);
    }
    return slot;
}

static void grow_piece_slots(struct learner *l)
{
    l->n_piece_slots = l->n_piece_slots ? 2 * l->n_piece_slots : 1024;
    l->piece_slots = mem_resize(l->piece_slots, l->n_piece_slots, sizeof *l->piece_slots);
    memset(l->piece_slots, 0, l->n_piece_slots * sizeof *l->piece_slots);
    for (size_t i = 0; i < l->n_pieces; i++) {
        const struct piece *p = &l->pieces[i];

        l->piece_slots[piece_slot(l, l->text.data + p->at, p->len)] = (uint32_t)(i + 1);
    }
}

/* The piece of that text, a new one if need be. */
static int32_t intern(struct learner *l, const char *text, size_t len)
{
    size_t slot;

    if (l->n_piece_slots < 2 * (l->n_pieces + 1))
        grow_piece_slots(l);
    slot = piece_slot(l, text, len);
    if (l->piece_slots[slot] > 0)
        return (int32_t)(l->piece_slots[slot] - 1);
    if (l->n_pieces == l->cap_pieces) {
        l->cap_pieces = mem_grow(l->cap_pieces, l->n_pieces + 1);
        l->pieces = mem_resize(l->pieces, l->cap_pieces, sizeof *l->pieces);
    }
    l->pieces[l->n_pieces++] = (struct piece){l->text.len, len};
    l->piece_slots[slot] = (uint32_t)l->n_pieces;
    buf_put(&l->text, text, len);
    return (int32_t)(l->n_pieces - 1);
}

/* "wo" and "##rd" make "word", "##wo" and "##rd" make "##word". */
static int32_t join(struct learner *l, int32_t left, int32_t right)
{
    const struct piece a = l->pieces[left], b = l->pieces[right];
    struct buf text = {0};
    int32_t piece;

    buf_put(&text, l->text.data + a.at, a.len);
    buf_put(&text, l->text.data + b.at + 2, b.len - 2);
    piece = intern(l, text.data, text.len);
    buf_release(&text);
    return piece;
}

/* ---- the heap ---- */

/* Whether x comes before y. */
static bool is_before(const struct learner *l, struct heap_entry x, struct heap_entry y)
{
    const struct pair *a = &l->pairs[x.pair], *b = &l->pairs[y.pair];

    if (x.count != y.count)
        return x.count > y.count;
    return a->left != b->left ? a->left < b->left : a->right < b->right;
}

static void heap_push(struct learner *l, struct heap_entry e)
{
    size_t at = l->n_heap++;

    if (l->n_heap > l->cap_heap) {
        l->cap_heap = mem_grow(l->cap_heap, l->n_heap);
        l->heap = mem_resize(l->heap, l->cap_heap, sizeof *l->heap);
    }
    while (at > 0 && is_before(l, e, l->heap[(at - 1) / 2])) {
        l->heap[at] = l->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    l->heap[at] = e;
}

static struct heap_entry heap_pop(struct learner *l)
{
    const struct heap_entry first = l->heap[0];
    const struct heap_entry e = l->heap[--l->n_heap];
    size_t at = 0;

    for (;;) {
        size_t child = 2 * at + 1;

        if (child >= l->n_heap)
            break;
        if (child + 1 < l->n_heap && is_before(l, l->heap[child + 1], l->heap[child]))
            child++;
        if (!is_before(l, l->heap[child], e))
            break;
        l->heap[at] = l->heap[child];
        at = child;
    }
    l->heap[at] = e;
    return first;
}

/* ---- pairs ---- */

static size_t pair_slot(const struct learner *l, int32_t left, int32_t right)
{
    const uint64_t key = (uint64_t)(uint32_t)left << 32 | (uint32_t)right;
    size_t slot = (size_t)(key * UINT64_C(0x9E3779B97F4A7C15) >> 20) & (l->n_pair_slots - 1);

    while (l->pair_slots[slot] > 0) {
        const struct pair *p = &l->pairs[l->pair_slots[slot] - 1];

        if (p->left == left && p->right == right)
            break;
        slot = (slot + 1) & (l->n_pair_slots - 1);
    }
    return slot;
}

static void grow_pair_slots(struct learner *l)
{
    l->n_pair_slots = l->n_pair_slots ? 2 * l->n_pair_slots : 4096;
    l->pair_slots = mem_resize(l->pair_slots, l->n_pair_slots, sizeof *l->pair_slots);
    memset(l->pair_slots, 0, l->n_pair_slots * sizeof *l->pair_slots);
    for (size_t i = 0; i < l->n_pairs; i++)
        l->pair_slots[pair_slot(l, l->pairs[i].left, l->pairs[i].right)] = (uint32_t)(i + 1);
}

static struct pair *get_pair(struct learner *l, int32_t left, int32_t right)
{
    size_t slot;

    if (l->n_pair_slots < 2 * (l->n_pairs + 1))
        grow_pair_slots(l);
    slot = pair_slot(l, left, right);
    if (l->pair_slots[slot] == 0) {
        if (l->n_pairs == l->cap_pairs) {
            l->cap_pairs = mem_grow(l->cap_pairs, l->n_pairs + 1);
            l->pairs = mem_resize(l->pairs, l->cap_pairs, sizeof *l->pairs);
        }
        l->pairs[l->n_pairs++] = (struct pair){.left = left, .right = right};
        l->pair_slots[slot] = (uint32_t)l->n_pairs;
    }
    return &l->pairs[l->pair_slots[slot] - 1];
}

/* The pair occurs `count` times more, in that word. */
static void raise_pair(struct learner *l, int32_t left, int32_t right, size_t word, int64_t count)
{
    struct pair *p = get_pair(l, left, right);

    p->count += count;
    if (p->n == 0 || p->words[p->n - 1] != word) {
        if (p->n == p->cap) {
            p->cap = p->cap ? mem_grow(p->cap, p->n + 1) : 2;
            p->words = mem_resize(p->words, p->cap, sizeof *p->words);
        }
        p->words[p->n++] = (uint32_t)word;
    }
    if (!p->raised) {
        p->raised = true;
        if (l->n_raised == l->cap_raised) {
            l->cap_raised = mem_grow(l->cap_raised, l->n_raised + 1);
            l->raised = mem_resize(l->raised, l->cap_raised, sizeof *l->raised);
        }
        l->raised[l->n_raised++] = (size_t)(p - l->pairs);
    }
}

static void push_raised(struct learner *l)
{
    for (size_t i = 0; i < l->n_raised; i++) {
        struct pair *p = &l->pairs[l->raised[i]];

        p->raised = false;
        if (p->count > 0)
            heap_push(l, (struct heap_entry){p->count, l->raised[i]});
    }
    l->n_raised = 0;
}

/* Makes left right one piece wherever they are neighbours in the word. */
static void merge_in_word(struct learner *l, size_t index, int32_t left, int32_t right,
                          int32_t merged)
{
    struct word *w = &l->words[index];
    int32_t *s = l->symbols + w->at;
    size_t len = 0;

    for (size_t i = 0; i < w->len; i++) {
        if (i + 1 == w->len || s[i] != left || s[i + 1] != right) {
            s[len++] = s[i];
            continue;
        }
        if (len > 0) {
            get_pair(l, s[len - 1], left)->count -= w->count;
            raise_pair(l, s[len - 1], merged, index, w->count);
        }
        if (i + 2 < w->len) {
            get_pair(l, right, s[i + 2])->count -= w->count;
            raise_pair(l, merged, s[i + 2], index, w->count);
        }
        s[len++] = merged;
        i++;
    }
    w->len = len;
}

static void merge(struct learner *l, size_t index)
{
    const struct pair p = l->pairs[index];
    const int32_t merged = join(l, p.left, p.right);

    for (size_t i = 0; i < p.n; i++)
        merge_in_word(l, p.words[i], p.left, p.right, merged);
    free(p.words);
    l->pairs[index].words = NULL;
    l->pairs[index].n = 0;
    l->pairs[index].cap = 0;
    l->pairs[index].count = 0;
    push_raised(l);
}

/* Merges until there are n_pieces pieces, or no pair is frequent enough. */
static void merge_all(struct learner *l, size_t n_pieces, uint64_t min_count)
{
    while (l->n_pieces < n_pieces && l->n_heap > 0) {
        const struct heap_entry e = heap_pop(l);
        const int64_t count = l->pairs[e.pair].count;

        if (count != e.count) {
            if (count > 0 && count < e.count)
                heap_push(l, (struct heap_entry){count, e.pair});
        } else if ((uint64_t)count < min_count) {
            break;
        } else {
            merge(l, e.pair);
        }
    }
}

/* ---- the alphabet ---- */

struct character {
    int32_t point;
    uint64_t count;
};

static int by_count(const void *a, const void *b)
{
    const struct character *x = a, *y = b;

    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return (x->point > y->point) - (x->point < y->point);
}

static int by_point(const void *a, const void *b)
{
    const struct character *x = a, *y = b;

    return (x->point > y->point) - (x->point < y->point);
}

/* Punctuation and ideographs are words of their own: they never continue one. */
static bool stands_alone(const struct unicode *u, int32_t point)
{
    return unicode_at(u, point)->flags & (UNICODE_PUNCTUATION | UNICODE_CJK);
}

/* The code points of all words with their counts, the most frequent first. */
static struct character *count_characters(size_t *n, const struct word_counts *words)
{
    uint64_t *counts = mem_array(UNICODE_END, sizeof *counts);
    struct character *all;
    size_t cap = 64;
    int32_t *points = mem_array(cap, sizeof *points);
    size_t n_seen = 0;

    for (size_t i = 0; i < words->n_words; i++) {
        const struct word_count *w = &words->words[i];
        size_t n_points;

        if (w->len > cap) {
            cap = mem_grow(cap, w->len);
            points = mem_resize(points, cap, sizeof *points);
        }
        n_points = unicode_decode(points, words->text.data + w->at, w->len);
        for (size_t j = 0; j < n_points; j++)
            counts[points[j]] += w->count;
    }
    for (size_t point = 0; point < UNICODE_END; point++)
        n_seen += counts[point] > 0;
    all = mem_array(n_seen, sizeof *all);
    *n = 0;
    for (int32_t point = 0; point < UNICODE_END; point++)
        if (counts[point] > 0)
            all[(*n)++] = (struct character){point, counts[point]};
    qsort(all, *n, sizeof *all, by_count);
    free(points);
    free(counts);
    return all;
}

/* Makes pieces of the most frequent characters, in both forms, so that every word made of them can be
 * written: as many as are allowed and fit into max_pieces. */
static void make_alphabet(struct learner *l, struct vocab_learner_report *report,
                          const struct word_counts *words, const struct unicode *u,
                          size_t max_characters, size_t max_pieces)
{
    size_t n_seen;
    struct character *all = count_characters(&n_seen, words);
    size_t n = 0;
    size_t n_pieces = 0;
    char text[8] = "##";

    for (; n < n_seen && n < max_characters; n++) {
        const size_t forms = stands_alone(u, all[n].point) ? 1 : 2;

        if (n_pieces + forms > max_pieces)
            break;
        n_pieces += forms;
    }
    qsort(all, n, sizeof *all, by_point);
    for (size_t i = 0; i < n; i++)
        intern(l, text + 2, unicode_encode(text + 2, all[i].point));
    for (size_t i = 0; i < n; i++)
        if (!stands_alone(u, all[i].point))
            intern(l, text, 2 + unicode_encode(text + 2, all[i].point));
    report->n_characters = n;
    report->n_characters_left_out = n_seen - n;
    free(all);
}

/* The word as pieces of one character at the end of l->symbols, unless one is not in the alphabet. */
static bool add_word(struct learner *l, const char *word, size_t len, int64_t count)
{
    struct word *w = &l->words[l->n_words];
    char text[8] = "##";

    *w = (struct word){.at = l->n_symbols, .count = count};
    for (size_t i = 0; i < len;) {
        size_t n = 1;
        size_t slot;

        while (i + n < len && ((unsigned char)word[i + n] & 0xC0) == 0x80)
            n++;
        if (n > 4)
            return false;
        memcpy(text + 2, word + i, n);
        slot = i > 0 ? piece_slot(l, text, n + 2) : piece_slot(l, text + 2, n);
        if (l->piece_slots[slot] == 0)
            return false;
        l->symbols[w->at + w->len++] = (int32_t)(l->piece_slots[slot] - 1);
        i += n;
    }
    l->n_symbols += w->len;
    l->n_words++;
    return true;
}

static void add_words(struct learner *l, struct vocab_learner_report *report,
                      const struct word_counts *words)
{
    l->words = mem_array(words->n_words, sizeof *l->words);
    l->symbols = mem_array(words->text.len, sizeof *l->symbols);
    for (size_t i = 0; i < words->n_words; i++) {
        const struct word_count *w = &words->words[i];

        report->count += w->count;
        if (!add_word(l, words->text.data + w->at, w->len, (int64_t)w->count))
            report->count_left_out += w->count;
    }
    for (size_t i = 0; i < l->n_words; i++) {
        const struct word *w = &l->words[i];

        for (size_t j = 1; j < w->len; j++)
            raise_pair(l, l->symbols[w->at + j - 1], l->symbols[w->at + j], i, w->count);
    }
    push_raised(l);
}

/* ---- the whole ---- */

static void write_vocab(struct buf *text, const struct learner *l, size_t n_unused)
{
    buf_put_text(text, "[PAD]\n");
    for (size_t i = 0; i < n_unused; i++)
        buf_printf(text, "[unused%zu]\n", i);
    buf_put_text(text, "[UNK]\n[CLS]\n[SEP]\n[MASK]\n");
    for (size_t i = 0; i < l->n_pieces; i++) {
        buf_put(text, l->text.data + l->pieces[i].at, l->pieces[i].len);
        buf_put_byte(text, '\n');
    }
}

static void learner_release(struct learner *l)
{
    buf_release(&l->text);
    free(l->pieces);
    free(l->piece_slots);
    free(l->words);
    free(l->symbols);
    for (size_t i = 0; i < l->n_pairs; i++)
        free(l->pairs[i].words);
    free(l->pairs);
    free(l->pair_slots);
    free(l->raised);
    free(l->heap);
    free(l);
}

int vocab_learner_run(struct buf *text, struct vocab_learner_report *report,
                      const struct word_counts *words, const struct unicode *u,
                      const struct vocab_learner_options *options, struct err *err)
{
    enum { N_SPECIAL = 5, MAX_UNUSED = 99 }; /* as in Google's vocabularies: [UNK] is 100 */
    struct learner *l;
    size_t n_pieces;

    *report = (struct vocab_learner_report){0};
    if (words->n_words == 0)
        return err_set(err, ERR_FORMAT, "there are no words to learn from");
    if (options->size < VOCAB_LEARNER_MIN_SIZE)
        return err_set(err, ERR_USAGE, "a vocabulary of %zu tokens is too small, %d is the least",
                       options->size, VOCAB_LEARNER_MIN_SIZE);
    report->n_unused = options->size / 10 < MAX_UNUSED ? options->size / 10 : MAX_UNUSED;
    n_pieces = options->size - N_SPECIAL - report->n_unused;
    l = mem_alloc(sizeof *l);
    grow_piece_slots(l);
    make_alphabet(l, report, words, u, options->max_alphabet, n_pieces);
    add_words(l, report, words);
    merge_all(l, n_pieces, options->min_count);
    write_vocab(text, l, report->n_unused);
    report->n_tokens = N_SPECIAL + report->n_unused + l->n_pieces;
    learner_release(l);
    return 0;
}

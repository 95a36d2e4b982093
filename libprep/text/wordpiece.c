/* wordpiece.c -- the tries are built range by range: a node is a range of tokens that share their first
 * bytes, and its children are the parts of that range once it is sorted by the next byte. A range of
 * one token needs no more nodes. */
#include "text/wordpiece.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { START, REST };

enum { WINDOW = 8 };

/* A token, without "##" in the trie of continuations. Its text is far and looked at often: so the bytes
 * from the last multiple of eight up to the depth are here, the first in the highest byte, zeros behind
 * the end. */
struct entry {
    uint64_t window;
    uint32_t start; /* of the token in the vocabulary's text */
    uint32_t len;
    int32_t id;
};

/* What is still to do: the entries [lo, hi), equal in their first `depth` bytes, are the node. */
struct range {
    size_t node;
    size_t lo, hi;
    size_t depth;
    bool sorted; /* by the whole window */
};

struct builder {
    struct wordpiece *w;
    size_t text_len;
    size_t cap; /* nodes */
    struct entry *entries;
    struct entry *spare; /* as many, for a moment */
    struct range *todo;  /* (n_todo) a stack */
    size_t n_todo, cap_todo;
};

/* The byte that decides at a depth, plus 1; 0 = the token ends there. */
static inline unsigned byte_at(const struct entry *e, size_t depth)
{
    return e->len > depth ? (unsigned)(e->window >> (56 - 8 * (depth % WINDOW)) & 0xFF) + 1 : 0;
}

static uint64_t number_of(const unsigned char *b)
{
    const uint32_t high = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
    const uint32_t low = (uint32_t)b[4] << 24 | (uint32_t)b[5] << 16 | (uint32_t)b[6] << 8 | b[7];

    return (uint64_t)high << 32 | low;
}

static void fill_window(struct entry *e, const struct builder *b, size_t depth)
{
    unsigned char end[WINDOW] = {0};
    const size_t n = e->len > depth ? e->len - depth : 0;
    const size_t at = e->start + depth;

    if (n >= WINDOW) {
        e->window = number_of((const unsigned char *)b->w->text + at);
    } else if (at + WINDOW <= b->text_len) {
        e->window = number_of((const unsigned char *)b->w->text + at) & ~(~UINT64_C(0) >> 8 * n);
    } else {
        memcpy(end, b->w->text + at, n);
        e->window = number_of(end);
    }
}

static inline bool is_before(const struct entry *a, const struct entry *b)
{
    return a->window != b->window ? a->window < b->window : a->len < b->len;
}

/* By the whole window. */
static void sort_few(struct entry *entries, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        const struct entry moved = entries[i];
        size_t j = i;

        for (; j > 0 && is_before(&moved, &entries[j - 1]); j--)
            entries[j] = entries[j - 1];
        entries[j] = moved;
    }
}

/* By one byte. */
static void sort_many(struct entry *entries, struct entry *sorted, size_t n, size_t depth)
{
    uint32_t start[258] = {0};

    for (size_t i = 0; i < n; i++)
        start[byte_at(&entries[i], depth) + 1]++;
    for (size_t i = 1; i < 258; i++)
        start[i] += start[i - 1];
    for (size_t i = 0; i < n; i++)
        sorted[start[byte_at(&entries[i], depth)]++] = entries[i];
    memcpy(entries, sorted, n * sizeof *entries);
}

/* Sorts the entries of a range by the byte that decides, at least. */
static void sort_range(struct builder *b, struct range *r)
{
    enum { FEW = 24 };
    const size_t n = r->hi - r->lo;
    struct entry *entries = b->entries + r->lo;

    if (r->depth % WINDOW == 0) {
        for (size_t i = 0; i < n; i++)
            fill_window(&entries[i], b, r->depth);
        r->sorted = false;
    }
    if (r->sorted)
        return;
    r->sorted = n <= FEW;
    if (r->sorted)
        sort_few(entries, n);
    else
        sort_many(entries, b->spare, n, r->depth);
}

static void reserve_nodes(struct builder *b, size_t n)
{
    b->cap = mem_grow(b->cap, n);
    b->w->nodes = mem_resize(b->w->nodes, b->cap, sizeof *b->w->nodes);
    b->w->bytes = mem_resize(b->w->bytes, b->cap, sizeof *b->w->bytes);
}

/* A node for the entries of a range. */
static void add_node(struct builder *b, unsigned char byte, struct range range)
{
    struct wordpiece *w = b->w;
    const struct entry *e = &b->entries[range.lo];
    struct wordpiece_node node = {.id = -1};

    if (w->n_nodes == b->cap)
        reserve_nodes(b, w->n_nodes + 1);
    range.node = w->n_nodes++;
    if (range.hi - range.lo == 1 && e->len - range.depth <= UINT16_MAX) {
        node.id = e->id;
        node.first = (uint32_t)(e->start + range.depth);
        node.wide = (uint16_t)(e->len - range.depth);
    } else {
        if (b->n_todo == b->cap_todo) {
            b->cap_todo = mem_grow(b->cap_todo, b->n_todo + 1);
            b->todo = mem_resize(b->todo, b->cap_todo, sizeof *b->todo);
        }
        b->todo[b->n_todo++] = range;
    }
    w->nodes[range.node] = node;
    w->bytes[range.node] = byte;
}

/* Gives a node its id and its children. */
static void expand(struct builder *b, struct range r)
{
    const struct entry *entries = b->entries;
    const size_t first = b->w->n_nodes;
    size_t lo = r.lo;

    sort_range(b, &r);
    if (lo < r.hi && entries[lo].len == r.depth)
        b->w->nodes[r.node].id = entries[lo++].id;
    while (lo < r.hi) {
        const unsigned byte = byte_at(&entries[lo], r.depth);
        size_t hi = lo + 1;

        while (hi < r.hi && byte_at(&entries[hi], r.depth) == byte)
            hi++;
        add_node(b, (unsigned char)(byte - 1),
                 (struct range){.lo = lo, .hi = hi, .depth = r.depth + 1, .sorted = r.sorted});
        lo = hi;
    }
    b->w->nodes[r.node].first = (uint32_t)first;
    b->w->nodes[r.node].n = (uint16_t)(b->w->n_nodes - first);
}

/* Tables for the nodes with many children. */
static void make_tables(struct wordpiece *w)
{
    enum { MANY = 8 };
    size_t n = 0;

    for (size_t i = 0; i < w->n_nodes; i++)
        n += w->nodes[i].n > MANY;
    w->tables = mem_array(n, 256);
    for (size_t i = 0; i < w->n_nodes && w->n_tables < UINT16_MAX; i++) {
        struct wordpiece_node *node = &w->nodes[i];
        unsigned char *table = w->tables + 256 * w->n_tables;

        if (node->n <= MANY)
            continue;
        for (size_t child = 0; child < node->n; child++)
            table[w->bytes[node->first + child]] = (unsigned char)child;
        node->wide = (uint16_t)++w->n_tables;
    }
}

/* Two tries from the entries [0, n_start) and those behind; the roots are no leaves. */
static void build(struct builder *b, size_t n_start, size_t n)
{
    struct wordpiece *w = b->w;

    w->n_nodes = 2;
    w->nodes[START] = w->nodes[REST] = (struct wordpiece_node){.id = -1};
    w->bytes[START] = w->bytes[REST] = 0;
    expand(b, (struct range){.node = START, .hi = n_start});
    expand(b, (struct range){.node = REST, .lo = n_start, .hi = n});
    while (b->n_todo > 0)
        expand(b, b->todo[--b->n_todo]);
}

void wordpiece_init(struct wordpiece *w, const struct vocab *vocab, size_t max_points)
{
    struct entry *entries = mem_array(2 * vocab->n_words, sizeof *entries);
    struct builder b = {.w = w, .text_len = vocab->text.len, .entries = entries};
    size_t n = 0;
    size_t n_start;

    *w = (struct wordpiece){.text = vocab->text.data, .unk = vocab->unk, .max_points = max_points};
    for (size_t i = 0; i < vocab->n_words; i++) {
        const int32_t id = vocab->words[i];
        const uint32_t len = (uint32_t)vocab_token_len(vocab, id);

        if (len > 0)
            entries[n++] = (struct entry){.start = vocab->starts[id], .len = len, .id = id};
    }
    n_start = n;
    for (size_t i = 0; i < n_start; i++) {
        const struct entry e = entries[i];

        if (e.len > 2 && memcmp(w->text + e.start, "##", 2) == 0)
            entries[n++] = (struct entry){.start = e.start + 2, .len = e.len - 2, .id = e.id};
    }
    b.spare = mem_array(n, sizeof *b.spare);
    reserve_nodes(&b, 2 * vocab->n_words + 2);
    build(&b, n_start, n);
    make_tables(w);
    free(b.todo);
    free(b.spare);
    free(entries);
}

/* Which child of the node has the byte, node->n when none. */
static inline size_t find_child(const struct wordpiece *w, const struct wordpiece_node *node,
                                unsigned char byte)
{
    const unsigned char *const children = w->bytes + node->first;
    const size_t n = node->n;
    const unsigned char *child;

    if (node->wide) {
        const size_t at = w->tables[256 * (size_t)(node->wide - 1) + byte];

        return children[at] == byte ? at : n;
    }

    for (size_t i = 0; i < n && i < 4; i++)
        if (children[i] == byte)
            return i;
    if (n <= 4)
        return n;
    child = memchr(children + 4, byte, n - 4);
    return child ? (size_t)(child - children) : n;
}

/* The id of the longest token that `text` begins with, its length in *len; -1 when there is none. */
static int32_t longest(size_t *len, const struct wordpiece *w, size_t node, const char *text,
                       size_t n)
{
    int32_t id = -1;

    for (size_t i = 0; i < n; i++) {
        const struct wordpiece_node *at = &w->nodes[node];
        const size_t child = find_child(w, at, (unsigned char)text[i]);

        if (child == at->n)
            break;
        node = at->first + child;
        at = &w->nodes[node];
        if (at->n == 0) {
            if (n - i - 1 < at->wide || memcmp(text + i + 1, w->text + at->first, at->wide) != 0)
                break;
            *len = i + 1 + at->wide;
            return at->id;
        }
        if (at->id >= 0) {
            id = at->id;
            *len = i + 1;
        }
    }
    return id;
}

size_t wordpiece_encode_lengths(int32_t *ids, size_t *lengths, const struct wordpiece *w,
                                const char *word, size_t n, size_t n_points)
{
    size_t n_ids = 0;
    size_t len = 0;

    if (n_points <= w->max_points) {
        for (size_t at = 0; at < n; at += len) {
            const int32_t id = longest(&len, w, at ? REST : START, word + at, n - at);

            if (id < 0) {
                n_ids = 0;
                break;
            }
            if (lengths)
                lengths[n_ids] = len;
            ids[n_ids++] = id;
        }
    }
    if (n_ids == 0) {
        if (lengths)
            lengths[0] = n;
        ids[n_ids++] = w->unk;
    }
    return n_ids;
}

size_t wordpiece_encode(int32_t *ids, const struct wordpiece *w, const char *word, size_t n,
                        size_t n_points)
{
    return wordpiece_encode_lengths(ids, NULL, w, word, n, n_points);
}

void wordpiece_release(struct wordpiece *w)
{
    free(w->nodes);
    free(w->bytes);
    free(w->tables);
    *w = (struct wordpiece){0};
}

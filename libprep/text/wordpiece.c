/* wordpiece.c -- the tries are built level by level: a node is a range of tokens that share their first
 * bytes, and its children are the parts of that range once it is sorted by the next byte. */
#include "text/wordpiece.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { START, REST };

struct entry {
    const char *text; /* without "##" in the trie of continuations */
    uint32_t len;
    int32_t id;
};

/* What is still to do: the entries [lo, hi), equal in their first `depth` bytes, become a node. */
struct range {
    size_t lo, hi;
    size_t depth;
};

struct builder {
    struct wordpiece *w;
    struct range *ranges; /* (w->n_nodes) */
    size_t cap;
    struct entry *entries;
    struct entry *sorted; /* as many, for a moment */
};

/* The byte that decides at a depth, plus 1; 0 = the token ends there. */
static inline unsigned byte_at(const struct entry *e, size_t depth)
{
    return e->len > depth ? (unsigned char)e->text[depth] + 1u : 0;
}

static void sort_few(struct entry *entries, size_t n, size_t depth)
{
    for (size_t i = 1; i < n; i++) {
        const struct entry moved = entries[i];
        const unsigned byte = byte_at(&moved, depth);
        size_t j = i;

        for (; j > 0 && byte_at(&entries[j - 1], depth) > byte; j--)
            entries[j] = entries[j - 1];
        entries[j] = moved;
    }
}

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

/* Sorts the entries of a range by that byte. */
static void sort_range(struct builder *b, struct range r)
{
    enum { FEW = 24 };
    const size_t n = r.hi - r.lo;

    if (n <= FEW)
        sort_few(b->entries + r.lo, n, r.depth);
    else
        sort_many(b->entries + r.lo, b->sorted, n, r.depth);
}

static void reserve_nodes(struct builder *b, size_t n)
{
    b->cap = mem_grow(b->cap, n);
    b->w->nodes = mem_resize(b->w->nodes, b->cap, sizeof *b->w->nodes);
    b->w->bytes = mem_resize(b->w->bytes, b->cap, sizeof *b->w->bytes);
    b->ranges = mem_resize(b->ranges, b->cap, sizeof *b->ranges);
}

static void add_node(struct builder *b, unsigned char byte, struct range range)
{
    struct wordpiece *w = b->w;

    if (w->n_nodes == b->cap)
        reserve_nodes(b, w->n_nodes + 1);
    w->nodes[w->n_nodes] = (struct wordpiece_node){.id = -1};
    w->bytes[w->n_nodes] = byte;
    b->ranges[w->n_nodes++] = range;
}

/* Gives a node its id and its children. */
static void expand(struct builder *b, size_t node)
{
    const struct range r = b->ranges[node];
    const struct entry *entries = b->entries;
    const size_t first = b->w->n_nodes;
    size_t lo = r.lo;

    sort_range(b, r);
    if (lo < r.hi && entries[lo].len == r.depth)
        b->w->nodes[node].id = entries[lo++].id;
    while (lo < r.hi) {
        const unsigned char byte = (unsigned char)entries[lo].text[r.depth];
        size_t hi = lo + 1;

        while (hi < r.hi && (unsigned char)entries[hi].text[r.depth] == byte)
            hi++;
        add_node(b, byte, (struct range){lo, hi, r.depth + 1});
        lo = hi;
    }
    b->w->nodes[node].first = (uint32_t)first;
    b->w->nodes[node].n = (uint16_t)(b->w->n_nodes - first);
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

void wordpiece_init(struct wordpiece *w, const struct vocab *vocab, size_t max_points)
{
    struct entry *entries = mem_array(2 * vocab->n_words, sizeof *entries);
    struct builder b = {
        .w = w, .entries = entries, .sorted = mem_array(2 * vocab->n_words, sizeof *entries)};
    size_t n = 0;
    size_t n_start;

    *w = (struct wordpiece){.unk = vocab->unk, .max_points = max_points};
    for (size_t i = 0; i < vocab->n_words; i++) {
        const int32_t id = vocab->words[i];
        const size_t len = vocab_token_len(vocab, id);

        if (len > 0)
            entries[n++] = (struct entry){vocab_token(vocab, id), (uint32_t)len, id};
    }
    n_start = n;
    for (size_t i = 0; i < n_start; i++) {
        const struct entry e = entries[i];

        if (e.len > 2 && memcmp(e.text, "##", 2) == 0)
            entries[n++] = (struct entry){e.text + 2, e.len - 2, e.id};
    }
    reserve_nodes(&b, 4 * vocab->n_words);
    add_node(&b, 0, (struct range){0, n_start, 0});
    add_node(&b, 0, (struct range){n_start, n, 0});
    for (size_t node = 0; node < w->n_nodes; node++)
        expand(&b, node);
    make_tables(w);
    free(b.ranges);
    free(b.sorted);
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
        if (w->nodes[node].id >= 0) {
            id = w->nodes[node].id;
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

/* quick_deflate.c -- portions of some thousand symbols; those alike share a block and its codes.
 *
 *      | portion | portion | portion | portion |        a block ends where the symbols change: the
 *      |       block       | block   | block            bytes of one weight end there, for instance
 *
 * The codes of literals are at most 14 bits, so four of them and what is left over of a byte fit one
 * word: bits are written 64 at a time, and only whole bytes count. */
#include "base/quick_deflate.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/huffman.h"
#include "base/mem.h"
#include "base/repeats.h"

enum {
    PORTION = 8192,        /* symbols after which a portion ends */
    PORTION_BYTES = 65536, /* or bytes */
    BLOCK_PORTIONS = 8,    /* in one block, at most */
    ALIKE = 1 << 18,       /* sum of differences of shares up to which portions are alike, of ONE */
    ONE = 1 << 20,
    N_LITERALS = 256,
    END_OF_BLOCK = 256,
    FIRST_LENGTH = 257,
    N_SYMBOLS = 286,
    N_DISTANCES = 30,
    MIN_MATCH = 3,
    MAX_MATCH = 258,
    LENGTH_LIMIT = 14,    /* of codes of symbols */
    DISTANCE_LIMIT = 15,  /* of codes of distances */
    N_LENGTHS_OF = 19,    /* symbols of the code by which code lengths are written */
    LENGTHS_OF_LIMIT = 7, /* of its codes */
    MAX_STORED = 65535,
    SLACK = 16 /* bytes that the writer of 64 bits may touch behind the last */
};

enum { KIND_STORED = 0, KIND_DYNAMIC = 2 };

/* Symbols of a portion or a block. */
struct counts {
    uint32_t symbols[N_SYMBOLS];
    uint32_t distances[N_DISTANCES];
};

/* A code as it is written: its bits, and the ones that follow it, in the upper 24; how many below. */
typedef uint32_t code_word;

struct quick_deflate {
    struct repeats repeats;
    struct repeat *list; /* of the block, then of the portion */
    size_t n_list;
    size_t n_block; /* of them in the block */
    size_t cap_list;
    struct counts block, portion;
    uint8_t length_symbol[MAX_MATCH + 1]; /* less FIRST_LENGTH */
    code_word literal[N_LITERALS];
    code_word length[MAX_MATCH + 1];
    code_word distance[N_DISTANCES];
    code_word end;
};

struct bits {
    uint8_t *to;
    uint64_t word; /* below 8 bits of it wait */
    unsigned n;
};

/* By length symbol: the shortest length, and bits that tell how much more. */
static const uint16_t length_base[] = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                       15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                       67, 83, 99, 115, 131, 163, 195, 227, 258};
static const uint8_t length_more[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                      2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};

struct quick_deflate *quick_deflate_open(void)
{
    struct quick_deflate *q = mem_alloc(sizeof *q);

    for (size_t s = 0; s < N_SYMBOLS - FIRST_LENGTH; s++)
        for (unsigned l = length_base[s]; l < length_base[s] + (1u << length_more[s]); l++)
            q->length_symbol[l] = (uint8_t)s;
    return q;
}

void quick_deflate_close(struct quick_deflate *q)
{
    if (!q)
        return;
    free(q->list);
    free(q);
}

size_t quick_deflate_bound(size_t n)
{
    /* A portion may be cut into stored pieces: a head and the bits before it each. */
    return n + (n / PORTION + n / MAX_STORED + 2) * 6 + SLACK;
}

static inline void flush_bits(struct bits *b)
{
    memcpy(b->to, &b->word, sizeof b->word);
    b->to += b->n >> 3;
    b->word >>= b->n & 0x38;
    b->n &= 7;
}

static inline void add_bits(struct bits *b, uint64_t value, unsigned n)
{
    b->word |= value << b->n;
    b->n += n;
}

static inline void add_code(struct bits *b, code_word c)
{
    add_bits(b, c >> 8, c & 0xff);
}

static void put_bits(struct bits *b, uint64_t value, unsigned n)
{
    add_bits(b, value, n);
    flush_bits(b);
}

static unsigned distance_symbol(uint32_t distance)
{
    const uint32_t d = distance - 1;
    unsigned top;

    if (d < 4)
        return d;
    top = 31 - (unsigned)__builtin_clz(d);
    return 2 * top + (d >> (top - 1) & 1);
}

static unsigned distance_more(unsigned symbol)
{
    return symbol < 4 ? 0 : symbol / 2 - 1;
}

/* How much of a repeat the next match takes: no rest is shorter than a match can be. */
static uint32_t match_of(uint32_t length)
{
    if (length <= MAX_MATCH)
        return length;
    return length - MAX_MATCH < MIN_MATCH ? length - MIN_MATCH : MAX_MATCH;
}

/* ---- counting ---- */

/* In four tables: the same byte twice would wait for its own count. */
static void count_literals(uint32_t counts[4][N_LITERALS], const uint8_t *bytes, size_t n)
{
    size_t i = 0;

    for (; i + 4 <= n; i += 4) {
        counts[0][bytes[i]]++;
        counts[1][bytes[i + 1]]++;
        counts[2][bytes[i + 2]]++;
        counts[3][bytes[i + 3]]++;
    }
    for (; i < n; i++)
        counts[i & 3][bytes[i]]++;
}

/* Returns how many matches the repeat becomes. */
static size_t count_matches(struct counts *c, const struct quick_deflate *q, const struct repeat *r)
{
    size_t n = 0;

    for (uint32_t left = r->length; left; n++) {
        const uint32_t match = match_of(left);

        c->symbols[FIRST_LENGTH + q->length_symbol[match]]++;
        left -= match;
    }
    c->distances[distance_symbol(r->distance)] += (uint32_t)n;
    return n;
}

static void add_counts(struct counts *c, const struct counts *more)
{
    for (size_t s = 0; s < N_SYMBOLS; s++)
        c->symbols[s] += more->symbols[s];
    for (size_t s = 0; s < N_DISTANCES; s++)
        c->distances[s] += more->distances[s];
}

static uint32_t sum_of(const uint32_t *counts, size_t n)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += counts[i];
    return sum;
}

/* Whether one code does for both. */
static bool are_alike(const struct counts *a, const struct counts *b)
{
    const uint32_t unit_a = ONE / (sum_of(a->symbols, N_SYMBOLS) + 1);
    const uint32_t unit_b = ONE / (sum_of(b->symbols, N_SYMBOLS) + 1);
    uint32_t difference = 0;

    for (size_t s = 0; s < N_SYMBOLS; s++) {
        const int32_t d = (int32_t)(a->symbols[s] * unit_a) - (int32_t)(b->symbols[s] * unit_b);

        difference += (uint32_t)(d < 0 ? -d : d);
    }
    return difference <= ALIKE;
}

/* The next portion behind the list; returns its bytes, 0 at the end. */
static size_t read_portion(struct quick_deflate *q)
{
    const size_t start = q->repeats.at;
    uint32_t literals[4][N_LITERALS] = {{0}};
    size_t n_symbols = 0;

    memset(&q->portion, 0, sizeof q->portion);
    while (n_symbols < PORTION && q->repeats.at - start < PORTION_BYTES) {
        const uint8_t *bytes = q->repeats.bytes + q->repeats.at;
        struct repeat *r;

        if (q->n_list == q->cap_list) {
            q->cap_list = mem_grow(q->cap_list, q->n_list + 1);
            q->list = mem_resize(q->list, q->cap_list, sizeof *q->list);
        }
        r = &q->list[q->n_list];
        if (!repeats_next(r, &q->repeats, PORTION - n_symbols))
            break;
        q->n_list++;
        count_literals(literals, bytes, r->n_before);
        n_symbols += r->n_before;
        if (r->length)
            n_symbols += count_matches(&q->portion, q, r);
    }
    for (size_t s = 0; s < N_LITERALS; s++)
        q->portion.symbols[s] = literals[0][s] + literals[1][s] + literals[2][s] + literals[3][s];
    return q->repeats.at - start;
}

/* ---- writing ---- */

/* The code lengths of a block as they stand in its head: symbols, and what follows some of them. */
struct head {
    uint8_t lengths[N_SYMBOLS + N_DISTANCES]; /* of symbols, then of distances */
    size_t n_symbols;                         /* of them with a code, or before one that has */
    size_t n_distances;
    uint8_t symbols[N_SYMBOLS + N_DISTANCES];
    uint8_t more[N_SYMBOLS + N_DISTANCES];
    size_t n;
    uint8_t lengths_of[N_LENGTHS_OF]; /* the code of `symbols` */
    size_t n_lengths_of;
    size_t n_bits;
};

enum { COPY_LENGTH = 16, SOME_ZEROS = 17, MANY_ZEROS = 18, MANY = 11 };

static const uint8_t head_more[N_LENGTHS_OF] = {
    [COPY_LENGTH] = 2, [SOME_ZEROS] = 3, [MANY_ZEROS] = 7};
/* The order in which RFC 1951 stores the lengths of the code of lengths. */
static const uint8_t head_order[N_LENGTHS_OF] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                 11, 4,  12, 3, 13, 2, 14, 1, 15};

static void head_add(struct head *h, unsigned symbol, size_t more)
{
    h->symbols[h->n] = (uint8_t)symbol;
    h->more[h->n++] = (uint8_t)more;
}

/* n times the same length. */
static void head_add_run(struct head *h, uint8_t length, size_t n)
{
    const size_t longest = length ? 6 : 138;

    if (length && n) {
        head_add(h, length, 0);
        n--;
    }
    while (n >= MIN_MATCH) {
        const size_t take = n < longest ? n : longest;

        if (length)
            head_add(h, COPY_LENGTH, take - MIN_MATCH);
        else if (take < MANY)
            head_add(h, SOME_ZEROS, take - MIN_MATCH);
        else
            head_add(h, MANY_ZEROS, take - MANY);
        n -= take;
    }
    for (; n > 0; n--)
        head_add(h, length, 0);
}

static void plan_head(struct head *h)
{
    uint32_t counts[N_LENGTHS_OF] = {0};
    const uint8_t *lengths = h->lengths;
    size_t n;

    h->n_symbols = N_SYMBOLS;
    while (h->n_symbols > FIRST_LENGTH && !lengths[h->n_symbols - 1])
        h->n_symbols--;
    h->n_distances = N_DISTANCES;
    while (h->n_distances > 1 && !lengths[N_SYMBOLS + h->n_distances - 1])
        h->n_distances--;
    memmove(h->lengths + h->n_symbols, h->lengths + N_SYMBOLS, h->n_distances);
    n = h->n_symbols + h->n_distances;
    h->n = 0;
    for (size_t at = 0, end; at < n; at = end) {
        for (end = at + 1; end < n && lengths[end] == lengths[at];)
            end++;
        head_add_run(h, lengths[at], end - at);
    }
    for (size_t i = 0; i < h->n; i++)
        counts[h->symbols[i]]++;
    huffman_lengths(h->lengths_of, counts, N_LENGTHS_OF, LENGTHS_OF_LIMIT);
    h->n_lengths_of = N_LENGTHS_OF;
    while (h->n_lengths_of > 4 && !h->lengths_of[head_order[h->n_lengths_of - 1]])
        h->n_lengths_of--;
    h->n_bits = 3 + 5 + 5 + 4 + 3 * h->n_lengths_of;
    for (size_t s = 0; s < N_LENGTHS_OF; s++)
        h->n_bits += counts[s] * (size_t)(h->lengths_of[s] + head_more[s]);
}

static void put_head(struct bits *b, const struct head *h, bool last)
{
    uint16_t codes[N_LENGTHS_OF];

    huffman_codes(codes, h->lengths_of, N_LENGTHS_OF);
    put_bits(b, last | KIND_DYNAMIC << 1, 3);
    put_bits(b, h->n_symbols - FIRST_LENGTH, 5);
    put_bits(b, h->n_distances - 1, 5);
    put_bits(b, h->n_lengths_of - 4, 4);
    for (size_t i = 0; i < h->n_lengths_of; i++)
        put_bits(b, h->lengths_of[head_order[i]], 3);
    for (size_t i = 0; i < h->n; i++) {
        put_bits(b, codes[h->symbols[i]], h->lengths_of[h->symbols[i]]);
        put_bits(b, h->more[i], head_more[h->symbols[i]]);
    }
}

/* The codes of the block's symbols, for put_repeats(). */
static void make_codes(struct quick_deflate *q, const uint8_t *symbol_lengths,
                       const uint8_t *distance_lengths)
{
    uint16_t codes[N_SYMBOLS];

    huffman_codes(codes, symbol_lengths, N_SYMBOLS);
    for (size_t s = 0; s < N_LITERALS; s++)
        q->literal[s] = (code_word)codes[s] << 8 | symbol_lengths[s];
    q->end = (code_word)codes[END_OF_BLOCK] << 8 | symbol_lengths[END_OF_BLOCK];
    for (unsigned l = MIN_MATCH; l <= MAX_MATCH; l++) {
        const unsigned s = q->length_symbol[l];
        const unsigned n = symbol_lengths[FIRST_LENGTH + s];

        q->length[l] =
            (codes[FIRST_LENGTH + s] | (l - length_base[s]) << n) << 8 | (n + length_more[s]);
    }
    huffman_codes(codes, distance_lengths, N_DISTANCES);
    for (size_t s = 0; s < N_DISTANCES; s++)
        q->distance[s] = (code_word)codes[s] << 8 | distance_lengths[s];
}

static inline const uint8_t *put_literals(struct bits *b, const struct quick_deflate *q,
                                          const uint8_t *bytes, size_t n)
{
    for (; n >= 4; n -= 4, bytes += 4) {
        add_code(b, q->literal[bytes[0]]);
        add_code(b, q->literal[bytes[1]]);
        add_code(b, q->literal[bytes[2]]);
        add_code(b, q->literal[bytes[3]]);
        flush_bits(b);
    }
    for (; n; n--)
        add_code(b, q->literal[*bytes++]);
    flush_bits(b);
    return bytes;
}

static inline void put_matches(struct bits *b, const struct quick_deflate *q,
                               const struct repeat *r)
{
    const unsigned symbol = distance_symbol(r->distance);
    const unsigned n_more = distance_more(symbol);
    const code_word code = q->distance[symbol];
    const uint64_t distance = code >> 8 | (uint64_t)((r->distance - 1) & ((1u << n_more) - 1))
                                              << (code & 0xff);

    for (uint32_t left = r->length; left;) {
        const uint32_t match = match_of(left);

        add_code(b, q->length[match]);
        add_bits(b, distance, (code & 0xff) + n_more);
        flush_bits(b);
        left -= match;
    }
}

static void put_stored(struct bits *b, const uint8_t *bytes, size_t n, bool last)
{
    do {
        const size_t take = n < MAX_STORED ? n : MAX_STORED;

        put_bits(b, (last && take == n) | KIND_STORED << 1, 3);
        put_bits(b, 0, -b->n & 7);
        put_bits(b, take | (uint64_t)(take ^ MAX_STORED) << 16, 32);
        if (take)
            memcpy(b->to, bytes, take);
        b->to += take;
        bytes += take;
        n -= take;
    } while (n);
}

/* The block of the first n_block repeats, which are the n bytes from `bytes` on. */
static void put_block(struct bits *to, struct quick_deflate *q, const uint8_t *bytes, size_t n,
                      bool last)
{
    struct bits b = *to;
    struct head h;
    struct counts *c = &q->block;
    uint8_t distance_lengths[N_DISTANCES];
    size_t n_bits = 0;

    c->symbols[END_OF_BLOCK] = 1;
    huffman_lengths(h.lengths, c->symbols, N_SYMBOLS, LENGTH_LIMIT);
    huffman_lengths(distance_lengths, c->distances, N_DISTANCES, DISTANCE_LIMIT);
    for (size_t s = 0; s < N_SYMBOLS; s++)
        n_bits += c->symbols[s] *
                  (size_t)(h.lengths[s] + (s < FIRST_LENGTH ? 0 : length_more[s - FIRST_LENGTH]));
    for (unsigned s = 0; s < N_DISTANCES; s++)
        n_bits += c->distances[s] * (size_t)(distance_lengths[s] + distance_more(s));
    make_codes(q, h.lengths, distance_lengths);
    memcpy(h.lengths + N_SYMBOLS, distance_lengths, sizeof distance_lengths);
    plan_head(&h);
    if (n_bits + h.n_bits >= 8 * n) {
        put_stored(to, bytes, n, last);
        return;
    }
    put_head(&b, &h, last);
    for (size_t i = 0; i < q->n_block; i++) {
        bytes = put_literals(&b, q, bytes, q->list[i].n_before);
        if (q->list[i].length)
            put_matches(&b, q, &q->list[i]);
        bytes += q->list[i].length;
    }
    add_code(&b, q->end);
    flush_bits(&b);
    *to = b;
}

size_t quick_deflate_pack(struct quick_deflate *q, void *to, const void *from, size_t n)
{
    struct bits b = {.to = to};
    const uint8_t *bytes = from;
    size_t n_bytes; /* in the block */
    size_t n_more;  /* in the portion behind it */

    assert(n < INT32_MAX);
    repeats_begin(&q->repeats, from, n);
    q->n_list = 0;
    n_more = read_portion(q);
    do {
        size_t n_portions = 0;

        /* The portion begins a new block. */
        q->block = q->portion;
        q->n_block = q->n_list;
        n_bytes = n_more;
        while ((n_more = read_portion(q)) > 0 && ++n_portions < BLOCK_PORTIONS &&
               are_alike(&q->block, &q->portion)) {
            add_counts(&q->block, &q->portion);
            q->n_block = q->n_list;
            n_bytes += n_more;
        }
        put_block(&b, q, bytes, n_bytes, n_more == 0);
        bytes += n_bytes;
        q->n_list -= q->n_block;
        memmove(q->list, q->list + q->n_block, q->n_list * sizeof *q->list);
    } while (n_more);
    return (size_t)(b.to - (uint8_t *)to) + (b.n > 0);
}

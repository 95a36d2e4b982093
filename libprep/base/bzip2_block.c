/* bzip2_block.c -- one block of a bzip2 stream, from its bits to its bytes.
 *
 * Undoing the sort follows a chain through 3.6 MB, a cache miss a byte. The chain is one circle
 * through all positions, so it can be entered anywhere: we mark some positions, walk from several
 * marks at once, each to the next mark met, and join the pieces afterwards. */
#include "base/bzip2_block.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
    MAX_LEVEL = 9,
    MAX_SYMBOLS = 258, /* 256 positions, two run symbols less one, the end */
    MAX_LEN = 20,      /* of a code */
    MAX_TABLES = 6,
    MAX_SELECTORS = 18002,
    GROUP = 50,     /* symbols that share a table */
    FAST_BITS = 10, /* codes up to this length are found by one look */
    RUN_A = 0,
    RUN_B = 1,
    LANES = 8,     /* walks at once */
    MARKS = 96,    /* pieces; more than lanes, so that all lanes end at about the same time */
    FEW = 8 * 1024 /* smaller blocks are in the cache anyway */
};

static const uint32_t MARK = 1u << 31;
static const uint32_t POSITION = (1u << 20) - 1; /* 900,000 < 2^20 */
static const uint32_t CRC_POLYNOMIAL = 0x04c11db7;

struct code_table {
    uint16_t fast[1 << FAST_BITS]; /* symbol << 5 | length; 0 = longer, or no code */
    uint32_t first[MAX_LEN + 2];   /* the first code of each length */
    uint32_t end[MAX_LEN + 2];     /* one past the last */
    uint16_t start[MAX_LEN + 2];   /* where its symbols begin in `symbols` */
    uint16_t symbols[MAX_SYMBOLS]; /* by code */
};

struct piece {
    const unsigned char *bytes;
    size_t len;
    size_t next; /* the piece that follows */
};

struct bzip2_block {
    uint32_t *chain;             /* (900000) next position << 8 | byte, and MARK */
    unsigned char *lanes[LANES]; /* (900000) each: bytes walked */
    struct code_table tables[MAX_TABLES];
    unsigned char selectors[MAX_SELECTORS];
    uint32_t crc_table[8][256];

    const unsigned char *bytes;
    size_t at;  /* bit */
    size_t end; /* bit */
    uint32_t crc_stated;
    uint32_t crc;
    size_t n; /* bytes before run lengths are undone */

    uint32_t marks[MARKS]; /* positions */
    struct piece pieces[MARKS];
    size_t n_marks;

    size_t piece; /* being read */
    size_t piece_at;
    size_t n_left;   /* bytes not read yet */
    int last;        /* the last byte, -1 at first */
    unsigned n_same; /* how often it was just seen, up to 4 */
    size_t n_repeat; /* of `last`, still to be given out */
};

struct bzip2_block *bzip2_block_open(void)
{
    struct bzip2_block *b = mem_alloc(sizeof *b);

    b->chain = mem_array((size_t)MAX_LEVEL * BZIP2_BLOCK_UNIT, sizeof *b->chain);
    for (size_t i = 0; i < LANES; i++)
        b->lanes[i] = mem_alloc((size_t)MAX_LEVEL * BZIP2_BLOCK_UNIT);
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i << 24;

        for (int bit = 0; bit < 8; bit++)
            c = c << 1 ^ (c >> 31 ? CRC_POLYNOMIAL : 0);
        b->crc_table[0][i] = c;
    }
    for (size_t k = 1; k < 8; k++) {
        for (size_t i = 0; i < 256; i++) {
            const uint32_t c = b->crc_table[k - 1][i];

            b->crc_table[k][i] = c << 8 ^ b->crc_table[0][c >> 24];
        }
    }
    return b;
}

/* The bits from `at` on, left-aligned: at least 57 of them count. */
static inline uint64_t bits_at(const unsigned char *bytes, size_t at)
{
    const unsigned char *p = bytes + at / 8;
    uint64_t w = 0;

    for (int i = 0; i < 8; i++)
        w = w << 8 | p[i];
    return w << at % 8;
}

/* The next n <= 32 bits. Reading past the end gives the pad; load() notices. */
static uint32_t take_bits(struct bzip2_block *b, unsigned n)
{
    const uint64_t w = bits_at(b->bytes, b->at);

    if (b->at < b->end)
        b->at += n;
    return (uint32_t)(w >> (64 - n));
}

static int damaged(struct err *err, const char *what)
{
    return err_set(err, ERR_FORMAT, "bzip2 block is damaged: %s", what);
}

/* The lengths of the codes -> tables to decode them. */
static int make_table(struct code_table *t, const unsigned char *lengths, size_t n_symbols,
                      struct err *err)
{
    uint32_t code = 0;
    size_t n = 0;

    memset(t->fast, 0, sizeof t->fast);
    for (unsigned len = 1; len <= MAX_LEN; len++) {
        t->first[len] = code;
        t->start[len] = (uint16_t)n;
        for (size_t symbol = 0; symbol < n_symbols; symbol++) {
            if (lengths[symbol] != len)
                continue;
            if (code >> len)
                return damaged(err, "impossible code lengths");
            t->symbols[n++] = (uint16_t)symbol;
            for (uint32_t i = 0; len <= FAST_BITS && i < 1u << (FAST_BITS - len); i++)
                t->fast[(code << (FAST_BITS - len)) + i] = (uint16_t)(symbol << 5 | len);
            code++;
        }
        t->end[len] = code;
        code <<= 1;
    }
    return 0;
}

/* symbol << 5 | length, of the code the bits begin with; 0 = there is none. */
static inline unsigned find_code(const struct code_table *t, uint64_t bits)
{
    const unsigned found = t->fast[bits >> (64 - FAST_BITS)];

    if (found)
        return found;
    for (unsigned len = FAST_BITS + 1; len <= MAX_LEN; len++) {
        const uint32_t code = (uint32_t)(bits >> (64 - len));

        if (code < t->end[len] && code >= t->first[len])
            return (unsigned)t->symbols[t->start[len] + code - t->first[len]] << 5 | len;
    }
    return 0;
}

static int read_selectors(size_t *n_selectors, struct bzip2_block *b, unsigned n_tables,
                          struct err *err)
{
    unsigned char order[MAX_TABLES] = {0, 1, 2, 3, 4, 5};
    const size_t n = take_bits(b, 15);

    if (n == 0)
        return damaged(err, "no selectors");
    for (size_t i = 0; i < n; i++) {
        unsigned at = 0;
        unsigned char table;

        while (take_bits(b, 1)) {
            if (++at == n_tables)
                return damaged(err, "impossible selector");
        }
        table = order[at];
        memmove(order + 1, order, at);
        order[0] = table;
        /* Some compressors write more than any block can use. */
        if (i < MAX_SELECTORS)
            b->selectors[i] = table;
    }
    *n_selectors = n < MAX_SELECTORS ? n : MAX_SELECTORS;
    return 0;
}

static int read_table(struct bzip2_block *b, struct code_table *t, size_t n_symbols,
                      struct err *err)
{
    unsigned char lengths[MAX_SYMBOLS];
    unsigned len = take_bits(b, 5);

    for (size_t i = 0; i < n_symbols; i++) {
        for (;;) {
            if (len < 1 || len > MAX_LEN)
                return damaged(err, "impossible code length");
            if (b->at >= b->end)
                return damaged(err, "cut off");
            if (!take_bits(b, 1))
                break;
            len += take_bits(b, 1) ? (unsigned)-1 : 1u;
        }
        lengths[i] = (unsigned char)len;
    }
    return make_table(t, lengths, n_symbols, err);
}

/* Which bytes occur, in order: how many. */
static size_t read_used(struct bzip2_block *b, unsigned char used[256])
{
    const uint32_t rows = take_bits(b, 16);
    size_t n = 0;

    for (unsigned row = 0; row < 16; row++) {
        const uint32_t columns = rows >> (15 - row) & 1 ? take_bits(b, 16) : 0;

        for (unsigned column = 0; column < 16; column++) {
            if (columns >> (15 - column) & 1)
                used[n++] = (unsigned char)(row * 16 + column);
        }
    }
    return n;
}

/* The byte at `at` of the list goes to its front. */
static inline unsigned char to_front(unsigned char *list, unsigned at)
{
    const unsigned char byte = list[at];

    if (at < 16) {
        for (unsigned i = at; i > 0; i--)
            list[i] = list[i - 1];
    } else {
        memmove(list + 1, list, at);
    }
    list[0] = byte;
    return byte;
}

/* Symbols -> the last column in the low bytes of chain, and how often each byte occurs. */
static int read_symbols(struct bzip2_block *b, uint32_t counts[256], unsigned char *list,
                        unsigned n_symbols, size_t n_selectors, size_t max, struct err *err)
{
    const unsigned end_symbol = n_symbols - 1;
    size_t n = 0, run = 0, weight = 1;
    size_t at = b->at;

    for (size_t g = 0; g < n_selectors; g++) {
        const struct code_table *t = &b->tables[b->selectors[g]];

        if (at > b->end)
            return damaged(err, "cut off");
        for (unsigned i = 0; i < GROUP; i++) {
            const unsigned found = find_code(t, bits_at(b->bytes, at));
            const unsigned symbol = found >> 5;
            unsigned char byte;

            if (!found)
                return damaged(err, "impossible code");
            at += found & 31;
            if (symbol <= RUN_B) {
                run += weight << symbol;
                weight <<= 1;
                if (run > max)
                    return damaged(err, "too many bytes");
                continue;
            }
            if (run) {
                if (run > max - n)
                    return damaged(err, "too many bytes");
                counts[list[0]] += (uint32_t)run;
                for (; run; run--)
                    b->chain[n++] = list[0];
                weight = 1;
            }
            if (symbol == end_symbol) {
                b->at = at;
                b->n = n;
                return 0;
            }
            if (n == max)
                return damaged(err, "too many bytes");
            byte = to_front(list, symbol - 1);
            counts[byte]++;
            b->chain[n++] = byte;
        }
    }
    return damaged(err, "no end");
}

/* The last column -> the chain: where each position leads. */
static void link_chain(struct bzip2_block *b, const uint32_t counts[256])
{
    uint32_t next[256];
    uint32_t sum = 0;

    for (size_t i = 0; i < 256; i++) {
        next[i] = sum;
        sum += counts[i];
    }
    for (uint32_t i = 0; i < b->n; i++)
        b->chain[next[b->chain[i] & 0xff]++] |= i << 8;
}

static void place_marks(struct bzip2_block *b, uint32_t start)
{
    const size_t n = b->n < FEW ? 1 : MARKS;

    b->n_marks = 0;
    b->marks[b->n_marks++] = start;
    b->chain[start] |= MARK;
    for (size_t i = 1; i < n; i++) {
        const uint32_t at = (uint32_t)(b->n * i / n);

        if (b->chain[at] & MARK)
            continue;
        b->marks[b->n_marks++] = at;
        b->chain[at] |= MARK;
    }
}

static size_t mark_of(const struct bzip2_block *b, uint32_t position)
{
    size_t i = 0;

    while (b->marks[i] != position)
        i++;
    return i;
}

/* A walk from one mark to the next one met. */
struct lane {
    size_t mark; /* where it started */
    uint32_t at;
    unsigned char *begin;
    unsigned char *to;
};

static void start_lane(struct bzip2_block *b, struct lane *lane, size_t mark)
{
    const uint32_t entry = b->chain[b->marks[mark]];

    lane->mark = mark;
    lane->begin = lane->to;
    *lane->to++ = (unsigned char)entry;
    lane->at = entry >> 8 & POSITION;
}

static void end_lane(struct bzip2_block *b, const struct lane *lane)
{
    b->pieces[lane->mark] = (struct piece){.bytes = lane->begin,
                                           .len = (size_t)(lane->to - lane->begin),
                                           .next = mark_of(b, lane->at)};
}

/* All lanes a step at a time, until one is at a mark. */
static void walk_all(const uint32_t *chain, struct lane *lanes)
{
    uint32_t at[LANES];
    unsigned char *to[LANES];
    size_t n = 0;

    for (size_t k = 0; k < LANES; k++) {
        at[k] = lanes[k].at;
        to[k] = lanes[k].to;
    }
    for (;;) {
        uint32_t entry[LANES], any = 0;

        for (size_t k = 0; k < LANES; k++) {
            entry[k] = chain[at[k]];
            any |= entry[k];
        }
        if (any & MARK)
            break;
        for (size_t k = 0; k < LANES; k++) {
            to[k][n] = (unsigned char)entry[k];
            at[k] = entry[k] >> 8;
        }
        n++;
    }
    for (size_t k = 0; k < LANES; k++) {
        lanes[k].at = at[k];
        lanes[k].to += n;
    }
}

static void walk_one(const uint32_t *chain, struct lane *lane)
{
    uint32_t at = lane->at, entry;
    unsigned char *to = lane->to;

    while (!((entry = chain[at]) & MARK)) {
        *to++ = (unsigned char)entry;
        at = entry >> 8;
    }
    lane->at = at;
    lane->to = to;
}

/* Every mark's piece. Pieces share no position, so a lane has room for all it can meet. */
static void walk(struct bzip2_block *b)
{
    struct lane lanes[LANES];
    size_t n_started = 0, n_lanes = 0;

    for (; n_lanes < LANES && n_started < b->n_marks; n_lanes++) {
        lanes[n_lanes].to = b->lanes[n_lanes];
        start_lane(b, &lanes[n_lanes], n_started++);
    }
    while (n_lanes == LANES && n_started < b->n_marks) {
        walk_all(b->chain, lanes);
        for (size_t k = 0; k < LANES && n_started < b->n_marks; k++) {
            if (!(b->chain[lanes[k].at] & MARK))
                continue;
            end_lane(b, &lanes[k]);
            start_lane(b, &lanes[k], n_started++);
        }
    }
    for (size_t k = 0; k < n_lanes; k++) {
        walk_one(b->chain, &lanes[k]);
        end_lane(b, &lanes[k]);
    }
}

static int read_block(struct bzip2_block *b, int level, struct err *err)
{
    const size_t max = (size_t)level * BZIP2_BLOCK_UNIT;
    unsigned char list[256] = {0};
    uint32_t counts[256] = {0};
    size_t n_used, n_selectors = 0;
    unsigned n_tables;
    uint32_t origin;

    b->crc_stated = take_bits(b, 32);
    if (take_bits(b, 1))
        return damaged(err, "it is randomised, as bzip2 before 0.9.5 did");
    origin = take_bits(b, 24);
    n_used = read_used(b, list);
    if (!n_used)
        return damaged(err, "no bytes");
    n_tables = take_bits(b, 3);
    if (n_tables < 2 || n_tables > MAX_TABLES)
        return damaged(err, "impossible number of tables");
    if (read_selectors(&n_selectors, b, n_tables, err) < 0)
        return -1;
    for (unsigned i = 0; i < n_tables; i++) {
        if (read_table(b, &b->tables[i], n_used + 2, err) < 0)
            return -1;
    }
    if (read_symbols(b, counts, list, (unsigned)n_used + 2, n_selectors, max, err) < 0)
        return -1;
    if (b->at != b->end)
        return damaged(err, b->at < b->end ? "it ends too early" : "cut off");
    if (origin >= b->n)
        return damaged(err, "impossible origin");
    link_chain(b, counts);
    place_marks(b, b->chain[origin] >> 8);
    walk(b);
    return 0;
}

int bzip2_block_load(struct bzip2_block *b, const unsigned char *bytes, size_t from, size_t to,
                     int level, struct err *err)
{
    b->bytes = bytes;
    b->at = from + 48;
    b->end = to;
    b->n_left = 0;
    b->piece = b->piece_at = 0;
    b->last = -1;
    b->n_same = 0;
    b->n_repeat = 0;
    b->crc = 0xffffffff;
    if (b->at >= b->end)
        return damaged(err, "cut off");
    if (read_block(b, level, err) < 0)
        return -1;
    b->n_left = b->n;
    return 0;
}

static uint32_t crc_add(const struct bzip2_block *b, uint32_t crc, const unsigned char *p, size_t n)
{
    for (; n >= 8; p += 8, n -= 8) {
        crc ^= (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
        crc = b->crc_table[7][crc >> 24] ^ b->crc_table[6][crc >> 16 & 0xff] ^
              b->crc_table[5][crc >> 8 & 0xff] ^ b->crc_table[4][crc & 0xff] ^
              b->crc_table[3][p[4]] ^ b->crc_table[2][p[5]] ^ b->crc_table[1][p[6]] ^
              b->crc_table[0][p[7]];
    }
    for (; n; p++, n--)
        crc = crc << 8 ^ b->crc_table[0][crc >> 24 ^ *p];
    return crc;
}

/* Four equal bytes are followed by how many more there are. Takes from one piece until it is used
 * up, `to` is full or there is something to repeat; returns how many bytes went to `to`. */
static size_t expand(struct bzip2_block *b, unsigned char *to, size_t room,
                     const unsigned char *from, size_t *n_from)
{
    const unsigned char *p = from, *end = from + *n_from;
    unsigned char *q = to, *q_end = to + room;
    int last = b->last;
    unsigned n_same = b->n_same;

    while (p < end && q < q_end && !b->n_repeat) {
        const int byte = *p++;

        if (n_same == 4) {
            b->n_repeat = (size_t)byte;
            n_same = 0;
            continue;
        }
        n_same = byte == last ? n_same + 1 : 1;
        last = byte;
        *q++ = (unsigned char)byte;
    }
    b->last = last;
    b->n_same = n_same;
    *n_from = (size_t)(p - from);
    return (size_t)(q - to);
}

size_t bzip2_block_take(struct bzip2_block *b, unsigned char *to, size_t n)
{
    size_t done = 0;

    while (done < n && (b->n_repeat || b->n_left)) {
        const struct piece *piece = &b->pieces[b->piece];
        size_t n_from = piece->len - b->piece_at;

        if (b->n_repeat) {
            const size_t k = b->n_repeat < n - done ? b->n_repeat : n - done;

            memset(to + done, b->last, k);
            done += k;
            b->n_repeat -= k;
            continue;
        }
        if (!n_from) {
            b->piece = piece->next;
            b->piece_at = 0;
            continue;
        }
        if (n_from > b->n_left)
            n_from = b->n_left;
        done += expand(b, to + done, n - done, piece->bytes + b->piece_at, &n_from);
        b->piece_at += n_from;
        b->n_left -= n_from;
    }
    b->crc = crc_add(b, b->crc, to, done);
    return done;
}

int bzip2_block_check(const struct bzip2_block *b, struct err *err)
{
    if (b->n_left || b->n_repeat || ~b->crc != b->crc_stated)
        return damaged(err, "wrong checksum");
    return 0;
}

uint32_t bzip2_block_crc(const struct bzip2_block *b)
{
    return b->crc_stated;
}

void bzip2_block_close(struct bzip2_block *b)
{
    if (!b)
        return;
    for (size_t i = 0; i < LANES; i++)
        free(b->lanes[i]);
    free(b->chain);
    free(b);
}

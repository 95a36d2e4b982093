/* bzip2_segments.c -- cuts a bzip2 file at its 48-bit magics.
 *
 * A magic that starts at bit s of a byte fills the next two bytes in a way that only s decides. Two
 * tables, one look each, leave one place in 4,000 to be compared in full. */
#include "base/bzip2_segments.h"

#include <string.h>

#include "base/bzip2_block.h"

enum { MAGIC_BITS = 48, HEADER = 4, CRC_BITS = 32, LOOK_AHEAD = 7 };

static const uint64_t BLOCK_MAGIC = 0x314159265359;
static const uint64_t END_MAGIC = 0x177245385090;
static const uint64_t MAGIC_MASK = 0xffffffffffff;

bool bzip2_segments_knows(const unsigned char *bytes, size_t n)
{
    static const unsigned char block[] = {0x31, 0x41, 0x59, 0x26, 0x53, 0x59};
    static const unsigned char end[] = {0x17, 0x72, 0x45, 0x38, 0x50, 0x90};

    if (n < HEADER || memcmp(bytes, "BZh", 3) != 0 || bytes[3] < '1' || bytes[3] > '9')
        return false;
    n = n - HEADER < sizeof block ? n - HEADER : sizeof block;
    return memcmp(bytes + HEADER, block, n) == 0 || memcmp(bytes + HEADER, end, n) == 0;
}

void bzip2_segments_init(struct bzip2_segments *s, source_pull *pull, void *context)
{
    *s = (struct bzip2_segments){.pull = pull, .context = context};
}

/* The 48 bits from `bit` on. */
static uint64_t magic_at(const struct buf *window, size_t bit)
{
    const unsigned char *p = (const unsigned char *)window->data + bit / 8;
    uint64_t w = 0;

    for (int i = 0; i < LOOK_AHEAD; i++)
        w = w << 8 | p[i];
    return w >> (8 - bit % 8) & MAGIC_MASK;
}

static enum bzip2_kind kind_at(const struct buf *window, size_t bit)
{
    const uint64_t magic = magic_at(window, bit);

    if (magic == BLOCK_MAGIC)
        return BZIP2_BLOCK;
    return magic == END_MAGIC ? BZIP2_END : BZIP2_OTHER;
}

/* Which of the 16 magics (8 shifts, 2 kinds) have that value as their byte `at`. */
static void fill_table(uint16_t table[256], unsigned at)
{
    memset(table, 0, 256 * sizeof *table);
    for (unsigned shift = 0; shift < 8; shift++) {
        const unsigned up = MAGIC_BITS - 8 - 8 * at + shift;

        table[BLOCK_MAGIC >> up & 0xff] |= (uint16_t)(1u << shift);
        table[END_MAGIC >> up & 0xff] |= (uint16_t)(1u << (shift + 8));
    }
}

/* The first magic that starts at or after bit `from` and in a byte before `end`; end * 8 = none.
 * LOOK_AHEAD bytes after those must be readable. */
static size_t find_magic(const struct buf *window, size_t from, size_t end)
{
    const unsigned char *p = (const unsigned char *)window->data;
    uint16_t second[256], third[256];

    fill_table(second, 1);
    fill_table(third, 2);
    for (size_t i = from / 8; i < end; i++) {
        unsigned shifts = second[p[i + 1]] & third[p[i + 2]];

        if (!shifts)
            continue;
        shifts = (shifts | shifts >> 8) & 0xff;
        for (size_t bit = 8 * i; shifts; bit++, shifts >>= 1) {
            if (shifts & 1 && bit >= from && kind_at(window, bit) != BZIP2_OTHER)
                return bit;
        }
    }
    return 8 * end;
}

/* More bytes into the window; zeros behind them, which are not counted. */
static int fill(struct bzip2_segments *s, struct err *err)
{
    const size_t used = s->from / 8;
    const void *block;
    const int64_t n = s->pull(s->context, &block, err);

    if (n < 0)
        return -1;
    if (used) {
        buf_shift(&s->window, used);
        s->base += used;
        s->from -= 8 * used;
        s->looked -= s->looked < used ? s->looked : used;
    }
    if (n > 0)
        buf_put(&s->window, block, (size_t)n);
    else
        s->over = true;
    memset(buf_reserve(&s->window, BZIP2_BLOCK_PAD), 0, BZIP2_BLOCK_PAD);
    return 0;
}

/* The header of the stream that follows its predecessor's end says the level. */
static void note_level(struct bzip2_segments *s, size_t to)
{
    const size_t at = (s->from + MAGIC_BITS + CRC_BITS + 7) / 8;
    const char *header = s->window.data + at;

    if (8 * (at + HEADER) == to && !memcmp(header, "BZh", 3) && header[3] >= '1' &&
        header[3] <= '9')
        s->level = header[3] - '0';
}

static void give(struct bzip2_segments *s, struct bzip2_segment *segment, struct buf *bytes,
                 size_t to)
{
    const size_t first = s->from / 8, end = (to + 7) / 8;

    *segment = (struct bzip2_segment){.kind = s->kind,
                                      .level = s->level,
                                      .start = 8 * s->base + s->from,
                                      .from = s->from - 8 * first,
                                      .to = to - 8 * first};
    buf_put(bytes, s->window.data + first, end - first);
    memset(buf_reserve(bytes, BZIP2_BLOCK_PAD), 0, BZIP2_BLOCK_PAD);
    if (s->kind == BZIP2_END)
        note_level(s, to);
    s->kind = to < 8 * s->window.len ? kind_at(&s->window, to) : BZIP2_OTHER;
    s->from = to;
}

/* Past the header of the first stream. */
static int start(struct bzip2_segments *s, struct err *err)
{
    while (s->window.len < HEADER + LOOK_AHEAD && !s->over) {
        if (fill(s, err) < 0)
            return -1;
    }
    if (s->window.len < HEADER)
        return 0;
    s->level = s->window.data[3] - '0';
    s->from = (size_t)8 * HEADER;
    s->kind = kind_at(&s->window, s->from);
    return 0;
}

int bzip2_segments_next(struct bzip2_segments *s, struct bzip2_segment *segment, struct buf *bytes,
                        struct err *err)
{
    if (!s->level && start(s, err) < 0)
        return -1;
    for (;;) {
        /* The last bytes may hold half a magic. */
        const size_t end = s->over                      ? s->window.len
                           : s->window.len > LOOK_AHEAD ? s->window.len - LOOK_AHEAD
                                                        : 0;
        const size_t from = 8 * s->looked > s->from ? 8 * s->looked : s->from + 1;
        const size_t found = from / 8 < end ? find_magic(&s->window, from, end) : 8 * end;

        if (found < 8 * end) {
            give(s, segment, bytes, found);
            return 1;
        }
        if (s->over || end > s->from / 8 + BZIP2_SEGMENT_MAX) {
            if (8 * end <= s->from)
                return 0;
            give(s, segment, bytes, 8 * end);
            return 1;
        }
        if (end > s->looked)
            s->looked = end;
        if (fill(s, err) < 0)
            return -1;
    }
}

void bzip2_segments_release(struct bzip2_segments *s)
{
    buf_release(&s->window);
}

/* sequence.c -- the encoding that temporary files hold: a head, then three arrays of one width.
 *
 *   flags u8 | n_ids u32 | n_first u32 | n_masked u32 | ids | masked_at | masked_ids | document i64
 *
 * Numbers are in the machine's own order: what wrote a temporary file also reads it. Ids of every
 * usual vocabulary fit 16 bits, which halves the files that sorting goes through; a document that is
 * not known takes no room. */
#include "store/sequence.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
    FLAG_WIDE = 1,     /* 32 bits a number, not 16 */
    FLAG_DOCUMENT = 2, /* the document is known */
    LABEL_SHIFT = 2,   /* next_label + 1 stands above the flags */
    LABEL_KINDS = 3,
    HEAD_SIZE = 1 + 3 * sizeof(uint32_t)
};

void sequence_init(struct sequence *s, size_t max_len, size_t max_masked)
{
    *s = (struct sequence){0};
    s->ids = mem_array(max_len, sizeof *s->ids);
    s->masked_at = mem_array(max_masked, sizeof *s->masked_at);
    s->masked_ids = mem_array(max_masked, sizeof *s->masked_ids);
}

void sequence_release(struct sequence *s)
{
    free(s->ids);
    free(s->masked_at);
    free(s->masked_ids);
    *s = (struct sequence){0};
}

static bool fits_16_bits(const int32_t *numbers, size_t n)
{
    uint32_t any = 0;

    for (size_t i = 0; i < n; i++)
        any |= (uint32_t)numbers[i];
    return any <= UINT16_MAX;
}

static void pack(char *to, const int32_t *numbers, size_t n, bool wide)
{
    if (wide) {
        if (n)
            memcpy(to, numbers, n * sizeof *numbers);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const uint16_t number = (uint16_t)numbers[i];

        memcpy(to + i * sizeof number, &number, sizeof number);
    }
}

static void unpack(int32_t *numbers, const char *from, size_t n, bool wide)
{
    if (wide) {
        if (n)
            memcpy(numbers, from, n * sizeof *numbers);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        uint16_t number;

        memcpy(&number, from + i * sizeof number, sizeof number);
        numbers[i] = number;
    }
}

void sequence_encode(struct buf *to, const struct sequence *s)
{
    const bool wide = !fits_16_bits(s->ids, s->n_ids) || !fits_16_bits(s->masked_at, s->n_masked) ||
                      !fits_16_bits(s->masked_ids, s->n_masked);
    const size_t width = wide ? sizeof(uint32_t) : sizeof(uint16_t);
    const size_t tail = s->document ? sizeof s->document : 0;
    const size_t size = HEAD_SIZE + (s->n_ids + 2 * s->n_masked) * width + tail;
    const uint32_t counts[3] = {(uint32_t)s->n_ids, (uint32_t)s->n_first, (uint32_t)s->n_masked};
    char *at = buf_reserve(to, size);

    *at = (char)((s->next_label + 1) << LABEL_SHIFT | (tail ? FLAG_DOCUMENT : 0) |
                 (wide ? FLAG_WIDE : 0));
    memcpy(at + 1, counts, sizeof counts);
    at += HEAD_SIZE;
    pack(at, s->ids, s->n_ids, wide);
    at += s->n_ids * width;
    pack(at, s->masked_at, s->n_masked, wide);
    at += s->n_masked * width;
    pack(at, s->masked_ids, s->n_masked, wide);
    memcpy(at + s->n_masked * width, &s->document, tail);
    to->len += size;
    to->data[to->len] = '\0';
}

/* What the head says; the sizes are those of the arrays and of the document behind them. */
static int read_head(struct sequence *s, size_t *width, size_t *tail, const char *at, size_t n,
                     struct err *err)
{
    uint32_t counts[3];
    unsigned flags;

    if (n < HEAD_SIZE)
        return err_set(err, ERR_FORMAT, "encoded sequence of %zu bytes is cut short", n);
    flags = (unsigned char)*at;
    *width = flags & FLAG_WIDE ? sizeof(uint32_t) : sizeof(uint16_t);
    *tail = flags & FLAG_DOCUMENT ? sizeof s->document : 0;
    memcpy(counts, at + 1, sizeof counts);
    if ((flags >> LABEL_SHIFT) >= LABEL_KINDS || counts[1] > counts[0] ||
        n != HEAD_SIZE + ((size_t)counts[0] + 2 * (size_t)counts[2]) * *width + *tail)
        return err_set(err, ERR_FORMAT, "encoded sequence of %zu bytes is damaged", n);
    s->next_label = (int32_t)(flags >> LABEL_SHIFT) - 1;
    s->n_ids = counts[0];
    s->n_first = counts[1];
    s->n_masked = counts[2];
    s->document = 0;
    memcpy(&s->document, at + n - *tail, *tail);
    return 0;
}

int sequence_outline(struct sequence *s, const void *bytes, size_t n, struct err *err)
{
    size_t width = 0;
    size_t tail = 0;

    return read_head(s, &width, &tail, bytes, n, err);
}

int sequence_decode(struct sequence *s, const void *bytes, size_t n, size_t max_len,
                    size_t max_masked, struct err *err)
{
    const char *at = bytes;
    size_t width = 0;
    size_t tail = 0;

    if (read_head(s, &width, &tail, at, n, err) < 0)
        return -1;
    if (s->n_ids > max_len || s->n_masked > max_masked)
        return err_set(err, ERR_FORMAT,
                       "encoded sequence has %zu ids, %zu masked; there is room for %zu and %zu",
                       s->n_ids, s->n_masked, max_len, max_masked);
    at += HEAD_SIZE;
    unpack(s->ids, at, s->n_ids, width > sizeof(uint16_t));
    at += s->n_ids * width;
    unpack(s->masked_at, at, s->n_masked, width > sizeof(uint16_t));
    at += s->n_masked * width;
    unpack(s->masked_ids, at, s->n_masked, width > sizeof(uint16_t));
    return 0;
}

/* token_lines.c -- numbers of up to five digits are written without a loop. */
#include "text/token_lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"

enum { MAX_DIGITS = 10 };

/* The four digits of a number below 10,000, the first in the low byte. */
static inline uint32_t four_digits(uint32_t value)
{
    const uint32_t high = value * 5243 >> 19, low = value - high * 100;  /* / 100 */
    const uint32_t thousands = high * 103 >> 10, tens = low * 103 >> 10; /* / 10 */

    return (thousands | (high - thousands * 10) << 8 | tens << 16 | (low - tens * 10) << 24) +
           UINT32_C(0x30303030);
}

static inline void put_four(char *p, uint32_t bytes)
{
    for (int i = 0; i < 4; i++) /* one store */
        p[i] = (char)(bytes >> (8 * i));
}

/* Writes a number and returns the end; MAX_DIGITS bytes can be written. */
static char *put_number(char *p, uint32_t value)
{
    if (value < 10000) {
        const unsigned n = 1 + (value > 9) + (value > 99) + (value > 999);

        put_four(p, four_digits(value) >> (8 * (4 - n)));
        return p + n;
    }
    if (value < 100000) {
        *p = (char)('0' + value / 10000);
        put_four(p + 1, four_digits(value % 10000));
        return p + 5;
    }
    p = put_number(p, value / 10000);
    put_four(p, four_digits(value % 10000));
    return p + 4;
}

void token_lines_ids(struct buf *out, const int32_t *ids, size_t n)
{
    char *const to = buf_reserve(out, n * (MAX_DIGITS + 1) + 1);
    char *p = to;

    for (size_t i = 0; i < n; i++) {
        p = put_number(p, (uint32_t)ids[i]);
        *p++ = ' ';
    }
    if (n > 0)
        p--;
    *p++ = '\n';
    out->len += (size_t)(p - to);
}

void token_lines_text(struct buf *out, const struct tokenizer *t, const int32_t *ids, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_put_byte(out, ' ');
        buf_put_text(out, tokenizer_token(t, ids[i]));
    }
    buf_put_byte(out, '\n');
}

static void put_fields(struct buf *out, const struct tokenizer *t, const struct span *spans,
                       size_t n)
{
    buf_put_text(out, "{\"ids\": [");
    for (size_t i = 0; i < n; i++)
        buf_printf(out, i ? ", %ld" : "%ld", (long)spans[i].id);
    buf_put_text(out, "], \"tokens\": [");
    for (size_t i = 0; i < n; i++) {
        const char *token = tokenizer_token(t, spans[i].id);

        buf_put_text(out, i ? ", " : "");
        json_write_text(out, token, strlen(token));
    }
    buf_put_text(out, "], \"offsets\": [");
    for (size_t i = 0; i < n; i++)
        buf_printf(out, i ? ", [%zu, %zu]" : "[%zu, %zu]", spans[i].start, spans[i].end);
    buf_put_text(out, "]");
}

void token_lines_json(struct buf *out, const struct tokenizer *t, const struct span *spans,
                      size_t n)
{
    put_fields(out, t, spans, n);
    buf_put_text(out, "}\n");
}

void token_lines_json_pair(struct buf *out, const struct tokenizer *t, const struct pair *p)
{
    put_fields(out, t, p->items, p->n);
    buf_put_text(out, ", \"segments\": [");
    for (size_t i = 0; i < p->n; i++)
        buf_printf(out, i ? ", %d" : "%d", p->segments[i]);
    buf_put_text(out, "], \"mask\": [");
    for (size_t i = 0; i < p->n; i++)
        buf_printf(out, i ? ", %d" : "%d", i < p->n_used);
    buf_put_text(out, "]}\n");
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

int token_lines_parse(int32_t **ids, size_t *cap, size_t *n_ids, const char *line, size_t n,
                      int64_t vocab_size, struct err *err)
{
    *n_ids = 0;
    for (size_t at = 0; at < n;) {
        const size_t first = at;
        int64_t value = 0;

        if (is_blank(line[at])) {
            at++;
            continue;
        }
        for (; at < n && line[at] >= '0' && line[at] <= '9' && value < vocab_size; at++)
            value = value * 10 + (line[at] - '0');
        if (value >= vocab_size || at == first || (at < n && !is_blank(line[at]))) {
            while (at < n && !is_blank(line[at]) && at - first < 40)
                at++;
            return err_set(err, ERR_FORMAT, "'%.*s' is no id of a vocabulary of %lld tokens",
                           (int)(at - first), line + first, (long long)vocab_size);
        }
        if (*n_ids == *cap) {
            *cap = mem_grow(*cap, *n_ids + 1);
            *ids = mem_resize(*ids, *cap, sizeof **ids);
        }
        (*ids)[(*n_ids)++] = (int32_t)value;
    }
    return 0;
}

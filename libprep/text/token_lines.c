/* token_lines.c -- the digits of an id are looked up: eight bytes are stored, of which its length counts. */
#include "text/token_lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"

enum { MAX_DIGITS = 10, MAX_LOOKED_UP = 1000000 };

/* Digits and a space. */
struct id_digits {
    char text[7];
    uint8_t len;
};

/* Writes the digits of a number and a space; returns the end. */
static char *put_number(char *p, uint32_t value)
{
    char digits[MAX_DIGITS];
    size_t at = sizeof digits;

    do
        digits[--at] = (char)('0' + value % 10);
    while (value /= 10);
    memcpy(p, digits + at, sizeof digits - at);
    p += sizeof digits - at;
    *p++ = ' ';
    return p;
}

void token_lines_prepare(struct token_lines *l, const struct tokenizer *t)
{
    const size_t n = (size_t)tokenizer_header(t)->vocab_size;

    l->tokenizer = t;
    l->n_digits = n < MAX_LOOKED_UP ? n : MAX_LOOKED_UP;
    l->digits = mem_array(l->n_digits, sizeof *l->digits);
    for (size_t id = 0; id < l->n_digits; id++) {
        struct id_digits *d = &l->digits[id];

        d->len = (uint8_t)(put_number(d->text, (uint32_t)id) - d->text);
    }
}

void token_lines_release(struct token_lines *l)
{
    free(l->digits);
    *l = (struct token_lines){0};
}

/* A line feed in place of the space behind the last token of the line. */
static char *end_line(const struct buf *out, char *p)
{
    if (p > out->data && p[-1] == ' ')
        p--;
    *p++ = '\n';
    return p;
}

void token_lines_ids(struct buf *out, const struct token_lines *l, const int32_t *ids, size_t n)
{
    char *p = buf_reserve(out, n * (MAX_DIGITS + 1));

    for (size_t i = 0; i < n; i++) {
        const uint32_t id = (uint32_t)ids[i];

        if (id < l->n_digits) {
            memcpy(p, &l->digits[id], sizeof *l->digits);
            p += l->digits[id].len;
        } else {
            p = ids[i] == TOKENIZER_LINE_END ? end_line(out, p) : put_number(p, id);
        }
    }
    out->len = (size_t)(p - out->data);
}

void token_lines_text(struct buf *out, const struct token_lines *l, const int32_t *ids, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (ids[i] == TOKENIZER_LINE_END) {
            buf_reserve(out, 1);
            out->len = (size_t)(end_line(out, out->data + out->len) - out->data);
        } else {
            buf_put_text(out, tokenizer_token(l->tokenizer, ids[i]));
            buf_put_byte(out, ' ');
        }
    }
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

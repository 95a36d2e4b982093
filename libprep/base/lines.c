/* lines.c -- cut blocks of bytes into lines; a line may span any number of blocks. */
#include "base/lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { BLOCK_SIZE = 1 << 16 };

static char *const stdin_only[] = {NULL};

int lines_open(struct lines *l, char *const *paths, size_t n_paths, enum newline newline,
               size_t max_len, struct err *err)
{
    *l = (struct lines){.paths = n_paths ? paths : stdin_only,
                        .n_paths = n_paths ? n_paths : 1,
                        .newline = newline,
                        .max_len = max_len};
    l->raw = mem_alloc(BLOCK_SIZE);
    l->block = l->raw;
    l->fresh = true;
    l->in = source_open(l->paths[0], err);
    l->next_path = 1;
    l->new_input = true;
    return l->in ? 0 : -1;
}

/* The first bytes tell whether the input is UTF-16: reads two at least. As source_read(). */
static int64_t read_first(struct lines *l, struct err *err)
{
    int64_t n = 0;

    while (n < UTF16_MARK) {
        const int64_t got = source_read(l->in, l->raw + n, BLOCK_SIZE - (size_t)n, err);

        if (got < 0)
            return -1;
        if (got == 0)
            break;
        n += got;
    }
    l->utf16 = utf16_of(l->raw, (size_t)n);
    l->fresh = false;
    return n;
}

/* Refills the block from the current input. 1 with bytes, 0 at the end of the input, -1. */
static int refill(struct lines *l, struct err *err)
{
    for (;;) {
        const int64_t n =
            l->fresh ? read_first(l, err) : source_read(l->in, l->raw, BLOCK_SIZE, err);

        if (n < 0)
            return -1;
        l->at = 0;
        l->end = (size_t)n;
        l->block = l->raw;
        if (l->utf16.order == UTF16_NOT)
            return n > 0;
        buf_clear(&l->decoded);
        utf16_decode(&l->decoded, &l->utf16, l->raw, (size_t)n);
        l->block = l->decoded.data;
        l->end = l->decoded.len;
        /* A block may hold no more than a part of a character. */
        if (n == 0 || l->end)
            return l->end > 0;
    }
}

/* 1 when there was another input, 0 when that was the last one, -1. */
static int next_input(struct lines *l, struct err *err)
{
    l->past_taken += source_taken(l->in);
    source_close(l->in);
    l->in = NULL;
    if (l->next_path == l->n_paths)
        return 0;
    l->in = source_open(l->paths[l->next_path++], err);
    l->number = 0;
    l->fresh = true;
    l->after_cr = false;
    return l->in ? 1 : -1;
}

/* The first line end in the block at or after l->at, or NULL. */
static const char *find_end(const struct lines *l)
{
    const char *from = l->block + l->at;
    const size_t n = l->end - l->at;
    const char *lf = memchr(from, '\n', n);
    const char *cr;

    if (l->newline == NEWLINE_LF)
        return lf;
    cr = memchr(from, '\r', lf ? (size_t)(lf - from) : n);
    return cr ? cr : lf;
}

int lines_err(const struct lines *l, struct err *err)
{
    return err_in(err, "%s: line %llu", l->in ? source_name(l->in) : "input",
                  (unsigned long long)l->number);
}

/* Adds what the block has of the current line. 1 when the line is complete, 0 for more, -1. */
static int take_from_block(struct lines *l, struct err *err)
{
    const char *from = l->block + l->at;
    const char *end;
    size_t n;

    if (l->after_cr && l->at < l->end) {
        l->after_cr = false;
        if (*from == '\n') {
            l->at++;
            from++;
        }
    }
    end = find_end(l);
    n = end ? (size_t)(end - from) : l->end - l->at;
    if (buf_put_max(&l->line, from, n, l->max_len, err) < 0) {
        l->number++;
        return lines_err(l, err);
    }
    l->at += n;
    if (!end)
        return 0;
    l->after_cr = *end == '\r';
    l->at++;
    return 1;
}

int lines_next(struct lines *l, struct err *err)
{
    bool started = false; /* some byte of the line was seen */
    bool fresh = l->number == 0;
    int rc;

    buf_clear(&l->line);
    if (!l->in)
        return 0;
    for (;;) {
        if (l->at == l->end) {
            rc = refill(l, err);
            if (rc < 0)
                return -1;
            if (rc == 0) {
                if (started)
                    break;
                rc = next_input(l, err);
                if (rc <= 0)
                    return rc;
                fresh = true;
                continue;
            }
        }
        rc = take_from_block(l, err);
        if (rc < 0)
            return -1;
        if (rc > 0)
            break;
        started = started || l->line.len > 0;
    }
    if (!l->line.data)
        buf_put(&l->line, "", 0);
    l->number++;
    l->new_input = fresh;
    return 1;
}

static void count_lines(struct lines *l, const char *from, size_t n)
{
    enum { ROW = 128 }; /* so many are counted in bytes, which compilers make vectors of */

    for (size_t i = 0; i < n; i += ROW) {
        const size_t end = n - i < ROW ? n : i + ROW;
        uint8_t found = 0;

        for (size_t j = i; j < end; j++)
            found = (uint8_t)(found + (from[j] == '\n'));
        l->number += found;
    }
}

static const char *last_line_feed(const char *from, size_t n)
{
    while (n > 0)
        if (from[--n] == '\n')
            return from + n;
    return NULL;
}

/* Moves what the block has of whole lines to the batch, and of a line that goes on beyond it: then
 * *open_len grows. With `enough`, nothing beyond the last line end. */
static int move_lines(struct lines *l, struct buf *batch, size_t *open_len, bool enough,
                      struct err *err)
{
    const char *from = l->block + l->at;
    const char *last = last_line_feed(from, l->end - l->at);
    const char *first = last ? memchr(from, '\n', l->end - l->at) : NULL;
    const size_t whole = last ? (size_t)(last - from) + 1 : 0;
    const size_t n = last && enough ? whole : l->end - l->at;

    if (*open_len + (first ? (size_t)(first - from) : n) > l->max_len) {
        batch->len -= *open_len;
        l->number++;
        err_set(err, ERR_LIMIT, "line of more than %zu bytes", l->max_len);
        return lines_err(l, err);
    }
    buf_put(batch, from, n);
    count_lines(l, from, n);
    l->at += n;
    *open_len = last ? n - whole : *open_len + n;
    return 0;
}

/* Makes \r and \r\n of the block \n, in place. */
static void use_line_feeds(struct lines *l)
{
    size_t n = l->at;

    if (!l->after_cr && !memchr(l->block + l->at, '\r', l->end - l->at))
        return;
    for (size_t i = l->at; i < l->end; i++) {
        const char c = l->block[i];

        if (c != '\n' || !l->after_cr)
            l->block[n++] = c == '\r' ? '\n' : c;
        l->after_cr = c == '\r';
    }
    l->end = n;
}

int lines_fill(struct lines *l, struct buf *batch, size_t size, struct err *err)
{
    size_t open_len = 0; /* bytes of the batch's last line that no end follows yet */

    while (l->in && (batch->len < size || open_len > 0)) {
        if (l->at == l->end) {
            const int rc = refill(l, err);

            if (rc < 0) {
                batch->len -= open_len; /* as lines_next(): a line that is cut short is no line */
                return -1;
            }
            if (rc > 0) {
                if (l->newline == NEWLINE_UNIVERSAL)
                    use_line_feeds(l);
                continue;
            }
            if (open_len > 0)
                buf_put_byte(batch, '\n');
            open_len = 0;
            if (next_input(l, err) < 0)
                return -1;
            continue;
        }
        if (move_lines(l, batch, &open_len, batch->len + (l->end - l->at) >= size, err) < 0)
            return -1;
    }
    return batch->len > 0;
}

uint64_t lines_taken(const struct lines *l)
{
    return l->past_taken + (l->in ? source_taken(l->in) : 0);
}

void lines_close(struct lines *l)
{
    source_close(l->in);
    free(l->raw);
    buf_release(&l->decoded);
    buf_release(&l->line);
    *l = (struct lines){0};
}

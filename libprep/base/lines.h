/* lines.h -- the lines of several inputs, one after the other, in bounded memory.
 *
 * Bytes are handed on as they are, except UTF-16 that a byte order mark announces: its lines come as
 * UTF-8, without the mark.
 *
 * The end of an input always ends a line: two files never share one. */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/source.h"
#include "base/utf16.h"

enum newline {
    NEWLINE_LF,       /* lines end at \n only */
    NEWLINE_UNIVERSAL /* at \n, \r and \r\n, as Python's text mode */
};

struct lines {
    char *const *paths; /* (n_paths), borrowed */
    size_t n_paths;
    size_t next_path;
    enum newline newline;
    size_t max_len;    /* longer lines are ERR_LIMIT */
    struct source *in; /* the input being read */
    struct buf line;
    struct utf16 utf16; /* of the present input, when it is UTF-16 */
    struct buf decoded; /* its bytes as UTF-8: what `block` points to then */
    bool fresh;         /* nothing was read from the present input yet */
    char *raw;          /* as read from the input */
    char *block;        /* `raw` or `decoded`, the unread bytes at [at, end) */
    size_t at;
    size_t end;
    bool after_cr;       /* the last line ended at \r: swallow a following \n */
    bool new_input;      /* set with the first line of every input */
    uint64_t number;     /* of the current line in its input, from 1 */
    uint64_t past_taken; /* raw bytes of the inputs already finished */
};

/* No paths means standard input. */
int lines_open(struct lines *l, char *const *paths, size_t n_paths, enum newline newline,
               size_t max_len, struct err *err);

/* The next line, without its end, in l->line (until the next call); l->new_input tells whether it
 * is the first of an input. Returns 1 with a line, 0 after the last, -1 with err. */
int lines_next(struct lines *l, struct err *err);

/* Appends whole lines to `batch`, each with a line feed after it, until it holds `size` bytes or the
 * last input ends: what lines_next() would give, with less copying. Returns 1 with lines, 0 after the
 * last, -1 with err; lines before the one that failed are in the batch then. max_len must be 256 KiB or
 * more. Not to be mixed with lines_next(). */
int lines_fill(struct lines *l, struct buf *batch, size_t size, struct err *err);

/* Puts the name of the input and the line number before the message; returns -1. */
int lines_err(const struct lines *l, struct err *err);

/* For progress: raw bytes taken from all inputs so far; from the thread that calls lines_next(). */
uint64_t lines_taken(const struct lines *l);

void lines_close(struct lines *l);

#endif

/* token_lines.h -- tokens as lines of text: decimal ids, tokens, JSON objects; and ids back again. */
#ifndef TEXT_TOKEN_LINES_H
#define TEXT_TOKEN_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "text/pair.h"
#include "text/spans.h"
#include "text/tokenizer.h"

struct token_lines {
    const struct tokenizer *tokenizer;
    struct id_digits *digits; /* (n_digits) of the ids from 0 */
    size_t n_digits;
};

/* The tokenizer is borrowed and must live as long. Read-only afterwards. */
void token_lines_prepare(struct token_lines *l, const struct tokenizer *t);
void token_lines_release(struct token_lines *l);

/* Appends n ids with a space behind each, but a line feed in its place where TOKENIZER_LINE_END comes
 * next. So a line may be appended in parts, and `out` has nothing but lines. */
void token_lines_ids(struct buf *out, const struct token_lines *l, const int32_t *ids, size_t n);

/* The same with the tokens themselves. */
void token_lines_text(struct buf *out, const struct token_lines *l, const int32_t *ids, size_t n);

/* {"ids": [...], "tokens": [...], "offsets": [[start, end], ...]} and a line feed; offsets are bytes
 * of the line. With a pair also "segments" and "mask" (1 = no padding). */
void token_lines_json(struct buf *out, const struct tokenizer *t, const struct span *spans,
                      size_t n);
void token_lines_json_pair(struct buf *out, const struct tokenizer *t, const struct pair *p);

/* Reads n bytes of decimal ids, white space between, into *ids of *cap (both grown, begin with NULL
 * and 0); *n_ids are there. ERR_FORMAT on anything else and on an id that is not below vocab_size. */
int token_lines_parse(int32_t **ids, size_t *cap, size_t *n_ids, const char *line, size_t n,
                      int64_t vocab_size, struct err *err);

#endif

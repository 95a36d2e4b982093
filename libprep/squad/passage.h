/* passage.h -- a paragraph and its questions as token ids, cut into windows a model can read.
 *
 *      question:  [CLS] q q q [SEP] c c c c c c c c c c c c [SEP]
 *      window 0                     |-------------|
 *      window 1                           |-------------|         starts doc_stride tokens later
 *
 * The rules are those of convert_examples_to_features() of the original run_squad.py. The tokens of
 * the context are made once, for all its questions. */
#ifndef SQUAD_PASSAGE_H
#define SQUAD_PASSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "squad/paragraph.h"
#include "text/tokenizer.h"
#include "text/unicode.h"

enum {
    PASSAGE_FIRST_ID = 1000000000, /* unique_id of the first window of a file */
    PASSAGE_MAX_WINDOWS = 1 << 16  /* of all questions of a paragraph together */
};

struct passage_options {
    size_t seq_length;       /* T: tokens of a window with the question and the special tokens */
    size_t doc_stride;       /* tokens from a window to the next */
    size_t max_query_length; /* tokens of a question; the rest is cut off */
    bool training;           /* answers are read */
    bool version_2;          /* there are questions without an answer */
    bool first_answer; /* where there are several; else that is an error, as in the original */
};

struct window {
    size_t first; /* token of the context */
    size_t n;
};

struct query {
    int32_t *ids; /* (n_ids) of the question */
    size_t n_ids;
    struct window *windows; /* (n_windows); none when the context has no tokens */
    size_t n_windows;
    bool skipped;       /* training: its answer is not in the context; no windows */
    bool impossible;    /* training with version_2 */
    int64_t start, end; /* training: the first and the last token of the answer in the context */
};

struct passage {
    struct paragraph paragraph;
    int32_t *ids;     /* (n_ids) of the context */
    int32_t *word_of; /* (n_ids) */
    size_t n_ids;
    size_t *first_of;      /* (n_words) the first token of a word, or of the next that has any */
    struct query *queries; /* (paragraph.n_questions) */
};

/* From n bytes of JSON. Errors name the question. */
int passage_make(struct passage *p, const char *json, size_t n,
                 const struct passage_options *options, const struct tokenizer *t,
                 struct tokenizer_scratch *s, const struct unicode *u, struct err *err);
void passage_release(struct passage *p);

/* Window w of a query as the model reads it, without padding: `ids` has room for T. Returns how many
 * there are; *n_first of them, [CLS] and the first [SEP] included, are segment 0, so the tokens of
 * the context are at [*n_first, n - 1). */
size_t passage_ids(int32_t *ids, size_t *n_first, const struct passage *p, const struct query *q,
                   size_t w, const struct tokenizer *t);

/* Whether token `at` of the context, inside window w, has no other window with more context around
 * it: the score is the smaller of its distances to the ends plus 0.01 * the window's length. */
bool passage_max_context(const struct query *q, size_t w, size_t at);

/* Training: columns of the first and the last token of the answer in window w; 0, 0 when there is no
 * answer or the window does not hold all of it. */
void passage_label(int32_t *start, int32_t *end, const struct query *q, size_t w);

#endif

/* paragraph.h -- the JSON of one paragraph -> its context, cut into words, and its questions.
 *
 * Words are what stands between space, tab, \r, \n and U+202F, as the original readers of SQuAD have
 * it; other white space is part of a word. Offsets of answers count code points. */
#ifndef SQUAD_PARAGRAPH_H
#define SQUAD_PARAGRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json_view.h"
#include "text/unicode.h"

struct paragraph_word {
    size_t start, end; /* bytes of the context */
};

struct answer {
    const char *text; /* (len) */
    size_t len;
    int64_t start; /* code point of the context where it begins */
};

struct question {
    const char *id;
    const char *text; /* (len) */
    size_t len;
    bool impossible;        /* "is_impossible" */
    bool has_impossible;    /* whether the member is there */
    struct answer *answers; /* (n_answers) */
    size_t n_answers;
};

/* The texts live in the view. */
struct paragraph {
    const char *context; /* (len) */
    size_t len;
    size_t n_points;              /* code points of it */
    struct paragraph_word *words; /* (n_words) */
    size_t n_words;
    int32_t
        *word_of; /* (n_points) of a code point, or the word before it; -1 in front of the first */
    struct question *questions; /* (n_questions) */
    size_t n_questions;
    struct json_view view;
};

/* What must be there besides "qas" with an "id" each; what is not asked for is left empty. */
enum paragraph_need {
    PARAGRAPH_TEXTS = 1,   /* "context" and each "question" */
    PARAGRAPH_ANSWERS = 2, /* "answers", with a "text" each */
    PARAGRAPH_STARTS = 4   /* ... and an "answer_start" */
};

/* n bytes of JSON; `need` is any of enum paragraph_need. The error names the question. */
int paragraph_parse(struct paragraph *p, const char *json, size_t n, unsigned need,
                    struct err *err);

/* The words *first to *last that the answer lies in. 1 = they hold its text but for white space, 0 =
 * they do not; -1 with err when it begins or ends outside of the context.
 *
 * As in the original, both are indexes as in Python: -1, for what begins or ends in front of the first
 * word, is the last word where a word is looked up, and words *first to *last may be none. */
int paragraph_find_answer(int32_t *first, int32_t *last, const struct paragraph *p,
                          const struct answer *answer, const struct unicode *u, struct err *err);

void paragraph_release(struct paragraph *p);

#endif

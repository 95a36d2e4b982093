/* scores.h -- answers against the gold ones: exact match and F1 as the official scorers have them.
 *
 * evaluate-v1.1 and evaluate-v2.0, to the last digit: sums run in the order of the questions. A
 * question is marked by the rules of both, because the version may stand behind the data. */
#ifndef SQUAD_SCORES_H
#define SQUAD_SCORES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/json.h"

enum scores_version { SCORES_BY_FILE, SCORES_1_1, SCORES_2_0 };

struct scores_options {
    enum scores_version version; /* SCORES_BY_FILE: 2.0 where the file says 2, else 1.1 */
    const char *na_probs;        /* file: id -> how likely it is that there is no answer; or NULL */
    double na_threshold;         /* more likely than this: the answer counts as "" (1.0) */
    bool articles;               /* also each article by itself */
    void *context;
    void (*unanswered)(void *context, const char *id); /* 1.1: no prediction, so 0; may be NULL */
    void (*other_version)(void *context,
                          const char *of_file); /* `version` contradicts; may be NULL */
};

/* The official result as a JSON object with its keys in their order, and "articles" where wanted; the
 * caller's. `gold` and `predictions` as in source_open(). NULL with err: what the official scorers
 * end with an exception at, such as a question without a prediction in version 2.0. *used is the
 * version that was used. */
struct json *scores_make(enum scores_version *used, const char *gold, const char *predictions,
                         const struct scores_options *options, struct err *err);

#endif

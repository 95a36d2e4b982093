/* metrics.h -- how good predictions are: the numbers GLUE's leaderboard and scikit-learn report. */
#ifndef TASKS_METRICS_H
#define TASKS_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"

struct metrics {
    size_t n;        /* examples */
    bool regression; /* which of the two groups holds */
    bool binary;
    /* classes */
    double accuracy; /* 0..1 */
    double f1;       /* of class 1, when there are two; 0 when it is neither predicted nor there */
    double matthews; /* -1..1, for any number of classes; 0 when one side is always the same */
    /* scores; NaN when one side is always the same */
    double pearson;
    double spearman; /* equal scores have the mean of their ranks */
};

/* predicted, labels (n) in [0, n_classes). */
void metrics_of_classes(struct metrics *m, const int32_t *predicted, const int32_t *labels,
                        size_t n, size_t n_classes);

/* predicted, labels (n). */
void metrics_of_scores(struct metrics *m, const float *predicted, const float *labels, size_t n);

/* {"accuracy": ..., ...}: those that hold, null for NaN. */
struct json *metrics_json(const struct metrics *m);

#endif

/* task.h -- what a training teaches, for a loop that need not know: a model, and the parts that its
 * loss is the weighted sum of.
 *
 *   pretrain   masked words (mlm) + next sentences (nsp)
 *   squad      first tokens of answers (start) / 2 + last tokens (end) / 2
 *   classify   classes, or squared errors of scores
 *
 * A part is a mean over what has a label; callers get sums, so that they may average over a micro
 * batch, a step or a data set. */
#ifndef TASKS_TASK_H
#define TASKS_TASK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/team.h"
#include "data/batch.h"
#include "model/bert.h"
#include "model/config.h"
#include "ops/profile.h"
#include "tasks/metrics.h"

enum { TASK_PARTS = 2 };

/* Sums over a batch, part by part. */
struct task_sums {
    double loss[TASK_PARTS];
    double n[TASK_PARTS]; /* labels */
    double n_right[TASK_PARTS];
    double n_whole; /* squad: answers whose both ends are right */
};

struct task_part {
    const char *name; /* in lines for people: "mlm" */
    const char *key;  /* in records, before "loss" and "accuracy": "masked_lm_" */
    double weight;    /* of its mean in the loss */
};

struct task_kind {
    const char *name;
    struct task_part parts[TASK_PARTS]; /* (n_parts) */
    size_t n_parts;
    bool counts_right; /* answers are right or wrong; scores are neither */
    bool has_ends;     /* an answer is right when all its parts are */
    void *(*open)(const struct bert_config *c, const struct bert_room *room, struct team *team);
    size_t (*measure)(const struct bert_config *c, const struct bert_room *room, struct team *team);
    void (*profile)(void *model, struct profile *p);
    void (*take)(void *model, const float *params);
    void (*take_part)(void *model, const float *params, size_t lane, size_t at, size_t n);
    void (*count)(double n[TASK_PARTS], const struct batch *batch);
    void (*run)(struct task_sums *sums, float *grads, void *model, const float *params,
                const struct batch *batch, const double scales[TASK_PARTS],
                const struct bert_pass *pass);
    void (*answer)(float *said, float *meant, const void *model, const struct batch *batch);
    void (*judge)(struct metrics *m, const float *said, const float *meant, size_t n,
                  size_t n_labels);
    void (*close)(void *model);
};

/* The task of the config's heads. */
const struct task_kind *task_of(const struct bert_config *c);

/* Memory for batches of that size, allocated once; the team is borrowed. */
struct task;
struct task *task_open(const struct bert_config *c, const struct bert_room *room,
                       struct team *team);

/* Bytes of activations it would hold, without allocating them. */
size_t task_measure(const struct bert_config *c, const struct bert_room *room, struct team *team);

/* Measures the operations from now on; NULL = no more. Borrowed. */
void task_profile(struct task *t, struct profile *p);

/* Tells that `params` are what they will be until the next such call: before the first batch, and after
 * every update. */
void task_take(struct task *t, const float *params);

/* The same for params[at], ..., params[at + n - 1] only, on a lane of the team: an optimizer_changed. */
void task_take_part(struct task *t, const float *params, size_t lane, size_t at, size_t n);

/* The labels of a batch: what sums->n would be. */
void task_count(double n[TASK_PARTS], const struct task *t, const struct batch *batch);

/* Forward, and with grads != NULL backward: grads += d(sum of scales[i] * loss[i])/d(params). */
void task_run(struct task_sums *sums, float *grads, struct task *t, const float *params,
              const struct batch *batch, const double scales[TASK_PARTS],
              const struct bert_pass *pass);

/* Whether the task has answers that metrics.h judges, one a sequence: classes and scores. */
bool task_has_answers(const struct task *t);

/* What each sequence (S) of the last task_run() was taken for, and what it is: classes, -1 where that
 * is not known, or scores. */
void task_answers(float *said, float *meant, const struct task *t, const struct batch *batch);

/* How good n such answers are. */
void task_judge(struct metrics *m, const struct task *t, const float *said, const float *meant,
                size_t n);

void task_close(struct task *t); /* NULL is fine */

#endif

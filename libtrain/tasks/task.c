/* task.c -- three rows of functions: the pretraining model has one, the fine-tuned one two. */
#include "tasks/task.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tasks/tuned.h"

struct task {
    const struct task_kind *kind;
    void *model;
    size_t n_labels;
};

/* ---- pretrain: model/bert ---- */

static void *open_bert(const struct bert_config *c, const struct bert_room *room, struct team *team)
{
    return bert_open(c, room, team);
}

static void profile_bert(void *model, struct profile *p)
{
    bert_profile(model, p);
}

static void take_bert(void *model, const float *params)
{
    bert_take(model, params);
}

static void take_part_bert(void *model, const float *params, size_t lane, size_t at, size_t n)
{
    bert_take_part(model, params, lane, at, n);
}

static void count_pretrain(double n[TASK_PARTS], const struct batch *b)
{
    n[0] = (double)b->n_masked;
    n[1] = 0;
    for (size_t i = 0; i < b->n_sequences; i++)
        n[1] += b->next_labels[i] >= 0;
}

static void run_bert(struct task_sums *sums, float *grads, void *model, const float *params,
                     const struct batch *batch, const double scales[TASK_PARTS],
                     const struct bert_pass *pass)
{
    struct bert_losses l;

    if (grads)
        bert_gradient(&l, grads, model, params, batch, scales[0], scales[1], pass);
    else
        bert_evaluate(&l, model, params, batch);
    *sums = (struct task_sums){
        .loss = {l.mlm_sum, l.nsp_sum},
        .n = {(double)l.n_masked, (double)l.n_next},
        .n_right = {(double)l.n_masked_right, (double)l.n_next_right},
    };
}

static void close_bert(void *model)
{
    bert_close(model);
}

/* ---- squad, classify: tasks/tuned ---- */

static void *open_tuned(const struct bert_config *c, const struct bert_room *room,
                        struct team *team)
{
    return tuned_open(c, room, team);
}

static void profile_tuned(void *model, struct profile *p)
{
    tuned_profile(model, p);
}

static void take_tuned(void *model, const float *params)
{
    tuned_take(model, params);
}

static void take_part_tuned(void *model, const float *params, size_t lane, size_t at, size_t n)
{
    tuned_take_part(model, params, lane, at, n);
}

static void count_spans(double n[TASK_PARTS], const struct batch *b)
{
    n[0] = n[1] = (double)b->n_sequences;
}

static void count_classes(double n[TASK_PARTS], const struct batch *b)
{
    n[0] = n[1] = 0;
    for (size_t i = 0; i < b->n_sequences; i++)
        n[0] += b->classes[i] >= 0;
}

static void count_scores(double n[TASK_PARTS], const struct batch *b)
{
    n[0] = (double)b->n_sequences;
    n[1] = 0;
}

static void run_tuned(struct task_sums *sums, float *grads, void *model, const float *params,
                      const struct batch *batch, const double scales[TASK_PARTS],
                      const struct bert_pass *pass)
{
    struct tuned_sums s;

    tuned_run(&s, grads, model, params, batch, scales, pass);
    *sums = (struct task_sums){0};
    for (size_t i = 0; i < TUNED_PARTS; i++) {
        sums->loss[i] = s.loss[i];
        sums->n[i] = (double)s.n;
        sums->n_right[i] = (double)s.n_right[i];
    }
    sums->n_whole = (double)s.n_whole;
}

static void answer_classes(float *said, float *meant, const void *model, const struct batch *batch)
{
    for (size_t i = 0; i < batch->n_sequences; i++)
        meant[i] = (float)batch->classes[i];
    tuned_answers(said, model);
}

static void answer_scores(float *said, float *meant, const void *model, const struct batch *batch)
{
    memcpy(meant, batch->scores, batch->n_sequences * sizeof *meant);
    tuned_answers(said, model);
}

static void judge_classes(struct metrics *m, const float *said, const float *meant, size_t n,
                          size_t n_labels)
{
    int32_t *predicted = mem_array(n, sizeof *predicted);
    int32_t *labels = mem_array(n, sizeof *labels);
    size_t n_known = 0;

    for (size_t i = 0; i < n; i++)
        if (meant[i] >= 0) {
            predicted[n_known] = (int32_t)said[i];
            labels[n_known++] = (int32_t)meant[i];
        }
    metrics_of_classes(m, predicted, labels, n_known, n_labels);
    free(predicted);
    free(labels);
}

static void judge_scores(struct metrics *m, const float *said, const float *meant, size_t n,
                         size_t n_labels)
{
    (void)n_labels;
    metrics_of_scores(m, said, meant, n);
}

static void close_tuned(void *model)
{
    tuned_close(model);
}

static const struct task_kind pretrain = {
    .name = "pretrain",
    .parts = {{"mlm", "masked_lm_", 1}, {"nsp", "next_sentence_", 1}},
    .n_parts = 2,
    .counts_right = true,
    .open = open_bert,
    .measure = bert_measure,
    .profile = profile_bert,
    .take = take_bert,
    .take_part = take_part_bert,
    .count = count_pretrain,
    .run = run_bert,
    .close = close_bert,
};

static const struct task_kind squad = {
    .name = "squad",
    .parts = {{"start", "start_", 0.5}, {"end", "end_", 0.5}},
    .n_parts = 2,
    .counts_right = true,
    .has_ends = true,
    .open = open_tuned,
    .measure = tuned_measure,
    .profile = profile_tuned,
    .take = take_tuned,
    .take_part = take_part_tuned,
    .count = count_spans,
    .run = run_tuned,
    .close = close_tuned,
};

static const struct task_kind classify = {
    .name = "classify",
    .parts = {{"class", "", 1}},
    .n_parts = 1,
    .counts_right = true,
    .open = open_tuned,
    .measure = tuned_measure,
    .profile = profile_tuned,
    .take = take_tuned,
    .take_part = take_part_tuned,
    .count = count_classes,
    .run = run_tuned,
    .answer = answer_classes,
    .judge = judge_classes,
    .close = close_tuned,
};

static const struct task_kind score = {
    .name = "score",
    .parts = {{"squared error", "", 1}},
    .n_parts = 1,
    .counts_right = false,
    .open = open_tuned,
    .measure = tuned_measure,
    .profile = profile_tuned,
    .take = take_tuned,
    .take_part = take_part_tuned,
    .count = count_scores,
    .run = run_tuned,
    .answer = answer_scores,
    .judge = judge_scores,
    .close = close_tuned,
};

const struct task_kind *task_of(const struct bert_config *c)
{
    switch (c->heads) {
    case HEADS_PRETRAINING:
        return &pretrain;
    case HEADS_SPANS:
        return &squad;
    case HEADS_CLASSES:
        return c->n_labels == 1 ? &score : &classify;
    }
    return &pretrain;
}

struct task *task_open(const struct bert_config *c, const struct bert_room *room, struct team *team)
{
    struct task *t = mem_alloc(sizeof *t);

    t->kind = task_of(c);
    t->n_labels = c->n_labels;
    t->model = t->kind->open(c, room, team);
    return t;
}

size_t task_measure(const struct bert_config *c, const struct bert_room *room, struct team *team)
{
    return task_of(c)->measure(c, room, team);
}

void task_profile(struct task *t, struct profile *p)
{
    t->kind->profile(t->model, p);
}

void task_take(struct task *t, const float *params)
{
    t->kind->take(t->model, params);
}

void task_take_part(struct task *t, const float *params, size_t lane, size_t at, size_t n)
{
    t->kind->take_part(t->model, params, lane, at, n);
}

void task_count(double n[TASK_PARTS], const struct task *t, const struct batch *batch)
{
    t->kind->count(n, batch);
}

void task_run(struct task_sums *sums, float *grads, struct task *t, const float *params,
              const struct batch *batch, const double scales[TASK_PARTS],
              const struct bert_pass *pass)
{
    t->kind->run(sums, grads, t->model, params, batch, scales, pass);
}

bool task_has_answers(const struct task *t)
{
    return t->kind->answer != NULL;
}

void task_answers(float *said, float *meant, const struct task *t, const struct batch *batch)
{
    t->kind->answer(said, meant, t->model, batch);
}

void task_judge(struct metrics *m, const struct task *t, const float *said, const float *meant,
                size_t n)
{
    t->kind->judge(m, said, meant, n, t->n_labels);
}

void task_close(struct task *t)
{
    if (!t)
        return;
    t->kind->close(t->model);
    free(t);
}

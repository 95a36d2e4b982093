/* bert-train-plan.c -- options -> plan: how large a step is, how the rate goes, when to end. */
#include "bert-train-plan.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* A packed row holds several sequences, so fewer micro batches make the batch that was asked for;
 * rounded as Python rounds, but never to none. */
int plan_batch(struct training_options *o, const struct pretrain_args *a, const struct stream *s,
               int n_ranks, struct err *err)
{
    double mean;
    double micros;

    if (a->train_batch_size % a->accumulation)
        return err_set(err, ERR_USAGE,
                       "--train_batch_size %" PRId64
                       " is not divisible by --gradient_accumulation_steps %" PRId64,
                       a->train_batch_size, a->accumulation);
    o->micro_rows = (size_t)(a->train_batch_size / a->accumulation);
    if (a->tokens_per_batch > 0) {
        if (stream_mean_tokens(&mean, s, err) < 0)
            return -1;
        micros = (double)a->tokens_per_batch / (mean * (double)o->micro_rows) / n_ranks;
    } else {
        if (stream_mean_sequences(&mean, s, err) < 0)
            return -1;
        micros = (double)a->accumulation / mean;
    }
    o->accumulation = (size_t)fmax(rint(micros), 1);
    return 0;
}

static int plan_schedule(struct schedule *schedule, const struct pretrain_args *a, struct err *err)
{
    *schedule = (struct schedule){.rate = a->learning_rate,
                                  .warmup = a->warmup_proportion,
                                  .n_steps = a->max_steps,
                                  .decay = a->decay_proportion};
    if (a->warmup_steps >= 0)
        schedule->warmup = (double)a->warmup_steps / (double)a->max_steps;
    if (schedule->warmup > 1)
        return err_set(err, ERR_USAGE, "--warmup_steps %" PRId64 " is more than --max_steps",
                       a->warmup_steps);
    schedule_find(&schedule->kind, a->schedule); /* a choice of the table */
    return 0;
}

int plan_run(struct training_options *o, const struct pretrain_args *a, struct err *err)
{
    if (plan_schedule(&o->schedule, a, err) < 0)
        return -1;
    o->optimizer.kind = strcmp(a->optimizer, "lamb") ? OPTIMIZER_ADAMW : OPTIMIZER_LAMB;
    o->average_over_step = strcmp(a->loss_average, "step") == 0;
    o->stop_at = a->steps_this_run >= 0 && a->steps_this_run < a->max_steps ? a->steps_this_run
                                                                            : a->max_steps;
    o->evaluate = a->evaluate || a->eval_interval > 0;
    o->evaluate_every = a->eval_interval;
    o->evaluate_rows = (size_t)a->eval_batch_size;
    o->evaluate_most = (uint64_t)a->max_eval_steps;
    o->phase2 = a->phase2;
    o->phase1_end = a->phase1_end_step;
    return 0;
}

/* bert-train-plan.c -- options -> plan: how large a step is, how the rate goes, when to end. */
#include "bert-train-plan.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ops/gemm.h"

/* A packed row holds several sequences, so fewer micro batches make the batch that was asked for;
 * rounded as Python rounds, but never to none. */
int plan_batch(struct train_options *o, const struct pretrain_args *a, const struct stream *s,
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

/* "90", "30:00" or "8:00:00". */
static int plan_time(double *seconds, const char *text, struct err *err)
{
    const char *at = text;
    double sum = 0;

    for (int part = 0; part < 3; part++) {
        char *end;
        const double x = strtod(at, &end);

        if (end == at || !(x >= 0) || x > 1e9 || (*end && *end != ':'))
            break;
        sum = 60 * sum + x;
        if (*end == '\0') {
            *seconds = sum;
            return 0;
        }
        at = end + 1;
    }
    return err_set(err, ERR_USAGE, "--max_time wants seconds, M:S or H:M:S, not '%s'", text);
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

/* "X:Y"; the original's default, "0", is every step. */
static int plan_profile(struct train_options *o, const char *text, struct err *err)
{
    char *end;

    o->profile_from = 1;
    o->profile_to = INT64_MAX;
    if (strcmp(text, "0") == 0)
        return 0;
    o->profile_from = strtoll(text, &end, 10);
    if (*end == ':' && end[1] >= '0' && end[1] <= '9')
        o->profile_to = strtoll(end + 1, &end, 10);
    if (*end || o->profile_from < 1 || o->profile_to < o->profile_from)
        return err_set(err, ERR_USAGE, "--profile_steps wants X:Y, 1 <= X <= Y, not '%s'", text);
    return 0;
}

/* Which kernels compute: of fp32 for the process, of halves for the plan. Where bf16 is asked for and no
 * kernel for it pays, the plan is fp32. A kernel that is named is taken whether it pays or not. */
static int plan_kernels(struct train_options *o, const struct pretrain_args *a, struct err *err)
{
    const bool wide = strcmp(a->isa, "avx512") == 0, tiles = strcmp(a->isa, "amx") == 0;
    const struct half_kernel *halves = half_kernel_find(a->isa);

    if (!gemm_choose(tiles ? "avx512" : a->isa) || (tiles && !halves->works()))
        return err_set(err, ERR_USAGE, "this CPU has no %s: --isa auto takes what it has", a->isa);
    if (!a->autocast && strcmp(a->precision, "bf16") != 0)
        return 0;
    o->halves = wide && !halves->works() ? NULL : halves;
    return 0;
}

int plan_run(struct train_options *o, const struct pretrain_args *a, struct err *err)
{
    o->seed = (uint64_t)a->seed;
    if (plan_kernels(o, a, err) < 0 || plan_schedule(&o->schedule, a, err) < 0 ||
        (a->max_time && plan_time(&o->max_seconds, a->max_time, err) < 0))
        return -1;
    o->optimizer = (struct optimizer_settings){
        .kind = strcmp(a->optimizer, "lamb") ? OPTIMIZER_ADAMW : OPTIMIZER_LAMB,
        .beta1 = a->beta1,
        .beta2 = a->beta2,
        .eps = a->epsilon,
        .decay = a->weight_decay,
        .max_norm = a->max_grad_norm,
    };
    o->average_over_step = strcmp(a->loss_average, "step") == 0;
    o->stop_at = a->steps_this_run >= 0 && a->steps_this_run < a->max_steps ? a->steps_this_run
                                                                            : a->max_steps;
    o->log_every = (int64_t)a->log_freq;
    o->checkpoint_every = a->steps_per_checkpoint;
    o->skip_checkpoint = a->skip_checkpoint;
    o->keep = (size_t)a->keep;
    o->evaluate = a->evaluate || a->eval_interval > 0;
    o->evaluate_every = a->eval_interval;
    o->evaluate_rows = (size_t)a->eval_batch_size;
    o->evaluate_most = (uint64_t)a->max_eval_steps;
    o->output_dir = a->output_dir;
    o->init_checkpoint = a->init_checkpoint;
    o->resume = a->resume;
    o->resume_number = a->resume_step;
    o->phase2 = a->phase2;
    o->phase1_end = a->phase1_end_step;
    o->cased = a->cased;
    o->recompute = a->recompute;
    o->exchange_halves = a->exchange_halves;
    return a->profile ? plan_profile(o, a->profile_steps, err) : 0;
}

/* start.c -- the rules of the original about --resume_from_checkpoint, --init_checkpoint and --phase2,
 * made to do what one expects when they meet: a checkpoint in the output folder wins when resuming,
 * so the same command can be given again after a crash. Another command than the one that made the
 * checkpoint is refused, unless the user says so. */
#include "run/start.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "model/weights.h"

/* The state of step 0 with the options of this run. */
static struct checkpoint_state fresh_state(const struct training *t)
{
    const struct training_options *o = &t->options;

    return (struct checkpoint_state){
        .number = o->phase2 ? o->phase1_end : 0,
        .phase2 = o->phase2,
        .data = t->stream->fingerprint,
        .seed = o->seed,
        .schedule = o->schedule,
        .optimizer = o->optimizer,
        .optimizer_known = true,
        .rows_per_step = (int64_t)(o->micro_rows * o->accumulation) * t->comm->size,
        .rows_per_micro = (int64_t)o->micro_rows,
        .n_frozen = (int64_t)o->n_frozen,
        .halves = o->halves ? CHOICE_YES : CHOICE_NO,
        .step_averages = o->average_over_step ? CHOICE_YES : CHOICE_NO,
    };
}

static int start_new(struct training *t, struct err *err)
{
    const char *path = t->options.init_checkpoint;
    struct weights_report report;

    params_init(t->params, &t->list, &t->config, t->options.seed);
    t->state = fresh_state(t);
    if (!path) {
        log_say(t->log, "starting with new weights");
        return 0;
    }
    if (weights_load(t->params, &report, &t->list, path, err) < 0)
        return -1;
    log_say(t->log, "starting with the weights of '%s'", path);
    if (report.n_missing)
        log_warn(t->log, "'%s' has no %s: new weights there", path, report.missing);
    if (report.n_padding)
        log_say(t->log, "%zu padding rows of its vocabulary are left out", report.n_padding);
    return 0;
}

static void note_real(struct buf *to, const char *name, double now, double then)
{
    if (now != then)
        buf_printf(to, "%s%s %g, now %g", to->len ? "; " : "", name, then, now);
}

static void note_int(struct buf *to, const char *name, int64_t now, int64_t then)
{
    if (now != then)
        buf_printf(to, "%s%s %" PRId64 ", now %" PRId64, to->len ? "; " : "", name, then, now);
}

static void note_choice(struct buf *to, const char *name, const char *yes, const char *no,
                        enum checkpoint_choice now, enum checkpoint_choice then)
{
    if (then != CHOICE_UNKNOWN && now != then)
        buf_printf(to, "%s%s %s, now %s", to->len ? "; " : "", name, then == CHOICE_YES ? yes : no,
                   now == CHOICE_YES ? yes : no);
}

static void note_optimizer(struct buf *to, const struct optimizer_settings *now,
                           const struct optimizer_settings *then)
{
    note_real(to, "beta1", now->beta1, then->beta1);
    note_real(to, "beta2", now->beta2, then->beta2);
    note_real(to, "epsilon", now->eps, then->eps);
    note_real(to, "weight_decay", now->decay, then->decay);
    note_real(to, "max_grad_norm", now->max_norm, then->max_norm);
    note_real(to, "largest norm of a tensor", now->max_tensor_norm, then->max_tensor_norm);
    note_int(to, "bias correction", !now->uncorrected, !then->uncorrected);
}

/* Everything that decides what the next steps compute and is not as it was. */
static void note_changes(struct buf *to, const struct training *t,
                         const struct checkpoint_state *now, const struct checkpoint_state *then)
{
    note_real(to, "learning_rate", now->schedule.rate, then->schedule.rate);
    note_real(to, "warmup_proportion", now->schedule.warmup, then->schedule.warmup);
    note_int(to, "max_steps", now->schedule.n_steps, then->schedule.n_steps);
    if (now->schedule.kind != then->schedule.kind)
        buf_printf(to, "%sschedule %s, now %s", to->len ? "; " : "",
                   schedule_name(then->schedule.kind), schedule_name(now->schedule.kind));
    else if (now->schedule.kind == SCHEDULE_WSD)
        note_real(to, "decay_proportion", now->schedule.decay, then->schedule.decay);
    if (then->optimizer_known)
        note_optimizer(to, &now->optimizer, &then->optimizer);
    note_int(to, "seed", (int64_t)now->seed, (int64_t)then->seed);
    note_int(to, "rows in a step", now->rows_per_step, then->rows_per_step);
    note_int(to, "rows in a micro batch", now->rows_per_micro, then->rows_per_micro);
    if (then->n_frozen >= 0)
        note_int(to, "frozen layers", now->n_frozen, then->n_frozen);
    note_choice(to, "precision", "bf16", "fp32", now->halves, then->halves);
    note_choice(to, "loss_average", "step", "micro", now->step_averages, then->step_averages);
    if (now->data != then->data)
        buf_printf(to, "%sother data than '%s'", to->len ? "; " : "", t->stream->name);
}

/* The same phase goes on: its step and place in the data, with the options of this run. */
static int go_on(struct training *t, const struct checkpoint_state *saved, struct err *err)
{
    const struct checkpoint_state now = fresh_state(t);
    struct buf changes = {0};
    int rc = 0;

    note_changes(&changes, t, &now, saved);
    if (changes.len > 0 && !t->options.resume_changed)
        rc = err_set(err, ERR_USAGE,
                     "checkpoint %" PRId64 " was made with %s: give the same, or --resume_changed",
                     saved->number, changes.data);
    else if (changes.len > 0)
        log_warn(t->log, "checkpoint %" PRId64 " was made with %s", saved->number, changes.data);
    buf_release(&changes);
    t->state = *saved;
    if (now.data != saved->data)
        t->state.position = 0;
    t->state.data = now.data;
    t->state.seed = now.seed;
    t->state.schedule = now.schedule;
    t->state.optimizer = now.optimizer;
    t->state.optimizer_known = true;
    t->state.rows_per_step = now.rows_per_step;
    t->state.rows_per_micro = now.rows_per_micro;
    t->state.n_frozen = now.n_frozen;
    t->state.halves = now.halves;
    t->state.step_averages = now.step_averages;
    return rc;
}

static int adopt(struct training *t, const struct checkpoint_state *saved, struct err *err)
{
    const struct training_options *o = &t->options;

    if (saved->optimizer.kind != o->optimizer.kind)
        return err_set(err, ERR_USAGE,
                       "checkpoint %" PRId64 " has the moments of %s: give --optimizer %s",
                       saved->number, optimizer_name(saved->optimizer.kind),
                       optimizer_name(saved->optimizer.kind));
    if (saved->phase2 && !o->phase2)
        return err_set(err, ERR_USAGE, "checkpoint %" PRId64 " is one of phase 2: give --phase2",
                       saved->number);
    if (o->phase2 && !saved->phase2) {
        /* As the original: a new schedule and new data, the moments stay. */
        if (saved->number != o->phase1_end)
            return err_set(err, ERR_USAGE,
                           "phase 2 continues checkpoint %" PRId64
                           " (--phase1_end_step), the newest is %" PRId64,
                           o->phase1_end, saved->number);
        t->state = fresh_state(t);
        log_say(t->log, "starting phase 2 with the weights and moments of checkpoint %" PRId64,
                saved->number);
        return 0;
    }
    if (o->phase2 && saved->number - saved->step != o->phase1_end)
        return err_set(err, ERR_USAGE,
                       "checkpoint %" PRId64 " is of a phase 2 that began after step %" PRId64
                       ", not %" PRId64 " (--phase1_end_step)",
                       saved->number, saved->number - saved->step, o->phase1_end);
    if (go_on(t, saved, err) < 0)
        return -1;
    log_say(t->log, "resuming after step %" PRId64 " (checkpoint %" PRId64 ")", saved->step,
            saved->number);
    return 0;
}

/* 1 when the checkpoint was taken, 0 when it is damaged (with err telling how), -1 with err. */
static int try_number(struct training *t, int64_t number, struct err *err)
{
    struct checkpoint c = training_checkpoint(t);
    char *path = checkpoint_path(t->options.output_dir, number);
    int rc = 0;

    if (checkpoint_verify(path, err) == 0)
        rc = checkpoint_check_config(path, &t->config, err) < 0 ||
                     checkpoint_load(&c, path, err) < 0 || adopt(t, &c.state, err) < 0
                 ? -1
                 : 1;
    free(path);
    return rc;
}

/* 1 when a checkpoint was taken, 0 when there is none to take, -1 with err. */
static int resume(struct training *t, struct err *err)
{
    const struct training_options *o = &t->options;
    int64_t *numbers;
    size_t n;
    int rc = 0;

    if (checkpoint_list(&numbers, &n, o->output_dir, err) < 0)
        return -1;
    if (o->resume_number >= 0) {
        rc = try_number(t, o->resume_number, err) == 1 ? 1 : -1;
    } else {
        for (size_t i = n; i > 0 && rc == 0; i--) {
            rc = try_number(t, numbers[i - 1], err);
            if (rc == 0)
                log_warn(t->log, "checkpoint %" PRId64 " is damaged and passed over: %s",
                         numbers[i - 1], err->text);
        }
        if (rc == 0 && n > 0)
            rc = err_set(err, ERR_FORMAT, "'%s' has no checkpoint that is whole", o->output_dir);
    }
    free(numbers);
    return rc;
}

int start_from(struct training *t, struct err *err)
{
    const struct training_options *o = &t->options;
    bool any;
    int rc;

    if (checkpoint_any(&any, o->output_dir, err) < 0)
        return -1;
    if (any && !o->resume)
        return err_set(err, ERR_USAGE,
                       "'%s' already has checkpoints: give --resume_from_checkpoint or another "
                       "--output_dir",
                       o->output_dir);
    if (!o->skip_checkpoint && checkpoint_sweep(o->output_dir, err) < 0)
        return -1;
    if (o->resume) {
        rc = resume(t, err);
        if (rc != 0)
            return rc < 0 ? -1 : 0;
        if (o->phase2 && !o->init_checkpoint)
            return err_set(err, ERR_USAGE, "'%s' has no checkpoint for phase 2 to continue",
                           o->output_dir);
        if (!o->init_checkpoint)
            log_warn(t->log, "'%s' has no checkpoint to resume", o->output_dir);
    }
    return start_new(t, err);
}

/* train.c -- step after step (loop.c), and after every so many of them: report, evaluate, save. */
#include "run/train.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/sink.h"
#include "dist/exchange.h"
#include "run/loop.h"
#include "run/start.h"

/* Ranks that would take other steps or other rows would wait for each other for ever. */
static int check_plan(const struct training *t, struct err *err)
{
    const struct training_options *o = &t->options;
    const uint64_t plan[] = {
        o->seed,
        o->micro_rows,
        o->accumulation,
        (uint64_t)o->stop_at,
        o->average_over_step,
        (uint64_t)o->schedule.n_steps,
        o->evaluate,
        (uint64_t)o->evaluate_every,
        o->evaluate_epochs,
        o->evaluate_rows,
        (uint64_t)o->checkpoint_every,
        o->skip_checkpoint,
        o->exchange_halves,
        o->end,
        o->n_frozen,
        o->halves != NULL,
        t->list.n_params,
    };

    if (exchange_agree(t->comm, &t->stream->fingerprint, sizeof t->stream->fingerprint, "shards",
                       err) < 0)
        return -1;
    return exchange_agree(t->comm, plan, sizeof plan, "options", err);
}

static void take_part(void *context, size_t lane, size_t at, size_t n)
{
    const struct training *t = context;

    task_take_part(t->task, t->params, lane, at, n);
}

int train_open(struct training *t, struct err *err)
{
    struct bert_room room;

    t->began = profile_now();
    training_init(t);
    if (check_plan(t, err) < 0 || (t->comm->rank == 0 && start_from(t, err) < 0))
        return -1;
    if (comm_share(t->comm, &t->state, sizeof t->state, err) < 0 ||
        exchange_share(t->comm, t->params, t->list.n_floats, err) < 0 ||
        exchange_share(t->comm, t->optimizer.m, t->list.n_floats, err) < 0 ||
        exchange_share(t->comm, t->optimizer.v, t->list.n_floats, err) < 0 ||
        exchange_check(t->comm, t->params, t->list.n_floats, "weights at the start", err) < 0)
        return -1;
    t->first_step = t->state.step;
    room = training_room(t);
    t->task = task_open(&t->config, &room, t->team);
    task_take(t->task, t->params);
    t->optimizer.changed = take_part;
    t->optimizer.changed_context = t;
    if (t->options.evaluate)
        loader_init_batch(&t->test_batch, t->test_loader, t->options.evaluate_rows);
    return 0;
}

/* ---- between the steps ---- */

static double mean(double sum, double n)
{
    return n > 0 ? sum / n : 0;
}

enum { GO_ON, STOP_AT_LIMIT, STOP_AT_SIGNAL };

/* Whether another step and its checkpoint would still be done in time; some slack, because neither
 * takes the same time twice. */
static bool time_is_up(const struct loop *l)
{
    const double limit = l->t->options.max_seconds;
    const double next = 1.5 * l->longest_step + 2 * l->last_save;

    return limit > 0 && profile_now() - l->t->began + next > limit;
}

/* A signal may have reached some ranks only; clocks differ. */
static int ask_to_stop(struct loop *l, struct err *err)
{
    static const char *const reasons[] = {NULL, "stopped by --max_time", "stopped by a signal"};
    int64_t why = GO_ON;

    if (l->t->options.stop && *l->t->options.stop)
        why = STOP_AT_SIGNAL;
    else if (time_is_up(l))
        why = STOP_AT_LIMIT;
    if (comm_max(l->t->comm, &why, err) < 0)
        return -1;
    l->stopped = reasons[why];
    return 0;
}

/* "mlm 1.2345, right 67.8 %; nsp ..."; a single part has the loss that stands in front. */
static void put_parts(struct buf *to, const struct task_kind *kind, const double *losses,
                      const double *accuracies)
{
    for (size_t i = 0; i < kind->n_parts; i++) {
        buf_printf(to, "%s%s %.4f", i ? "; " : "", kind->parts[i].name, losses[i]);
        if (kind->counts_right)
            buf_printf(to, ", right %.1f %%", 100 * accuracies[i]);
    }
}

/* Of the steps with an update since the last log line; NAN when there was none. */
static double average(const struct checkpoint_state *s, double sum)
{
    return s->n_losses > 0 ? sum / (double)s->n_losses : NAN;
}

static double average_loss(const struct checkpoint_state *s)
{
    return average(s, s->loss_sum);
}

static void say_step(const struct loop *l, double loss, double seconds)
{
    const struct training *t = l->t;
    const struct task_kind *kind = task_of(&t->config);
    const struct span *span = &l->since_log;
    const struct counts *n = &span->counts;
    const struct checkpoint_state *s = &t->state;
    const double left =
        seconds / (double)span->n_steps * (double)(t->options.stop_at - t->state.step);
    double losses[TASK_PARTS];
    double accuracies[TASK_PARTS];
    struct buf parts = {0};

    for (size_t i = 0; i < kind->n_parts; i++) {
        losses[i] = average(s, s->parts[i].loss_sum) / kind->parts[i].weight;
        accuracies[i] = mean(s->parts[i].n_right, s->parts[i].n_labels);
    }
    put_parts(&parts, kind, losses, accuracies);
    log_say(t->log,
            "step %" PRId64 "/%" PRId64 "  loss %.4f (%s)  lr %.3e  norm %.3g  "
            "%.1f sequences/s  %.0f tokens/s  %d:%02d:%02d left",
            t->state.step, t->state.schedule.n_steps, loss, parts.data, l->rate, l->norm,
            n->n_sequences / seconds, n->n_tokens / seconds, (int)(left / 3600),
            (int)(left / 60) % 60, (int)left % 60);
    buf_release(&parts);
}

static double per_rank(const struct loop *l, double seconds)
{
    return l->since_log.counts.n_sequences / seconds / l->t->comm->size;
}

/* As the original, times are of a micro batch and rates of one rank. */
static void put_speed(struct json *data, const struct loop *l, double seconds)
{
    const struct training *t = l->t;

    json_put_real(data, "average_training_time_step",
                  seconds / (double)(l->since_log.n_steps * (int64_t)t->options.accumulation));
    json_put_real(data, "average_perf_per_step", per_rank(l, seconds));
}

/* JSON has no word for what is not finite. */
static void put_loss(struct json *data, const char *key, double loss)
{
    if (isfinite(loss))
        json_put_real(data, key, loss);
    else
        json_put_null(data, key);
}

/* Of the last row that was computed. */
static int64_t epoch_of(const struct loop *l)
{
    const uint64_t position = l->t->state.position;

    return position > 0 ? (int64_t)((position - 1) / l->t->stream->n_rows) : 0;
}

static void report(struct loop *l, bool last)
{
    struct training *t = l->t;
    struct checkpoint_state *s = &t->state;
    const double now = log_elapsed(t->log);
    const double seconds = fmax(now - l->since_log.start, 1e-9);
    const double loss = average_loss(s);
    struct json *data = json_new_map();

    if (last) {
        put_loss(data, "final_loss", loss);
    } else {
        put_loss(data, "average_loss", loss);
        put_loss(data, "step_loss", loop_loss(l));
        json_put_real(data, "learning_rate", l->rate);
    }
    put_speed(data, l, seconds);
    log_step(t->log, epoch_of(l), s->step, data);
    tensorboard_scalar(t->board, "Loss", s->step, (float)loss);
    tensorboard_scalar(t->board, "performance", s->step, (float)per_rank(l, seconds));
    say_step(l, loss, seconds);
    l->since_log = (struct span){.start = now};
}

/* A single part's loss is the loss itself. */
static void report_part(struct training *t, struct json *data, const struct task_part *part,
                        const char *what, double value)
{
    char key[64];

    snprintf(key, sizeof key, "eval_%s%s", part->key, what);
    json_put_real(data, key, value);
    snprintf(key, sizeof key, "eval/%s%s", part->key, what);
    tensorboard_scalar(t->board, key, t->state.step, (float)value);
}

/* In records as in eval_results.txt, but all begin with eval_; what is not defined is null. */
static void report_figure(struct training *t, struct json *data, const struct evaluation_figure *f,
                          struct buf *said)
{
    const char *name = strncmp(f->key, "eval_", 5) == 0 ? f->key + 5 : f->key;
    char key[64];

    buf_printf(said, ", %s %.4f", name, f->value);
    snprintf(key, sizeof key, "eval_%s", name);
    if (isfinite(f->value))
        json_put_real(data, key, f->value);
    else
        json_put_null(data, key);
    snprintf(key, sizeof key, "eval/%s", name);
    if (isfinite(f->value))
        tensorboard_scalar(t->board, key, t->state.step, (float)f->value);
}

static void report_evaluation(struct loop *l, const struct evaluation *e, double seconds)
{
    struct training *t = l->t;
    const struct task_kind *kind = task_of(&t->config);
    struct json *data = json_new_map();
    struct buf parts = {0};
    struct evaluation_figure figures[EVALUATION_FIGURES];
    const size_t n_figures = evaluation_figures(figures, e, kind);

    put_parts(&parts, kind, e->losses, e->accuracies);
    json_put_real(data, "eval_loss", e->loss);
    for (size_t i = 0; i < kind->n_parts; i++) {
        report_part(t, data, &kind->parts[i], "loss", e->losses[i]);
        if (kind->counts_right)
            report_part(t, data, &kind->parts[i], "accuracy", e->accuracies[i]);
    }
    for (size_t i = 0; i < n_figures; i++)
        report_figure(t, data, &figures[i], &parts);
    json_put_real(data, "throughput_val", e->n_sequences / seconds);
    log_step(t->log, epoch_of(l), t->state.step, data);
    log_say(t->log, "step %" PRId64 " on %.0f held-back sequences: loss %.4f (%s)", t->state.step,
            e->n_sequences, e->loss, parts.data);
    buf_release(&parts);
}

/* *best: no earlier evaluation of this training was as good; NULL for one that does not count. Its
 * time is not the steps' time. */
static int evaluate(bool *best, struct loop *l, struct err *err)
{
    struct training *t = l->t;
    const struct training_options *o = &t->options;
    struct checkpoint_state *s = &t->state;
    const double start = log_elapsed(t->log);
    struct evaluation e;
    double seconds;

    if (evaluation_run(&e, t->task, task_of(&t->config), t->params, t->test_loader, &t->test_batch,
                       o->evaluate_rows, o->evaluate_most, t->comm, err) < 0)
        return -1;
    seconds = fmax(log_elapsed(t->log) - start, 1e-9);
    if (best && isfinite(e.loss) && (s->best_number == 0 || e.loss < s->best_loss)) {
        *best = true;
        s->best_loss = e.loss;
        s->best_number = s->number;
    }
    l->since_log.start += seconds;
    if (t->comm->rank != 0)
        return 0;
    report_evaluation(l, &e, seconds);
    return evaluation_save(&e, task_of(&t->config), s->number, o->output_dir, err);
}

static int save(struct loop *l, struct err *err)
{
    struct training *t = l->t;
    const double start = log_elapsed(t->log);
    const struct checkpoint c = training_checkpoint(t);
    struct json *data;

    if (exchange_check(t->comm, t->params, t->list.n_floats, "weights", err) < 0)
        return -1;
    if (t->comm->rank != 0)
        return 0;
    if (checkpoint_save(&c, t->options.output_dir, err) < 0)
        return -1;
    l->last_save = log_elapsed(t->log) - start;
    data = json_new_map();
    json_put_int(data, "checkpoint_step", t->state.number);
    log_parameter(t->log, data);
    /* Phase 2 leaves the end of phase 1 alone. */
    return checkpoint_rotate(t->options.output_dir, t->options.keep,
                             t->options.phase2 ? t->options.phase1_end : -1, t->state.best_number,
                             err);
}

static void summarise(struct loop *l, double final_loss)
{
    struct training *t = l->t;
    const double seconds = fmax(log_elapsed(t->log) - l->whole.start, 1e-9);
    struct json *data = json_new_map();

    json_put_real(data, "e2e_train_time", log_elapsed(t->log));
    json_put_real(data, "training_sequences_per_second", l->whole.counts.n_sequences / seconds);
    put_loss(data, "final_loss", final_loss);
    json_put_real(data, "raw_train_time", seconds);
    log_summary(t->log, data);
    log_say(t->log,
            "%s at step %" PRId64 ": %" PRId64 " steps, %.0f sequences, %.0f tokens in %.1f s "
            "(%.1f sequences/s, %.0f tokens/s)",
            l->stopped ? l->stopped : "done", t->state.step, l->whole.n_steps,
            l->whole.counts.n_sequences, l->whole.counts.n_tokens, seconds,
            l->whole.counts.n_sequences / seconds, l->whole.counts.n_tokens / seconds);
}

/* Whether the last step took the last row of an epoch. */
static bool ended_epoch(const struct training *t)
{
    const struct checkpoint_state *s = &t->state;
    const uint64_t n = t->stream->n_rows;
    const uint64_t taken = (uint64_t)s->rows_per_step;
    const uint64_t before = s->position > taken ? s->position - taken : 0;

    return s->position / n > before / n;
}

static bool every(int64_t step, int64_t interval)
{
    return interval > 0 && step % interval == 0;
}

/* Report, evaluate, save, where it is time for it. */
static int between_steps(struct loop *l, bool last, struct err *err)
{
    struct training *t = l->t;
    const struct training_options *o = &t->options;
    struct checkpoint_state *s = &t->state;
    const bool save_now = last || every(s->step, o->checkpoint_every);
    const bool due = every(s->step, o->evaluate_every) || s->step == s->schedule.n_steps ||
                     (o->evaluate_epochs && ended_epoch(t));
    bool best = false;

    if (last || every(s->step, o->log_every))
        report(l, last);
    /* By the step's number alone, so that where a run was cut leaves no trace. */
    if (every(s->step, o->log_every)) {
        s->loss_sum = 0;
        s->n_losses = 0;
        memset(s->parts, 0, sizeof s->parts);
    }
    if (o->evaluate && (due || (last && !l->stopped)) && evaluate(due ? &best : NULL, l, err) < 0)
        return -1;
    if ((save_now || best) && !o->skip_checkpoint)
        return loop_phase("save", save, l, err);
    return 0;
}

/* The table of operations and the trace. */
static int save_profile(struct loop *l, struct err *err)
{
    struct training *t = l->t;
    const struct profile *p = &l->profile;
    struct sink out = {0};
    struct buf trace = {0};
    double all = 0;
    int rc = -1;

    if (t->comm->rank != 0 || p->n_events == 0)
        return 0;
    for (size_t i = 0; i < p->n_totals; i++)
        all += strncmp(p->totals[i].name, "step: ", 6) == 0 ? p->totals[i].seconds : 0;
    for (size_t i = 0; i < p->n_totals; i++)
        log_say(t->log, "profile: %-32s %8" PRId64 " calls %10.3f s %5.1f %%", p->totals[i].name,
                p->totals[i].n_calls, p->totals[i].seconds, 100 * p->totals[i].seconds / all);
    profile_trace(&trace, p);
    if (sink_open(&out, t->options.profile_path, err) == 0 &&
        sink_write(&out, trace.data, trace.len, err) == 0)
        rc = sink_commit(&out, err);
    sink_close(&out);
    buf_release(&trace);
    return rc;
}

static int no_steps(struct loop *l, struct err *err)
{
    struct training *t = l->t;

    log_say(t->log, "nothing to train: step %" PRId64 " of %" PRId64 " is done", t->state.step,
            t->options.stop_at);
    return t->options.evaluate ? evaluate(NULL, l, err) : 0;
}

static struct prefetch *start_reading(const struct training *t)
{
    const struct training_options *o = &t->options;
    const struct prefetch_plan plan = {
        .position = t->state.position,
        .rows_per_step = (uint64_t)t->state.rows_per_step,
        .rows = o->micro_rows,
        .n_micros = o->accumulation,
        .first_micro = (size_t)t->comm->rank * o->accumulation,
        .n_steps = o->stop_at - t->state.step,
        .end = o->end,
    };

    return prefetch_open(t->stream, &plan);
}

static int steps(struct loop *l, struct err *err)
{
    const struct training_options *o = &l->t->options;
    const struct checkpoint_state *s = &l->t->state;
    double final_loss = 0;
    bool last = false;

    l->whole.start = l->since_log.start = log_elapsed(l->t->log);
    while (!last) {
        if (loop_step(l, err) < 0 || ask_to_stop(l, err) < 0)
            return -1;
        last = l->stopped || s->step >= o->stop_at;
        final_loss = average_loss(s);
        if (between_steps(l, last, err) < 0)
            return -1;
    }
    summarise(l, final_loss);
    return 0;
}

int train_run(struct training *t, struct err *err)
{
    struct loop l = {.t = t};
    int rc;

    if (t->state.step >= t->options.stop_at)
        return no_steps(&l, err);
    l.prefetch = start_reading(t);
    rc = steps(&l, err);
    if (rc == 0)
        rc = save_profile(&l, err);
    profile_release(&l.profile);
    prefetch_close(l.prefetch);
    return rc;
}

/* train.c -- memory for a training, then step after step (loop.c), and after every so many of them:
 * report, evaluate, save. */
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

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

struct bert_room train_room(const struct train *t)
{
    const struct train_options *o = &t->options;
    const struct shard_shape none = {0};
    const struct shard_shape *train = &t->stream->shape;
    const struct shard_shape *test = o->evaluate ? &t->test_loader->shape : &none;

    return (struct bert_room){
        .tokens = larger(o->micro_rows * train->seq_length, o->evaluate_rows * test->seq_length),
        .sequences =
            larger(o->micro_rows * train->max_sequences, o->evaluate_rows * test->max_sequences),
        .masked = larger(o->micro_rows * stream_most_masked(t->stream),
                         o->evaluate_rows * test->max_predictions),
        .recompute = o->recompute,
        .halves = o->halves,
    };
}

/* Ranks that would take other steps or other rows would wait for each other for ever. */
static int check_plan(const struct train *t, struct err *err)
{
    const struct train_options *o = &t->options;
    const uint64_t plan[] = {
        o->seed,
        o->micro_rows,
        o->accumulation,
        (uint64_t)o->stop_at,
        o->average_over_step,
        (uint64_t)o->schedule.n_steps,
        o->evaluate,
        (uint64_t)o->evaluate_every,
        o->evaluate_rows,
        (uint64_t)o->checkpoint_every,
        o->skip_checkpoint,
        o->exchange_halves,
        o->halves != NULL,
        t->list.n_params,
    };

    if (exchange_agree(t->comm, &t->stream->fingerprint, sizeof t->stream->fingerprint, "shards",
                       err) < 0)
        return -1;
    return exchange_agree(t->comm, plan, sizeof plan, "options", err);
}

int train_open(struct train *t, struct err *err)
{
    struct bert_room room;

    t->began = profile_now();
    params_list_init(&t->list, &t->config);
    t->params = mem_array(t->list.n_floats, sizeof *t->params);
    t->grads = mem_array(t->list.n_floats, sizeof *t->grads);
    optimizer_init(&t->optimizer, &t->options.optimizer, &t->list, t->team);
    if (check_plan(t, err) < 0 || (t->comm->rank == 0 && start_from(t, err) < 0))
        return -1;
    if (comm_share(t->comm, &t->state, sizeof t->state, err) < 0 ||
        exchange_share(t->comm, t->params, t->list.n_floats, err) < 0 ||
        exchange_share(t->comm, t->optimizer.m, t->list.n_floats, err) < 0 ||
        exchange_share(t->comm, t->optimizer.v, t->list.n_floats, err) < 0 ||
        exchange_check(t->comm, t->params, t->list.n_floats, "weights at the start", err) < 0)
        return -1;
    t->first_step = t->state.step;
    room = train_room(t);
    t->bert = bert_open(&t->config, &room, t->team);
    bert_take(t->bert, t->params);
    if (t->options.evaluate)
        loader_init_batch(&t->test_batch, t->test_loader, t->options.evaluate_rows);
    return 0;
}

void train_close(struct train *t)
{
    batch_release(&t->test_batch);
    if (t->bert)
        bert_close(t->bert);
    optimizer_release(&t->optimizer);
    free(t->params);
    free(t->grads);
    params_list_release(&t->list);
}

struct checkpoint train_checkpoint(const struct train *t)
{
    return (struct checkpoint){
        .config = &t->config,
        .list = &t->list,
        .params = t->params,
        .m = t->optimizer.m,
        .v = t->optimizer.v,
        .state = t->state,
        .vocab = t->options.vocab,
        .cased = t->options.cased,
    };
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

static void say_step(const struct loop *l, double loss, double seconds)
{
    const struct train *t = l->t;
    const struct span *span = &l->since_log;
    const struct counts *n = &span->counts;
    const double left =
        seconds / (double)span->n_steps * (double)(t->options.stop_at - t->state.step);

    log_say(t->log,
            "step %" PRId64 "/%" PRId64
            "  loss %.4f (mlm %.4f, right %.1f %%; nsp %.4f, right %.1f %%)  lr %.3e  norm %.3g  "
            "%.1f sequences/s  %.0f tokens/s  %d:%02d:%02d left",
            t->state.step, t->state.schedule.n_steps, loss,
            mean(span->losses.mlm, (double)span->n_finite),
            100 * mean(span->losses.n_masked_right, n->n_masked),
            mean(span->losses.nsp, (double)span->n_finite),
            100 * mean(span->losses.n_next_right, n->n_next), l->rate, l->norm,
            n->n_sequences / seconds, n->n_tokens / seconds, (int)(left / 3600),
            (int)(left / 60) % 60, (int)left % 60);
}

static double per_rank(const struct loop *l, double seconds)
{
    return l->since_log.counts.n_sequences / seconds / l->t->comm->size;
}

/* As the original, times are of a micro batch and rates of one rank. */
static void put_speed(struct json *data, const struct loop *l, double seconds)
{
    const struct train *t = l->t;

    json_put_real(data, "average_training_time_step",
                  seconds / (double)(l->since_log.n_steps * (int64_t)t->options.accumulation));
    json_put_real(data, "average_perf_per_step", per_rank(l, seconds));
}

/* Of the steps since the last log line; NAN when none of them had a finite one. */
static double average_loss(const struct checkpoint_state *s)
{
    return s->n_losses > 0 ? s->loss_sum / (double)s->n_losses : NAN;
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
    struct train *t = l->t;
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

static void report_evaluation(struct loop *l, const struct evaluation *e, double seconds)
{
    struct train *t = l->t;
    struct checkpoint_state *s = &t->state;
    struct json *data = json_new_map();

    json_put_real(data, "eval_loss", evaluation_loss(e));
    json_put_real(data, "eval_masked_lm_loss", e->masked_lm_loss);
    json_put_real(data, "eval_masked_lm_accuracy", e->masked_lm_accuracy);
    json_put_real(data, "eval_next_sentence_loss", e->next_sentence_loss);
    json_put_real(data, "eval_next_sentence_accuracy", e->next_sentence_accuracy);
    json_put_real(data, "throughput_val", e->n_sequences / seconds);
    log_step(t->log, epoch_of(l), s->step, data);
    tensorboard_scalar(t->board, "eval/masked_lm_loss", s->step, (float)e->masked_lm_loss);
    tensorboard_scalar(t->board, "eval/masked_lm_accuracy", s->step, (float)e->masked_lm_accuracy);
    tensorboard_scalar(t->board, "eval/next_sentence_loss", s->step, (float)e->next_sentence_loss);
    tensorboard_scalar(t->board, "eval/next_sentence_accuracy", s->step,
                       (float)e->next_sentence_accuracy);
    log_say(t->log,
            "step %" PRId64 " on %.0f held-back sequences: loss %.4f (mlm %.4f, right %.1f %%; nsp "
            "%.4f, right %.1f %%)",
            s->step, e->n_sequences, evaluation_loss(e), e->masked_lm_loss,
            100 * e->masked_lm_accuracy, e->next_sentence_loss, 100 * e->next_sentence_accuracy);
}

/* *best: no earlier evaluation of this training was as good; NULL for one that does not count. Its
 * time is not the steps' time. */
static int evaluate(bool *best, struct loop *l, struct err *err)
{
    struct train *t = l->t;
    const struct train_options *o = &t->options;
    struct checkpoint_state *s = &t->state;
    const double start = log_elapsed(t->log);
    struct evaluation e;
    double loss;
    double seconds;

    if (evaluation_run(&e, t->bert, t->params, t->test_loader, &t->test_batch, o->evaluate_rows,
                       o->evaluate_most, t->comm, err) < 0)
        return -1;
    loss = evaluation_loss(&e);
    seconds = fmax(log_elapsed(t->log) - start, 1e-9);
    if (best && isfinite(loss) && (s->best_number == 0 || loss < s->best_loss)) {
        *best = true;
        s->best_loss = loss;
        s->best_number = s->number;
    }
    l->since_log.start += seconds;
    if (t->comm->rank != 0)
        return 0;
    report_evaluation(l, &e, seconds);
    return evaluation_save(&e, s->number, o->output_dir, err);
}

static int save(struct loop *l, struct err *err)
{
    struct train *t = l->t;
    const double start = log_elapsed(t->log);
    const struct checkpoint c = train_checkpoint(t);
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
    struct train *t = l->t;
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

static bool every(int64_t step, int64_t interval)
{
    return interval > 0 && step % interval == 0;
}

/* Report, evaluate, save, where it is time for it. */
static int between_steps(struct loop *l, bool last, struct err *err)
{
    struct train *t = l->t;
    const struct train_options *o = &t->options;
    struct checkpoint_state *s = &t->state;
    const bool save_now = last || every(s->step, o->checkpoint_every);
    const bool due = every(s->step, o->evaluate_every) || s->step == s->schedule.n_steps;
    bool best = false;

    if (last || every(s->step, o->log_every))
        report(l, last);
    /* By the step's number alone, so that where a run was cut leaves no trace. */
    if (every(s->step, o->log_every)) {
        s->loss_sum = 0;
        s->n_losses = 0;
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
    struct train *t = l->t;
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
    struct train *t = l->t;

    log_say(t->log, "nothing to train: step %" PRId64 " of %" PRId64 " is done", t->state.step,
            t->options.stop_at);
    return t->options.evaluate ? evaluate(NULL, l, err) : 0;
}

static struct prefetch *start_reading(const struct train *t)
{
    const struct train_options *o = &t->options;
    const struct prefetch_plan plan = {
        .position = t->state.position,
        .rows_per_step = (uint64_t)t->state.rows_per_step,
        .rows = o->micro_rows,
        .n_micros = o->accumulation,
        .first_micro = (size_t)t->comm->rank * o->accumulation,
        .n_steps = o->stop_at - t->state.step,
    };

    return prefetch_open(t->stream, &plan);
}

static int steps(struct loop *l, struct err *err)
{
    const struct train_options *o = &l->t->options;
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

int train_run(struct train *t, struct err *err)
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

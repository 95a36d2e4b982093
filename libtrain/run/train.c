/* train.c -- the loop. The phases of a step, in the order of the data:
 *
 *   load      rows of the stream -> batches of this rank
 *   count     how many masked tokens and pairs the whole step has: the denominators of the means
 *   compute   batches -> gradients and sums of losses
 *   exchange  sums over the ranks
 *   update    LAMB, unless something is not finite
 *
 * and every so many steps: report, save. */
#include "run/train.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dist/exchange.h"
#include "run/start.h"

enum { MAX_SKIPPED_IN_ROW = 10 };

/* Sums over the batches of a step, then over the ranks, as arrays of doubles. */
struct counts {
    double n_masked;
    double n_next;
    double n_sequences;
    double n_tokens;
};
struct losses {
    double mlm;
    double nsp;
    double n_masked_right;
    double n_next_right;
};

/* What was done since some moment, for rates. */
struct span {
    double start; /* seconds */
    struct counts counts;
    struct losses losses;
    int64_t n_steps;
};

struct loop {
    struct train *t;
    struct counts counts; /* of the last step, over all ranks */
    struct losses losses;
    double norm; /* of its gradients */
    double rate;
    struct span since_log;
    struct span whole;
    bool stopped; /* by a signal */
};

int train_open(struct train *t, struct err *err)
{
    const struct shard_shape *shape = &t->loader->shape;
    const size_t rows = t->options.micro_rows;

    params_list_init(&t->list, &t->config);
    t->params = mem_array(t->list.n_floats, sizeof *t->params);
    t->grads = mem_array(t->list.n_floats, sizeof *t->grads);
    lamb_init(&t->lamb, &t->list, t->team);
    if (t->comm->rank == 0 && start_from(t, err) < 0)
        return -1;
    if (comm_share(t->comm, &t->state, sizeof t->state, err) < 0 ||
        exchange_share(t->comm, t->params, t->list.n_floats, err) < 0 ||
        exchange_share(t->comm, t->lamb.m, t->list.n_floats, err) < 0 ||
        exchange_share(t->comm, t->lamb.v, t->list.n_floats, err) < 0 ||
        exchange_check(t->comm, t->params, t->list.n_floats, "weights at the start", err) < 0)
        return -1;
    t->first_step = t->state.step;
    t->bert = bert_open(&t->config, rows * shape->seq_length, rows * shape->max_sequences,
                        rows * shape->max_predictions, t->team);
    t->batches = mem_array(t->options.accumulation, sizeof *t->batches);
    for (size_t i = 0; i < t->options.accumulation; i++)
        loader_init_batch(&t->batches[i], t->loader, rows);
    return 0;
}

void train_close(struct train *t)
{
    for (size_t i = 0; t->batches && i < t->options.accumulation; i++)
        batch_release(&t->batches[i]);
    free(t->batches);
    if (t->bert)
        bert_close(t->bert);
    lamb_release(&t->lamb);
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
        .m = t->lamb.m,
        .v = t->lamb.v,
        .state = t->state,
        .vocab = t->options.vocab,
        .cased = t->options.cased,
    };
}

/* ---- the phases of a step ---- */

static int load(struct loop *l, struct err *err)
{
    struct train *t = l->t;
    const size_t rows = t->options.micro_rows;
    const size_t n = t->options.accumulation;

    l->counts = (struct counts){0};
    l->losses = (struct losses){0};
    for (size_t i = 0; i < n; i++) {
        struct batch *b = &t->batches[i];
        const size_t micro = (size_t)t->comm->rank * n + i; /* of the step */

        if (loader_fill(b, t->loader, t->state.position + micro * rows, rows, err) < 0)
            return -1;
        b->dropout_base = (uint64_t)micro * rows * t->loader->shape.seq_length;
        l->counts.n_masked += (double)b->n_masked;
        l->counts.n_sequences += (double)b->n_sequences;
        l->counts.n_tokens += (double)b->n_tokens;
        for (size_t k = 0; k < b->n_sequences; k++)
            l->counts.n_next += b->next_labels[k] >= 0;
    }
    return 0;
}

static int sum_doubles(struct comm *c, void *sums, size_t n_bytes, struct err *err)
{
    return comm_sum_doubles(c, sums, n_bytes / sizeof(double), err);
}

static int count(struct loop *l, struct err *err)
{
    return sum_doubles(l->t->comm, &l->counts, sizeof l->counts, err);
}

static void compute(struct loop *l)
{
    struct train *t = l->t;
    const double mlm_scale = l->counts.n_masked > 0 ? 1 / l->counts.n_masked : 0;
    const double nsp_scale = l->counts.n_next > 0 ? 1 / l->counts.n_next : 0;
    const struct bert_pass pass = {
        .dropout = t->config.hidden_dropout > 0 || t->config.attention_dropout > 0,
        .seed = t->state.seed,
        .step = (uint64_t)t->state.number,
    };

    memset(t->grads, 0, t->list.n_floats * sizeof *t->grads);
    for (size_t i = 0; i < t->options.accumulation; i++) {
        struct bert_losses losses = {0};

        if (t->batches[i].n_tokens == 0)
            continue;
        bert_gradient(&losses, t->grads, t->bert, t->params, &t->batches[i], mlm_scale, nsp_scale,
                      &pass);
        l->losses.mlm += losses.mlm_sum;
        l->losses.nsp += losses.nsp_sum;
        l->losses.n_masked_right += (double)losses.n_masked_right;
        l->losses.n_next_right += (double)losses.n_next_right;
    }
}

static int exchange(struct loop *l, struct err *err)
{
    if (sum_doubles(l->t->comm, &l->losses, sizeof l->losses, err) < 0)
        return -1;
    return exchange_sum(l->t->comm, l->t->grads, l->t->list.n_floats, err);
}

static double mean(double sum, double n)
{
    return n > 0 ? sum / n : 0;
}

static double step_loss(const struct loop *l)
{
    return mean(l->losses.mlm, l->counts.n_masked) + mean(l->losses.nsp, l->counts.n_next);
}

static const char *first_bad_tensor(const struct train *t)
{
    for (size_t i = 0; i < t->list.n; i++) {
        const struct tensor *tensor = &t->list.tensors[i];

        for (size_t k = 0; k < tensor->rows * tensor->cols; k++)
            if (!isfinite(t->grads[tensor->at + k]))
                return tensor->name;
    }
    return "no tensor";
}

static int update(struct loop *l, struct err *err)
{
    struct train *t = l->t;
    struct checkpoint_state *s = &t->state;
    const double loss = step_loss(l);

    l->norm = lamb_norm(&t->lamb, t->grads);
    l->rate = schedule_rate(&s->schedule, s->step + 1);
    if (isfinite(loss) && isfinite(l->norm)) {
        lamb_step(&t->lamb, t->params, t->grads, l->norm, l->rate, s->step + 1);
        s->loss_sum += loss;
        s->n_losses++;
        s->n_skipped_in_row = 0;
    } else {
        s->n_skipped++;
        s->n_skipped_in_row++;
        log_warn(t->log, "step %" PRId64 ": loss %g, gradient norm %g (in %s): no update",
                 s->step + 1, loss, l->norm, first_bad_tensor(t));
        if (s->n_skipped_in_row >= MAX_SKIPPED_IN_ROW)
            return err_set(err, ERR_FORMAT,
                           "%d steps in a row without a finite loss and gradient: stopping at "
                           "step %" PRId64 "; a smaller --learning_rate may help",
                           MAX_SKIPPED_IN_ROW, s->step + 1);
    }
    s->step++;
    s->number++;
    s->position += (uint64_t)s->rows_per_step;
    return 0;
}

static void add_to_span(struct span *span, const struct loop *l)
{
    span->counts.n_masked += l->counts.n_masked;
    span->counts.n_next += l->counts.n_next;
    span->counts.n_sequences += l->counts.n_sequences;
    span->counts.n_tokens += l->counts.n_tokens;
    span->n_steps++;
    if (!isfinite(step_loss(l)))
        return;
    span->losses.mlm += l->losses.mlm;
    span->losses.nsp += l->losses.nsp;
    span->losses.n_masked_right += l->losses.n_masked_right;
    span->losses.n_next_right += l->losses.n_next_right;
}

static int take_step(struct loop *l, struct err *err)
{
    if (load(l, err) < 0 || count(l, err) < 0)
        return -1;
    compute(l);
    if (exchange(l, err) < 0 || update(l, err) < 0)
        return -1;
    add_to_span(&l->since_log, l);
    add_to_span(&l->whole, l);
    return 0;
}

/* ---- around the steps ---- */

/* A signal may have reached some ranks only. */
static int ask_to_stop(struct loop *l, struct err *err)
{
    int64_t stop = l->t->options.stop && *l->t->options.stop;

    if (comm_max(l->t->comm, &stop, err) < 0)
        return -1;
    l->stopped = stop != 0;
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
            t->state.step, t->state.schedule.n_steps, loss, mean(span->losses.mlm, n->n_masked),
            100 * mean(span->losses.n_masked_right, n->n_masked), mean(span->losses.nsp, n->n_next),
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
        put_loss(data, "step_loss", step_loss(l));
        json_put_real(data, "learning_rate", l->rate);
    }
    put_speed(data, l, seconds);
    log_step(t->log, (int64_t)((s->position - 1) / t->loader->order.n_rows), s->step, data);
    tensorboard_scalar(t->board, "Loss", s->step, (float)loss);
    tensorboard_scalar(t->board, "performance", s->step, (float)per_rank(l, seconds));
    say_step(l, loss, seconds);
    l->since_log = (struct span){.start = now};
}

static int save(struct loop *l, struct err *err)
{
    struct train *t = l->t;
    const struct checkpoint c = train_checkpoint(t);
    struct json *data;

    if (exchange_check(t->comm, t->params, t->list.n_floats, "weights", err) < 0)
        return -1;
    if (t->comm->rank != 0)
        return 0;
    if (checkpoint_save(&c, t->options.output_dir, err) < 0)
        return -1;
    data = json_new_map();
    json_put_int(data, "checkpoint_step", t->state.number);
    log_parameter(t->log, data);
    /* Phase 2 leaves the end of phase 1 alone. */
    return checkpoint_rotate(t->options.output_dir, t->options.keep,
                             t->options.phase2 ? t->options.phase1_end : -1, err);
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
            l->stopped ? "stopped by a signal" : "done", t->state.step, l->whole.n_steps,
            l->whole.counts.n_sequences, l->whole.counts.n_tokens, seconds,
            l->whole.counts.n_sequences / seconds, l->whole.counts.n_tokens / seconds);
}

int train_run(struct train *t, struct err *err)
{
    const struct train_options *o = &t->options;
    struct checkpoint_state *s = &t->state;
    struct loop l = {.t = t};
    double final_loss = 0;
    bool last = s->step >= o->stop_at;

    if (last) {
        log_say(t->log, "nothing to do: step %" PRId64 " of %" PRId64 " is done", s->step,
                o->stop_at);
        return 0;
    }
    l.whole.start = l.since_log.start = log_elapsed(t->log);
    while (!last) {
        bool log_now, save_now;

        if (take_step(&l, err) < 0 || ask_to_stop(&l, err) < 0)
            return -1;
        last = l.stopped || s->step >= o->stop_at;
        log_now = s->step % o->log_every == 0;
        save_now = s->step % o->checkpoint_every == 0;
        final_loss = average_loss(s);
        if (log_now || last)
            report(&l, last);
        /* By the step's number alone, so that where a run was cut leaves no trace. */
        if (log_now) {
            s->loss_sum = 0;
            s->n_losses = 0;
        }
        if ((save_now || last) && !o->skip_checkpoint && save(&l, err) < 0)
            return -1;
    }
    summarise(&l, final_loss);
    return 0;
}

/* loop.c -- the phases of a step, in the order of the data:
 *
 *   load      rows of the stream -> batches of this rank
 *   count     how many masked tokens and pairs the whole step has
 *   compute   batches -> gradients and losses
 *   exchange  sums over the ranks
 *   update    the weights, unless something is not finite */
#include "run/loop.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "dist/exchange.h"
#include "run/log.h"

enum { MAX_SKIPPED_IN_ROW = 10 };

static int load(struct loop *l, struct err *err)
{
    struct training *t = l->t;

    l->counts = (struct counts){0};
    l->losses = (struct losses){0};
    if (prefetch_next(&t->batches, l->prefetch, err) < 0)
        return -1;
    for (size_t i = 0; i < t->options.accumulation; i++) {
        const struct batch *b = &t->batches[i];

        double n[TASK_PARTS];

        task_count(n, t->task, b);
        for (size_t k = 0; k < TASK_PARTS; k++)
            l->counts.n[k] += n[k];
        l->counts.n_sequences += (double)b->n_sequences;
        l->counts.n_tokens += (double)b->n_tokens;
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

static double inverse(double n)
{
    return n > 0 ? 1 / n : 0;
}

/* What the sums of losses of a micro batch are multiplied with: the weight of the part over the number
 * that it is a mean of. */
static void find_scales(double scales[TASK_PARTS], const struct loop *l, const struct batch *b)
{
    const struct training *t = l->t;
    const struct task_kind *kind = task_of(&t->config);
    const double micros = (double)t->options.accumulation * t->comm->size;
    double n[TASK_PARTS];

    task_count(n, t->task, b);
    for (size_t k = 0; k < TASK_PARTS; k++) {
        if (t->options.average_over_step)
            scales[k] = kind->parts[k].weight * inverse(l->counts.n[k]);
        else
            scales[k] = kind->parts[k].weight * inverse(n[k]) / micros;
    }
}

static int compute(struct loop *l, struct err *err)
{
    struct training *t = l->t;
    const struct bert_pass pass = {
        .dropout = t->config.hidden_dropout > 0 || t->config.attention_dropout > 0,
        .seed = t->state.seed,
        .step = (uint64_t)t->state.number,
    };

    for (size_t i = 0; i < t->options.accumulation; i++) {
        const struct batch *b = &t->batches[i];
        struct task_sums sums;
        double scales[TASK_PARTS];

        if (b->n_tokens == 0)
            continue;
        find_scales(scales, l, b);
        task_run(&sums, t->grads, t->task, t->params, b, scales, &pass);
        for (size_t k = 0; k < TASK_PARTS; k++) {
            l->losses.parts[k] += sums.loss[k] * scales[k];
            l->losses.n_right[k] += sums.n_right[k];
        }
    }
    (void)err;
    return 0;
}

static int exchange(struct loop *l, struct err *err)
{
    if (sum_doubles(l->t->comm, &l->losses, sizeof l->losses, err) < 0)
        return -1;
    return exchange_sum(l->t->comm, l->t->grads, l->t->list.n_floats, l->t->options.exchange_halves,
                        err);
}

double loop_loss(const struct loop *l)
{
    double sum = 0;

    for (size_t k = 0; k < TASK_PARTS; k++)
        sum += l->losses.parts[k];
    return sum;
}

static const char *first_bad_tensor(const struct training *t)
{
    for (size_t i = 0; i < t->list.n; i++) {
        const struct tensor *tensor = &t->list.tensors[i];

        for (size_t k = 0; k < tensor->rows * tensor->cols; k++)
            if (!isfinite(t->grads[tensor->at + k]))
                return tensor->name;
    }
    return "no tensor";
}

/* For the next log line. */
static void add_losses(struct checkpoint_state *s, const struct loop *l)
{
    s->loss_sum += loop_loss(l);
    s->n_losses++;
    for (size_t k = 0; k < TASK_PARTS; k++) {
        s->parts[k].loss_sum += l->losses.parts[k];
        s->parts[k].n_labels += l->counts.n[k];
        s->parts[k].n_right += l->losses.n_right[k];
    }
}

static int update(struct loop *l, struct err *err)
{
    struct training *t = l->t;
    struct checkpoint_state *s = &t->state;
    const double loss = loop_loss(l);

    l->norm = optimizer_norm(&t->optimizer, t->grads);
    l->rate = schedule_rate(&s->schedule, s->step + 1);
    if (isfinite(loss) && isfinite(l->norm)) {
        optimizer_step(&t->optimizer, t->params, t->grads, l->norm, l->rate, s->step + 1);
        add_losses(s, l);
        s->n_skipped_in_row = 0;
    } else {
        s->n_skipped++;
        s->n_skipped_in_row++;
        log_warn(t->log, "step %" PRId64 ": loss %g, gradient norm %g (in %s): no update",
                 s->step + 1, loss, l->norm, first_bad_tensor(t));
        memset(t->grads, 0, t->list.n_floats * sizeof *t->grads);
        if (s->n_skipped_in_row >= MAX_SKIPPED_IN_ROW)
            return err_set(err, ERR_FORMAT,
                           "%d steps in a row without a finite loss and gradient: stopping at "
                           "step %" PRId64 "; a smaller --learning_rate may help",
                           MAX_SKIPPED_IN_ROW, s->step + 1);
    }
    s->step++;
    s->number++;
    s->position += (uint64_t)s->rows_per_step;
    if (t->options.end > 0 && s->position > t->options.end)
        s->position = t->options.end;
    return 0;
}

static void add_to_span(struct span *span, const struct loop *l)
{
    span->counts.n_sequences += l->counts.n_sequences;
    span->counts.n_tokens += l->counts.n_tokens;
    span->n_steps++;
}

/* The steps x to y of this run. */
static void start_measuring(struct loop *l)
{
    const struct training_options *o = &l->t->options;
    const int64_t step = l->whole.n_steps + 1;

    l->measure = step >= o->profile_from && step <= o->profile_to ? &l->profile : NULL;
    task_profile(l->t->task, l->measure);
}

int loop_phase(const char *name, int (*phase)(struct loop *l, struct err *err), struct loop *l,
               struct err *err)
{
    const double start = profile_now();
    const int rc = phase(l, err);

    profile_add(l->measure, name, start);
    return rc;
}

int loop_step(struct loop *l, struct err *err)
{
    const double start = profile_now();

    start_measuring(l);
    if (loop_phase("step: load", load, l, err) < 0 ||
        loop_phase("step: count", count, l, err) < 0 ||
        loop_phase("step: compute", compute, l, err) < 0 ||
        loop_phase("step: exchange", exchange, l, err) < 0 ||
        loop_phase("step: update", update, l, err) < 0)
        return -1;
    task_profile(l->t->task, NULL);
    l->longest_step = fmax(l->longest_step, profile_now() - start);
    add_to_span(&l->since_log, l);
    add_to_span(&l->whole, l);
    return 0;
}

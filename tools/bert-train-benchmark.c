/* bert-train-benchmark.c -- peaks of the machine, then the same step again and again.
 *
 * A step is one micro batch: gradients with dropout, their norm, the update, and packing the weights
 * where that is done. Rates are those of the median step by the clock; beside them stands the whole
 * step by CPU time, which other programs disturb less. */
#define _DEFAULT_SOURCE /* getloadavg() */
#include "bert-train-benchmark.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/rng.h"
#include "base/team.h"
#include "data/loader.h"
#include "model/bert.h"
#include "ops/denormals.h"
#include "ops/gemm.h"
#include "ops/peak.h"
#include "optim/optimizer.h"
#include "run/memory.h"

enum { MIN_STEPS = 5, MAX_STEPS = 200, WARM_STEPS = 1, MASKED_PERCENT = 15 };

static const double wanted_seconds = 10;

struct bench {
    const struct pretrain_args *a;
    struct training_options options;
    struct bert_config config;
    struct params_list list;
    struct loader loader; /* with input_dir */
    struct batch batch;
    struct team *team;
    struct bert *bert;
    struct optimizer optimizer;
    struct profile profile;
    struct arena memory;
    float *params, *grads;
    double gradients[MAX_STEPS]; /* seconds */
    double wholes[MAX_STEPS];
    size_t n_steps;
    double cpu_seconds; /* of a whole step, the mean */
};

static double cpu_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- the batch ---- */

static void make_rows(struct batch *b, const struct bert_config *c, size_t rows, size_t len)
{
    struct rng rng;

    rng_at(&rng, 1, 0, 0);
    batch_init(b, rows * len, rows, rows * len);
    for (size_t row = 0; row < rows; row++) {
        b->next_labels[row] = (int32_t)(row % 2);
        for (size_t i = 0; i < len; i++) {
            const size_t at = b->n_tokens++;

            b->ids[at] = (int32_t)rng_below(&rng, c->vocab_size);
            b->positions[at] = (int32_t)i;
            b->segments[at] = c->n_types > 1 && i > len / 2;
            if (rng_below(&rng, 100) < MASKED_PERCENT) {
                b->masked_at[b->n_masked] = (int32_t)at;
                b->masked_ids[b->n_masked++] = (int32_t)rng_below(&rng, c->vocab_size);
            }
        }
        b->starts[++b->n_sequences] = b->n_tokens;
    }
}

static int read_rows(struct bench *b, size_t rows, struct err *err)
{
    const struct pretrain_args *a = b->a;
    const struct loader_limits limits = {.vocab_size = b->config.vocab_size,
                                         .max_positions = b->config.max_positions,
                                         .n_types = b->config.n_types,
                                         .max_predictions = (size_t)a->max_predictions};

    loader_limit(&b->loader, &limits);
    loader_init_batch(&b->batch, &b->loader, rows);
    return loader_fill(&b->batch, &b->loader, 0, rows, err);
}

static int open_batch(struct bench *b, struct err *err)
{
    const struct pretrain_args *a = b->a;
    const size_t rows = (size_t)(a->train_batch_size / a->accumulation);
    const size_t len = (size_t)a->max_seq_length < b->config.max_positions
                           ? (size_t)a->max_seq_length
                           : b->config.max_positions;

    if (rows == 0)
        return err_set(err, ERR_USAGE, "--train_batch_size is less than the micro batches");
    if (a->input_dir)
        return read_rows(b, rows, err);
    make_rows(&b->batch, &b->config, rows, len);
    return 0;
}

static int open_model(struct bench *b, struct err *err)
{
    const struct pretrain_args *a = b->a;

    if (config_load(&b->config, a->config_file, err) < 0)
        return -1;
    if (!a->input_dir)
        return 0;
    if (loader_open(&b->loader, a->input_dir, (uint64_t)a->run.seed, err) < 0)
        return -1;
    if (config_is_preset(a->config_file) && b->loader.vocab_size > 0)
        b->config.vocab_size = (size_t)b->loader.vocab_size;
    return 0;
}

static struct bert_room room_of(const struct bench *b)
{
    return (struct bert_room){.tokens = b->batch.n_tokens,
                              .sequences = b->batch.n_sequences,
                              .masked = b->batch.n_masked,
                              .recompute = b->options.recompute,
                              .halves = b->options.halves};
}

static void take_weights(struct bench *b)
{
    b->params = arena_take(&b->memory, 1, b->list.n_floats);
    b->grads = arena_take(&b->memory, 1, b->list.n_floats);
}

static void take_part(void *context, size_t lane, size_t at, size_t n)
{
    const struct bench *b = context;

    bert_take_part(b->bert, b->params, lane, at, n);
}

/* Weights, gradients and two moments; activations. */
static int plan_memory(struct bench *b, struct err *err)
{
    const struct bert_room room = room_of(b);
    struct memory m = {0};

    params_list_init(&b->list, &b->config);
    m.model = 4 * (uint64_t)b->list.n_floats * sizeof(float);
    m.activations = bert_measure(&b->config, &room, b->team);
    printf("memory     %.0f MiB for weights, gradients and moments, %.0f MiB for the rest\n",
           (double)m.model / (1 << 20), (double)m.activations / (1 << 20));
    return memory_check(&m, 1, memory_available(), err);
}

static void open_memory(struct bench *b)
{
    const struct bert_room room = room_of(b);

    take_weights(b);
    arena_place(&b->memory);
    take_weights(b);
    params_init(b->params, &b->list, &b->config, b->options.seed);
    optimizer_init(&b->optimizer, &b->options.optimizer, &b->list, b->team);
    b->bert = bert_open(&b->config, &room, b->team);
    bert_take(b->bert, b->params);
    b->optimizer.changed = take_part;
    b->optimizer.changed_context = b;
}

/* ---- steps ---- */

static void step(struct bench *b, int64_t number)
{
    const struct bert_pass pass = {
        .dropout = true, .seed = b->options.seed, .step = (uint64_t)number};
    const struct batch *batch = &b->batch;
    const double start = profile_now();
    struct bert_losses losses;
    double update;

    bert_gradient(&losses, b->grads, b->bert, b->params, batch,
                  batch->n_masked ? 1 / (double)batch->n_masked : 0, 1 / (double)batch->n_sequences,
                  &pass);
    update = profile_now();
    optimizer_step(&b->optimizer, b->params, b->grads, optimizer_norm(&b->optimizer, b->grads),
                   b->a->learning_rate, number);
    if (number > WARM_STEPS) {
        profile_add(&b->profile, "norm, update", update);
        b->gradients[b->n_steps] = update - start;
        b->wholes[b->n_steps++] = profile_now() - start;
    }
}

/* steps_this_run, or as many as fill the time. */
static bool goes_on(const struct bench *b, double began)
{
    if (b->a->steps_this_run > 0)
        return b->n_steps < (size_t)b->a->steps_this_run && b->n_steps < MAX_STEPS;
    return b->n_steps < MIN_STEPS ||
           (b->n_steps < MAX_STEPS && profile_now() - began < wanted_seconds);
}

static void measure(struct bench *b)
{
    double began, cpu;
    int64_t number = 0;

    while (number < WARM_STEPS)
        step(b, ++number);
    bert_profile(b->bert, &b->profile);
    began = profile_now();
    cpu = cpu_now();
    while (goes_on(b, began))
        step(b, ++number);
    b->cpu_seconds = (cpu_now() - cpu) / (double)b->n_steps;
}

/* ---- the table ---- */

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *x, size_t n)
{
    qsort(x, n, sizeof *x, compare);
    return n % 2 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2;
}

static void print_machine(const struct bench *b)
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[256], name[256] = "unknown";
    double load[1] = {0};

    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "model name%*[ \t]: %255[^\n]", name) == 1)
            break;
    if (file)
        fclose(file);
    getloadavg(load, 1);
    printf("machine    %s; %zu threads; load %.1f before\n", name, team_size(b->team), load[0]);
}

/* Returns what the large products can reach at most. */
static double print_peaks(const struct bench *b)
{
    const struct half_kernel *halves =
        b->options.halves ? b->options.halves : half_kernel_find("auto");
    const double fp32 = peak_fp32(b->team);
    const double half = halves ? peak_halves(halves, b->team) : 0;

    printf("peaks      fp32 %.0f GFLOP/s a core", fp32);
    if (halves)
        printf(", bf16 %.0f (%s)", half, halves->name);
    printf("; all threads at once, by CPU time\n");
    return b->options.halves ? half : fp32;
}

static void print_model(const struct bench *b)
{
    const struct batch *batch = &b->batch;

    printf("model      %s: %zu layers of %zu, vocabulary %zu, %.1f M parameters\n",
           b->a->config_file, b->config.n_layers, b->config.hidden_size, b->config.vocab_size,
           (double)b->list.n_params * 1e-6);
    printf("step       %zu tokens in %zu sequences, %zu masked (%s); dropout %g; %s\n",
           batch->n_tokens, batch->n_sequences, batch->n_masked,
           b->a->input_dir ? b->a->input_dir : "random", b->config.hidden_dropout,
           optimizer_name(b->options.optimizer.kind));
    printf("precision  %s, fp32 products by %s\n", b->options.halves ? "bf16" : "fp32",
           gemm_chosen());
}

static void print_row(const char *name, const struct bench *b, double seconds, double core_seconds,
                      double peak)
{
    const double rate = bert_operations(&b->config, &b->batch) / core_seconds * 1e-9;

    printf("%-22s %9.4f %10.0f %12.1f %16.1f", name, seconds, (double)b->batch.n_tokens / seconds,
           (double)b->batch.n_sequences / seconds, rate);
    if (peak > 0)
        printf(" %10.1f %%", 100 * rate / peak);
    printf("\n");
}

static void print_speed(struct bench *b, double peak)
{
    const double n = (double)team_size(b->team);
    const double whole = median(b->wholes, b->n_steps);
    const double gradients = median(b->gradients, b->n_steps);
    const double spread = b->wholes[b->n_steps - 1] / b->wholes[0];

    printf("\n%-22s %9s %10s %12s %16s %12s\n", "", "seconds", "tokens/s", "sequences/s",
           "GFLOP/s a core", "of the peak");
    print_row("gradients", b, gradients, gradients * n, peak);
    print_row("whole step", b, whole, whole * n, peak);
    print_row("whole step, CPU time", b, b->cpu_seconds / n, b->cpu_seconds, peak);
    printf("medians of %zu steps; the slowest took %.2f times as long as the fastest\n", b->n_steps,
           spread);
    if (b->cpu_seconds < 0.8 * whole * n)
        printf("the cores gave these steps %.0f %% of their time: take the rates by CPU time\n",
               100 * b->cpu_seconds / (whole * n));
}

static double products_of(const struct bench *b, const char *operation)
{
    struct bert_operation list[BERT_OPERATIONS];

    bert_operation_list(list, &b->config, &b->batch);
    for (size_t i = 0; i < BERT_OPERATIONS; i++)
        if (strcmp(list[i].name, operation) == 0)
            return list[i].n;
    return 0;
}

/* By the clock: on a core that others use too, rates are too low. */
static void print_operations(const struct bench *b, double peak)
{
    double sum = 0;

    for (size_t i = 0; i < b->profile.n_totals; i++)
        sum += b->profile.totals[i].seconds;
    printf("\n%-34s %16s %8s %16s %12s\n", "operation", "seconds a step", "share", "GFLOP/s a core",
           "of the peak");
    for (size_t i = 0; i < b->profile.n_totals; i++) {
        const struct profile_total *t = &b->profile.totals[i];

        const double seconds = t->seconds / (double)b->n_steps;
        const double rate = products_of(b, t->name) / (seconds * (double)team_size(b->team)) * 1e-9;

        printf("%-34s %16.5f %6.1f %%", t->name, seconds, 100 * t->seconds / sum);
        if (rate > 0)
            printf(" %16.1f", rate);
        if (rate > 0 && peak > 0)
            printf(" %10.1f %%", 100 * rate / peak);
        printf("\n");
    }
}

static void print_memory_used(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    printf("\nmost memory used: %.0f MiB\n", (double)usage.ru_maxrss / 1024);
}

static void release(struct bench *b)
{
    bert_close(b->bert);
    optimizer_release(&b->optimizer);
    profile_release(&b->profile);
    batch_release(&b->batch);
    loader_close(&b->loader);
    params_list_release(&b->list);
    team_close(b->team);
    arena_release(&b->memory);
}

int benchmark_run(const struct pretrain_args *a, struct err *err)
{
    struct bench b = {.a = a};
    double peak;
    int rc = -1;

    if (run_plan(&b.options, &a->run, err) < 0 || plan_run(&b.options, a, err) < 0)
        return -1;
    denormals_flush(); /* threads made from now on inherit it */
    b.team = team_open((size_t)a->run.threads);
    if (open_model(&b, err) < 0 || open_batch(&b, err) < 0)
        goto out;
    print_machine(&b);
    if (plan_memory(&b, err) < 0)
        goto out;
    print_model(&b);
    if (a->steps_this_run == 0) { /* to know the memory only */
        rc = 0;
        goto out;
    }
    peak = print_peaks(&b);
    fflush(stdout);
    open_memory(&b);
    measure(&b);
    print_speed(&b, peak);
    print_operations(&b, peak);
    print_memory_used();
    rc = 0;
out:
    release(&b);
    return rc;
}

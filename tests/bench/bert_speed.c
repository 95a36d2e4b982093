/* bert_speed.c -- how fast a model computes losses and gradients of one batch of random sequences.
 *
 *   bert_speed MODEL THREADS SEQUENCES LENGTH [KERNEL]
 *
 * MODEL is a preset or a config.json, KERNEL that of products of halves (auto, avx512, amx, plain); none
 * is fp32.
 *
 * 15 % of the tokens are masked, dropout is on. Prints one JSON line: the best of 8 passes by the
 * clock, and by the CPU time of all threads, which other load disturbs less. Compare runs made one after the other on one machine. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "base/rng.h"
#include "model/bert.h"

static double seconds(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void fill(struct batch *b, const struct bert_config *c, size_t n_sequences, size_t len)
{
    struct rng rng;

    rng_at(&rng, 1, 0, 0);
    for (size_t s = 0; s < n_sequences; s++) {
        b->next_labels[s] = (int32_t)(s % 2);
        for (size_t i = 0; i < len; i++) {
            const size_t at = b->n_tokens++;

            b->ids[at] = (int32_t)rng_below(&rng, c->vocab_size);
            b->positions[at] = (int32_t)i;
            b->segments[at] = i > len / 2;
            if (rng_below(&rng, 100) < 15) {
                b->masked_at[b->n_masked] = (int32_t)at;
                b->masked_ids[b->n_masked++] = (int32_t)rng_below(&rng, c->vocab_size);
            }
        }
        b->starts[++b->n_sequences] = b->n_tokens;
    }
}

static void measure(const struct bert_config *c, const char *name, size_t n_threads,
                    size_t n_sequences, size_t len, const struct half_kernel *halves)
{
    const struct bert_pass pass = {.dropout = true, .seed = 1, .step = 1};
    const size_t T = n_sequences * len;
    struct params_list l;
    struct batch b;
    struct bert_losses losses;
    struct team *team = team_open(n_threads);
    struct bert *bert;
    float *params, *grads;
    double best = 1e9, best_cpu = 1e9;

    params_list_init(&l, c);
    params = mem_array(l.n_floats, sizeof *params);
    grads = mem_array(l.n_floats, sizeof *grads);
    params_init(params, &l, c, 1);
    batch_init(&b, T, n_sequences, T);
    fill(&b, c, n_sequences, len);
    bert = bert_open(
        c,
        &(struct bert_room){
            .tokens = T, .sequences = n_sequences, .masked = b.n_masked, .halves = halves},
        team);
    bert_take(bert, params);
    for (int i = 0; i < 8; i++) {
        const double start = seconds(CLOCK_MONOTONIC);
        const double cpu_start = seconds(CLOCK_PROCESS_CPUTIME_ID);

        bert_gradient(&losses, grads, bert, params, &b, 1 / (double)b.n_masked,
                      1 / (double)n_sequences, &pass);
        best = fmin(best, seconds(CLOCK_MONOTONIC) - start);
        best_cpu = fmin(best_cpu, seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_start);
    }
    printf("{\"model\": \"%s\", \"threads\": %zu, \"tokens\": %zu, \"masked\": %zu, "
           "\"seconds\": %.4f, \"tokens_per_second\": %.0f, \"gflops\": %.1f, "
           "\"cpu_seconds\": %.4f, \"gflop\": %.3f, \"activation_mb\": %.0f}\n",
           name, team_size(team), T, b.n_masked, best, (double)T / best,
           bert_operations(c, &b) / best / 1e9, best_cpu, bert_operations(c, &b) / 1e9,
           (double)bert_activation_bytes(bert) / 1e6);
    bert_close(bert);
    team_close(team);
    batch_release(&b);
    params_list_release(&l);
    free(params);
    free(grads);
}

int main(int argc, char **argv)
{
    const struct half_kernel *halves = NULL;
    struct bert_config c;
    struct err err = {0};

    if (argc != 5 && argc != 6) {
        fprintf(stderr, "usage: bert_speed MODEL THREADS SEQUENCES LENGTH [KERNEL]\n");
        return 2;
    }
    if (config_load(&c, argv[1], &err) < 0) {
        fprintf(stderr, "bert_speed: %s\n", err.text);
        return 1;
    }
    const size_t n_sequences = strtoul(argv[3], NULL, 10), len = strtoul(argv[4], NULL, 10);
    if (n_sequences == 0 || len == 0 || len > c.max_positions) {
        fprintf(stderr, "bert_speed: 1 to %zu tokens in at least one sequence\n", c.max_positions);
        return 2;
    }
    if (argc == 6) {
        halves = half_kernel_find(argv[5]);
        if (!halves || !halves->works()) {
            fprintf(stderr, "bert_speed: no such kernel for halves here\n");
            return 1;
        }
    }
    measure(&c, argv[1], strtoul(argv[2], NULL, 10), n_sequences, len, halves);
    return 0;
}

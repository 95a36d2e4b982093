/* attention_test.c -- a head against plain loops in double, gradients against their differences. */
#include "ops/attention.h"

#include <string.h>

#include "../numbers.h"

enum { D = 16, STRIDE = 40 }; /* heads stand side by side in a row: the stride is larger */

struct problem {
    struct attention a;
    float *inputs[3];  /* q, k, v (n, STRIDE) */
    double *values[3]; /* the same */
    float *dout;       /* (n, STRIDE) */
    double *out;       /* (n, D) */
};

static double dot_ref(const double *x, const double *y)
{
    double sum = 0;

    for (size_t i = 0; i < D; i++)
        sum += x[i] * y[i];
    return sum;
}

static void attention_ref(double *out, double *const values[3], const struct attention *a)
{
    double *p = calloc(a->n, sizeof *p);
    float *keep = calloc(a->n, sizeof *keep);

    for (size_t i = 0; i < a->n; i++) {
        double sum = 0;

        for (size_t j = 0; j < a->n; j++) {
            p[j] = exp(dot_ref(values[0] + i * STRIDE, values[1] + j * STRIDE) / sqrt(D));
            sum += p[j];
            keep[j] = 1;
        }
        if (a->dropout->threshold)
            dropout_draw(keep, a->n, a->dropout, a->site, a->token + i);
        for (size_t c = 0; c < D; c++) {
            out[i * D + c] = 0;
            for (size_t j = 0; j < a->n; j++)
                out[i * D + c] += p[j] / sum * keep[j] * values[2][j * STRIDE + c];
        }
    }
    free(p);
    free(keep);
}

static double objective(struct problem *p)
{
    double sum = 0;

    attention_ref(p->out, p->values, &p->a);
    for (size_t i = 0; i < p->a.n; i++) {
        for (size_t c = 0; c < D; c++)
            sum += p->out[i * D + c] * p->dout[i * STRIDE + c];
    }
    return sum;
}

static double slope(struct problem *p, double *at)
{
    const double was = *at, h = 1e-4;
    double up, down;

    *at = was + h;
    up = objective(p);
    *at = was - h;
    down = objective(p);
    *at = was;
    return (up - down) / (2 * h);
}

static void check_attention(size_t n, double probability)
{
    struct dropout dropout;
    struct problem p = {.a = {n, D, STRIDE, &dropout, 9, 500}};
    const size_t size = n * STRIDE;
    float *scratch = numbers(attention_scratch(n), 1, 99); /* must not be read before written */
    float *out = numbers(size, 1, 0), *log_sums = numbers(n, 1, 0);
    float *grads[3];
    struct rng rng;

    dropout_init(&dropout, probability, 1, 2);
    for (size_t i = 0; i < 3; i++) {
        p.inputs[i] = numbers(size, 2, i + 1);
        p.values[i] = doubles(p.inputs[i], size);
        grads[i] = numbers(size, 1, i + 5);
    }
    p.dout = numbers(size, 1, 4);
    p.out = calloc(n * D, sizeof *p.out);

    attention_forward(out, log_sums, p.inputs[0], p.inputs[1], p.inputs[2], &p.a, scratch);
    objective(&p);
    for (size_t i = 0; i < n; i++) {
        for (size_t c = 0; c < D; c++)
            check_close(out[i * STRIDE + c], p.out[i * D + c], 1e-5, "out", i * D + c);
    }

    attention_backward(grads[0], grads[1], grads[2], p.dout, p.inputs[0], p.inputs[1], p.inputs[2],
                       log_sums, &p.a, scratch);
    rng_at(&rng, 3, 3, 3);
    for (int i = 0; i < 60; i++) {
        const size_t which = rng_below(&rng, 3);
        const size_t at = rng_below(&rng, n) * STRIDE + rng_below(&rng, D);

        check_close(grads[which][at], slope(&p, &p.values[which][at]), 3e-5, "gradient", at);
    }
    for (size_t i = 0; i < 3; i++) {
        free(p.inputs[i]);
        free(p.values[i]);
        free(grads[i]);
    }
    free(p.dout);
    free(p.out);
    free(scratch);
    free(out);
    free(log_sums);
}

static void values_and_gradients(void **state)
{
    (void)state;
    check_attention(1, 0);
    check_attention(64, 0);
    check_attention(65, 0);
}

static void values_and_gradients_with_dropout(void **state)
{
    (void)state;
    check_attention(10, 0.4);
    check_attention(130, 0.1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_and_gradients),
        cmocka_unit_test(values_and_gradients_with_dropout),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

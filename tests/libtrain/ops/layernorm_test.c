/* layernorm_test.c -- rows against double, gradients against differences of the same in double. */
#include "ops/layernorm.h"

#include <string.h>

#include "../numbers.h"

static void layernorm_ref(double *y, const double *x, const double *gamma, const double *beta,
                          size_t N, size_t H, double eps)
{
    for (size_t row = 0; row < N; row++, x += H, y += H) {
        double mean = 0, variance = 0;

        for (size_t i = 0; i < H; i++)
            mean += x[i] / (double)H;
        for (size_t i = 0; i < H; i++)
            variance += (x[i] - mean) * (x[i] - mean) / (double)H;
        for (size_t i = 0; i < H; i++)
            y[i] = (x[i] - mean) / sqrt(variance + eps) * gamma[i] + beta[i];
    }
}

struct problem {
    size_t N, H;
    float *x, *gamma, *beta, *dy;
    double *values[3]; /* x, gamma, beta */
    double *y;
};

static double objective(struct problem *p)
{
    double sum = 0;

    layernorm_ref(p->y, p->values[0], p->values[1], p->values[2], p->N, p->H, 1e-3);
    for (size_t i = 0; i < p->N * p->H; i++)
        sum += p->y[i] * p->dy[i];
    return sum;
}

static double slope(struct problem *p, double *at)
{
    const double was = *at, h = 1e-5;
    double up, down;

    *at = was + h;
    up = objective(p);
    *at = was - h;
    down = objective(p);
    *at = was;
    return (up - down) / (2 * h);
}

static void check_layernorm(size_t N, size_t H)
{
    struct problem p = {.N = N, .H = H};
    float *y = numbers(N * H, 1, 0), *mean = numbers(N, 1, 0), *rstd = numbers(N, 1, 0);
    float *dgamma = calloc(H, sizeof *dgamma), *dbeta = calloc(H, sizeof *dbeta);

    p.x = numbers(N * H, 3, 1);
    p.gamma = numbers(H, 2, 2);
    p.beta = numbers(H, 2, 3);
    p.dy = numbers(N * H, 1, 4);
    p.values[0] = doubles(p.x, N * H);
    p.values[1] = doubles(p.gamma, H);
    p.values[2] = doubles(p.beta, H);
    p.y = doubles(p.x, N * H);

    objective(&p);
    layernorm_forward(y, mean, rstd, p.x, p.gamma, p.beta, N, H, 1e-3f);
    check_all(y, p.y, N * H, 1e-5, "y");

    memcpy(y, p.dy, N * H * sizeof *y);
    layernorm_backward(y, dgamma, dbeta, y, p.x, mean, rstd, p.gamma, N, H);
    for (size_t i = 0; i < N * H; i++)
        check_close(y[i], slope(&p, &p.values[0][i]), 2e-5, "dx", i);
    for (size_t i = 0; i < H; i++) {
        check_close(dgamma[i], slope(&p, &p.values[1][i]), 2e-5, "dgamma", i);
        check_close(dbeta[i], slope(&p, &p.values[2][i]), 2e-5, "dbeta", i);
    }
    free(y);
    free(mean);
    free(rstd);
    free(dgamma);
    free(dbeta);
    free(p.x);
    free(p.gamma);
    free(p.beta);
    free(p.dy);
    for (int i = 0; i < 3; i++)
        free(p.values[i]);
    free(p.y);
}

static void values_and_gradients(void **state)
{
    (void)state;
    check_layernorm(3, 7);
    check_layernorm(2, 256);
    check_layernorm(2, 300);
}

static void rows_far_from_zero_keep_their_digits(void **state)
{
    enum { H = 64 };
    float x[H], y[H], gamma[H], beta[H], mean, rstd;

    (void)state;
    for (int i = 0; i < H; i++) {
        x[i] = 10000 + (float)(i % 2); /* mean of squares less square of mean would be 0 +- 8 */
        gamma[i] = 1;
        beta[i] = 0;
    }
    layernorm_forward(y, &mean, &rstd, x, gamma, beta, 1, H, 1e-12f);
    for (int i = 0; i < H; i++)
        check_close(y[i], i % 2 ? 1 : -1, 1e-5, "y", (size_t)i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_and_gradients),
        cmocka_unit_test(rows_far_from_zero_keep_their_digits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

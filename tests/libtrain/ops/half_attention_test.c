/* half_attention_test.c -- against attention.h on the same numbers, which its own test holds against
 * plain loops. */
#include "ops/half_attention.h"

#include <string.h>

#include "../numbers.h"
#include "ops/halves.h"

enum { STRIDE_MORE = 24, N_INPUTS = 4, N_OUTPUTS = 4 };

struct head {
    struct attention a;
    size_t n_numbers;           /* of each array: n rows of stride */
    uint16_t *halves[N_INPUTS]; /* q, k, v, dout */
    float *floats[N_INPUTS];    /* the same */
    uint16_t *got[N_OUTPUTS];   /* out, dq, dk, dv */
    float *want[N_OUTPUTS];
    float *log_sums, *want_sums;
};

static void head_init(struct head *h, size_t n, size_t d, const struct dropout *dropout)
{
    h->a = (struct attention){n, d, d + STRIDE_MORE, dropout, 9, 500};
    h->n_numbers = n * h->a.stride;
    for (size_t i = 0; i < N_INPUTS; i++) {
        h->floats[i] = numbers(h->n_numbers, 1.5, 10 * n + i);
        h->halves[i] = malloc(h->n_numbers * sizeof *h->halves[i]);
        halves_round(h->halves[i], h->floats[i], h->n_numbers);
        halves_float(h->floats[i], h->halves[i], h->n_numbers);
        h->got[i] = calloc(h->n_numbers, sizeof *h->got[i]);
        h->want[i] = calloc(h->n_numbers, sizeof *h->want[i]);
    }
    h->log_sums = calloc(n, sizeof *h->log_sums);
    h->want_sums = calloc(n, sizeof *h->want_sums);
}

static void head_release(struct head *h)
{
    for (size_t i = 0; i < N_INPUTS; i++) {
        free(h->floats[i]);
        free(h->halves[i]);
        free(h->got[i]);
        free(h->want[i]);
    }
    free(h->log_sums);
    free(h->want_sums);
}

/* Probabilities and their gradients are rounded by 2^-9 of each before up to 130 are summed, some against
 * each other, and the sums again. */
static void check_output(const struct head *h, size_t which, const char *name)
{
    float *got = malloc(h->n_numbers * sizeof *got);
    double largest = 0;

    halves_float(got, h->got[which], h->n_numbers);
    for (size_t i = 0; i < h->n_numbers; i++)
        largest = fmax(largest, fabs((double)h->want[which][i]));
    for (size_t i = 0; i < h->n_numbers; i++) {
        if (!(fabs((double)got[i] - h->want[which][i]) <= 0x1p-6 * largest))
            fail_msg("%s[%zu] = %g, not %g; n %zu, d %zu", name, i, (double)got[i],
                     (double)h->want[which][i], h->a.n, h->a.d);
    }
    free(got);
}

static void check_head(const struct half_kernel *kernel, size_t n, size_t d, double probability)
{
    struct dropout dropout;
    struct head h;
    float *scratch = malloc(attention_scratch(n) * sizeof *scratch);
    const size_t bytes = (half_attention_scratch(n, d) * sizeof *scratch + 63) / 64 * 64;
    float *half_scratch = aligned_alloc(64, bytes);

    dropout_init(&dropout, probability, 1, 2);
    head_init(&h, n, d, &dropout);
    memset(half_scratch, 0xff, bytes); /* NaN: nothing may be read before it is written */
    attention_forward(h.want[0], h.want_sums, h.floats[0], h.floats[1], h.floats[2], &h.a, scratch);
    attention_backward(h.want[1], h.want[2], h.want[3], h.floats[3], h.floats[0], h.floats[1],
                       h.floats[2], h.want_sums, &h.a, scratch);
    half_attention_forward(h.got[0], h.log_sums, h.halves[0], h.halves[1], h.halves[2], &h.a,
                           kernel, half_scratch);
    half_attention_backward(h.got[1], h.got[2], h.got[3], h.halves[3], h.halves[0], h.halves[1],
                            h.halves[2], h.log_sums, &h.a, kernel, half_scratch);
    for (size_t i = 0; i < n; i++)
        check_close(h.log_sums[i], h.want_sums[i], 1e-5, "log_sums", i);
    check_output(&h, 0, "out");
    check_output(&h, 1, "dq");
    check_output(&h, 2, "dk");
    check_output(&h, 3, "dv");
    head_release(&h);
    free(scratch);
    free(half_scratch);
}

static void check_kernel(const struct half_kernel *kernel)
{
    const size_t lens[] = {1, 2, 31, 64, 65, 130};
    const size_t widths[] = {1, 5, 32, 64};

    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        for (size_t j = 0; j < sizeof widths / sizeof *widths; j++) {
            check_head(kernel, lens[i], widths[j], 0);
            check_head(kernel, lens[i], widths[j], 0.25);
        }
    }
}

static void plain_kernel(void **state)
{
    (void)state;
    check_kernel(half_kernel_find("plain"));
}

static void best_kernel(void **state)
{
    const struct half_kernel *best = half_kernel_find("auto");

    (void)state;
    if (!best)
        skip();
    check_kernel(best);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_kernel),
        cmocka_unit_test(best_kernel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

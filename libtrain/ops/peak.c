/* peak.c -- the same short work again and again; the fastest time counts. */
#include "ops/peak.h"

#include <stdlib.h>
#include <time.h>

#include "base/half.h"
#include "base/mem.h"
#include "ops/half_pack.h"
#include "ops/lanes.h"

enum { TRIES = 9, ROWS = 24, DEPTH = 256, PRODUCTS = 20000 };

struct work {
    const struct half_kernel *kernel; /* NULL: fp32 */
    double *rates;                    /* (lanes) */
    float *kept;                      /* (lanes) results, so that no work is dropped */
};

static double cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double half_round_of_products(float *kept, const struct half_kernel *kernel)
{
    uint16_t a[ROWS * DEPTH] __attribute__((aligned(64)));
    uint16_t b[DEPTH * HALF_COLS] __attribute__((aligned(64)));
    float panel[ROWS * HALF_COLS] __attribute__((aligned(64))) = {0};

    /* Numbers with all their digits: zeros take less power, and clocks would stay high. */
    for (unsigned i = 0; i < ROWS * DEPTH; i++)
        a[i] = half_round((float)(i * 2654435761u % 1000) * 0.002f - 1);
    for (unsigned i = 0; i < DEPTH * HALF_COLS; i++)
        b[i] = half_round((float)(i * 2246822519u % 1000) * 0.002f - 1);
    for (int i = 0; i < PRODUCTS; i++)
        kernel->multiply(panel, HALF_COLS, a, DEPTH, b, ROWS, DEPTH);
    *kept += panel[0];
    return 2.0 * PRODUCTS * ROWS * DEPTH * HALF_COLS;
}

static void measure(void *context, size_t lane, size_t item)
{
    struct work *w = context;
    const double start = cpu_seconds();
    const double n = w->kernel ? half_round_of_products(&w->kept[lane], w->kernel)
                               : peak_fused_round(&w->kept[lane]);
    const double rate = n / (cpu_seconds() - start) * 1e-9;

    (void)item;
    w->rates[lane] = rate > w->rates[lane] ? rate : w->rates[lane];
}

static double peak(const struct half_kernel *kernel, struct team *team)
{
    const size_t n = lanes_count(team);
    struct work w = {kernel, mem_array(n, sizeof *w.rates), mem_array(n, sizeof *w.kept)};
    double sum = 0;
    size_t n_measured = 0;

    lanes_run(team, TRIES * n, measure, &w);
    for (size_t i = 0; i < n; i++) { /* a lane may have come too late for any */
        sum += w.rates[i];
        n_measured += w.rates[i] > 0;
    }
    free(w.rates);
    free(w.kept);
    return n_measured ? sum / (double)n_measured : 0;
}

double peak_fp32(struct team *team)
{
    return peak(NULL, team);
}

double peak_halves(const struct half_kernel *kernel, struct team *team)
{
    return peak(kernel, team);
}

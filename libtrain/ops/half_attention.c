/* half_attention.c -- in and out of fp32. */
#include "ops/half_attention.h"

#include "ops/halves.h"

enum { FORWARD_ARRAYS = 4, BACKWARD_ARRAYS = 7 };

size_t half_attention_scratch(size_t max_len, size_t d)
{
    return BACKWARD_ARRAYS * max_len * d + attention_scratch(max_len);
}

static void widen(float *to, const uint16_t *from, const struct attention *a)
{
    for (size_t i = 0; i < a->n; i++)
        halves_float(to + i * a->d, from + i * a->stride, a->d);
}

static void narrow(uint16_t *to, const float *from, const struct attention *a)
{
    for (size_t i = 0; i < a->n; i++)
        halves_round(to + i * a->stride, from + i * a->d, a->d);
}

static struct attention widened(const struct attention *a)
{
    struct attention wide = *a;

    wide.stride = a->d;
    return wide;
}

void half_attention_forward(uint16_t *out, float *log_sums, const uint16_t *q, const uint16_t *k,
                            const uint16_t *v, const struct attention *a, float *scratch)
{
    const struct attention wide = widened(a);
    const size_t n = a->n * a->d;
    float *wq = scratch, *wk = wq + n, *wv = wk + n, *wout = wv + n;

    widen(wq, q, a);
    widen(wk, k, a);
    widen(wv, v, a);
    attention_forward(wout, log_sums, wq, wk, wv, &wide, scratch + FORWARD_ARRAYS * n);
    narrow(out, wout, a);
}

void half_attention_backward(uint16_t *dq, uint16_t *dk, uint16_t *dv, const uint16_t *dout,
                             const uint16_t *q, const uint16_t *k, const uint16_t *v,
                             const float *log_sums, const struct attention *a, float *scratch)
{
    const struct attention wide = widened(a);
    const size_t n = a->n * a->d;
    float *wq = scratch, *wk = wq + n, *wv = wk + n, *wdout = wv + n;
    float *wdq = wdout + n, *wdk = wdq + n, *wdv = wdk + n;

    widen(wq, q, a);
    widen(wk, k, a);
    widen(wv, v, a);
    widen(wdout, dout, a);
    attention_backward(wdq, wdk, wdv, wdout, wq, wk, wv, log_sums, &wide,
                       scratch + BACKWARD_ARRAYS * n);
    narrow(dq, wdq, a);
    narrow(dk, wdk, a);
    narrow(dv, wdv, a);
}

/* attention.c -- products by BLAS, rows by softmax, strip after strip in a fixed order. */
#include "ops/attention.h"

#include <math.h>

#include "ops/gemm.h"
#include "ops/softmax.h"
#include "ops/vector.h"

enum { STRIP = 64, ALIGN = 16 };

static size_t padded(size_t n)
{
    return (n + ALIGN - 1) / ALIGN * ALIGN;
}

size_t attention_scratch(size_t max_len)
{
    return 3 * STRIP * padded(max_len);
}

static float score_scale(const struct attention *a)
{
    return 1.0f / sqrtf((float)a->d);
}

/* Draws of `rows` queries from `first` on; their features are the keys, counted in the sequence. */
static void draw_strip(float *keep, size_t ld, const struct attention *a, size_t first, size_t rows)
{
    for (size_t i = 0; i < rows; i++)
        dropout_draw(keep + i * ld, a->n, a->dropout, a->site, a->token + first + i);
}

static void multiply_rows(float *y, const float *x, const float *by, size_t ld, size_t rows,
                          size_t n)
{
    for (size_t i = 0; i < rows; i++)
        vector_multiply(y + i * ld, x + i * ld, by + i * ld, n);
}

void attention_forward(float *out, float *log_sums, const float *q, const float *k, const float *v,
                       const struct attention *a, float *scratch)
{
    const size_t ld = padded(a->n), n = a->n, d = a->d, stride = a->stride;
    float *p = scratch;
    float *keep = p + STRIP * ld;

    for (size_t first = 0; first < n; first += STRIP) {
        const size_t rows = n - first < STRIP ? n - first : STRIP;

        gemm_nt(p, ld, q + first * stride, stride, k, stride, rows, n, d, score_scale(a), 0);
        for (size_t i = 0; i < rows; i++)
            log_sums[first + i] = softmax_forward(p + i * ld, n);
        if (a->dropout->threshold) {
            draw_strip(keep, ld, a, first, rows);
            multiply_rows(p, p, keep, ld, rows, n);
        }
        gemm_nn(out + first * stride, stride, p, ld, v, stride, rows, d, n, 1, 0);
    }
}

/* With P = softmax(S), m = the draws, O = (P m) V:
 *   dV = (P m)^T dO,  dP = (dO V^T) m,  dS = P (dP - rowsum(P dP)),  dQ = dS K,  dK = dS^T Q */
void attention_backward(float *dq, float *dk, float *dv, const float *dout, const float *q,
                        const float *k, const float *v, const float *log_sums,
                        const struct attention *a, float *scratch)
{
    const size_t ld = padded(a->n), n = a->n, d = a->d, stride = a->stride;
    const float scale = score_scale(a);
    float *p = scratch;
    float *dp = p + STRIP * ld;
    float *keep = dp + STRIP * ld;

    for (size_t first = 0; first < n; first += STRIP) {
        const size_t rows = n - first < STRIP ? n - first : STRIP;
        const size_t at = first * stride;
        const float add = first ? 1 : 0;
        const float *kept = p;

        gemm_nt(p, ld, q + at, stride, k, stride, rows, n, d, scale, 0);
        for (size_t i = 0; i < rows; i++)
            softmax_again(p + i * ld, n, log_sums[first + i]);
        if (a->dropout->threshold) {
            draw_strip(keep, ld, a, first, rows);
            multiply_rows(dp, p, keep, ld, rows, n);
            kept = dp;
        }
        gemm_tn(dv, stride, kept, ld, dout + at, stride, n, d, rows, 1, add);

        gemm_nt(dp, ld, dout + at, stride, v, stride, rows, n, d, 1, 0);
        if (a->dropout->threshold)
            multiply_rows(dp, dp, keep, ld, rows, n);
        for (size_t i = 0; i < rows; i++)
            softmax_backward(dp + i * ld, dp + i * ld, p + i * ld, n);
        gemm_nn(dq + at, stride, dp, ld, k, stride, rows, d, n, scale, 0);
        gemm_tn(dk, stride, dp, ld, q + at, stride, n, d, rows, scale, add);
    }
}

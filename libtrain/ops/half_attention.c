/* half_attention.c -- attention.c strip by strip; what a strip multiplies on the right is packed once a
 * head where it is a whole factor, once a strip where it is the strip itself. */
#include "ops/half_attention.h"

#include <math.h>
#include <string.h>

#include "ops/half_gemm.h"
#include "ops/half_pack.h"
#include "ops/halves.h"
#include "ops/softmax.h"
#include "ops/vector.h"

enum { STRIP = 64 };

/* Scratch memory as it is cut: sizes are multiples of a cache line. */
struct room {
    float *p, *dp, *keep; /* (STRIP, ld) */
    float *dk, *dv;       /* (n, d) */
    uint16_t *halves;     /* (STRIP, ld) of p or dp */
    uint16_t *turned;     /* (n, STRIP) their transpose */
    uint16_t *right[3];   /* (n, d) or (d, n) packed, for the whole head */
    uint16_t *strip;      /* (STRIP, d) packed */
    size_t ld;
};

/* Floats that so many halves take, in whole lines. */
static size_t lines(size_t n_halves)
{
    return (n_halves / 2 + 31) / 16 * 16;
}

/* With scratch == NULL only measures. */
static float *take(float *scratch, size_t *used, size_t n_floats)
{
    float *at = scratch ? scratch + *used : NULL;

    *used += n_floats;
    return at;
}

static uint16_t *take_halves(float *scratch, size_t *used, size_t n_halves)
{
    return (uint16_t *)(void *)take(scratch, used, lines(n_halves));
}

static size_t cut(struct room *r, float *scratch, size_t n, size_t d)
{
    const size_t ld = half_padded(n);
    size_t used = 0;

    r->ld = ld;
    r->p = take(scratch, &used, STRIP * ld);
    r->dp = take(scratch, &used, STRIP * ld);
    r->keep = take(scratch, &used, STRIP * ld);
    r->dk = take(scratch, &used, lines(2 * n * d));
    r->dv = take(scratch, &used, lines(2 * n * d));
    r->halves = take_halves(scratch, &used, STRIP * ld);
    r->turned = take_halves(scratch, &used, ld * STRIP);
    for (int i = 0; i < 3; i++)
        r->right[i] = take_halves(scratch, &used, half_padded(n) * half_padded(d));
    r->strip = take_halves(scratch, &used, half_packed(STRIP, d));
    return used;
}

size_t half_attention_scratch(size_t max_len, size_t d)
{
    struct room r;

    return cut(&r, NULL, max_len, d);
}

static float score_scale(const struct attention *a)
{
    return 1.0f / sqrtf((float)a->d);
}

/* y (rows, n_cols) = x (rows, depth) times a packed factor, or added to it. */
static void multiply(float *y, size_t ld, const uint16_t *x, size_t x_ld, const uint16_t *packed,
                     size_t rows, size_t n_cols, size_t depth, const struct half_kernel *kernel,
                     half_finish *finish)
{
    struct half_floats to = {y, ld};

    half_gemm(&(struct half_product){.kernel = kernel,
                                     .a = x,
                                     .lda = x_ld,
                                     .b = packed,
                                     .panel_stride = half_panel(depth),
                                     .M = rows,
                                     .N = n_cols,
                                     .K = depth,
                                     .finish = finish,
                                     .finish_context = &to});
}

/* The same, to halves and scaled. */
struct scaled {
    struct half_halves to;
    float by;
};

static void store_scaled(void *context, float *sums, size_t row, size_t rows, size_t col,
                         size_t cols)
{
    struct scaled *s = context;

    if (s->by != 1)
        vector_scale(sums, sums, s->by, rows * HALF_COLS);
    half_store_halves(&s->to, sums, row, rows, col, cols);
}

static void multiply_to_halves(uint16_t *y, size_t ld, float by, const uint16_t *x, size_t x_ld,
                               const uint16_t *packed, size_t rows, size_t n_cols, size_t depth,
                               const struct half_kernel *kernel)
{
    struct scaled s = {{y, ld}, by};

    half_gemm(&(struct half_product){.kernel = kernel,
                                     .a = x,
                                     .lda = x_ld,
                                     .b = packed,
                                     .panel_stride = half_panel(depth),
                                     .M = rows,
                                     .N = n_cols,
                                     .K = depth,
                                     .finish = store_scaled,
                                     .finish_context = &s});
}

/* Rows of n floats to halves, with zeros up to ld. */
static void round_rows(uint16_t *y, const float *x, size_t ld, size_t rows, size_t n)
{
    for (size_t i = 0; i < rows; i++) {
        halves_round(y + i * ld, x + i * ld, n);
        memset(y + i * ld + n, 0, (ld - n) * sizeof *y);
    }
}

static void draw_strip(const struct room *r, const struct attention *a, size_t first, size_t rows)
{
    for (size_t i = 0; i < rows; i++)
        dropout_draw(r->keep + i * r->ld, a->n, a->dropout, a->site, a->token + first + i);
}

static void multiply_rows(float *y, const float *x, const float *by, size_t ld, size_t rows,
                          size_t n)
{
    for (size_t i = 0; i < rows; i++)
        vector_multiply(y + i * ld, x + i * ld, by + i * ld, n);
}

/* Scores of a strip of queries. */
static void score(const struct room *r, const uint16_t *q, const struct attention *a, size_t rows,
                  const struct half_kernel *kernel)
{
    multiply(r->p, r->ld, q, a->stride, r->right[0], rows, a->n, a->d, kernel, half_store_floats);
    for (size_t i = 0; i < rows; i++)
        vector_scale(r->p + i * r->ld, r->p + i * r->ld, score_scale(a), a->n);
}

void half_attention_forward(uint16_t *out, float *log_sums, const uint16_t *q, const uint16_t *k,
                            const uint16_t *v, const struct attention *a,
                            const struct half_kernel *kernel, float *scratch)
{
    const size_t n = a->n, d = a->d, stride = a->stride;
    struct room r;

    cut(&r, scratch, n, d);
    half_pack_columns(r.right[0], half_panel(d), k, stride, d, n); /* K^T */
    half_pack_rows(r.right[1], half_panel(n), v, stride, n, d);    /* V */
    for (size_t first = 0; first < n; first += STRIP) {
        const size_t rows = n - first < STRIP ? n - first : STRIP;

        score(&r, q + first * stride, a, rows, kernel);
        for (size_t i = 0; i < rows; i++)
            log_sums[first + i] = softmax_forward(r.p + i * r.ld, n);
        if (a->dropout->threshold) {
            draw_strip(&r, a, first, rows);
            multiply_rows(r.p, r.p, r.keep, r.ld, rows, n);
        }
        round_rows(r.halves, r.p, r.ld, rows, n);
        multiply_to_halves(out + first * stride, stride, 1, r.halves, r.ld, r.right[1], rows, d, n,
                           kernel);
    }
}

/* sums (n, d) += (the strip in r->halves)^T x, x (rows, d) */
static void add_transposed(float *sums, const struct room *r, const uint16_t *x,
                           const struct attention *a, size_t rows, const struct half_kernel *kernel)
{
    half_transpose(r->turned, STRIP, r->halves, r->ld, a->n, rows);
    half_pack_rows(r->strip, half_panel(rows), x, a->stride, rows, a->d);
    multiply(sums, a->d, r->turned, STRIP, r->strip, a->n, a->d, rows, kernel, half_add_floats);
}

static void round_out(uint16_t *y, float *x, float by, const struct attention *a)
{
    vector_scale(x, x, by, a->n * a->d);
    for (size_t i = 0; i < a->n; i++)
        halves_round(y + i * a->stride, x + i * a->d, a->d);
}

/* The formulas are at attention_backward(). */
void half_attention_backward(uint16_t *dq, uint16_t *dk, uint16_t *dv, const uint16_t *dout,
                             const uint16_t *q, const uint16_t *k, const uint16_t *v,
                             const float *log_sums, const struct attention *a,
                             const struct half_kernel *kernel, float *scratch)
{
    const size_t n = a->n, d = a->d, stride = a->stride;
    const float scale = score_scale(a);
    struct room r;

    cut(&r, scratch, n, d);
    half_pack_columns(r.right[0], half_panel(d), k, stride, d, n); /* K^T */
    half_pack_columns(r.right[1], half_panel(d), v, stride, d, n); /* V^T */
    half_pack_rows(r.right[2], half_panel(n), k, stride, n, d);    /* K */
    memset(r.dk, 0, n * d * sizeof *r.dk);
    memset(r.dv, 0, n * d * sizeof *r.dv);
    for (size_t first = 0; first < n; first += STRIP) {
        const size_t rows = n - first < STRIP ? n - first : STRIP;
        const size_t at = first * stride;

        score(&r, q + at, a, rows, kernel);
        for (size_t i = 0; i < rows; i++)
            softmax_again(r.p + i * r.ld, n, log_sums[first + i]);
        if (a->dropout->threshold) {
            draw_strip(&r, a, first, rows);
            multiply_rows(r.dp, r.p, r.keep, r.ld, rows, n);
        }
        round_rows(r.halves, a->dropout->threshold ? r.dp : r.p, r.ld, rows, n);
        add_transposed(r.dv, &r, dout + at, a, rows, kernel);

        multiply(r.dp, r.ld, dout + at, stride, r.right[1], rows, n, d, kernel, half_store_floats);
        if (a->dropout->threshold)
            multiply_rows(r.dp, r.dp, r.keep, r.ld, rows, n);
        for (size_t i = 0; i < rows; i++)
            softmax_backward(r.dp + i * r.ld, r.dp + i * r.ld, r.p + i * r.ld, n);
        round_rows(r.halves, r.dp, r.ld, rows, n);
        multiply_to_halves(dq + at, stride, scale, r.halves, r.ld, r.right[2], rows, d, n, kernel);
        add_transposed(r.dk, &r, q + at, a, rows, kernel);
    }
    round_out(dv, r.dv, 1, a);
    round_out(dk, r.dk, scale, a);
}

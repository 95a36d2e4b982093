/* embedding.c -- rows of tables summed and, backwards, added to. */
#include "ops/embedding.h"

#include <stdbool.h>
#include <string.h>

#include "ops/clones.h"
#include "ops/vector.h"

enum { TOKENS_AT_ONCE = 64 };

OPS_CLONES static void sum_of_three(float *y, const float *a, const float *b, const float *c,
                                    size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = a[i] + b[i] + c[i];
}

void embedding_forward(float *y, const float *params, const struct embedding *tables,
                       const struct embedding_rows *rows, size_t first, size_t last)
{
    const size_t H = tables->H;

    for (size_t i = first; i < last; i++)
        sum_of_three(y + i * H, params + tables->word + (size_t)rows->ids[i] * H,
                     params + tables->position + (size_t)rows->positions[i] * H,
                     params + tables->type + (size_t)rows->segments[i] * H, H);
}

/* Half of all tokens share a segment: their sum is made of partial sums, or it would drift. */
static void add_segments(float *dtype, const float *dx, const int32_t *segments, size_t n_tokens,
                         size_t H, size_t n)
{
    float part[2][EMBEDDING_COLUMNS] = {{0}};
    bool used[2] = {false, false};

    for (size_t i = 0; i < n_tokens; i++) {
        vector_add(part[segments[i]], dx + i * H, n);
        used[segments[i]] = true;
    }
    for (size_t segment = 0; segment < 2; segment++) {
        if (used[segment])
            vector_add(dtype + segment * H, part[segment], n);
    }
}

void embedding_backward(float *grads, const struct embedding *tables, const float *dx,
                        const struct embedding_rows *rows, size_t T, size_t column)
{
    const size_t H = tables->H;
    const size_t n = H - column < EMBEDDING_COLUMNS ? H - column : EMBEDDING_COLUMNS;

    for (size_t first = 0; first < T; first += TOKENS_AT_ONCE) {
        const size_t last = T - first < TOKENS_AT_ONCE ? T : first + TOKENS_AT_ONCE;

        for (size_t i = first; i < last; i++) {
            const float *from = dx + i * H + column;

            vector_add(grads + tables->word + (size_t)rows->ids[i] * H + column, from, n);
            vector_add(grads + tables->position + (size_t)rows->positions[i] * H + column, from, n);
        }
        add_segments(grads + tables->type + column, dx + first * H + column, rows->segments + first,
                     last - first, H, n);
    }
}

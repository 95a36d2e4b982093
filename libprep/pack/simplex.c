/* simplex.c -- the inverse is changed by a rank-one step at each pivot, of which most columns are
 * untouched, as the pivot row is sparse; and made anew when the residuals say so, not by the clock. */
#include "pack/simplex.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const double min_pivot = 1e-9; /* smaller ones amplify rounding */
static const double max_drift = 1e-9; /* of demand and prices, relative */

void column_init(struct column *c, size_t n, double cost)
{
    *c = (struct column){.rows = mem_array(n, sizeof *c->rows),
                         .coefs = mem_array(n, sizeof *c->coefs),
                         .n = n,
                         .cost = cost};
}

void column_release(struct column *c)
{
    free(c->rows);
    free(c->coefs);
    *c = (struct column){0};
}

static void copy_column(struct column *to, const struct column *from)
{
    column_init(to, from->n, from->cost);
    memcpy(to->rows, from->rows, from->n * sizeof *from->rows);
    memcpy(to->coefs, from->coefs, from->n * sizeof *from->coefs);
}

void simplex_init(struct simplex *s, size_t m, const double *demand, struct column *basis)
{
    *s = (struct simplex){.m = m, .basis = basis};
    s->demand = mem_array(m, sizeof *s->demand);
    s->inverse = mem_array(m * m, sizeof *s->inverse);
    s->x = mem_array(m, sizeof *s->x);
    s->price = mem_array(m, sizeof *s->price);
    s->direction = mem_array(m, sizeof *s->direction);
    s->row = mem_array(m, sizeof *s->row);
    for (size_t i = 0; i < m; i++) {
        s->demand[i] = demand[i];
        s->inverse[i * m + i] = 1 / basis[i].coefs[0];
        s->x[i] = demand[i] / basis[i].coefs[0];
        s->price[i] = basis[i].cost / basis[i].coefs[0];
    }
}

void simplex_release(struct simplex *s)
{
    for (size_t i = 0; i < s->m; i++)
        column_release(&s->basis[i]);
    free(s->basis);
    free(s->demand);
    free(s->inverse);
    free(s->x);
    free(s->price);
    free(s->direction);
    free(s->row);
    *s = (struct simplex){0};
}

double simplex_reduced_cost(const struct simplex *s, const struct column *c)
{
    double cost = c->cost;

    for (size_t k = 0; k < c->n; k++)
        cost -= s->price[c->rows[k]] * c->coefs[k];
    return cost;
}

static void find_direction(struct simplex *s, const struct column *c)
{
    memset(s->direction, 0, s->m * sizeof *s->direction);
    for (size_t k = 0; k < c->n; k++) {
        const double *column = s->inverse + (size_t)c->rows[k] * s->m;

        for (size_t i = 0; i < s->m; i++)
            s->direction[i] += c->coefs[k] * column[i];
    }
}

/* The basic column that is used up first; of several, the one with the largest pivot. */
static size_t find_leaving(const struct simplex *s)
{
    size_t best = s->m;
    double least = INFINITY;

    for (size_t i = 0; i < s->m; i++) {
        double ratio;

        if (s->direction[i] <= min_pivot)
            continue;
        ratio = s->x[i] / s->direction[i];
        if (ratio < least || (ratio == least && s->direction[i] > s->direction[best])) {
            least = ratio;
            best = i;
        }
    }
    return best;
}

/* Compiled for several CPUs, of which the loader picks one: the bits are the same, as each element
 * stands for itself and nothing is contracted (CMakeLists.txt). */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define CLONES
#endif

/* to -= factor * from */
CLONES static void subtract(double *restrict to, const double *restrict from, double factor,
                            size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] -= factor * from[i];
}

static void update_inverse(struct simplex *s, size_t out)
{
    const double pivot = s->direction[out];
    const size_t m = s->m;

    for (size_t j = 0; j < m; j++) {
        double *column = s->inverse + j * m;
        const double step = column[out] / pivot;

        s->row[j] = step;
        if (step == 0)
            continue;
        subtract(column, s->direction, step, m);
        column[out] = step;
    }
}

int simplex_enter(struct simplex *s, const struct column *c)
{
    const double reduced = simplex_reduced_cost(s, c);
    struct column entering;
    size_t out;
    double step;

    find_direction(s, c);
    out = find_leaving(s);
    if (out == s->m)
        return -1;
    step = s->x[out] / s->direction[out];
    for (size_t i = 0; i < s->m; i++) {
        s->x[i] -= step * s->direction[i];
        if (s->x[i] < 0)
            s->x[i] = 0;
    }
    s->x[out] = step;
    update_inverse(s, out);
    for (size_t j = 0; j < s->m; j++)
        s->price[j] += reduced * s->row[j];
    copy_column(&entering, c);
    column_release(&s->basis[out]);
    s->basis[out] = entering;
    s->n_pivots++;
    return 0;
}

/* Whether basis * x is the demand and prices * basis the costs, but for rounding. */
static int is_true(const struct simplex *s)
{
    double *left = mem_array(s->m, sizeof *left);
    double scale = 1;
    int good = 1;

    memcpy(left, s->demand, s->m * sizeof *left);
    for (size_t i = 0; i < s->m; i++) {
        const struct column *c = &s->basis[i];

        scale = s->demand[i] > scale ? s->demand[i] : scale;
        good = good && fabs(simplex_reduced_cost(s, c)) <= max_drift;
        for (size_t k = 0; k < c->n; k++)
            left[c->rows[k]] -= c->coefs[k] * s->x[i];
    }
    for (size_t i = 0; i < s->m; i++)
        good = good && fabs(left[i]) <= max_drift * scale;
    free(left);
    return good;
}

static size_t find_pivot_row(const double *matrix, size_t m, size_t at)
{
    size_t best = at;

    for (size_t i = at + 1; i < m; i++)
        if (fabs(matrix[i * m + at]) > fabs(matrix[best * m + at]))
            best = i;
    return best;
}

static void swap_rows(double *matrix, size_t m, size_t a, size_t b)
{
    for (size_t i = 0; i < m && a != b; i++) {
        const double kept = matrix[a * m + i];

        matrix[a * m + i] = matrix[b * m + i];
        matrix[b * m + i] = kept;
    }
}

/* Gauss and Jordan with row pivots: `matrix` becomes the identity, the identity its inverse. */
static int invert(double *inverse, double *matrix, size_t m)
{
    memset(inverse, 0, m * m * sizeof *inverse);
    for (size_t i = 0; i < m; i++)
        inverse[i * m + i] = 1;
    for (size_t at = 0; at < m; at++) {
        const size_t pivot = find_pivot_row(matrix, m, at);
        const double scale = matrix[pivot * m + at];

        if (fabs(scale) < min_pivot)
            return -1;
        swap_rows(matrix, m, at, pivot);
        swap_rows(inverse, m, at, pivot);
        for (size_t i = 0; i < m; i++) {
            matrix[at * m + i] /= scale;
            inverse[at * m + i] /= scale;
        }
        for (size_t i = 0; i < m; i++) {
            const double factor = matrix[i * m + at];

            if (i == at || factor == 0)
                continue;
            subtract(matrix + i * m + at, matrix + at * m + at, factor, m - at);
            subtract(inverse + i * m, inverse + at * m, factor, m);
        }
    }
    return 0;
}

/* x and prices from the inverse. */
static void solve_again(struct simplex *s)
{
    memset(s->x, 0, s->m * sizeof *s->x);
    for (size_t j = 0; j < s->m; j++) {
        const double *column = s->inverse + j * s->m;
        double price = 0;

        for (size_t i = 0; i < s->m; i++) {
            s->x[i] += column[i] * s->demand[j];
            price += s->basis[i].cost * column[i];
        }
        s->price[j] = price;
    }
    for (size_t i = 0; i < s->m; i++)
        if (s->x[i] < 0)
            s->x[i] = 0;
}

int simplex_refresh(struct simplex *s)
{
    double *transposed;
    double *inverse;

    if (is_true(s))
        return 0;
    /* Row i of the transposed basis is basic column i; the inverse of the one is that of the other,
     * transposed, which is the order it is kept in. */
    transposed = mem_array(s->m * s->m, sizeof *transposed);
    inverse = mem_array(s->m * s->m, sizeof *inverse);
    for (size_t i = 0; i < s->m; i++)
        for (size_t k = 0; k < s->basis[i].n; k++)
            transposed[i * s->m + (size_t)s->basis[i].rows[k]] = s->basis[i].coefs[k];
    if (invert(inverse, transposed, s->m) < 0) {
        free(transposed);
        free(inverse);
        return -1;
    }
    free(transposed);
    free(s->inverse);
    s->inverse = inverse;
    solve_again(s);
    return 0;
}

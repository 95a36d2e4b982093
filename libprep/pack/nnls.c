/* nnls.c -- Lawson and Hanson's method without the matrix.
 *
 * Each step takes in the pattern along which the residual falls most steeply. That is the pattern
 * whose slots' residuals sum to most: a knapsack finds it among all there are, for any number of
 * slots, where the original multiplies with a matrix of 22,000 patterns. The patterns in use, never
 * more than lengths, have normal equations whose Cholesky factor is changed as they come and go. */
#include "pack/nnls.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pack/best_fit.h"
#include "pack/knapsack.h"

/* The original's constants: padding is harmless in the shortest slots, and rounds of rounding. */
enum { LIGHT_LENGTHS = 8, MAX_ROUNDS = 20, FEW_SEQUENCES = 100, STEPS_A_LENGTH = 20 };

static const double least_slope = 1e-3;    /* sequences: less is not worth a step */
static const double least_packs = 1e-9;    /* fewer are none */
static const double least_distance = 1e-9; /* of a new pattern from those in use */

struct used {
    size_t *items; /* (n_items) lengths - 1 */
    size_t n_items;
    double packs;
    double target; /* pattern * weighted histogram */
};

struct nnls {
    size_t T;
    struct used *used; /* (n_used) up to T */
    size_t n_used;
    double *factor; /* (T, T) row i: column i of the upper triangle R of R'R = normal matrix */
    double *weight; /* (T) squares of the weights of rows */
    double *demand; /* (T) */
    double *slope;  /* (T) weighted residual by length - 1 */
    double *best;   /* (T) packs that solve without regard to signs */
    double *count;  /* (T) slots of one pattern by length - 1, else 0 */
};

static double *column_of(const struct nnls *s, size_t i)
{
    return s->factor + i * s->T;
}

/* ---- the Cholesky factor ---- */

/* The column for pattern u behind those in use; false when it is (nearly) made of them. */
static bool append(struct nnls *s, const struct used *u)
{
    double *to = column_of(s, s->n_used);
    double rest = 0;

    for (size_t k = 0; k < u->n_items; k++)
        s->count[u->items[k]]++;
    for (size_t k = 0; k < u->n_items; k++)
        rest += s->weight[u->items[k]] * s->count[u->items[k]];
    for (size_t i = 0; i < s->n_used; i++) {
        const double *column = column_of(s, i);
        const struct used *other = &s->used[i];
        double sum = 0;

        for (size_t k = 0; k < other->n_items; k++)
            sum += s->weight[other->items[k]] * s->count[other->items[k]];
        for (size_t k = 0; k < i; k++)
            sum -= column[k] * to[k];
        to[i] = sum / column[i];
        rest -= to[i] * to[i];
    }
    for (size_t k = 0; k < u->n_items; k++)
        s->count[u->items[k]] = 0;
    if (rest < least_distance)
        return false;
    to[s->n_used] = sqrt(rest);
    s->used[s->n_used++] = *u;
    return true;
}

/* Takes pattern `at` out: the columns behind it move up and are turned back into a triangle. */
static void take_out(struct nnls *s, size_t at)
{
    free(s->used[at].items);
    s->n_used--;
    for (size_t j = at; j < s->n_used; j++) {
        s->used[j] = s->used[j + 1];
        memcpy(column_of(s, j), column_of(s, j + 1), (j + 2) * sizeof(double));
    }
    for (size_t i = at; i < s->n_used; i++) {
        double *column = column_of(s, i);
        const double length = hypot(column[i], column[i + 1]);
        const double cosine = column[i] / length;
        const double sine = column[i + 1] / length;

        for (size_t j = i; j < s->n_used; j++) {
            double *turned = column_of(s, j);
            const double upper = turned[i];
            const double lower = turned[i + 1];

            turned[i] = cosine * upper + sine * lower;
            turned[i + 1] = cosine * lower - sine * upper;
        }
    }
}

/* R'R best = target */
static void solve(struct nnls *s)
{
    for (size_t i = 0; i < s->n_used; i++) {
        const double *column = column_of(s, i);
        double sum = s->used[i].target;

        for (size_t k = 0; k < i; k++)
            sum -= column[k] * s->best[k];
        s->best[i] = sum / column[i];
    }
    for (size_t i = s->n_used; i-- > 0;) {
        const double *column = column_of(s, i);

        s->best[i] /= column[i];
        for (size_t k = 0; k < i; k++)
            s->best[k] -= column[k] * s->best[i];
    }
}

/* ---- Lawson and Hanson's loops ---- */

static void find_slopes(struct nnls *s)
{
    memcpy(s->slope, s->demand, s->T * sizeof *s->slope);
    for (size_t i = 0; i < s->n_used; i++)
        for (size_t k = 0; k < s->used[i].n_items; k++)
            s->slope[s->used[i].items[k]] -= s->used[i].packs;
    for (size_t i = 0; i < s->T; i++)
        s->slope[i] *= s->weight[i];
}

/* How far towards the best packs none falls below 0, 1 at most, and who stops it. */
static double find_step(size_t *stop, const struct nnls *s)
{
    double step = 1;

    for (size_t i = 0; i < s->n_used; i++) {
        const double packs = s->used[i].packs;
        double reach;

        if (s->best[i] > least_packs)
            continue;
        reach = packs <= least_packs ? 0 : packs / (packs - s->best[i]);
        if (reach < step) {
            step = reach;
            *stop = i;
        }
    }
    return step;
}

/* From the present packs towards the best ones; who gets to 0 on the way leaves. False when the newest
 * pattern is of no use at all, which only rounding brings about. */
static bool move_to_best(struct nnls *s)
{
    const size_t newest = s->n_used - 1;

    for (bool first = true;; first = false) {
        size_t stop = 0;
        double step;

        solve(s);
        step = find_step(&stop, s);
        for (size_t i = 0; i < s->n_used; i++)
            s->used[i].packs += step * (s->best[i] - s->used[i].packs);
        if (step == 1)
            return true;
        if (first && stop == newest) {
            take_out(s, newest);
            return false;
        }
        for (size_t i = s->n_used; i-- > 0;)
            if (i == stop || (s->used[i].packs <= least_packs && s->best[i] <= least_packs))
                take_out(s, i);
    }
}

static struct used new_pattern(const struct nnls *s, const size_t *items, size_t n)
{
    struct used u = {.items = mem_array(n, sizeof *u.items), .n_items = n};

    memcpy(u.items, items, n * sizeof *items);
    for (size_t k = 0; k < n; k++)
        u.target += s->weight[items[k]] * s->demand[items[k]];
    return u;
}

static void minimise(struct nnls *s, struct knapsack *patterns)
{
    size_t *items = mem_array(knapsack_max_slots(patterns) + 1, sizeof *items);

    for (size_t step = 0; step < STEPS_A_LENGTH * s->T && s->n_used < s->T; step++) {
        struct used u;

        find_slopes(s);
        if (knapsack_solve(patterns, s->slope) < least_slope)
            break;
        u = new_pattern(s, items, knapsack_pattern(items, patterns));
        if (!append(s, &u)) {
            free(u.items);
            break;
        }
        if (!move_to_best(s))
            break;
    }
    free(items);
}

/* ---- from mixtures to packs ---- */

static int compare_falling(const void *a, const void *b)
{
    const int32_t x = *(const int32_t *)a;
    const int32_t y = *(const int32_t *)b;

    return (x < y) - (x > y);
}

/* Rounded as in the original; returns how many packs that makes. */
static uint64_t take_rounded(struct plan *p, struct histogram *left, struct nnls *s)
{
    uint64_t n_packs = 0;

    for (size_t i = 0; i < s->n_used; i++) {
        const struct used *u = &s->used[i];
        const uint64_t count = (uint64_t)(u->packs < 2 ? rint(u->packs) : floor(u->packs));
        int32_t *slots;

        if (!count)
            continue;
        slots = plan_add(p, u->n_items, count);
        for (size_t k = 0; k < u->n_items; k++)
            slots[k] = (int32_t)u->items[k] + 1;
        qsort(slots, u->n_items, sizeof *slots, compare_falling);
        plan_cover(left, slots, u->n_items, count);
        n_packs += count;
    }
    while (s->n_used)
        free(s->used[--s->n_used].items);
    return n_packs;
}

static void nnls_init(struct nnls *s, size_t T)
{
    *s = (struct nnls){.T = T};
    s->used = mem_array(T, sizeof *s->used);
    s->factor = mem_array(T * T + 1, sizeof *s->factor);
    s->weight = mem_array(T, sizeof *s->weight);
    s->demand = mem_array(T, sizeof *s->demand);
    s->slope = mem_array(T, sizeof *s->slope);
    s->best = mem_array(T, sizeof *s->best);
    s->count = mem_array(T, sizeof *s->count);
    for (size_t i = 0; i < T; i++)
        s->weight[i] = i < LIGHT_LENGTHS ? (double)LIGHT_LENGTHS / (2 * (double)T) : 1;
}

static void nnls_release(struct nnls *s)
{
    free(s->used);
    free(s->factor);
    free(s->weight);
    free(s->demand);
    free(s->slope);
    free(s->best);
    free(s->count);
}

static void pack_mixtures(struct plan *p, struct histogram *left)
{
    const size_t T = p->seq_length;
    const size_t max_slots = p->max_sequences > NNLS_MAX_SLOTS ? NNLS_MAX_SLOTS : p->max_sequences;
    int32_t *lens = mem_array(T, sizeof *lens);
    struct knapsack patterns;
    struct nnls s;

    for (size_t i = 0; i < T; i++)
        lens[i] = (int32_t)i + 1;
    knapsack_init(&patterns, lens, T, T, max_slots, true);
    nnls_init(&s, T);
    for (int round = 0; round < MAX_ROUNDS && left->n_sequences >= FEW_SEQUENCES; round++) {
        for (size_t i = 0; i < T; i++)
            s.demand[i] = i < left->max_len ? (double)left->counts[i + 1] : 0;
        minimise(&s, &patterns);
        if (take_rounded(p, left, &s) == 0)
            break;
    }
    nnls_release(&s);
    knapsack_release(&patterns);
    free(lens);
}

int nnls_plan(struct plan *p, const struct histogram *h, size_t seq_length, size_t max_sequences,
              struct err *err)
{
    struct histogram left;
    struct plan rest;

    if (seq_length > NNLS_MAX_LENGTH)
        return err_set(err, ERR_LIMIT, "least squares plan rows of %d tokens at most, not %zu",
                       NNLS_MAX_LENGTH, seq_length);
    histogram_copy(&left, h);
    plan_init(p, seq_length, max_sequences);
    pack_mixtures(p, &left);
    best_fit_plan(&rest, &left, seq_length, max_sequences);
    plan_join(p, &rest);
    plan_finish(p, h);
    plan_release(&rest);
    histogram_release(&left);
    return 0;
}

/* cover.c -- column generation: solve over few columns, ask the knapsack for better ones, again.
 *
 * A round asks for the best pattern with each length, not for the best of all only: those that are
 * worth more than a pack enter in turn, as long as they still are when it is their turn. Few slots
 * are solved first, as their knapsack is quick and the prices are nearly those of many slots. */
#include "pack/cover.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pack/knapsack.h"
#include "pack/simplex.h"

enum { FEW_SLOTS = 4, PIVOTS_A_CHECK = 64 };

static const double price_unit = 1099511627776.0;     /* 2^40: a pack is worth that many units */
static const double exact_limit = 4503599627370496.0; /* 2^52 */
static const double min_gain = 1e-9;                  /* of a pack, for a column to enter */
static const double min_part = 1e-7;                  /* of a pack, to be listed */

/* The smallest demand is 1. Ties between equal demands would make the simplex method stand still, so
 * each row is asked for a different trifle more. */
static const double trifle = 1e-5;

typedef unsigned __int128 uint128;

struct solver {
    size_t T;
    size_t m;
    int32_t *lens;     /* (m) rising: the longest length of each row */
    int32_t *shortest; /* (m) the shortest one */
    uint64_t *counts;  /* (m) */
    bool merged;       /* lens and shortest differ */
    double *whole;     /* (m) prices that rise and are whole numbers */
    double unit;       /* of them a pack is worth */
    struct simplex simplex;
    struct column *found; /* (n_found) candidates */
    size_t n_found;
    size_t *items;
    uint64_t bound;
    int64_t *work; /* steps left */
};

/* ---- rows ---- */

/* Rows are lengths; where those are too many, neighbours share a row, in which all count as the
 * longest. */
static void make_rows(struct solver *s, const struct histogram *h)
{
    size_t n_lengths = 0;
    size_t seen = 0;

    for (size_t len = 1; len <= h->max_len; len++)
        n_lengths += h->counts[len] > 0;
    s->m = n_lengths < COVER_MAX_ROWS ? n_lengths : COVER_MAX_ROWS;
    s->merged = s->m < n_lengths;
    s->lens = mem_array(s->m, sizeof *s->lens);
    s->shortest = mem_array(s->m, sizeof *s->shortest);
    s->counts = mem_array(s->m, sizeof *s->counts);
    for (size_t len = 1; len <= h->max_len; len++) {
        size_t row;

        if (!h->counts[len])
            continue;
        row = seen++ * s->m / n_lengths;
        if (!s->counts[row])
            s->shortest[row] = (int32_t)len;
        s->lens[row] = (int32_t)len;
        s->counts[row] += h->counts[len];
    }
}

/* A row alone: as many slots of its length as fit. */
static struct column only_column(const struct solver *s, size_t row, size_t max_slots)
{
    size_t n = s->T / (size_t)s->lens[row];
    struct column c;

    n = max_slots && n > max_slots ? max_slots : n;
    column_init(&c, 1, 1);
    c.rows[0] = (int32_t)row;
    c.coefs[0] = (double)n;
    return c;
}

static void start_simplex(struct solver *s, size_t max_slots)
{
    struct column *basis = mem_array(s->m, sizeof *basis);
    double *demand = mem_array(s->m, sizeof *demand);
    double share = 0;

    for (size_t i = 0; i < s->m; i++) {
        share = fmod(share + 0.6180339887498949, 1); /* golden section: never the same twice */
        demand[i] = (double)s->counts[i] + trifle * (1 + share);
        basis[i] = only_column(s, i, max_slots);
    }
    simplex_init(&s->simplex, s->m, demand, basis);
    free(demand);
}

/* ---- prices and the bound ---- */

/* Prices as whole numbers that rise with the length: a longer slot is never worth less. */
static void round_prices(struct solver *s, size_t max_slots)
{
    double highest = 0;

    for (size_t i = 0; i < s->m; i++)
        highest = s->simplex.price[i] > highest ? s->simplex.price[i] : highest;
    s->unit = price_unit;
    while (highest * s->unit * (double)(max_slots + 1) > exact_limit)
        s->unit /= 2;
    highest = 0;
    for (size_t i = 0; i < s->m; i++) {
        highest = s->simplex.price[i] > highest ? s->simplex.price[i] : highest;
        s->whole[i] = floor(highest * s->unit);
    }
}

/* At least worth / best packs are needed, where no pattern is worth more than `best`. */
static void raise_bound(struct solver *s, double best)
{
    uint128 worth = 0;
    uint128 packs;

    if (best < 1)
        return;
    for (size_t i = 0; i < s->m; i++)
        worth += (uint128)s->counts[i] * (uint64_t)s->whole[i];
    packs = (worth + (uint64_t)best - 1) / (uint64_t)best;
    if (packs > s->bound)
        s->bound = (uint64_t)packs;
}

/* Where lengths share a row, the bound has to count all as the shortest. */
static void raise_bound_of_merged(struct solver *s, size_t max_slots)
{
    struct knapsack k;

    knapsack_init(&k, s->shortest, s->m, s->T, max_slots, false);
    round_prices(s, knapsack_max_slots(&k));
    raise_bound(s, knapsack_solve(&k, s->whole));
    knapsack_release(&k);
}

/* ---- columns ---- */

static int compare_items(const void *a, const void *b)
{
    const size_t x = *(const size_t *)a;
    const size_t y = *(const size_t *)b;

    return (x > y) - (x < y);
}

static void add_found(struct solver *s, size_t n_items)
{
    struct column *c = &s->found[s->n_found++];

    qsort(s->items, n_items, sizeof *s->items, compare_items);
    column_init(c, n_items, 1);
    c->n = 0;
    for (size_t i = 0; i < n_items; i++) {
        if (!c->n || c->rows[c->n - 1] != (int32_t)s->items[i])
            c->rows[c->n++] = (int32_t)s->items[i];
        c->coefs[c->n - 1]++;
    }
}

static void drop_found(struct solver *s, size_t i)
{
    column_release(&s->found[i]);
    s->found[i] = s->found[--s->n_found];
}

/* A slot of row i used for row i - 1. */
static void downgrade(struct column *c, size_t i)
{
    c->rows[0] = (int32_t)i - 1;
    c->coefs[0] = 1;
    c->rows[1] = (int32_t)i;
    c->coefs[1] = -1;
}

/* Patterns that are worth more than a pack, one for each length at most. False when there is none. */
static bool find_columns(struct solver *s, struct knapsack *k)
{
    const double enough = s->unit * (1 + min_gain);

    for (size_t i = 0; i < s->m; i++)
        if (s->whole[i] > 0 && knapsack_value_with(k, i) > enough)
            add_found(s, knapsack_pattern_with(s->items, k, i));
    return s->n_found > 0;
}

/* The one that gains most now enters, again and again; those that gain nothing are dropped. Returns
 * how many entered. */
static size_t enter_columns(struct solver *s)
{
    struct column slide;
    size_t n = 0;

    column_init(&slide, 2, 0);
    while (*s->work > 0) {
        double best = -min_gain;
        size_t pattern = s->n_found;
        size_t row = 0;

        for (size_t i = s->n_found; i-- > 0;) {
            const double cost = simplex_reduced_cost(&s->simplex, &s->found[i]);

            if (cost < best) {
                best = cost;
                pattern = i;
            }
        }
        for (size_t i = 1; i < s->m; i++) {
            const double cost = s->simplex.price[i] - s->simplex.price[i - 1];

            if (cost < best) {
                best = cost;
                row = i;
            }
        }
        if (row)
            downgrade(&slide, row);
        else if (pattern == s->n_found)
            break;
        if (simplex_enter(&s->simplex, row ? &slide : &s->found[pattern]) < 0)
            break;
        n++;
        *s->work -= (int64_t)(s->m * s->m);
        if (!row)
            drop_found(s, pattern);
        if (n % PIVOTS_A_CHECK == 0 && simplex_refresh(&s->simplex) < 0)
            break;
    }
    while (s->n_found)
        drop_found(s, s->n_found - 1);
    column_release(&slide);
    return n;
}

/* Packs of the present solution. */
static double packs_of(const struct solver *s)
{
    double packs = 0;

    for (size_t i = 0; i < s->m; i++)
        packs += s->simplex.basis[i].cost * s->simplex.x[i];
    return packs;
}

/* Until no pattern of that many slots is worth more than a pack. */
static void generate(struct solver *s, size_t max_slots, bool last)
{
    struct knapsack k;

    knapsack_init(&k, s->lens, s->m, s->T, max_slots, false);
    s->items = mem_resize(s->items, knapsack_max_slots(&k) + 1, sizeof *s->items);
    for (;;) {
        double best;

        round_prices(s, knapsack_max_slots(&k));
        best = knapsack_solve(&k, s->whole);
        *s->work -= (int64_t)(k.n_levels * k.n * k.room);
        if (last && !s->merged)
            raise_bound(s, best);
        /* No whole number lies between the bound and what has been reached. */
        if ((double)s->bound >= packs_of(s) || *s->work < 0)
            break;
        if (!find_columns(s, &k) || enter_columns(s) == 0 || simplex_refresh(&s->simplex) < 0)
            break;
    }
    knapsack_release(&k);
    if (last && s->merged)
        raise_bound_of_merged(s, max_slots);
}

/* ---- result ---- */

static void add_part(struct cover *c, const struct solver *s, const struct column *column, double x)
{
    struct cover_part *part = &c->parts[c->n_parts++];
    size_t n = 0;

    for (size_t k = 0; k < column->n; k++)
        n += (size_t)column->coefs[k];
    *part = (struct cover_part){.slots = mem_array(n, sizeof *part->slots), .packs = x};
    for (size_t k = column->n; k-- > 0;)
        for (size_t i = 0; i < (size_t)column->coefs[k]; i++)
            part->slots[part->n_slots++] = s->lens[column->rows[k]];
}

static void collect(struct cover *c, const struct solver *s)
{
    *c = (struct cover){.parts = mem_array(s->m, sizeof *c->parts), .lower_bound = s->bound};
    for (size_t i = 0; i < s->m; i++)
        if (s->simplex.basis[i].cost > 0 && s->simplex.x[i] > min_part)
            add_part(c, s, &s->simplex.basis[i], s->simplex.x[i]);
}

void cover_solve(struct cover *c, int64_t *work, const struct histogram *h, size_t T,
                 size_t max_sequences)
{
    struct solver s = {.T = T, .work = work};

    assert(h->n_sequences > 0);
    make_rows(&s, h);
    s.whole = mem_array(s.m, sizeof *s.whole);
    s.found = mem_array(s.m, sizeof *s.found);
    start_simplex(&s, max_sequences);
    if (!max_sequences || max_sequences > FEW_SLOTS)
        generate(&s, FEW_SLOTS, false);
    generate(&s, max_sequences, true);
    collect(c, &s);
    simplex_release(&s.simplex);
    free(s.lens);
    free(s.shortest);
    free(s.counts);
    free(s.whole);
    free(s.found);
    free(s.items);
}

void cover_release(struct cover *c)
{
    for (size_t i = 0; i < c->n_parts; i++)
        free(c->parts[i].slots);
    free(c->parts);
    *c = (struct cover){0};
}

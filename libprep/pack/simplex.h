/* simplex.h -- the simplex method for "cover the demand at least cost", column by column.
 *
 *      minimise  sum cost x     so that     sum column x = demand,   x >= 0
 *
 * The columns are not listed: whoever owns the problem looks at the prices of the rows, finds a column
 * that is worth more than it costs, and lets it enter. Up to a few hundred rows: the inverse of the
 * basis is kept whole. All is in doubles; nothing that must be certain may rest on it. */
#ifndef PACK_SIMPLEX_H
#define PACK_SIMPLEX_H

#include <stddef.h>
#include <stdint.h>

/* A sparse column. */
struct column {
    int32_t *rows; /* (n) all different */
    double *coefs; /* (n) */
    size_t n;
    double cost;
};

void column_init(struct column *c, size_t n, double cost);
void column_release(struct column *c);

struct simplex {
    size_t m;             /* rows */
    double *demand;       /* (m) */
    struct column *basis; /* (m) owned */
    double *inverse;   /* (m, m) of the basis, by columns: inverse[row of demand][basic column] */
    double *x;         /* (m) how much of each basic column */
    double *price;     /* (m) of a unit of each row */
    double *direction; /* (m) how the basic columns shrink for a unit of the entering one */
    double *row;       /* (m) of the inverse, at a pivot */
    size_t n_pivots;
};

/* The first basis: column i, which is taken over, has row i only. */
void simplex_init(struct simplex *s, size_t m, const double *demand, struct column *basis);
void simplex_release(struct simplex *s);

/* cost - price * column: below 0, the column lessens the whole cost. */
double simplex_reduced_cost(const struct simplex *s, const struct column *c);

/* Takes the column into the basis and another one out. 0; -1 and nothing changed when no basic column
 * gives way. The column is copied. */
int simplex_enter(struct simplex *s, const struct column *c);

/* Looks whether rounding has made x and prices drift and, if so, computes the inverse anew. -1 when
 * the basis turns out singular: x and prices are then those from before. */
int simplex_refresh(struct simplex *s);

#endif

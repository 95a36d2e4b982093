/* exchange.c -- arenas over the network, in pieces whose size any back end can count. */
#include "dist/exchange.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/half.h"
#include "base/hash.h"
#include "base/mem.h"

enum { PIECE_FLOATS = 1 << 22 };

static size_t piece_at(size_t at, size_t n)
{
    return n - at < PIECE_FLOATS ? n - at : PIECE_FLOATS;
}

int exchange_share(struct comm *c, float *x, size_t n, struct err *err)
{
    if (c->size == 1)
        return 0;
    for (size_t at = 0; at < n; at += PIECE_FLOATS)
        if (comm_share(c, x + at, piece_at(at, n) * sizeof *x, err) < 0)
            return -1;
    return 0;
}

static int sum_halves(struct comm *c, float *x, size_t n, uint16_t *halves, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        halves[i] = half_round(x[i]);
    if (comm_sum_halves(c, halves, n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        x[i] = half_float(halves[i]);
    return 0;
}

int exchange_sum(struct comm *c, float *x, size_t n, bool halves, struct err *err)
{
    uint16_t *half = NULL;
    int rc = 0;

    if (c->size == 1)
        return 0;
    if (halves)
        half = mem_array(piece_at(0, n), sizeof *half);
    for (size_t at = 0; at < n && rc == 0; at += PIECE_FLOATS)
        rc = halves ? sum_halves(c, x + at, piece_at(at, n), half, err)
                    : comm_sum_floats(c, x + at, piece_at(at, n), err);
    free(half);
    return rc;
}

/* All hashes are equal when the largest is the smallest; 63 bits keep the sign out of it. */
static int same_everywhere(bool *same, struct comm *c, const void *bytes, size_t n, struct err *err)
{
    int64_t largest = (int64_t)(xxh3_of(bytes, n, 0) >> 1);
    int64_t smallest = -largest;

    *same = true;
    if (c->size == 1)
        return 0;
    if (comm_max(c, &largest, err) < 0 || comm_max(c, &smallest, err) < 0)
        return -1;
    *same = largest == -smallest;
    return 0;
}

int exchange_agree(struct comm *c, const void *bytes, size_t n, const char *what, struct err *err)
{
    bool same;

    if (same_everywhere(&same, c, bytes, n, err) < 0)
        return -1;
    return same ? 0 : err_set(err, ERR_USAGE, "the ranks were given different %s", what);
}

int exchange_check(struct comm *c, const float *x, size_t n, const char *what, struct err *err)
{
    bool same;

    if (same_everywhere(&same, c, x, n * sizeof *x, err) < 0)
        return -1;
    return same ? 0 : err_set(err, ERR_IO, "the ranks have different %s", what);
}

/* exchange.c -- arenas over the network, in pieces whose size any back end can count. */
#include "dist/exchange.h"

#include <stdint.h>

#include "base/hash.h"

enum { PIECE_FLOATS = 1 << 24 };

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

int exchange_sum(struct comm *c, float *x, size_t n, struct err *err)
{
    if (c->size == 1)
        return 0;
    for (size_t at = 0; at < n; at += PIECE_FLOATS)
        if (comm_sum_floats(c, x + at, piece_at(at, n), err) < 0)
            return -1;
    return 0;
}

/* All hashes are equal when the largest is the smallest; 63 bits keep the sign out of it. */
int exchange_check(struct comm *c, const float *x, size_t n, const char *what, struct err *err)
{
    int64_t largest;
    int64_t smallest;

    if (c->size == 1)
        return 0;
    largest = (int64_t)(xxh3_of(x, n * sizeof *x, 0) >> 1);
    smallest = -largest;
    if (comm_max(c, &largest, err) < 0 || comm_max(c, &smallest, err) < 0)
        return -1;
    if (largest != -smallest)
        return err_set(err, ERR_IO, "the ranks have different %s", what);
    return 0;
}

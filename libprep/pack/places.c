/* places.c -- sorted by pack and length, offsets are running sums. */
#include "pack/places.h"

#include <stdlib.h>

#include "base/mem.h"
#include "pack/assignment.h"

/* A place to be sorted. */
struct entry {
    uint64_t pack;
    size_t at;
    uint32_t len;
};

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a;
    const struct entry *y = b;

    if (x->pack != y->pack)
        return x->pack < y->pack ? -1 : 1;
    if (x->len != y->len)
        return x->len < y->len ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

int places_find(struct place *places, size_t n, const struct plan *plan, const struct histogram *h,
                uint64_t seed, struct err *err)
{
    struct entry *order = mem_array(n, sizeof *order);
    struct assignment a;
    uint32_t offset = 0;
    int rc = 0;

    assignment_init(&a, plan, h, seed);
    for (size_t i = 0; i < n && rc == 0; i++) {
        uint64_t key = 0;

        rc = assignment_next(&key, &a, places[i].len, err);
        order[i] = (struct entry){.pack = assignment_pack(&a, key), .at = i, .len = places[i].len};
    }
    assignment_release(&a);
    qsort(order, n, sizeof *order, compare_entries);
    for (size_t i = 0; i < n && rc == 0; i++) {
        if (i && order[i].pack != order[i - 1].pack)
            offset = 0;
        places[order[i].at].pack = order[i].pack;
        places[order[i].at].offset = offset;
        offset += order[i].len;
    }
    free(order);
    return rc;
}

/* tally.h -- how often each name came: the account of templates that are not known. */
#ifndef WIKI_TALLY_H
#define WIKI_TALLY_H

#include <stddef.h>
#include <stdint.h>

enum { TALLY_MAX_NAMES = 1 << 18 }; /* names after these are only counted in `total` */

struct tally {
    struct tally_entry {
        char *name; /* NULL = free slot; owned */
        uint64_t count;
    } * slots; /* (n_slots) hashed by name */
    size_t n_slots;
    size_t n_names;
    uint64_t total;
};

void tally_add(struct tally *t, const char *name, size_t n);

/* The names with the highest counts, equal counts in the order of the names: fills top (max) and
 * returns how many. The names belong to the tally. */
size_t tally_top(const struct tally_entry **top, size_t max, const struct tally *t);

void tally_release(struct tally *t);

#endif

/* histogram.h -- how many sequences there are of each length: all that planning has to know. */
#ifndef PACK_HISTOGRAM_H
#define PACK_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"

struct histogram {
    size_t max_len;
    uint64_t *counts; /* (max_len + 1), by length; counts[0] is 0 */
    uint64_t n_sequences;
    uint64_t n_tokens;
};

void histogram_init(struct histogram *h, size_t max_len);
void histogram_copy(struct histogram *to, const struct histogram *from); /* initialises *to */
void histogram_release(struct histogram *h);

/* n more sequences of that length; ERR_FORMAT when it is not in [1, max_len], ERR_LIMIT when there
 * are more than 2^40 sequences. */
int histogram_add(struct histogram *h, int64_t len, int64_t n, struct err *err);

/* Adds what a JSON file counts: a list, whose item i is the number of sequences of length i, alone or
 * as member `histogram` or `counts` of an object (as in the metadata of packs). */
int histogram_load(struct histogram *h, const char *path, struct err *err);

/* The list that histogram_load() takes. */
struct json *histogram_json(const struct histogram *h);

#endif

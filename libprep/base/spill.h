/* spill.h -- records sorted by a 64-bit key, with more records than memory.
 *
 *      add --> buckets by the top bits of the key, on disk --> one bucket at a time, sorted --> next
 *
 * Keys should be spread evenly (a keyed hash). Records with equal keys come out in the order of
 * their bytes, so the result is a function of the set of records, not of the order of adding. What
 * fits the memory never touches the disk. */
#ifndef BASE_SPILL_H
#define BASE_SPILL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"

enum { SPILL_BUCKETS = 256 };

struct spill_record {
    uint64_t key;
    const char *bytes; /* (n) in the bucket being read */
    size_t n;
};

struct spill {
    FILE *bucket[SPILL_BUCKETS];  /* unnamed temporary files: gone when we are, however we end */
    uint64_t size[SPILL_BUCKETS]; /* bytes in each file */
    struct buf pending[SPILL_BUCKETS]; /* not yet in the file */
    char *folder;
    size_t memory;              /* bytes to use for pending records, then for one sorted bucket */
    uint64_t n_records;         /* added so far */
    uint64_t n_bytes;           /* of those records */
    struct buf sorted;          /* the bucket being read */
    struct spill_record *order; /* (n_order), cap_order allocated: its records, sorted */
    size_t n_order;
    size_t cap_order;
    size_t at;
    unsigned next_bucket;
};

/* Temporary files go to `folder`. A bucket larger than `memory` is ERR_LIMIT when it is read. */
int spill_open(struct spill *s, const char *folder, size_t memory, struct err *err);

int spill_add(struct spill *s, uint64_t key, const void *bytes, size_t n, struct err *err);

/* After the last add, the records in order; bytes live until the next call.
 * 1 with a record, 0 after the last, -1 with err. */
int spill_next(struct spill *s, uint64_t *key, const void **bytes, size_t *n, struct err *err);

void spill_close(struct spill *s);

#endif

/* spill.h -- records sorted by a 64-bit key, with more records than memory.
 *
 *      add --> buckets by the top bits of the key --> one bucket at a time, sorted --> next
 *
 *      memory   | block of 7 | block of 31 | block of 7 | block of 200 | ...  free |
 *                    `---------------------------^ next of the bucket
 *
 * Each bucket is a chain of blocks, handed out one after the other; when the memory is full, all blocks
 * go to the files of their buckets and it begins anew.
 *
 * Keys should be spread evenly (a keyed hash). Records with equal keys come out in the order of
 * their bytes, so the result is a function of the set of records, not of the order of adding. What
 * fits the memory never touches the disk.
 *
 * Several processes can fill one spill together, each its own files in a folder that all see, and
 * read from any bucket on:
 *
 *      spill_open_shared --> add --> spill_flush --> sum `counts` over all --> spill_seek --> next */
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

/* In front of the records of one bucket that stand together in memory. */
struct spill_block {
    struct spill_block *next;
    size_t len; /* bytes of records behind it */
};

/* One part of all keys. */
struct spill_bucket {
    struct spill_block *first, *last; /* not yet in the file */
    size_t room;                      /* bytes left in the last one */
    FILE *file; /* an unnamed temporary file: gone when we are, however we end; when shared, a named
                   one that is closed when flushed */
    uint64_t size; /* bytes in the file */
};

struct spill {
    struct spill_bucket buckets[SPILL_BUCKETS];
    uint64_t counts[SPILL_BUCKETS]; /* records of each bucket */
    char *folder;
    char *shared; /* beginning of the files' names, NULL when not shared */
    int member;   /* which process, of how many */
    int n_members;
    size_t memory; /* bytes to use for blocks, then for one sorted bucket */
    char *blocks;  /* (memory), of which the first n_used are handed out; NULL before the first */
    size_t n_used;
    uint64_t n_records;         /* added so far */
    uint64_t n_bytes;           /* of those records */
    struct buf loaded;          /* the bucket being read, if it was in a file */
    struct spill_record *order; /* (n_order), cap_order allocated: its records, sorted */
    struct spill_record *other; /* (cap_order), to sort them */
    size_t n_order;
    size_t cap_order;
    size_t at;
    unsigned next_bucket;
};

/* Temporary files go to `folder`. A bucket in a file and larger than `memory` is ERR_LIMIT when it is
 * read, a record as large when it is added. */
int spill_open(struct spill *s, const char *folder, size_t memory, struct err *err);

/* For member number `member` of n_members that call the same, with a name no other spill in the folder
 * has. The folder is left to the caller to remove. */
int spill_open_shared(struct spill *s, const char *folder, const char *name, int member,
                      int n_members, size_t memory, struct err *err);

/* After a member's last add: all its records are in files that the others see. Before they read, the
 * caller makes s->counts the sums over all members; a bucket with another number of records is
 * ERR_IO then. */
int spill_flush(struct spill *s, struct err *err);

/* Goes to a bucket; spill_next() starts with its first record. */
void spill_seek(struct spill *s, unsigned bucket);

int spill_add(struct spill *s, uint64_t key, const void *bytes, size_t n, struct err *err);

/* After the last add, the records in order; bytes live until the next call.
 * 1 with a record, 0 after the last, -1 with err. */
int spill_next(struct spill *s, uint64_t *key, const void **bytes, size_t *n, struct err *err);

void spill_close(struct spill *s);

#endif

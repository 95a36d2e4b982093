/* repeats.h -- what occurs again in a block of bytes, found quickly rather than completely.
 *
 *      7 7 7 7 7 7 2 9 4 1 6 3 8 2 9 4 1 6 3 8 5
 *      - =========             ============= -       = repeats, - bytes between them
 *      before=1 length=5       before=7 length=7 distance=7
 *               distance=1
 *
 * Made for tables of numbers whose bytes were sorted by weight (HDF5's shuffle filter): there, runs of
 * one byte are most of what can be saved, and short strings that occur again are chance. Runs are all
 * found; other repeats when one of about 32 places in them is a landmark: bytes that say of themselves
 * that they are one, so that the same string has the same landmarks wherever it stands. Where a window of
 * bytes has almost no repeats at its landmarks, only one of four is taken for one in the next. */
#ifndef BASE_REPEATS_H
#define BASE_REPEATS_H

#include <stddef.h>
#include <stdint.h>

enum {
    REPEATS_MIN_RUN = 4,
    REPEATS_MIN_LENGTH = 8, /* of a repeat that is no run */
    REPEATS_REACH = 32768,  /* the farthest distance */
    REPEATS_PLACES = 1 << 12,
    REPEATS_WINDOW = 1 << 12 /* bytes looked at together */
};

struct repeat {
    uint32_t n_before; /* bytes before it that repeat nothing */
    uint32_t length;   /* 0: none follows */
    uint32_t distance;
};

struct repeats {
    const uint8_t *bytes; /* (n), borrowed */
    size_t n;
    size_t at;                       /* bytes before it were told of */
    size_t window;                   /* where `marks` begins */
    size_t window_end;               /* and ends; one behind its last byte */
    uint8_t marks[REPEATS_WINDOW];   /* enum mark */
    unsigned n_landmarks;            /* looked at in this window */
    unsigned n_met;                  /* of them, those that repeat something */
    uint8_t landmark_bits;           /* the more, the rarer landmarks are */
    uint32_t places[REPEATS_PLACES]; /* by hash: one behind the latest landmark, 0 for none */
};

/* n is below 2^31. */
void repeats_begin(struct repeats *r, const uint8_t *bytes, size_t n);

/* The next repeat, or up to `limit` bytes without one. Returns 0 when there are no bytes left. */
int repeats_next(struct repeat *found, struct repeats *r, size_t limit);

#endif

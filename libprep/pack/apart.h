/* apart.h -- sequences of one document out of one pack: they trade places with those of other packs.
 *
 *      packs     [a b a]   [c d e]   [d b c]         letters are documents, sequences of one length
 *      traded    [a b e]   [c d a]   [d b c]
 *
 * Copies of a document differ in cuts and masks only; a pack with two of them shows one text twice in
 * a step. Trades are looked for within the packs given, between sequences of equal length first, then
 * of the nearest lengths that fit. The result depends on what was added and its order only. */
#ifndef PACK_APART_H
#define PACK_APART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A sequence of a pack. */
struct apart_member {
    size_t at; /* whatever the caller knows it by */
    size_t len;
    size_t n_masked;
    int64_t document; /* 0 = not known: it may meet any other */
};

struct apart {
    size_t max_len;    /* tokens of a pack */
    size_t max_masked; /* masked tokens of a pack */
    struct apart_member *members;
    size_t n_members;
    size_t cap_members;
    size_t *firsts; /* (n_packs) where each pack begins in the members */
    size_t n_packs;
    size_t cap_packs;
};

void apart_init(struct apart *a, size_t max_len, size_t max_masked);

/* Adds a sequence to a new pack, or to the last one. */
void apart_add(struct apart *a, const struct apart_member *m, bool new_pack);

/* The sequences of pack number i, *n of them. */
const struct apart_member *apart_pack(size_t *n, const struct apart *a, size_t i);

/* Trades, and returns how many sequences still have another of their document in front of them in
 * their pack: there was no place for them. */
size_t apart_trade(struct apart *a);

/* No packs; room and limits stay. */
void apart_clear(struct apart *a);
void apart_release(struct apart *a);

#endif

/* sequence.h -- one pretraining sequence: what make-pretrain builds, packs are made of and the
 * trainer computes on. The unit of the whole project; a row of a shard holds one or several.
 *
 *   ids      [CLS] a a a [SEP] b b [SEP]
 *            |--- n_first ---|            segment 0, the rest is segment 1
 *   masked_at    2 6                      rising positions in this sequence, never 0
 *   masked_ids   x y                      what stood there */
#ifndef STORE_SEQUENCE_H
#define STORE_SEQUENCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct sequence {
    int32_t *ids; /* (n_ids) */
    size_t n_ids;
    size_t n_first;      /* ids of segment 0, n_ids when there is one segment only */
    int32_t *masked_at;  /* (n_masked) */
    int32_t *masked_ids; /* (n_masked) */
    size_t n_masked;
    int32_t next_label; /* 1 = B is random, 0 = B follows A, -1 = no such label */
    int64_t document;   /* a positive number of the document it was cut from, 0 = not known */
};

/* Room for max_len ids and max_masked masked positions. */
void sequence_init(struct sequence *s, size_t max_len, size_t max_masked);
void sequence_release(struct sequence *s);

/* Appends a compact encoding to `to`; for temporary files of one run, not a format. */
void sequence_encode(struct buf *to, const struct sequence *s);

/* Only the counts, the label and the document; the arrays of *s are left as they are. */
int sequence_outline(struct sequence *s, const void *bytes, size_t n, struct err *err);

/* Reads back into *s, which has room for max_len ids and max_masked masked positions. */
int sequence_decode(struct sequence *s, const void *bytes, size_t n, size_t max_len,
                    size_t max_masked, struct err *err);

#endif

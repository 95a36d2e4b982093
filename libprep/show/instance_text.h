/* instance_text.h -- a row of a shard as text for people: tokens, masks, segments, borders of packs.
 *
 *   row 3: 2 sequences, 21 of 128 tokens, 3 masked
 *     1  12 tokens, B is random
 *        A  [CLS] the [MASK]{cat} sat [SEP]
 *        B  on the mat . [SEP]
 *
 * Behind a masked token stands, in braces, what was there. */
#ifndef SHOW_INSTANCE_TEXT_H
#define SHOW_INSTANCE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "store/sequence.h"
#include "text/vocab.h"

/* Appends row number `row`, which has n sequences and T columns. Without a vocabulary (NULL), or for
 * ids it does not have, numbers are shown. Control characters of a vocabulary do not get out. */
void instance_text_row(struct buf *to, int64_t row, const struct sequence *sequences, size_t n,
                       size_t T, const struct vocab *vocab, bool colour);

#endif

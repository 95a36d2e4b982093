/* tfrecord.h -- pretraining sequences as TFRecords of tf.train.Example, as TensorFlow's BERT reads them.
 *
 *      length u64 | masked CRC of the length u32 | Example | masked CRC of the Example u32 | ...
 *
 * Features (schemas/pretrain-tfrecord.md): int64 lists input_ids, input_mask, segment_ids (T each),
 * masked_lm_positions, masked_lm_ids (P each), next_sentence_labels (1); floats masked_lm_weights (P). */
#ifndef STORE_TFRECORD_H
#define STORE_TFRECORD_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/sequence.h"

/* Writing: the file has its name when it is finished. */
struct tfrecord_writer;
struct tfrecord_writer *tfrecord_create(const char *path, size_t seq_length, size_t max_predictions,
                                        struct err *err);
int tfrecord_put(struct tfrecord_writer *w, const struct sequence *s, struct err *err);
int tfrecord_finish(struct tfrecord_writer *w, struct err *err); /* named, see sink_finish() */
void tfrecord_discard(struct tfrecord_writer *w); /* releases; removes what was not committed */

/* Reads a whole file, checks both CRCs of every record and calls record() for each, with its tokens,
 * masked positions and label. ERR_FORMAT with the number of the first record that is damaged or not such an Example. */
int tfrecord_check(const char *path,
                   void (*record)(void *context, size_t n_ids, size_t n_masked, int64_t label),
                   void *context, struct err *err);

#endif

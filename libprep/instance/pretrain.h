/* pretrain.h -- what the two ways of making pretraining sets share: options, counts, names, files.
 *
 * The ways are global_set.h and original_set.h. */
#ifndef INSTANCE_PRETRAIN_H
#define INSTANCE_PRETRAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/comm.h"
#include "base/err.h"
#include "instance/corpus.h"
#include "instance/pairs.h"
#include "instance/stage.h"
#include "store/row_block.h"
#include "store/sequence.h"
#include "store/shard.h"
#include "store/tfrecord.h"

enum pretrain_format { PRETRAIN_HDF5, PRETRAIN_TFRECORD };

struct pretrain_options {
    struct pairs_rules rules;
    uint64_t seed;
    size_t dupe_factor;   /* copies of every document, 1 or more */
    size_t n_shards;      /* training shards, 1 or more */
    size_t n_test_shards; /* 0 when test_fraction is 0, else 1 or more */
    double test_fraction; /* of the documents */
    size_t n_threads;     /* 0 = all cores */
    size_t memory;        /* bytes for sorting */
    enum pretrain_format format;
    enum chunk_packing packing; /* of HDF5 */
    bool document_ids;          /* of HDF5: rows tell their document */
    struct comm *comm;          /* ranks that share the work and one file system; NULL: alone */
    const struct shard_origin *origin;
    const char *prefix;    /* of the shards' names ... */
    const char *file_name; /* ... unless there is one shard with a name of its own */
    /* Told now and then how far a phase is; may be NULL. */
    void (*progress)(void *context, const char *phase, uint64_t done, uint64_t total);
    void *progress_context;
};

struct pretrain_counts {
    uint64_t shards;
    uint64_t documents;
    uint64_t sentences;
    uint64_t instances;
    uint64_t tokens; /* ids in the instances, [CLS] and [SEP] included */
    uint64_t masked;
    uint64_t random_next; /* instances with label 1 */
    uint64_t *lengths;    /* (n_lengths) item i = instances of i ids */
    size_t n_lengths;     /* seq_length + 1 */
};

void pretrain_counts_init(struct pretrain_counts *c, size_t seq_length);
void pretrain_counts_release(struct pretrain_counts *c);

/* Adds one instance. */
void pretrain_count(struct pretrain_counts *c, const struct sequence *s);

void pretrain_progress(const struct pretrain_options *o, const char *phase, uint64_t done,
                       uint64_t total);

/* "PREFIX_training_7.hdf5" or "PREFIX_test_7.hdf5", "training/PREFIX_training_7.tfrecord" or
 * "test/PREFIX_test_7.tfrecord" as the TensorFlow trainers want to have them, or file_name; free() it. */
char *pretrain_name(const struct pretrain_options *o, bool test, size_t i);

/* Whether a set with this prefix may have a file of that name, whatever its format. */
bool pretrain_name_is(const char *prefix, const char *name);

/* Whether a name is PREFIX_PART_<number>SUFFIX. */
bool pretrain_name_ends(const char *prefix, const char *name, const char *part, const char *suffix);

/* The number that stands for document d in rows: a hash of its ids, so it is the same in every shard, run
 * and set; 0 when rows do not tell it. */
int64_t pretrain_document(const struct pretrain_options *o, const struct corpus *c, size_t d);

/* One shard being written into a stage. */
struct pretrain_file {
    char *path;
    const struct stage *stage;   /* borrowed */
    struct shard_writer *writer; /* one of the two */
    struct tfrecord_writer *records;
    struct pretrain_counts *counts; /* borrowed */
    struct sequence sequence;       /* room to decode a row */
    const struct pretrain_options *options;
    int64_t n_rows;
};

/* What is put will be added to `counts` (borrowed). There will be n_rows at most. */
int pretrain_file_open(struct pretrain_file *f, struct pretrain_counts *counts,
                       const struct stage *stage, const struct pretrain_options *o, bool test,
                       size_t i, uint64_t n_rows, struct err *err);

/* Appends a row from its encoding (sequence_encode). */
int pretrain_file_put(struct pretrain_file *f, const void *bytes, size_t n, struct err *err);

/* Appends a block of rows (pretrain_block_end); all but the last have pretrain_block_size() rows. */
int pretrain_file_append(struct pretrain_file *f, const void *block, size_t size, struct err *err);

/* Completes the file, which goes to the disk from now on. */
int pretrain_file_finish(struct pretrain_file *f, struct err *err);

/* Drops what was not finished. */
void pretrain_file_close(struct pretrain_file *f);

/* Checksum of a shard that was finished. */
int pretrain_sum(char sha256[HASH_HEX_SIZE], const struct stage *stage,
                 const struct pretrain_options *o, bool test, size_t i, struct err *err);

/* Rows being laid out and compressed by one thread, for another to append to a file. */
struct pretrain_block {
    const struct pretrain_options *options;
    struct row_block *rows; /* of HDF5 */
    struct buf records;     /* of TFRecords */
    struct sequence sequence;
    struct pretrain_counts counts; /* of all its blocks */
};

/* Of files of n_rows rows at most. */
size_t pretrain_block_size(const struct pretrain_options *o, uint64_t n_rows);

struct pretrain_block *pretrain_block_open(const struct pretrain_options *o, uint64_t n_rows);

/* Adds a row from its encoding; there are fewer than pretrain_block_size() yet. */
int pretrain_block_put(struct pretrain_block *b, const void *bytes, size_t n, struct err *err);

/* Appends the block to `to` and begins the next one. */
void pretrain_block_end(struct pretrain_block *b, struct buf *to);

/* Adds what was put to `counts`. */
void pretrain_block_close(struct pretrain_block *b, struct pretrain_counts *counts);

#endif

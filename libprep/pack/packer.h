/* packer.h -- shards -> packed shards, in two passes and bounded memory.
 *
 *   measure   lengths of all sequences -> histogram -> plan                       (no tokens held)
 *   sort      every sequence, with the key of its pack -> temporary files by key
 *   write     pack by pack -> mixed_strategies_part_<i>.hdf5                 (output.h)
 *
 * Every sequence of the input is in the output exactly once. */
#ifndef PACK_PACKER_H
#define PACK_PACKER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "pack/histogram.h"
#include "pack/output.h"
#include "pack/plan.h"
#include "store/shard.h"

/* What the user may choose. */
struct packer_options {
    size_t seq_length;      /* T of the packs, 0 = that of the longest rows of the input */
    size_t max_predictions; /* P of one sequence, 0 = as the input; packs have P + S columns */
    size_t max_sequences;   /* S in a pack, 0 = any number */
    const char *solver;     /* solver.h */
    uint64_t seed;
    size_t samples_per_file; /* rows of an output file */
    enum chunk_packing packing;
    size_t memory;    /* bytes to sort in */
    size_t n_threads; /* 0 = one for each core */
    const char *text; /* all options as JSON, for the attributes of the output; may be NULL */

    /* Called now and then, with how many sequences or rows of the phase are done; may be NULL. */
    void (*progress)(void *context, uint64_t done);
    void *context;
};

/* The sequence with the most masked tokens among those of a length. */
struct packer_masked {
    int32_t n;
    int32_t len;
    size_t input;
    int64_t row;
};

struct packer {
    struct packer_options options;
    char **inputs; /* (n_inputs) paths */
    size_t n_inputs;
    int64_t *input_rows;            /* (n_inputs) */
    int64_t n_rows;                 /* of all inputs */
    struct shard_shape input_shape; /* the widest of all inputs; max_predictions of one sequence */
    struct shard_shape shape;       /* of the output */
    struct shard_origin origin;     /* of the output */
    struct histogram histogram;
    struct plan plan;
    struct packer_masked *most_masked; /* (max_len + 1), after the first pass of shorter ones too */
    struct output output;              /* its results */
};

/* Looks into the shards of the folder `input`; the options are settled from them and checked. */
int packer_open(struct packer *p, const char *input, const struct packer_options *options,
                struct err *err);

/* First pass: p->histogram and p->plan. ERR_FORMAT when there is no sequence at all, ERR_LIMIT when
 * a pack of the plan could have more masked tokens than its columns hold. */
int packer_measure(struct packer *p, struct err *err);

/* Second pass: makes the folder `output` and fills it. What an earlier run left there is removed when
 * the first part is about to be written, `metadata` (a file) with it; it is an error where that is an
 * input, and so are other HDF5 files in the folder, since trainers would read them as packs. */
int packer_write(struct packer *p, const char *output, const char *metadata, struct err *err);

void packer_close(struct packer *p);

#endif

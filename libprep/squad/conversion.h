/* conversion.h -- the JSON of SQuAD -> a file of windows (schemas/squad-features.md), with all cores.
 *
 *   articles --read--> batch of paragraphs --passage, in parallel--> rows --in order--> HDF5
 *
 * Questions and windows are numbered by the writer, so the bytes do not depend on the threads. */
#ifndef SQUAD_CONVERSION_H
#define SQUAD_CONVERSION_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "squad/passage.h"
#include "store/chunks.h"

struct conversion_options {
    struct passage_options passage;
    enum chunk_packing packing;
    size_t n_threads; /* 0 = one for each core */
    const char *text; /* the options as JSON, for the file; may be NULL */
    void *context;    /* of the calls below, which may be NULL */
    void (*progress)(void *context, uint64_t taken, uint64_t total); /* bytes of the input */
    void (*skipped)(void *context, const char *id); /* a question whose answer was not found */
};

struct conversion_counts {
    uint64_t n_questions; /* without the skipped ones */
    uint64_t n_skipped;
    uint64_t n_windows;
    uint64_t n_without; /* questions without a window: their context has no tokens */
};

/* Makes `output`, which appears only when whole. */
int conversion_run(struct conversion_counts *counts, const char *output, const char *input,
                   const struct tokenizer *t, const struct conversion_options *options,
                   struct err *err);

#endif

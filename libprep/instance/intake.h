/* intake.h -- inputs -> corpus: token streams, or sentences as text that are tokenized on the way.
 *
 *      open --> add a path, add a path, ... --> end --> corpus, vocab, inputs
 *
 * A token stream is recognised by its first bytes, compressed or not. Text is read as the original
 * reads it: a line of white space is the border of a document, the end of a file is none. */
#ifndef INSTANCE_INTAKE_H
#define INSTANCE_INTAKE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "instance/corpus.h"
#include "text/tokenizer.h"
#include "text/tokens.h"

struct intake_input {
    char *path;
    char sha256[HASH_HEX_SIZE]; /* of the file's bytes; empty for what can be read only once */
};

struct intake {
    const struct tokenizer *tokenizer; /* borrowed; NULL: token streams only */
    const char *folder;                /* borrowed: for temporary files */
    size_t n_threads;
    struct corpus corpus;
    struct tokens_header vocab;  /* of all inputs */
    struct intake_input *inputs; /* (n_inputs) in the order in which they were added */
    size_t n_inputs;
    /* Told now and then how much of an input is read; may be NULL. total is 0 when not known. */
    void (*progress)(void *context, const char *phase, uint64_t done, uint64_t total);
    void *progress_context;
};

/* Reads one input: a file, "-" for standard input, or a URL. Text is ERR_USAGE without a tokenizer.
 * An input made with another vocabulary, case or rules than the ones before is ERR_FORMAT. */
int intake_add(struct intake *in, const char *path, struct err *err);

/* After the last input. ERR_FORMAT when there is no document in any. */
int intake_end(struct intake *in, struct err *err);

void intake_release(struct intake *in);

#endif

/* batch.c -- the memory of a batch; who fills it is data/stream. */
#include "data/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void batch_init(struct batch *b, size_t max_tokens, size_t max_sequences, size_t max_masked)
{
    memset(b, 0, sizeof *b);
    b->ids = mem_array(max_tokens, sizeof *b->ids);
    b->positions = mem_array(max_tokens, sizeof *b->positions);
    b->segments = mem_array(max_tokens, sizeof *b->segments);
    b->starts = mem_array(max_sequences + 1, sizeof *b->starts);
    b->masked_at = mem_array(max_masked, sizeof *b->masked_at);
    b->masked_ids = mem_array(max_masked, sizeof *b->masked_ids);
    b->next_labels = mem_array(max_sequences, sizeof *b->next_labels);
    b->classes = mem_array(max_sequences, sizeof *b->classes);
    b->scores = mem_array(max_sequences, sizeof *b->scores);
    b->answers = mem_array(2 * max_sequences, sizeof *b->answers);
}

void batch_clear(struct batch *b)
{
    b->n_tokens = 0;
    b->n_sequences = 0;
    b->n_masked = 0;
    b->starts[0] = 0;
    b->dropout_base = 0;
}

void batch_release(struct batch *b)
{
    free(b->ids);
    free(b->positions);
    free(b->segments);
    free(b->starts);
    free(b->masked_at);
    free(b->masked_ids);
    free(b->next_labels);
    free(b->classes);
    free(b->scores);
    free(b->answers);
    memset(b, 0, sizeof *b);
}

/* shard_rows.c -- rows.h shows how sequences stand in a row. */
#include "store/shard_rows.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct shard_rows *shard_rows_open(const struct shard_shape *shape, size_t max_rows)
{
    struct shard_rows *r = mem_alloc(sizeof *r);

    r->shape = *shape;
    r->max_rows = max_rows;
    r->documents = mem_array(max_rows, sizeof *r->documents);
    for (int i = 0; i < FORMAT_SETS; i++) {
        const struct format *f = format_of((enum format_set)i, shape->packed);

        if (!f->name)
            continue;
        r->width[i] = format_columns(shape, f->width);
        r->set[i] = mem_array(max_rows * r->width[i], sizeof *r->set[i]);
    }
    return r;
}

void shard_rows_clear(struct shard_rows *r)
{
    r->n = 0;
}

void shard_rows_release(struct shard_rows *r)
{
    if (!r)
        return;
    for (int i = 0; i < FORMAT_SETS; i++)
        free(r->set[i]);
    free(r->documents);
    free(r);
}

static int check_room(const struct shard_shape *s, const struct sequence *const *sequences,
                      size_t n, struct err *err)
{
    const size_t max_masked = s->packed ? s->max_predictions - 1 : s->max_predictions;
    size_t n_ids = 0;
    size_t n_masked = 0;

    for (size_t i = 0; i < n; i++) {
        n_ids += sequences[i]->n_ids;
        n_masked += sequences[i]->n_masked;
    }
    if (n == 0 || n > s->max_sequences)
        return err_set(err, ERR_LIMIT, "row of %zu sequences where 1 to %zu fit", n,
                       s->max_sequences);
    if (n_ids > s->seq_length)
        return err_set(err, ERR_LIMIT, "row of %zu tokens where %zu fit", n_ids, s->seq_length);
    if (n_masked > max_masked)
        return err_set(err, ERR_LIMIT, "row of %zu masked tokens where %zu fit", n_masked,
                       max_masked);
    return 0;
}

int32_t *shard_rows_values(const struct shard_rows *r, enum format_set set, size_t row)
{
    return r->set[set] + row * r->width[set];
}

/* Puts sequence number i into the row, from column `start` and masked column `masked` on. */
static void put_sequence(struct shard_rows *r, const struct sequence *q, size_t i, size_t start,
                         size_t masked)
{
    int32_t *mask = shard_rows_values(r, SET_INPUT_MASK, r->n) + start;
    int32_t *segments = shard_rows_values(r, SET_SEGMENT_IDS, r->n) + start;
    int32_t *masked_at = shard_rows_values(r, SET_MASKED_POSITIONS, r->n) + masked;
    int32_t *label = shard_rows_values(r, SET_NEXT_LABELS, r->n) + i;

    memcpy(shard_rows_values(r, SET_INPUT_IDS, r->n) + start, q->ids, q->n_ids * sizeof *q->ids);
    for (size_t k = 0; k < q->n_ids; k++) {
        mask[k] = (int32_t)i + 1;
        segments[k] = k >= q->n_first;
    }
    for (size_t k = 0; k < q->n_masked; k++)
        masked_at[k] = (int32_t)start + q->masked_at[k];
    if (q->n_masked)
        memcpy(shard_rows_values(r, SET_MASKED_IDS, r->n) + masked, q->masked_ids,
               q->n_masked * sizeof *q->masked_ids);
    *label = q->next_label;
    r->documents[r->n] = q->document;
    if (!r->shape.packed)
        return;
    for (size_t k = 0; k < q->n_ids; k++)
        shard_rows_values(r, SET_POSITIONS, r->n)[start + k] = (int32_t)k;
    shard_rows_values(r, SET_NEXT_POSITIONS, r->n)[i] = (int32_t)start;
    /* Packed, a weight tells that there is no label; the label itself is 0 or 1. */
    shard_rows_values(r, SET_NEXT_WEIGHTS, r->n)[i] = q->next_label >= 0;
    if (q->next_label < 0)
        *label = 0;
}

int shard_rows_put(struct shard_rows *r, const struct sequence *const *sequences, size_t n,
                   struct err *err)
{
    size_t start = 0;
    size_t masked = 0;

    assert(r->n < r->max_rows);
    if (check_room(&r->shape, sequences, n, err) < 0)
        return -1;
    for (int i = 0; i < FORMAT_SETS; i++)
        if (r->set[i])
            memset(shard_rows_values(r, (enum format_set)i, r->n), 0,
                   r->width[i] * sizeof *r->set[i]);
    for (size_t i = 0; i < n; i++) {
        put_sequence(r, sequences[i], i, start, masked);
        start += sequences[i]->n_ids;
        masked += sequences[i]->n_masked;
    }
    r->n++;
    return 0;
}

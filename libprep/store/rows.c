/* rows.c -- nothing is taken on trust: what a writer of rows could get wrong is refused by name. */
#include "store/rows.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/formats.h"
#include "store/h5.h"

void rows_init(struct rows *r, struct h5_file *file, const char *path,
               const struct shard_shape *shape, bool tells_documents, size_t n_rows)
{
    *r = (struct rows){.file = file,
                       .path = path,
                       .shape = *shape,
                       .ends = mem_array(shape->max_sequences, sizeof *r->ends)};
    for (int i = 0; i < FORMAT_SETS; i++) {
        const struct format *f = format_of((enum format_set)i, shape->packed);

        if (f->name)
            r->set[i] = mem_array(n_rows * format_columns(shape, f->width), sizeof *r->set[i]);
    }
    if (tells_documents)
        r->documents = mem_array(n_rows, sizeof *r->documents);
}

void rows_release(struct rows *r)
{
    for (int i = 0; i < FORMAT_SETS; i++)
        free(r->set[i]);
    free(r->documents);
    free(r->ends);
}

int rows_read(struct rows *r, enum format_set set, int64_t first, int64_t n, struct err *err)
{
    const struct format *f = format_of(set, r->shape.packed);

    r->first = first;
    return f->name ? h5_read_ints(r->set[set], r->file, f->name, first, n, err) : 0;
}

int rows_read_documents(struct rows *r, int64_t first, int64_t n, struct err *err)
{
    const char *name = format_of_documents()->name;

    if (!r->documents)
        return 0;
    if (h5_read_longs(r->documents, r->file, name, first, n, err) < 0)
        return -1;
    for (int64_t i = 0; i < n; i++)
        if (r->documents[i] < 0)
            return err_set(err, ERR_FORMAT, "%s: data set '%s': row %lld: negative number: %lld",
                           r->path, name, (long long)first + i, (long long)r->documents[i]);
    return 0;
}

static const int32_t *row_at(const struct rows *r, enum format_set set, size_t row)
{
    return r->set[set] + row * format_columns(&r->shape, format_of(set, r->shape.packed)->width);
}

/* "FILE: data set 'x': row 17: ..." */
static int bad(const struct rows *r, enum format_set set, size_t row, struct err *err,
               const char *what, long long value, size_t column)
{
    return err_set(err, ERR_FORMAT, "%s: data set '%s': row %lld: %s: %lld in column %zu", r->path,
                   format_of(set, r->shape.packed)->name, (long long)r->first + (long long)row,
                   what, value, column);
}

int rows_find_ends(struct rows *r, size_t row, struct err *err)
{
    const size_t T = r->shape.seq_length;
    const int32_t *mask = row_at(r, SET_INPUT_MASK, row);
    size_t at = 0;

    r->n_ends = 0;
    while (at < T && mask[at] != 0) {
        const int32_t number = (int32_t)r->n_ends + 1;

        if (mask[at] != number || r->n_ends == r->shape.max_sequences)
            return bad(r, SET_INPUT_MASK, row, err, "unexpected sequence number", mask[at], at);
        while (at < T && mask[at] == number)
            at++;
        r->ends[r->n_ends++] = at;
    }
    if (r->n_ends == 0)
        return bad(r, SET_INPUT_MASK, row, err, "row without tokens", 0, 0);
    for (; at < T; at++)
        if (mask[at] != 0)
            return bad(r, SET_INPUT_MASK, row, err, "token behind the padding", mask[at], at);
    return 0;
}

/* Ids, segments and positions of the sequence in columns [start, end). */
static int take_tokens(struct sequence *q, const struct rows *r, size_t row, size_t start,
                       size_t end, struct err *err)
{
    const int32_t *ids = row_at(r, SET_INPUT_IDS, row);
    const int32_t *segments = row_at(r, SET_SEGMENT_IDS, row);

    q->n_ids = end - start;
    for (size_t at = start; at < end; at++) {
        if (ids[at] < 0)
            return bad(r, SET_INPUT_IDS, row, err, "negative id", ids[at], at);
        if (segments[at] != 0 && (segments[at] != 1 || at == start))
            return bad(r, SET_SEGMENT_IDS, row, err, "impossible segment", segments[at], at);
        if (segments[at] == 0 && q->n_first != at - start)
            return bad(r, SET_SEGMENT_IDS, row, err, "segment 0 after segment 1", 0, at);
        q->n_first += segments[at] == 0;
        q->ids[at - start] = ids[at];
    }
    if (!r->shape.packed)
        return 0;
    for (size_t at = start; at < end; at++)
        if (row_at(r, SET_POSITIONS, row)[at] != (int32_t)(at - start))
            return bad(r, SET_POSITIONS, row, err, "does not count from the sequence's start",
                       row_at(r, SET_POSITIONS, row)[at], at);
    return 0;
}

int rows_count_masked(size_t *n_masked, const struct rows *r, size_t row, struct err *err)
{
    const size_t P = r->shape.max_predictions;
    const int32_t *positions = row_at(r, SET_MASKED_POSITIONS, row);
    const int32_t *ids = row_at(r, SET_MASKED_IDS, row);
    const int32_t end = (int32_t)r->ends[r->n_ends - 1];
    size_t n = 0;

    for (; n < P && positions[n] != 0; n++) {
        if (positions[n] < 0 || positions[n] >= end)
            return bad(r, SET_MASKED_POSITIONS, row, err, "position outside of the sequences",
                       positions[n], n);
        if (n && positions[n] <= positions[n - 1])
            return bad(r, SET_MASKED_POSITIONS, row, err, "position that does not rise",
                       positions[n], n);
        if (ids[n] < 0)
            return bad(r, SET_MASKED_IDS, row, err, "negative id", ids[n], n);
    }
    *n_masked = n;
    for (; n < P; n++) {
        if (positions[n] != 0)
            return bad(r, SET_MASKED_POSITIONS, row, err, "position after the end at the first 0",
                       positions[n], n);
        if (ids[n] != 0)
            return bad(r, SET_MASKED_IDS, row, err, "id without a position", ids[n], n);
    }
    return 0;
}

/* The masked tokens of the sequence in columns [start, end), of those from *masked on. */
static int take_masked(struct sequence *q, size_t *masked, size_t n_masked, const struct rows *r,
                       size_t row, size_t start, size_t end, struct err *err)
{
    const int32_t *positions = row_at(r, SET_MASKED_POSITIONS, row);
    const int32_t *ids = row_at(r, SET_MASKED_IDS, row);

    for (; *masked < n_masked && (size_t)positions[*masked] < end; (*masked)++) {
        if ((size_t)positions[*masked] == start)
            return bad(r, SET_MASKED_POSITIONS, row, err, "masked start of a sequence",
                       positions[*masked], *masked);
        q->masked_at[q->n_masked] = positions[*masked] - (int32_t)start;
        q->masked_ids[q->n_masked++] = ids[*masked];
    }
    return 0;
}

/* The next-sentence label of sequence number i of the row, which starts in column `start`. */
static int take_label(struct sequence *q, const struct rows *r, size_t row, size_t i, size_t start,
                      struct err *err)
{
    const int32_t label = row_at(r, SET_NEXT_LABELS, row)[i];
    int32_t weight = 1;

    if (r->shape.packed) {
        weight = row_at(r, SET_NEXT_WEIGHTS, row)[i];
        if (weight != 0 && weight != 1)
            return bad(r, SET_NEXT_WEIGHTS, row, err, "neither 0 nor 1", weight, i);
        if (row_at(r, SET_NEXT_POSITIONS, row)[i] != (int32_t)start)
            return bad(r, SET_NEXT_POSITIONS, row, err, "not the start of its sequence",
                       row_at(r, SET_NEXT_POSITIONS, row)[i], i);
    }
    if (label < -1 || label > 1)
        return bad(r, SET_NEXT_LABELS, row, err, "neither 0 nor 1", label, i);
    q->next_label = weight ? label : -1;
    return 0;
}

int rows_take(struct sequence *sequences, const struct rows *r, size_t row, size_t n_masked,
              struct err *err)
{
    size_t masked = 0;
    size_t start = 0;

    for (size_t i = 0; i < r->n_ends; i++) {
        struct sequence *q = &sequences[i];
        const size_t end = r->ends[i];

        if (take_tokens(q, r, row, start, end, err) < 0 ||
            take_masked(q, &masked, n_masked, r, row, start, end, err) < 0 ||
            take_label(q, r, row, i, start, err) < 0)
            return -1;
        q->document = r->documents ? r->documents[row] : 0;
        start = end;
    }
    for (size_t i = r->n_ends; r->shape.packed && i < r->shape.max_sequences; i++)
        if (row_at(r, SET_NEXT_WEIGHTS, row)[i] != 0)
            return bad(r, SET_NEXT_WEIGHTS, row, err, "weight of a sequence that is not there",
                       row_at(r, SET_NEXT_WEIGHTS, row)[i], i);
    return 0;
}

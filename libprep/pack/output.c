/* output.c -- a window is collected, put apart, laid out slice by slice and appended in order. */
#include "pack/output.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "store/sequence.h"
#include "store/shard_rows.h"

enum {
    WINDOW_TOKENS =
        1 << 22,     /* enough places for nearly every sequence that has to leave its pack */
    MIN_WINDOW = 64, /* packs */
    SLICE_TOKENS = 1 << 16,
    SLICES_A_MEMBER = 2
};

static const char part_prefix[] = "mixed_strategies_part_";

/* Packs that one thread lays out. */
struct slice {
    struct output *output;
    size_t first; /* pack of the window */
    size_t n;
    struct shard_rows *rows;
    /* room for one pack */
    int32_t *ids;
    int32_t *masked_at;
    int32_t *masked_ids;
    struct sequence *sequences;
    const struct sequence **pack;
    int rc;
    struct err err;
};

static size_t slice_rows(const struct output *o)
{
    const size_t rows = SLICE_TOKENS / o->shape->seq_length;

    return rows ? rows : 1;
}

static void slice_init(struct slice *s, struct output *o)
{
    const struct shard_shape *shape = o->shape;

    *s = (struct slice){.output = o,
                        .rows = shard_rows_open(shape, slice_rows(o)),
                        .ids = mem_array(shape->seq_length, sizeof *s->ids),
                        .masked_at = mem_array(shape->max_predictions, sizeof *s->masked_at),
                        .masked_ids = mem_array(shape->max_predictions, sizeof *s->masked_ids),
                        .sequences = mem_array(shape->max_sequences, sizeof *s->sequences),
                        .pack = mem_array(shape->max_sequences, sizeof(const struct sequence *))};
}

static void slice_release(struct slice *s)
{
    shard_rows_release(s->rows);
    free(s->ids);
    free(s->masked_at);
    free(s->masked_ids);
    free(s->sequences);
    free(s->pack);
}

void output_open(struct output *o, size_t n_threads)
{
    o->team = team_open(n_threads);
    o->n_slices = SLICES_A_MEMBER * team_size(o->team);
    o->slices = mem_array(o->n_slices, sizeof *o->slices);
    for (size_t i = 0; i < o->n_slices; i++)
        slice_init(&o->slices[i], o);
    o->max_packs = WINDOW_TOKENS / o->shape->seq_length;
    if (o->max_packs < MIN_WINDOW)
        o->max_packs = MIN_WINDOW;
    /* One column stays 0, as readers need. */
    apart_init(&o->window, o->shape->seq_length, o->shape->max_predictions - 1);
}

/* ---- one pack ---- */

/* The record that begins `at` bytes into the window. */
static const char *record(size_t *n, const struct output *o, size_t at)
{
    memcpy(n, o->records.data + at, sizeof *n);
    return o->records.data + at + sizeof *n;
}

/* The sequences of a pack by rising length, equal ones as they came; *n of them in s->pack. */
static int decode_pack(struct slice *s, size_t *n, size_t number, struct err *err)
{
    const struct shard_shape *shape = s->output->shape;
    const struct apart_member *members = apart_pack(n, &s->output->window, number);
    size_t n_ids = 0;
    size_t n_masked = 0;

    if (*n > shape->max_sequences)
        return err_set(err, ERR_LIMIT, "pack of %zu sequences where %zu fit", *n,
                       shape->max_sequences);
    for (size_t i = 0; i < *n; i++) {
        struct sequence *q = &s->sequences[i];
        size_t at = i;
        size_t size;
        const char *bytes = record(&size, s->output, members[i].at);

        *q = (struct sequence){.ids = s->ids + n_ids,
                               .masked_at = s->masked_at + n_masked,
                               .masked_ids = s->masked_ids + n_masked};
        if (sequence_decode(q, bytes, size, shape->seq_length - n_ids,
                            shape->max_predictions - n_masked, err) < 0)
            return -1;
        n_ids += q->n_ids;
        n_masked += q->n_masked;
        for (; at > 0 && s->pack[at - 1]->n_ids > q->n_ids; at--)
            s->pack[at] = s->pack[at - 1];
        s->pack[at] = q;
    }
    return 0;
}

static void lay_out(void *context, size_t index)
{
    struct output *o = context;
    struct slice *s = &o->slices[index];

    s->rc = 0;
    shard_rows_clear(s->rows);
    for (size_t i = 0; i < s->n && s->rc == 0; i++) {
        size_t n;

        s->rc = decode_pack(s, &n, s->first + i, &s->err);
        if (s->rc == 0)
            s->rc = shard_rows_put(s->rows, s->pack, n, &s->err);
    }
}

/* ---- files ---- */

static int end_file(struct output *o, struct err *err)
{
    if (!o->file)
        return 0;
    if (shard_commit(o->file, err) < 0)
        return -1;
    shard_discard(o->file);
    o->file = NULL;
    o->files[o->n_files - 1].n_rows = o->n_in_file;
    return 0;
}

static int start_file(struct output *o, struct err *err)
{
    struct output_file file = {0};
    struct buf name = {0};

    buf_printf(&name, "%s%zu.hdf5", part_prefix, o->n_files);
    file.path = file_join(o->folder, name.data);
    buf_release(&name);
    o->files = mem_resize(o->files, o->n_files + 1, sizeof *o->files);
    o->files[o->n_files++] = file;
    o->n_in_file = 0;
    o->file = shard_create_as(file.path, o->shape, o->origin, o->packing, err);
    if (!o->file)
        return -1;
    shard_use_team(o->file, o->team);
    return 0;
}

static int append(struct output *o, const struct slice *s, struct err *err)
{
    size_t at = 0;

    while (at < s->n) {
        size_t n = s->n - at;

        if (o->file && o->n_in_file == o->rows_per_file && end_file(o, err) < 0)
            return -1;
        if (!o->file && start_file(o, err) < 0)
            return -1;
        if ((int64_t)n > o->rows_per_file - o->n_in_file)
            n = (size_t)(o->rows_per_file - o->n_in_file);
        if (shard_append(o->file, s->rows, at, n, err) < 0)
            return -1;
        o->n_in_file += (int64_t)n;
        o->n_rows += (int64_t)n;
        at += n;
    }
    return 0;
}

/* ---- the window ---- */

static int flush(struct output *o, struct err *err)
{
    const size_t n_packs = o->window.n_packs;
    const size_t step = slice_rows(o);
    size_t next = 0;
    int rc = 0;

    o->n_meetings += apart_trade(&o->window);
    while (next < n_packs && rc == 0) {
        size_t n = 0;

        for (; n < o->n_slices && next < n_packs; n++) {
            o->slices[n].first = next;
            o->slices[n].n = n_packs - next < step ? n_packs - next : step;
            next += o->slices[n].n;
        }
        team_run(o->team, n, lay_out, o);
        for (size_t i = 0; i < n && rc == 0; i++) {
            rc = o->slices[i].rc;
            if (rc < 0)
                *err = o->slices[i].err;
            else
                rc = append(o, &o->slices[i], err);
        }
        if (o->progress)
            o->progress(o->context, (uint64_t)o->n_rows);
    }
    apart_clear(&o->window);
    buf_clear(&o->records);
    return rc;
}

int output_add(struct output *o, bool new_pack, const void *bytes, size_t n, struct err *err)
{
    struct apart_member member;
    struct sequence s = {0};

    if (new_pack && o->window.n_packs == o->max_packs && flush(o, err) < 0)
        return -1;
    if (sequence_outline(&s, bytes, n, err) < 0)
        return -1;
    member = (struct apart_member){
        .at = o->records.len, .len = s.n_ids, .n_masked = s.n_masked, .document = s.document};
    buf_put(&o->records, &n, sizeof n);
    buf_put(&o->records, bytes, n);
    apart_add(&o->window, &member, new_pack);
    o->n_known += s.document != 0;
    return 0;
}

int output_finish(struct output *o, struct err *err)
{
    return flush(o, err) < 0 || end_file(o, err) < 0 ? -1 : 0;
}

void output_close(struct output *o)
{
    for (size_t i = 0; i < o->n_slices; i++)
        slice_release(&o->slices[i]);
    shard_discard(o->file);
    team_close(o->team);
    apart_release(&o->window);
    buf_release(&o->records);
    free(o->slices);
    o->slices = NULL;
    o->n_slices = 0;
    o->file = NULL;
    o->team = NULL;
}

void output_release(struct output *o)
{
    for (size_t i = 0; i < o->n_files; i++)
        free(o->files[i].path);
    free(o->files);
    *o = (struct output){0};
}

bool output_is_part(const char *name)
{
    const char *at = name + strlen(part_prefix);
    size_t digits;

    if (strncmp(name, part_prefix, strlen(part_prefix)) != 0)
        return false;
    digits = strspn(at, "0123456789");
    return digits && (!strcmp(at + digits, ".hdf5") || !strcmp(at + digits, ".hdf5.part"));
}

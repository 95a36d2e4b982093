/* loader.c -- blocks of rows are decoded when the stream first needs them and kept until its window
 * moves on: about 16 million tokens in memory, each chunk decompressed once an epoch. When all data
 * fit into one window they are decoded once for the whole run. */
#include "data/loader.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/mem.h"

enum {
    BLOCK_TOKENS = 1 << 16,
    WINDOW_TOKENS = 1 << 24,
    MAX_OPEN = 32,
    COUNTED_ROWS = 4096, /* read at once when lengths are counted */
    MAX_METADATA = 64 << 20
};

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static int64_t rows_of_tokens(size_t tokens, size_t seq_length)
{
    return (int64_t)larger(tokens / larger(seq_length, 1), 1);
}

/* Folds the shape and origin of file i into what is known of all. */
static int add_file(struct loader *l, size_t i, const struct row_file *s, struct buf *identity,
                    struct err *err)
{
    char *name = file_base(s->path);

    buf_printf(identity, "%s %" PRId64 " %d %zu\n", name, s->n_rows, s->shape.packed,
               s->shape.seq_length);
    free(name);
    if (i > 0 && s->kind != l->kind)
        return err_set(err, ERR_FORMAT, "%s: holds %s, '%s' %s", s->path, row_kind_name(s->kind),
                       l->paths[0], row_kind_name(l->kind));
    if (i > 0 && s->shape.packed != l->shape.packed)
        return err_set(err, ERR_FORMAT, "%s: is %s, unlike '%s'", s->path,
                       s->shape.packed ? "packed" : "not packed", l->paths[0]);
    if (l->vocab_size && s->vocab_size && s->vocab_size != l->vocab_size)
        return err_set(err, ERR_FORMAT,
                       "%s: made with a vocabulary of %" PRId64
                       " tokens, other files with %" PRId64,
                       s->path, s->vocab_size, l->vocab_size);
    if (s->vocab_size)
        l->vocab_size = s->vocab_size;
    l->kind = s->kind;
    l->unlabelled = l->unlabelled || !s->labelled;
    l->shape.packed = s->shape.packed;
    l->shape.seq_length = larger(l->shape.seq_length, s->shape.seq_length);
    l->shape.max_predictions = larger(l->shape.max_predictions, s->shape.max_predictions);
    l->shape.max_sequences = larger(l->shape.max_sequences, s->shape.max_sequences);
    l->n_rows[i] = s->n_rows;
    return 0;
}

static int survey(struct loader *l, struct err *err)
{
    struct buf identity = {0};
    int rc = 0;

    for (size_t i = 0; i < l->n_files && rc == 0; i++) {
        struct row_file s = {0};

        rc = row_file_open(&s, l->paths[i], err);
        if (rc == 0)
            rc = add_file(l, i, &s, &identity, err);
        row_file_close(&s);
    }
    l->fingerprint = xxh3_of(identity.data, identity.len, 0);
    buf_release(&identity);
    return rc;
}

/* The shards are listed: reads their shapes. */
static int open_listed(struct loader *l, const char *folder, uint64_t seed, struct err *err)
{
    l->folder = mem_text(folder);
    l->n_rows = mem_array(l->n_files, sizeof *l->n_rows);
    if (survey(l, err) < 0 ||
        order_init(&l->order, l->n_rows, l->n_files,
                   rows_of_tokens(BLOCK_TOKENS, l->shape.seq_length),
                   rows_of_tokens(WINDOW_TOKENS, l->shape.seq_length), seed, err) < 0) {
        loader_close(l);
        return err_in(err, "%s", folder);
    }
    l->decoded = mem_array(l->order.n_blocks, sizeof *l->decoded);
    l->open = mem_array(MAX_OPEN, sizeof *l->open);
    return 0;
}

static void start(struct loader *l)
{
    *l = (struct loader){.window = SIZE_MAX};
    l->limits = (struct loader_limits){SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX};
}

/* A folder's shards, or the one file. */
static int list_files(struct loader *l, const char *path, struct err *err)
{
    if (file_is_folder(path) || !file_exists(path))
        return shard_list(&l->paths, &l->n_files, path, err);
    l->paths = mem_array(1, sizeof *l->paths);
    l->paths[l->n_files++] = mem_text(path);
    return 0;
}

int loader_open(struct loader *l, const char *folder, uint64_t seed, struct err *err)
{
    start(l);
    if (list_files(l, folder, err) < 0)
        return -1;
    return open_listed(l, folder, seed, err);
}

static bool is_test_shard(const char *name)
{
    const size_t n = strlen(name);

    return strstr(name, "test") &&
           ((n > 5 && !strcmp(name + n - 5, ".hdf5")) || (n > 3 && !strcmp(name + n - 3, ".h5")));
}

int loader_open_test(struct loader *l, const char *folder, bool among, struct err *err)
{
    char **names;
    size_t n;

    if (file_exists(folder) && !file_is_folder(folder))
        return loader_open(l, folder, 0, err);
    start(l);
    if (file_list(&names, &n, folder, "", err) < 0)
        return -1;
    l->paths = mem_array(n, sizeof *l->paths);
    for (size_t i = 0; i < n; i++)
        if (is_test_shard(names[i]))
            l->paths[l->n_files++] = file_join(folder, names[i]);
    file_free_names(names, n);
    if (l->n_files == 0) {
        free(l->paths);
        l->paths = NULL;
        if (among)
            return err_set(err, ERR_USAGE,
                           "'%s' holds no shards with \"test\" in their names: give --eval_dir",
                           folder);
        if (shard_list(&l->paths, &l->n_files, folder, err) < 0)
            return -1;
    }
    return open_listed(l, folder, 0, err);
}

void loader_limit(struct loader *l, const struct loader_limits *limits)
{
    l->limits = *limits;
}

void loader_remask(struct loader *l, const struct remask *r)
{
    l->remask = *r;
    free(l->places);
    l->places = mem_array(l->shape.seq_length, sizeof *l->places);
}

size_t loader_most_masked(const struct loader *l)
{
    if (l->remask.prob > 0)
        return remask_most(&l->remask, l->shape.seq_length, l->shape.max_sequences);
    return l->shape.max_predictions;
}

/* What stands at place i of all masked places of the sequences, if it is not what was there. */
static int32_t replaced(const struct sequence *s, size_t i)
{
    const int32_t id = s->ids[s->masked_at[i]];

    return id == s->masked_ids[i] ? -1 : id;
}

/* The majority vote of Boyer and Moore, then a count: 8 of 10 masked tokens are [MASK]. */
static bool majority(int32_t *id, const struct sequence *sequences, size_t n)
{
    size_t votes = 0;
    size_t n_replaced = 0;
    size_t n_id = 0;

    *id = -1;
    for (size_t k = 0; k < n; k++) {
        for (size_t i = 0; i < sequences[k].n_masked; i++) {
            const int32_t seen = replaced(&sequences[k], i);

            if (seen < 0)
                continue;
            n_replaced++;
            if (votes == 0)
                *id = seen;
            votes += seen == *id ? 1 : (size_t)-1;
        }
    }
    for (size_t k = 0; k < n; k++)
        for (size_t i = 0; i < sequences[k].n_masked; i++)
            n_id += replaced(&sequences[k], i) == *id;
    return *id >= 0 && 2 * n_id > n_replaced;
}

int loader_find_mask(int32_t *id, const struct loader *l, struct err *err)
{
    const int64_t n_rows = l->n_rows[0] < COUNTED_ROWS ? l->n_rows[0] : COUNTED_ROWS;
    struct row_block b = {0};
    struct row_file s = {0};
    int rc = row_file_open(&s, l->paths[0], err);

    if (rc == 0)
        rc = row_file_read(&b, &s, 0, n_rows, err);
    if (rc == 0 && !majority(id, b.sequences, b.n_sequences))
        rc = err_set(err, ERR_FORMAT,
                     "%s: no id stands at most masked places, so [MASK] is not known: give --vocab",
                     l->paths[0]);
    row_block_release(&b);
    row_file_close(&s);
    return rc;
}

struct totals {
    double n_sequences;
    double n_tokens;
};

static int count_file(struct totals *t, struct row_file *s, struct err *err)
{
    int32_t *lengths = mem_array(COUNTED_ROWS * s->shape.max_sequences, sizeof *lengths);
    int rc = 0;

    for (int64_t first = 0; first < s->n_rows && rc == 0; first += COUNTED_ROWS) {
        const int64_t left = s->n_rows - first;
        const int64_t n = left < COUNTED_ROWS ? left : COUNTED_ROWS;

        rc = row_file_lengths(lengths, s, first, n, err);
        for (size_t i = 0; i < (size_t)n * s->shape.max_sequences && rc == 0; i++) {
            t->n_sequences += lengths[i] > 0;
            t->n_tokens += lengths[i];
        }
    }
    free(lengths);
    return rc;
}

static int count_all(struct totals *t, const struct loader *l, struct err *err)
{
    int rc = 0;

    *t = (struct totals){0};
    for (size_t i = 0; i < l->n_files && rc == 0; i++) {
        struct row_file s = {0};

        rc = row_file_open(&s, l->paths[i], err);
        if (rc == 0)
            rc = count_file(t, &s, err);
        row_file_close(&s);
    }
    return rc;
}

/* 1 with the metadata's mean, 0 when there is none, -1 with err. */
static int read_mean(double *mean, const struct loader *l, struct err *err)
{
    char *path = file_beside(l->folder, "_metadata.json");
    struct json *metadata = NULL;
    int rc = 0;

    if (!file_exists(path))
        goto out;
    metadata = json_load(path, MAX_METADATA, err);
    if (!metadata) {
        rc = -1;
        goto out;
    }
    if (json_member(metadata, "avg_seq_per_sample")) {
        *mean = json_real_or(json_member(metadata, "avg_seq_per_sample"), 0);
        rc = 1;
        if (!(*mean >= 1 && *mean <= (double)l->shape.max_sequences))
            rc = err_set(err, ERR_FORMAT, "%s: avg_seq_per_sample is not in 1..%zu", path,
                         l->shape.max_sequences);
    }
out:
    json_release(metadata);
    free(path);
    return rc;
}

int loader_mean_sequences(double *mean, const struct loader *l, struct err *err)
{
    struct totals t;
    int rc = 0;

    *mean = 1;
    if (!l->shape.packed)
        return 0;
    rc = read_mean(mean, l, err);
    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (count_all(&t, l, err) < 0)
        return -1;
    *mean = t.n_sequences / (double)l->order.n_rows;
    return 0;
}

int loader_mean_tokens(double *mean, const struct loader *l, struct err *err)
{
    struct totals t;

    if (count_all(&t, l, err) < 0)
        return -1;
    *mean = t.n_tokens / (double)l->order.n_rows;
    return 0;
}

void loader_init_batch(struct batch *b, const struct loader *l, size_t n_rows)
{
    batch_init(b, n_rows * l->shape.seq_length, n_rows * l->shape.max_sequences,
               n_rows * loader_most_masked(l));
}

static struct row_file *open_file(struct loader *l, size_t file, struct err *err)
{
    struct row_file *s;

    for (size_t i = 0; i < l->n_open; i++)
        if (!strcmp(l->open[i].path, l->paths[file]))
            return &l->open[i];
    if (l->n_open < MAX_OPEN) {
        s = &l->open[l->n_open];
    } else {
        /* Files are met in random order, so any of them is as good to close. */
        struct row_file *last = &l->open[--l->n_open];

        s = &l->open[l->next_closed];
        l->next_closed = (l->next_closed + 1) % MAX_OPEN;
        row_file_close(s);
        *s = *last;
        s = last;
    }
    *s = (struct row_file){0};
    if (row_file_open(s, l->paths[file], err) < 0)
        return NULL;
    l->n_open++;
    return s;
}

static int check_ids(const int32_t *ids, size_t n, const struct loader_limits *limits,
                     struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (ids[i] < 0 || (size_t)ids[i] >= limits->vocab_size)
            return err_set(err, ERR_FORMAT,
                           "id %" PRId32 " is not in the model's vocabulary of %zu", ids[i],
                           limits->vocab_size);
    return 0;
}

static int check_sequence(const struct sequence *s, const struct loader_limits *limits,
                          struct err *err)
{
    if (s->n_ids > limits->max_positions)
        return err_set(err, ERR_FORMAT, "%zu tokens, the model has %zu positions", s->n_ids,
                       limits->max_positions);
    if (s->n_first < s->n_ids && limits->n_types < 2)
        return err_set(err, ERR_FORMAT, "a second segment, the model has one token type");
    if (check_ids(s->ids, s->n_ids, limits, err) < 0)
        return -1;
    return check_ids(s->masked_ids, s->n_masked, limits, err);
}

static int check_target(const struct features_target *t, enum row_kind kind,
                        const struct loader_limits *limits, struct err *err)
{
    if (kind == ROWS_CLASSES && t->label >= 0 && (size_t)t->label >= limits->n_classes)
        return err_set(err, ERR_FORMAT, "class %" PRId32 ", the model has %zu", t->label,
                       limits->n_classes);
    return 0;
}

static int check_block(struct row_block *b, const struct row_file *f, int64_t n_rows,
                       const struct loader_limits *limits, int64_t *bad_row, struct err *err)
{
    for (*bad_row = 0; *bad_row < n_rows; (*bad_row)++) {
        for (size_t i = b->row_starts[*bad_row]; i < b->row_starts[*bad_row + 1]; i++) {
            struct sequence *s = &b->sequences[i];

            if (!f->shape.packed && s->n_masked == f->shape.max_predictions &&
                s->n_masked > limits->max_predictions)
                s->n_masked = limits->max_predictions;
            if (check_sequence(s, limits, err) < 0 ||
                (b->targets && check_target(&b->targets[i], f->kind, limits, err) < 0))
                return -1;
        }
    }
    return 0;
}

static int decode_block(struct loader *l, size_t block, struct err *err)
{
    const struct order_block *rows = &l->order.blocks[block];
    struct row_block *b = &l->decoded[block];
    struct row_file *f = open_file(l, rows->file, err);
    int64_t bad_row;

    if (!f || row_file_read(b, f, rows->first, rows->n_rows, err) < 0)
        return -1;
    if (check_block(b, f, rows->n_rows, &l->limits, &bad_row, err) < 0) {
        row_block_release(b);
        return err_in(err, "%s: row %" PRId64, f->path, rows->first + bad_row);
    }
    return 0;
}

/* Forgets what the window that was just entered does not hold. */
static void enter_window(struct loader *l)
{
    char *needed = mem_array(l->order.n_blocks, 1);

    for (size_t i = 0; i < l->order.n_window_blocks; i++)
        needed[l->order.shuffled[l->order.first_block + i]] = 1;
    for (size_t i = 0; i < l->order.n_blocks; i++)
        if (!needed[i])
            row_block_release(&l->decoded[i]);
    free(needed);
    l->epoch = l->order.epoch;
    l->window = l->order.window;
}

/* What is to be found in the sequence that comes next; t == NULL: nothing but words and a next one. */
static void append_target(struct batch *b, const struct features_target *t)
{
    static const struct features_target none = {.label = -1};
    const size_t at = b->n_sequences;

    if (!t)
        t = &none;
    b->classes[at] = t->label;
    b->scores[at] = t->score;
    b->answers[2 * at] = t->start;
    b->answers[2 * at + 1] = t->end;
}

/* draw: which random numbers new masks are made of. */
static void append(struct batch *b, struct loader *l, const struct sequence *s,
                   const struct features_target *t, uint64_t draw)
{
    int32_t *masked_at = b->masked_at + b->n_masked;
    int32_t *masked_ids = b->masked_ids + b->n_masked;
    int32_t *ids = b->ids + b->n_tokens;
    size_t n_masked = s->n_masked;

    if (l->remask.prob > 0) {
        n_masked = remask_sequence(ids, masked_at, masked_ids, l->places, s, &l->remask, draw);
    } else {
        memcpy(ids, s->ids, s->n_ids * sizeof *ids);
        memcpy(masked_at, s->masked_at, n_masked * sizeof *masked_at);
        memcpy(masked_ids, s->masked_ids, n_masked * sizeof *masked_ids);
    }
    for (size_t i = 0; i < s->n_ids; i++) {
        b->positions[b->n_tokens + i] = (int32_t)i;
        b->segments[b->n_tokens + i] = i >= s->n_first;
    }
    for (size_t i = 0; i < n_masked; i++)
        masked_at[i] += (int32_t)b->n_tokens;
    append_target(b, t);
    b->next_labels[b->n_sequences++] = s->next_label;
    b->n_tokens += s->n_ids;
    b->n_masked += n_masked;
    b->starts[b->n_sequences] = b->n_tokens;
}

int loader_append(struct batch *b, struct loader *l, uint64_t position, struct err *err)
{
    const struct order_place place = order_seek(&l->order, position);
    const size_t block = l->order.shuffled[l->order.first_block + place.window_block];
    const struct row_block *decoded;
    size_t first;

    if (l->order.epoch != l->epoch || l->order.window != l->window)
        enter_window(l);
    if (!l->decoded[block].row_starts && decode_block(l, block, err) < 0)
        return -1;
    decoded = &l->decoded[block];
    first = decoded->row_starts[place.row];
    for (size_t k = first; k < decoded->row_starts[place.row + 1]; k++)
        append(b, l, &decoded->sequences[k], decoded->targets ? &decoded->targets[k] : NULL,
               position * l->shape.max_sequences + (k - first));
    return 0;
}

int loader_fill(struct batch *b, struct loader *l, uint64_t position, size_t n_rows,
                struct err *err)
{
    batch_clear(b);
    for (size_t i = 0; i < n_rows; i++)
        if (loader_append(b, l, position + i, err) < 0)
            return -1;
    return 0;
}

void loader_close(struct loader *l)
{
    for (size_t i = 0; l->decoded && i < l->order.n_blocks; i++)
        row_block_release(&l->decoded[i]);
    for (size_t i = 0; i < l->n_open; i++)
        row_file_close(&l->open[i]);
    file_free_names(l->paths, l->n_files);
    free(l->n_rows);
    free(l->decoded);
    free(l->open);
    free(l->folder);
    free(l->places);
    order_release(&l->order);
    *l = (struct loader){0};
}

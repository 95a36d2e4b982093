/* statistics.c -- each file is counted by one thread, and the counts are added in the order of files. */
#include "show/statistics.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/team.h"

enum {
    BLOCK_ROWS = 1024,
    MAX_ID = 1 << 22 /* ids above are not candidates for [MASK] */
};

/* ---- spreads ---- */

static void spread_add_many(struct spread *t, size_t value, int64_t n)
{
    if (value >= t->n) {
        t->counts = mem_resize(t->counts, value + 1, sizeof *t->counts);
        memset(t->counts + t->n, 0, (value + 1 - t->n) * sizeof *t->counts);
        t->n = value + 1;
    }
    t->counts[value] += n;
    t->n_values += n;
    t->sum += n * (int64_t)value;
}

void spread_add(struct spread *t, size_t value)
{
    spread_add_many(t, value, 1);
}

static void spread_join(struct spread *to, const struct spread *from)
{
    for (size_t i = 0; i < from->n; i++)
        if (from->counts[i])
            spread_add_many(to, i, from->counts[i]);
}

double spread_mean(const struct spread *t)
{
    return t->n_values ? (double)t->sum / (double)t->n_values : 0;
}

size_t spread_least(const struct spread *t)
{
    size_t i = 0;

    while (i < t->n && !t->counts[i])
        i++;
    return i < t->n ? i : 0;
}

size_t spread_most(const struct spread *t)
{
    return t->n ? t->n - 1 : 0;
}

size_t spread_part(const struct spread *t, double part)
{
    int64_t seen = 0;

    for (size_t i = 0; i < t->n; i++) {
        seen += t->counts[i];
        if (seen && (double)seen >= part * (double)t->n_values)
            return i;
    }
    return 0;
}

/* ---- one file ---- */

/* What stands where a token is masked, by id. */
struct stand_ins {
    int64_t *other; /* (n) not the original */
    size_t n;
    int64_t n_kept;
    int64_t n_beyond; /* ids over MAX_ID */
};

struct counting {
    const char *path;
    struct statistics counts;
    struct stand_ins stand_ins;
    int rc;
    struct err err;
};

static void count_stand_in(struct stand_ins *c, int32_t id, int32_t original)
{
    if (id == original) {
        c->n_kept++;
    } else if (id >= MAX_ID) {
        c->n_beyond++;
    } else {
        if ((size_t)id >= c->n) {
            const size_t n = mem_grow(c->n, (size_t)id + 1);

            c->other = mem_resize(c->other, n, sizeof *c->other);
            memset(c->other + c->n, 0, (n - c->n) * sizeof *c->other);
            c->n = n;
        }
        c->other[id]++;
    }
}

static void count_sequence(struct counting *c, const struct sequence *q)
{
    struct statistics *s = &c->counts;

    spread_add(&s->length, q->n_ids);
    for (size_t i = 0; i < q->n_masked; i++)
        count_stand_in(&c->stand_ins, q->ids[q->masked_at[i]], q->masked_ids[i]);
    s->n_follows += q->next_label == 0;
    s->n_random += q->next_label == 1;
    s->n_unlabelled += q->next_label < 0;
}

/* The sequences of a block of rows; those of a row stand side by side. */
static void count_block(struct counting *c, const struct sequence *sequences, size_t n,
                        const int32_t *row_of)
{
    size_t first = 0;

    for (size_t i = 0; i < n; i++) {
        size_t tokens = 0;
        size_t masked = 0;

        count_sequence(c, &sequences[i]);
        if (i + 1 < n && row_of[i + 1] == row_of[i])
            continue;
        for (size_t k = first; k <= i; k++) {
            tokens += sequences[k].n_ids;
            masked += sequences[k].n_masked;
        }
        spread_add(&c->counts.fill, tokens);
        spread_add(&c->counts.masked, masked);
        spread_add(&c->counts.sequences, i + 1 - first);
        first = i + 1;
    }
}

static void count_file(void *context, size_t i)
{
    struct counting *c = (struct counting *)context + i;
    struct shard s;

    c->rc = shard_open(&s, c->path, &c->err);
    if (c->rc < 0)
        return;
    c->counts.shape = s.shape;
    c->counts.n_rows = s.n_rows;
    for (int64_t at = 0; at < s.n_rows && c->rc == 0; at += BLOCK_ROWS) {
        const int64_t n = s.n_rows - at < BLOCK_ROWS ? s.n_rows - at : BLOCK_ROWS;
        struct sequence *sequences;
        int32_t *row_of;
        size_t n_sequences;

        c->rc = shard_read(&sequences, &n_sequences, &row_of, &s, at, n, &c->err);
        if (c->rc < 0)
            break;
        count_block(c, sequences, n_sequences, row_of);
        sequences_free(sequences, n_sequences);
        free(row_of);
    }
    c->counts.origin = s.origin;
    s.origin = (struct shard_origin){0};
    shard_close(&s);
}

/* ---- all of them ---- */

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void join_file(struct statistics *s, const struct statistics *one, const char *path,
                      bool first)
{
    s->files[s->n_files++] = (struct statistics_file){
        .path = mem_text(path), .shape = one->shape, .n_rows = one->n_rows};
    s->n_packed += one->shape.packed;
    s->shape.packed = s->shape.packed || one->shape.packed;
    s->shape.seq_length = larger(s->shape.seq_length, one->shape.seq_length);
    s->shape.max_predictions = larger(s->shape.max_predictions, one->shape.max_predictions);
    s->shape.max_sequences = larger(s->shape.max_sequences, one->shape.max_sequences);
    if (first) {
        s->origin = one->origin;
        s->origin.options = one->origin.options ? mem_text(one->origin.options) : NULL;
    }
    s->n_rows += one->n_rows;
    spread_join(&s->length, &one->length);
    spread_join(&s->fill, &one->fill);
    spread_join(&s->sequences, &one->sequences);
    spread_join(&s->masked, &one->masked);
    s->n_follows += one->n_follows;
    s->n_random += one->n_random;
    s->n_unlabelled += one->n_unlabelled;
}

static void join_stand_ins(struct stand_ins *to, const struct stand_ins *from)
{
    if (from->n > to->n) {
        to->other = mem_resize(to->other, from->n, sizeof *to->other);
        memset(to->other + to->n, 0, (from->n - to->n) * sizeof *to->other);
        to->n = from->n;
    }
    for (size_t i = 0; i < from->n; i++)
        to->other[i] += from->other[i];
    to->n_kept += from->n_kept;
    to->n_beyond += from->n_beyond;
}

static void find_mask(struct statistics *s, const struct stand_ins *c)
{
    s->mask_id = -1;
    s->n_kept = c->n_kept;
    s->n_other = c->n_beyond;
    for (size_t i = 0; i < c->n; i++) {
        s->n_other += c->other[i];
        if (c->other[i] > s->n_mask) {
            s->n_mask = c->other[i];
            s->mask_id = (int32_t)i;
        }
    }
    s->n_other -= s->n_mask;
}

int statistics_read(struct statistics *s, char *const *paths, size_t n_paths, size_t n_threads,
                    struct err *err)
{
    struct counting *files = mem_array(n_paths, sizeof *files);
    struct team *team = team_open(n_threads);
    struct stand_ins all = {0};
    int rc = 0;

    *s = (struct statistics){.files = mem_array(n_paths, sizeof *s->files)};
    for (size_t i = 0; i < n_paths; i++)
        files[i].path = paths[i];
    team_run(team, n_paths, count_file, files);
    team_close(team);
    for (size_t i = 0; i < n_paths; i++) {
        if (rc == 0 && files[i].rc < 0) {
            *err = files[i].err;
            rc = -1;
        }
        if (rc == 0) {
            join_file(s, &files[i].counts, paths[i], i == 0);
            join_stand_ins(&all, &files[i].stand_ins);
        }
        statistics_release(&files[i].counts);
        free(files[i].stand_ins.other);
    }
    find_mask(s, &all);
    free(all.other);
    free(files);
    return rc;
}

void statistics_release(struct statistics *s)
{
    for (size_t i = 0; i < s->n_files; i++)
        free(s->files[i].path);
    free(s->files);
    free(s->length.counts);
    free(s->fill.counts);
    free(s->sequences.counts);
    free(s->masked.counts);
    shard_origin_release(&s->origin);
    *s = (struct statistics){0};
}

double statistics_efficiency(const struct statistics *s)
{
    double room = 0;

    for (size_t i = 0; i < s->n_files; i++)
        room += (double)s->files[i].n_rows * (double)s->files[i].shape.seq_length;
    return room > 0 ? (double)s->fill.sum / room : 0;
}

const char *statistics_kind(const struct statistics *s)
{
    if (s->n_packed == 0)
        return s->n_files == 1 ? "pretraining shard" : "pretraining shards";
    if (s->n_packed == s->n_files)
        return s->n_files == 1 ? "packed shard" : "packed shards";
    return "shards, some packed";
}

/* ---- JSON ---- */

static void put_spread(struct json *map, const char *key, const struct spread *t)
{
    struct json *one = json_new_map();
    struct json *list = json_new_list();

    json_put_int(one, "least", (int64_t)spread_least(t));
    json_put_int(one, "median", (int64_t)spread_part(t, 0.5));
    json_put_int(one, "most", (int64_t)spread_most(t));
    json_put_real(one, "mean", spread_mean(t));
    json_put_int(one, "sum", t->sum);
    for (size_t i = 0; i < t->n; i++)
        json_push_int(list, t->counts[i]);
    json_put(one, "histogram", list);
    json_put(map, key, one);
}

static struct json *files_json(const struct statistics *s)
{
    struct json *list = json_new_list();

    for (size_t i = 0; i < s->n_files; i++) {
        const struct statistics_file *f = &s->files[i];
        struct json *map = json_new_map();
        char *name = file_base(f->path);

        json_put_text(map, "name", name);
        json_put_bool(map, "packed", f->shape.packed);
        json_put_int(map, "rows", f->n_rows);
        json_push(list, map);
        free(name);
    }
    return list;
}

static void put_origin(struct json *map, const struct shard_origin *o)
{
    struct err ignored = {0};
    struct json *options = o->options ? json_parse(o->options, strlen(o->options), &ignored) : NULL;

    if (o->vocab_size)
        json_put_int(map, "vocab_size", o->vocab_size);
    if (o->vocab_sha256[0])
        json_put_text(map, "vocab_sha256", o->vocab_sha256);
    if (options)
        json_put(map, "options", options);
}

struct json *statistics_json(const struct statistics *s, const char *name)
{
    struct json *map = json_new_map();
    struct json *masking = json_new_map();
    struct json *next = json_new_map();

    json_put_text(map, "name", name);
    json_put_text(map, "kind", statistics_kind(s));
    json_put(map, "files", files_json(s));
    json_put_int(map, "rows", s->n_rows);
    json_put_int(map, "sequences", s->length.n_values);
    json_put_int(map, "seq_length", (int64_t)s->shape.seq_length);
    json_put_int(map, "masked_columns", (int64_t)s->shape.max_predictions);
    json_put_int(map, "max_sequences_per_row", (int64_t)s->shape.max_sequences);
    json_put_real(map, "efficiency", statistics_efficiency(s));
    put_spread(map, "length", &s->length);
    put_spread(map, "tokens_per_row", &s->fill);
    put_spread(map, "sequences_per_row", &s->sequences);
    put_spread(map, "masked_per_row", &s->masked);
    json_put_int(masking, "mask_id", s->mask_id);
    json_put_int(masking, "mask", s->n_mask);
    json_put_int(masking, "kept", s->n_kept);
    json_put_int(masking, "other", s->n_other);
    json_put(map, "masking", masking);
    json_put_int(next, "follows", s->n_follows);
    json_put_int(next, "random", s->n_random);
    json_put_int(next, "no_label", s->n_unlabelled);
    json_put(map, "next_sentence", next);
    put_origin(map, &s->origin);
    return map;
}

/* verify.c -- rows are decoded by the code every reader uses (rows.c), which refuses most of what can
 * be wrong; what readers need not care for is checked here. Files are read by several threads, what
 * was found is told in their order. */
#include "store/verify.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/team.h"
#include "store/rows.h"
#include "store/shard.h"
#include "store/tfrecord.h"

enum {
    BLOCK_VALUES = 1 << 18,  /* of input_ids read at once */
    MAX_METADATA = 256 << 20 /* bytes of a metadata file */
};

static void add_length(struct verify_counts *c, size_t length, int64_t n)
{
    if (length >= c->n_lengths) {
        c->lengths = mem_resize(c->lengths, length + 1, sizeof *c->lengths);
        memset(c->lengths + c->n_lengths, 0, (length + 1 - c->n_lengths) * sizeof *c->lengths);
        c->n_lengths = length + 1;
    }
    c->lengths[length] += n;
}

void verify_counts_add(struct verify_counts *to, const struct verify_counts *more)
{
    to->rows += more->rows;
    to->sequences += more->sequences;
    to->tokens += more->tokens;
    to->masked += more->masked;
    to->label_1 += more->label_1;
    for (size_t i = 0; i < more->n_lengths; i++)
        if (more->lengths[i])
            add_length(to, i, more->lengths[i]);
}

void verify_counts_release(struct verify_counts *c)
{
    free(c->lengths);
    *c = (struct verify_counts){0};
}

/* ---- one file ---- */

/* The rows of a file on their way. */
struct reading {
    struct shard shard;
    struct rows rows;
    struct verify_counts *counts;
    struct sequence *sequences; /* (max_sequences) room for the row at hand */
    /* [CLS] and [SEP] as the first row of a file with a known vocabulary shows them, else -1. */
    int32_t cls, sep;
};

static int bad(const struct reading *r, int64_t row, struct err *err, const char *what,
               long long value)
{
    return err_set(err, ERR_FORMAT, "%s: row %lld: %s: %lld", r->shard.path, (long long)row, what,
                   value);
}

/* Readers do not look at padding, but equal data must be equal bytes. */
static int check_padding(const struct reading *r, size_t row, int64_t number, struct err *err)
{
    static const enum format_set sets[] = {SET_INPUT_IDS, SET_SEGMENT_IDS, SET_POSITIONS};
    const size_t T = r->shard.shape.seq_length;

    for (size_t k = 0; k < sizeof sets / sizeof sets[0]; k++) {
        const int32_t *values = r->rows.set[sets[k]];

        for (size_t at = r->rows.ends[r->rows.n_ends - 1]; values && at < T; at++)
            if (values[row * T + at] != 0)
                return bad(r, number, err, "padding that is not 0", values[row * T + at]);
    }
    return 0;
}

/* [CLS] .. [SEP] .. [SEP], ids of the vocabulary, and no special token is masked. */
static int check_sequence(struct reading *r, const struct sequence *q, int64_t row, struct err *err)
{
    const int64_t vocab_size = r->shard.origin.vocab_size;

    for (size_t i = 0; i < q->n_ids && vocab_size; i++)
        if (q->ids[i] >= vocab_size)
            return bad(r, row, err, "id outside of the vocabulary", q->ids[i]);
    for (size_t i = 0; i < q->n_masked && vocab_size; i++)
        if (q->masked_ids[i] >= vocab_size)
            return bad(r, row, err, "masked id outside of the vocabulary", q->masked_ids[i]);
    if (!r->shard.origin.vocab_sha256[0])
        return 0;
    if (r->cls < 0) {
        r->cls = q->ids[0];
        r->sep = q->ids[q->n_ids - 1];
    }
    if (q->ids[0] != r->cls)
        return bad(r, row, err, "sequence does not start with [CLS] but", q->ids[0]);
    if (q->ids[q->n_ids - 1] != r->sep)
        return bad(r, row, err, "sequence does not end with [SEP] but", q->ids[q->n_ids - 1]);
    if (q->ids[q->n_first - 1] != r->sep)
        return bad(r, row, err, "segment 0 does not end with [SEP] but", q->ids[q->n_first - 1]);
    for (size_t i = 0; i < q->n_masked; i++)
        if (q->masked_ids[i] == r->cls || q->masked_ids[i] == r->sep)
            return bad(r, row, err, "masked [CLS] or [SEP] in column", q->masked_at[i]);
    return 0;
}

static void count(struct verify_counts *c, const struct sequence *q)
{
    c->sequences++;
    c->tokens += (int64_t)q->n_ids;
    c->masked += (int64_t)q->n_masked;
    c->label_1 += q->next_label == 1;
    add_length(c, q->n_ids, 1);
}

/* Row number `row` of the block, number `number` of the file. */
static int check_row(struct reading *r, size_t row, int64_t number, struct err *err)
{
    size_t n_masked = 0;

    if (rows_find_ends(&r->rows, row, err) < 0 ||
        rows_count_masked(&n_masked, &r->rows, row, err) < 0)
        return -1;
    for (size_t i = 0; i < r->rows.n_ends; i++)
        r->sequences[i].n_first = r->sequences[i].n_masked = 0;
    if (rows_take(r->sequences, &r->rows, row, n_masked, err) < 0 ||
        check_padding(r, row, number, err) < 0)
        return -1;
    for (size_t i = 0; i < r->rows.n_ends; i++) {
        if (check_sequence(r, &r->sequences[i], number, err) < 0)
            return -1;
        count(r->counts, &r->sequences[i]);
    }
    r->counts->rows++;
    return 0;
}

static int check_rows(struct reading *r, int64_t step, struct err *err)
{
    const int64_t n_rows = r->shard.n_rows;
    int rc = 0;

    for (int64_t at = 0; at < n_rows && rc == 0; at += step) {
        const int64_t n = n_rows - at < step ? n_rows - at : step;

        for (int i = 0; i < FORMAT_SETS && rc == 0; i++)
            rc = rows_read(&r->rows, (enum format_set)i, at, n, err);
        if (rc == 0)
            rc = rows_read_documents(&r->rows, at, n, err);
        for (int64_t row = 0; row < n && rc == 0; row++)
            rc = check_row(r, (size_t)row, at + row, err);
    }
    return rc;
}

static void count_record(void *context, size_t n_ids, size_t n_masked, int64_t label)
{
    struct verify_counts *c = context;

    c->rows++;
    c->sequences++;
    c->tokens += (int64_t)n_ids;
    c->masked += (int64_t)n_masked;
    c->label_1 += label == 1;
    add_length(c, n_ids, 1);
}

static bool is_tfrecord(const char *path)
{
    static const char suffix[] = ".tfrecord";
    const size_t n = strlen(path);

    return n >= sizeof suffix && strcmp(path + n - sizeof suffix + 1, suffix) == 0;
}

/* verify_shard(), which also tells the shard's vocabulary (where they are not NULL). */
static int read_shard(struct verify_counts *counts, struct shard_origin *origin, bool *packed,
                      const char *path, struct err *err)
{
    struct reading r = {.counts = counts, .cls = -1, .sep = -1};
    size_t step;
    int rc;

    if (is_tfrecord(path))
        return tfrecord_check(path, count_record, counts, err);
    if (shard_open(&r.shard, path, err) < 0)
        return -1;
    step = BLOCK_VALUES / r.shard.shape.seq_length;
    step = step ? step : 1;
    rows_init(&r.rows, r.shard.file, r.shard.path, &r.shard.shape, r.shard.tells_documents, step);
    r.sequences = mem_array(r.shard.shape.max_sequences, sizeof *r.sequences);
    for (size_t i = 0; i < r.shard.shape.max_sequences; i++)
        sequence_init(&r.sequences[i], r.shard.shape.seq_length, r.shard.shape.max_predictions);
    rc = check_rows(&r, (int64_t)step, err);
    sequences_free(r.sequences, r.shard.shape.max_sequences);
    rows_release(&r.rows);
    if (packed)
        *packed = r.shard.shape.packed;
    if (origin) {
        *origin = r.shard.origin;
        r.shard.origin = (struct shard_origin){0};
    }
    shard_close(&r.shard);
    return rc;
}

int verify_shard(struct verify_counts *counts, const char *path, struct err *err)
{
    *counts = (struct verify_counts){0};
    return read_shard(counts, NULL, NULL, path, err);
}

/* ---- a set ---- */

/* One file of the set. */
struct item {
    char *path;
    const char *sha256; /* as the metadata say it, in their tree; NULL without */
    int64_t n_rows;     /* likewise, -1 without */
    bool test;
    bool packed;
    struct verify_counts counts;
    struct shard_origin origin;
    int rc;
    struct err err;
};

struct set {
    struct verify *v;
    struct json *metadata;
    const char *metadata_path;
    struct item *items;
    size_t n;
};

static void tell(struct verify *v, struct err *first, const struct err *problem)
{
    if (v->n_problems++ == 0)
        *first = *problem;
    if (v->problem)
        v->problem(v->context, problem->text);
}

static void add_item(struct set *s, char *path)
{
    s->items = mem_resize(s->items, s->n + 1, sizeof *s->items);
    s->items[s->n++] = (struct item){.path = path, .n_rows = -1};
}

static void check_item(void *context, size_t i)
{
    const struct set *s = context;
    struct item *item = &s->items[i];
    char sha256[HASH_HEX_SIZE];

    item->rc = sha256_of_file(sha256, NULL, item->path, &item->err);
    if (item->rc == 0 && item->sha256 && strcmp(sha256, item->sha256) != 0)
        item->rc =
            err_set(&item->err, ERR_FORMAT, "%s: SHA-256 is %.12s..., in the metadata %.12s...",
                    item->path, sha256, item->sha256);
    if (item->rc == 0)
        item->rc = read_shard(&item->counts, &item->origin, &item->packed, item->path, &item->err);
    if (item->rc == 0 && item->n_rows >= 0 && item->n_rows != item->counts.rows)
        item->rc = err_set(&item->err, ERR_FORMAT, "%s: %lld rows, in the metadata %lld",
                           item->path, (long long)item->counts.rows, (long long)item->n_rows);
}

/* Equal numbers, or a problem. */
static void expect(struct set *s, struct err *first, const char *part, const char *key,
                   const struct json *stated, int64_t found)
{
    struct err problem = {0};

    if (json_kind_of(stated) == JSON_KIND_INT && json_int_or(stated, -1) == found)
        return;
    if (json_kind_of(stated) == JSON_KIND_INT)
        err_set(&problem, ERR_FORMAT, "%s: '%s%s' is %lld, the shards have %lld", s->metadata_path,
                part, key, (long long)json_int_or(stated, -1), (long long)found);
    else
        err_set(&problem, ERR_FORMAT, "%s: '%s%s' is missing or no number", s->metadata_path, part,
                key);
    tell(s->v, first, &problem);
}

static void expect_lengths(struct set *s, struct err *first, const char *part, const char *key,
                           const struct json *stated, const struct verify_counts *found)
{
    const size_t n = json_count(stated);
    const size_t most = n > found->n_lengths ? n : found->n_lengths;
    struct err problem = {0};

    for (size_t i = 0; i < most; i++) {
        const int64_t there = i < found->n_lengths ? found->lengths[i] : 0;
        const int64_t here = i < n ? json_int_or(json_item(stated, i), -1) : 0;

        if (here == there)
            continue;
        err_set(&problem, ERR_FORMAT,
                "%s: '%s%s' has %lld sequences of length %zu, the shards have %lld",
                s->metadata_path, part, key, (long long)here, i, (long long)there);
        tell(s->v, first, &problem);
        return;
    }
}

/* The counts of a part of a pretraining set. */
static void check_part(struct set *s, struct err *first, const char *name, bool test)
{
    const struct json *part = json_member(s->metadata, name);
    struct verify_counts found = {0};
    struct buf prefix = {0};
    int64_t n_files = 0;
    int64_t least = INT64_MAX;
    int64_t most = 0;

    for (size_t i = 0; i < s->n; i++) {
        const int64_t rows = s->items[i].counts.rows;

        if (s->items[i].test != test)
            continue;
        verify_counts_add(&found, &s->items[i].counts);
        least = rows < least ? rows : least;
        most = rows > most ? rows : most;
        n_files++;
    }
    buf_printf(&prefix, "%s.", name);
    expect(s, first, prefix.data, "shards", json_member(part, "shards"), n_files);
    expect(s, first, prefix.data, "instances", json_member(part, "instances"), found.sequences);
    expect(s, first, prefix.data, "tokens", json_member(part, "tokens"), found.tokens);
    expect(s, first, prefix.data, "masked", json_member(part, "masked"), found.masked);
    expect(s, first, prefix.data, "random_next", json_member(part, "random_next"), found.label_1);
    expect_lengths(s, first, prefix.data, "lengths", json_member(part, "lengths"), &found);
    if (n_files && most - least > 1 &&
        strcmp(json_text_or(json_member(json_member(s->metadata, "options"), "rng"), ""),
               "counter") == 0) {
        struct err problem = {0};

        err_set(&problem, ERR_FORMAT, "%s: '%s' shards have %lld to %lld rows", s->metadata_path,
                name, (long long)least, (long long)most);
        tell(s->v, first, &problem);
    }
    buf_release(&prefix);
    verify_counts_release(&found);
}

static void check_vocabulary(struct set *s, struct err *first)
{
    const struct json *vocabulary = json_member(s->metadata, "vocabulary");
    const char *sha256 = json_text_or(json_member(vocabulary, "sha256"), "");

    for (size_t i = 0; i < s->n; i++) {
        struct err problem = {0};

        if (is_tfrecord(s->items[i].path)) /* does not say */
            continue;
        if (strcmp(s->items[i].origin.vocab_sha256, sha256) == 0 &&
            s->items[i].origin.vocab_size == json_int_or(json_member(vocabulary, "size"), -1))
            continue;
        err_set(&problem, ERR_FORMAT, "%s: is of another vocabulary than the metadata say",
                s->items[i].path);
        tell(s->v, first, &problem);
    }
}

/* What the metadata say of all files together. */
static void check_metadata(struct set *s, struct err *first)
{
    if (json_member(s->metadata, "training")) {
        check_part(s, first, "training", false);
        check_part(s, first, "test", true);
        check_vocabulary(s, first);
    } else if (json_member(s->metadata, "new_number_of_samples")) {
        expect(s, first, "", "new_number_of_samples",
               json_member(s->metadata, "new_number_of_samples"), s->v->counts.rows);
        expect(s, first, "", "original_number_of_samples",
               json_member(s->metadata, "original_number_of_samples"), s->v->counts.sequences);
        expect_lengths(s, first, "", "histogram", json_member(s->metadata, "histogram"),
                       &s->v->counts);
    }
}

/* The files that the metadata list, as items. */
static int list_stated(struct set *s, const char *folder, struct err *err)
{
    const struct json *files = json_member(s->metadata, "files");
    const int64_t n_training =
        json_int_or(json_member(json_member(s->metadata, "training"), "shards"), INT64_MAX);

    if (json_kind_of(files) != JSON_KIND_LIST)
        return err_set(err, ERR_FORMAT, "%s: list 'files' is missing", s->metadata_path);
    for (size_t i = 0; i < json_count(files); i++) {
        const struct json *file = json_item(files, i);
        const struct json *rows = json_member(file, "rows");
        const char *name = json_text_or(json_member(file, "name"), "");
        struct item *item;

        if (!*name || strstr(name, ".."))
            return err_set(err, ERR_FORMAT, "%s: files[%zu] has no name", s->metadata_path, i);
        add_item(s, file_join(folder, name));
        item = &s->items[s->n - 1];
        item->sha256 = json_text_or(json_member(file, "sha256"), "");
        item->n_rows = json_int_or(rows ? rows : json_member(file, "instances"), -1);
        item->test = (int64_t)i >= n_training;
    }
    return 0;
}

/* A trainer would read shards that are not of the set like all others. */
static int find_strangers(struct set *s, const char *folder, struct err *first, struct err *err)
{
    static const char *const suffixes[] = {".hdf5", ".h5"};

    for (size_t k = 0; k < 2; k++) {
        char **names;
        size_t n;

        if (file_list(&names, &n, folder, suffixes[k], err) < 0)
            return -1;
        for (size_t i = 0; i < n; i++) {
            char *path = file_join(folder, names[i]);
            bool known = false;
            struct err problem = {0};

            for (size_t j = 0; j < s->n && !known; j++)
                known = strcmp(s->items[j].path, path) == 0;
            if (!known) {
                err_set(&problem, ERR_FORMAT, "%s: is not in the metadata", path);
                tell(s->v, first, &problem);
            }
            free(path);
        }
        file_free_names(names, n);
    }
    return 0;
}

static int list_folder(struct set *s, const char *folder, struct err *err)
{
    static const char *const suffixes[] = {".hdf5", ".h5"};

    for (size_t k = 0; k < 2; k++) {
        char **names;
        size_t n;

        if (file_list(&names, &n, folder, suffixes[k], err) < 0)
            return -1;
        for (size_t i = 0; i < n; i++)
            add_item(s, file_join(folder, names[i]));
        file_free_names(names, n);
    }
    return s->n ? 0 : err_set(err, ERR_FORMAT, "folder '%s' holds no shards", folder);
}

/* "x/set" -> "x/set_metadata.json", or "x/set_tfrecord.json" where only that is;
 * "x/one.hdf5" -> "x/one_metadata.json", likewise. */
static char *metadata_of(const char *path)
{
    const char *dot = strrchr(path, '.');
    const bool is_file = !file_is_folder(path) && dot && !strchr(dot, '/');
    char *stem = is_file ? mem_text_n(path, (size_t)(dot - path)) : mem_text(path);
    char *name = file_beside(stem, "_metadata.json");

    if (!file_exists(name)) {
        char *other = file_beside(stem, "_tfrecord.json");

        if (file_exists(other)) {
            free(name);
            name = other;
        } else {
            free(other);
        }
    }
    free(stem);
    return name;
}

static int list_items(struct set *s, const char *path, struct err *first, struct err *err)
{
    const bool is_folder = file_is_folder(path);
    char *folder = is_folder ? file_beside(path, "") : NULL;
    int rc = 0;

    if (!is_folder) {
        const char *slash = strrchr(path, '/');

        folder = slash ? mem_text_n(path, slash > path ? (size_t)(slash - path) : 1) : mem_text("");
    }
    if (s->metadata) {
        /* A file named without a folder stays so in messages. */
        rc = *folder ? list_stated(s, folder, err) : list_stated(s, ".", err);
        if (rc == 0 && is_folder)
            rc = find_strangers(s, folder, first, err);
    } else if (is_folder) {
        rc = list_folder(s, folder, err);
    } else {
        add_item(s, mem_text(path));
    }
    free(folder);
    return rc;
}

static void run_items(struct set *s, struct err *first)
{
    struct verify *v = s->v;
    struct team *team = team_open(v->n_threads);
    const size_t step = 2 * team_size(team);

    for (size_t at = 0; at < s->n; at += step) {
        const size_t n = s->n - at < step ? s->n - at : step;
        struct set block = {.v = v, .items = s->items + at, .n = n};

        if (v->progress)
            v->progress(v->context, "verify", at, s->n);
        team_run(team, n, check_item, &block);
    }
    team_close(team);
    for (size_t i = 0; i < s->n; i++) {
        if (s->items[i].rc < 0)
            tell(v, first, &s->items[i].err);
        verify_counts_add(&v->counts, &s->items[i].counts);
    }
    v->n_files = s->n;
}

int verify_set(struct verify *v, const char *path, struct err *err)
{
    char *metadata = metadata_of(path);
    struct set s = {.v = v, .metadata_path = metadata};
    struct err first = {0};
    int rc = -1;

    v->counts = (struct verify_counts){0};
    v->n_files = v->n_problems = 0;
    v->has_metadata = file_exists(metadata);
    if (!file_exists(path)) {
        err_set(err, ERR_IO, "'%s' does not exist", path);
        goto out;
    }
    if (v->has_metadata && !(s.metadata = json_load(metadata, MAX_METADATA, err)))
        goto out;
    if (list_items(&s, path, &first, err) < 0)
        goto out;
    run_items(&s, &first);
    /* Sums over files that could not be read would only repeat that. */
    if (s.metadata && v->n_problems == 0)
        check_metadata(&s, &first);
    rc = v->n_problems ? -1 : 0;
    if (rc < 0)
        *err = first;
out:
    for (size_t i = 0; i < s.n; i++) {
        free(s.items[i].path);
        verify_counts_release(&s.items[i].counts);
        shard_origin_release(&s.items[i].origin);
    }
    free(s.items);
    json_release(s.metadata);
    free(metadata);
    return rc;
}

void verify_release(struct verify *v)
{
    verify_counts_release(&v->counts);
}

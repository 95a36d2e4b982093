/* stream.c -- weights -> rows of a period -> which row of which folder. */
#include "data/stream.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/rng.h"

/* No other purpose of the trainer draws with this stream of numbers and the same seed. */
enum { STREAM_MIXTURE = 0x6d697801 };

static const uint64_t NO_PERIOD = UINT64_MAX;

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Whole rows of a period by the weights: rounded down, then one more where most was lost. */
static int share_period(struct stream *s, const double *weights, struct err *err)
{
    double sum = 0;
    int64_t left = STREAM_PERIOD;

    for (size_t i = 0; i < s->n; i++)
        sum += weights[i];
    for (size_t i = 0; i < s->n; i++) {
        s->counts[i] = (int64_t)floor(weights[i] / sum * STREAM_PERIOD);
        left -= s->counts[i];
    }
    for (; left > 0; left--) {
        size_t most = 0;
        double lost = -1;

        for (size_t i = 0; i < s->n; i++) {
            const double missing = weights[i] / sum * STREAM_PERIOD - (double)s->counts[i];

            if (missing > lost) {
                lost = missing;
                most = i;
            }
        }
        s->counts[most]++;
    }
    for (size_t i = 0; i < s->n; i++)
        if (s->counts[i] == 0)
            return err_set(err, ERR_USAGE, "'%s': the weight of '%s' is less than 1 of %d", s->name,
                           s->loaders[i].folder, STREAM_PERIOD);
    return 0;
}

/* Folds what is known of source i into what is known of all. */
static int add_source(struct stream *s, size_t i, struct buf *identity, struct err *err)
{
    const struct loader *l = &s->loaders[i];

    if (i > 0 && l->kind != s->kind)
        return err_set(err, ERR_FORMAT, "'%s' holds %s, '%s' %s", l->folder, row_kind_name(l->kind),
                       s->loaders[0].folder, row_kind_name(s->kind));
    if (i > 0 && l->shape.packed != s->shape.packed)
        return err_set(err, ERR_FORMAT, "the shards of '%s' are %spacked, unlike those of '%s'",
                       l->folder, l->shape.packed ? "" : "not ", s->loaders[0].folder);
    if (s->vocab_size && l->vocab_size && s->vocab_size != l->vocab_size)
        return err_set(err, ERR_FORMAT,
                       "the shards of '%s' have a vocabulary of %lld tokens, others %lld",
                       l->folder, (long long)l->vocab_size, (long long)s->vocab_size);
    if (l->vocab_size)
        s->vocab_size = l->vocab_size;
    s->kind = l->kind;
    s->unlabelled = s->unlabelled || l->unlabelled;
    s->shape.packed = l->shape.packed;
    s->shape.seq_length = larger(s->shape.seq_length, l->shape.seq_length);
    s->shape.max_predictions = larger(s->shape.max_predictions, l->shape.max_predictions);
    s->shape.max_sequences = larger(s->shape.max_sequences, l->shape.max_sequences);
    s->n_rows += l->order.n_rows;
    buf_printf(identity, "%016llx %lld\n", (unsigned long long)l->fingerprint,
               (long long)s->counts[i]);
    return 0;
}

/* One "FOLDER=WEIGHT" of a list; returns what follows it, NULL with err. */
static const char *open_source(struct stream *s, double *weight, const char *at, struct err *err)
{
    const size_t len = strcspn(at, ",");
    char *part = mem_text_n(at, len);
    char *equals = strrchr(part, '=');
    char *end = NULL;
    const char *next = NULL;

    *weight = equals ? strtod(equals + 1, &end) : 0;
    if (!equals || end == equals + 1 || *end || !(*weight > 0) || *weight > 1e12) {
        err_set(err, ERR_USAGE, "'%s' is neither a folder nor FOLDER=WEIGHT", part);
    } else {
        *equals = '\0';
        /* Sources of one seed would visit folders of equal size in one order. */
        if (loader_open(&s->loaders[s->n], part, s->seed + s->n, err) == 0) {
            s->n++;
            next = at + len;
        }
    }
    free(part);
    return next;
}

static int open_list(struct stream *s, double *weights, struct err *err)
{
    const char *at = s->name;

    if (file_exists(at) || !strchr(at, '=')) {
        weights[0] = 1;
        if (loader_open(&s->loaders[0], at, s->seed, err) < 0)
            return -1;
        s->n = 1;
        return 0;
    }
    for (;;) {
        if (s->n == STREAM_MAX_SOURCES)
            return err_set(err, ERR_LIMIT, "more than %d folders to mix", STREAM_MAX_SOURCES);
        at = open_source(s, &weights[s->n], at, err);
        if (!at)
            return -1;
        if (*at == '\0')
            return 0;
        at++;
    }
}

static int open_all(struct stream *s, struct err *err)
{
    double weights[STREAM_MAX_SOURCES] = {0};
    struct buf identity = {0};
    int rc = open_list(s, weights, err);

    if (rc == 0)
        rc = share_period(s, weights, err);
    for (size_t i = 0; i < s->n && rc == 0; i++)
        rc = add_source(s, i, &identity, err);
    if (rc == 0)
        s->fingerprint =
            s->n == 1 ? s->loaders[0].fingerprint : xxh3_of(identity.data, identity.len, 0);
    buf_release(&identity);
    return rc;
}

int stream_open(struct stream *s, const char *what, uint64_t seed, struct err *err)
{
    memset(s, 0, sizeof *s);
    s->seed = seed;
    s->period = NO_PERIOD;
    s->name = mem_text(what);
    s->loaders = mem_array(STREAM_MAX_SOURCES, sizeof *s->loaders);
    s->counts = mem_array(STREAM_MAX_SOURCES, sizeof *s->counts);
    if (open_all(s, err) < 0) {
        stream_close(s);
        return -1;
    }
    return 0;
}

void stream_limit(struct stream *s, const struct loader_limits *limits)
{
    for (size_t i = 0; i < s->n; i++)
        loader_limit(&s->loaders[i], limits);
}

void stream_remask(struct stream *s, const struct remask *r)
{
    for (size_t i = 0; i < s->n; i++) {
        struct remask own = *r;

        own.seed += i;
        loader_remask(&s->loaders[i], &own);
    }
}

int stream_find_mask(int32_t *id, const struct stream *s, struct err *err)
{
    return loader_find_mask(id, &s->loaders[0], err);
}

static int weighted_mean(double *mean, const struct stream *s,
                         int (*of)(double *, const struct loader *, struct err *), struct err *err)
{
    *mean = 0;
    for (size_t i = 0; i < s->n; i++) {
        double one;

        if (of(&one, &s->loaders[i], err) < 0)
            return -1;
        *mean += one * (double)s->counts[i] / STREAM_PERIOD;
    }
    return 0;
}

int stream_mean_sequences(double *mean, const struct stream *s, struct err *err)
{
    return weighted_mean(mean, s, loader_mean_sequences, err);
}

int stream_mean_tokens(double *mean, const struct stream *s, struct err *err)
{
    return weighted_mean(mean, s, loader_mean_tokens, err);
}

size_t stream_most_masked(const struct stream *s)
{
    size_t most = 0;

    for (size_t i = 0; i < s->n; i++)
        most = larger(most, loader_most_masked(&s->loaders[i]));
    return most;
}

void stream_init_batch(struct batch *b, const struct stream *s, size_t n_rows)
{
    batch_init(b, n_rows * s->shape.seq_length, n_rows * s->shape.max_sequences,
               n_rows * stream_most_masked(s));
}

static void begin_period(struct stream *s, uint64_t period)
{
    int64_t taken[STREAM_MAX_SOURCES] = {0};
    struct rng rng;
    size_t at = 0;

    for (size_t i = 0; i < s->n; i++)
        for (int64_t k = 0; k < s->counts[i]; k++)
            s->source[at++] = (int32_t)i;
    rng_at(&rng, s->seed, STREAM_MIXTURE, period);
    rng_shuffle(&rng, s->source, STREAM_PERIOD);
    for (size_t i = 0; i < STREAM_PERIOD; i++)
        s->place[i] = taken[s->source[i]]++;
    s->period = period;
}

int stream_fill(struct batch *b, struct stream *s, uint64_t position, size_t n_rows,
                struct err *err)
{
    batch_clear(b);
    for (uint64_t at = position; at < position + n_rows; at++) {
        const uint64_t period = at / STREAM_PERIOD;
        const size_t i = at % STREAM_PERIOD;
        size_t source = 0;
        uint64_t row = at;

        if (s->n > 1) {
            if (period != s->period)
                begin_period(s, period);
            source = (size_t)s->source[i];
            row = period * (uint64_t)s->counts[source] + (uint64_t)s->place[i];
        }
        if (loader_append(b, &s->loaders[source], row, err) < 0)
            return -1;
    }
    return 0;
}

void stream_close(struct stream *s)
{
    for (size_t i = 0; i < s->n; i++)
        loader_close(&s->loaders[i]);
    free(s->loaders);
    free(s->counts);
    free(s->name);
    memset(s, 0, sizeof *s);
}

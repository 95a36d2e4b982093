/* global_set.c -- two parts, training and test; each is made, sorted and written on its own.
 *
 * Instances are made by all threads, from batches of (document, copy); one thread lays the sorted
 * ones out in rows, which all threads compress. */
#include "instance/global_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "base/spill.h"
#include "base/team.h"

enum {
    BATCH_IDS = 1 << 16, /* ids of documents in one batch, about */
    /* Streams of random numbers: purpose in the top byte, the copy below, so that more copies leave
     * the first ones as they were. */
    STREAM_INSTANCES = 1 << 24,
    STREAM_ORDER = 2 << 24
};

/* One of the two parts. */
struct part {
    const struct pretrain_options *options;
    const struct corpus *corpus;
    bool test;
    size_t *documents; /* (n_documents) numbers in the corpus, rising */
    size_t n_documents;
    struct spill spill;
    struct pretrain_counts *counts;
    struct stage *stage;
    /* making */
    struct pairs *pairs; /* one a worker */
    uint64_t next_item;  /* item = document x copies + copy */
    uint64_t n_done;
    struct team *team; /* compresses what is written */
};

/* A batch of items on its way to a worker. */
struct batch {
    uint64_t first;
    uint64_t n;
};

static uint64_t count_items(const struct part *p)
{
    return (uint64_t)p->n_documents * p->options->dupe_factor;
}

static int read_items(void *context, struct buf *in, struct err *err)
{
    struct part *p = context;
    struct batch b = {.first = p->next_item};
    uint64_t n_ids = 0;

    (void)err;
    while (p->next_item < count_items(p) && n_ids < BATCH_IDS) {
        const size_t d = (size_t)(p->next_item / p->options->dupe_factor);
        const uint64_t *bounds;
        const size_t n = corpus_document(&bounds, p->corpus, p->documents[d]);

        n_ids += bounds[n] - bounds[0];
        p->next_item++;
    }
    b.n = p->next_item - b.first;
    buf_put(in, &b, sizeof b);
    return b.n > 0;
}

/* Where an instance stands in the order of all. */
static uint64_t order_key(uint64_t seed, size_t document, uint32_t copy, uint32_t number)
{
    const uint32_t counter[4] = {number, STREAM_ORDER + copy, (uint32_t)document,
                                 (uint32_t)((uint64_t)document >> 32)};
    uint32_t out[4];

    rng_philox(out, counter, seed);
    return (uint64_t)out[0] << 32 | out[1];
}

/* out: counts, then key, length, encoding of each instance. */
static void make_item(struct pairs *pairs, struct buf *out, struct pretrain_counts *counts,
                      const struct part *p, uint64_t item)
{
    const size_t d = (size_t)(item / p->options->dupe_factor);
    const uint32_t copy = (uint32_t)(item % p->options->dupe_factor);
    const size_t document = p->documents[d];
    struct rng rng;
    uint32_t number = 0;

    rng_at(&rng, p->options->seed, STREAM_INSTANCES + copy, document);
    pairs_begin(pairs, d, &rng);
    while (pairs_next(pairs)) {
        const uint64_t key = order_key(p->options->seed, document, copy, number++);
        const size_t head = out->len;
        uint32_t n = 0;

        pretrain_count(counts, &pairs->sequence);
        buf_put(out, &key, sizeof key);
        buf_put(out, &n, sizeof n);
        sequence_encode(out, &pairs->sequence);
        n = (uint32_t)(out->len - head - sizeof key - sizeof n);
        memcpy(out->data + head + sizeof key, &n, sizeof n);
    }
}

static int make_items(void *context, size_t worker, struct buf *out, struct buf *in,
                      struct err *err)
{
    const struct part *p = context;
    struct pretrain_counts counts = {0};
    struct batch b;

    (void)err;
    memcpy(&b, in->data, sizeof b);
    counts.documents = b.n; /* here: items done */
    buf_put(out, &counts, sizeof counts);
    for (uint64_t i = 0; i < b.n; i++)
        make_item(&p->pairs[worker], out, &counts, p, b.first + i);
    memcpy(out->data, &counts, sizeof counts);
    return 0;
}

static int spill_instances(void *context, const struct buf *out, struct err *err)
{
    struct part *p = context;
    struct pretrain_counts counts;
    size_t at = sizeof counts;

    memcpy(&counts, out->data, sizeof counts);
    pretrain_add_counts(p->counts, &counts);
    while (at < out->len) {
        uint64_t key;
        uint32_t n;

        memcpy(&key, out->data + at, sizeof key);
        memcpy(&n, out->data + at + sizeof key, sizeof n);
        at += sizeof key + sizeof n;
        if (spill_add(&p->spill, key, out->data + at, n, err) < 0)
            return -1;
        at += n;
    }
    p->n_done += counts.documents;
    pretrain_progress(p->options, p->test ? "test instances" : "instances", p->n_done,
                      count_items(p));
    return 0;
}

static int make_instances(struct part *p, const struct tokens_header *vocab, struct err *err)
{
    const size_t n = parallel_threads(p->options->n_threads);
    const struct parallel plan = {.context = p,
                                  .n_threads = n,
                                  .read = read_items,
                                  .work = make_items,
                                  .write = spill_instances};
    int rc;

    p->pairs = mem_array(n, sizeof *p->pairs);
    for (size_t i = 0; i < n; i++)
        pairs_init(&p->pairs[i], &p->options->rules, p->corpus, p->documents, p->n_documents,
                   vocab);
    rc = parallel_map(&plan, err);
    for (size_t i = 0; i < n; i++)
        pairs_release(&p->pairs[i]);
    free(p->pairs);
    p->pairs = NULL;
    return rc;
}

/* Rows of shard i: the first ones take what is left over. */
static uint64_t rows_of(const struct part *p, size_t n_shards, size_t i)
{
    const uint64_t n = p->spill.n_records;

    return n / n_shards + (i < n % n_shards);
}

static int write_shard(struct part *p, size_t i, uint64_t n_rows, struct err *err)
{
    struct pretrain_file file = {0};
    char sha256[HASH_HEX_SIZE];
    int rc = pretrain_file_open(&file, p->stage, p->options, p->test, i, err);

    if (rc == 0)
        shard_use_team(file.writer, p->team);
    for (uint64_t row = 0; row < n_rows && rc == 0; row++) {
        const void *bytes;
        uint64_t key;
        size_t n;

        rc = spill_next(&p->spill, &key, &bytes, &n, err) == 1 ? 0 : -1;
        if (rc == 0)
            rc = pretrain_file_put(&file, bytes, n, err);
    }
    if (rc == 0)
        rc = pretrain_file_commit(&file, sha256, err);
    if (rc == 0)
        stage_add(p->stage, file.name, (int64_t)n_rows, sha256);
    pretrain_file_close(&file);
    return rc;
}

static int write_shards(struct part *p, size_t n_shards, struct err *err)
{
    int rc = 0;

    if (n_shards > p->spill.n_records)
        n_shards = (size_t)p->spill.n_records;
    p->counts->shards = n_shards;
    p->team = team_open(p->options->n_threads);
    for (size_t i = 0; i < n_shards && rc == 0; i++) {
        pretrain_progress(p->options, p->test ? "test shards" : "shards", i, n_shards);
        rc = write_shard(p, i, rows_of(p, n_shards, i), err);
    }
    team_close(p->team);
    return rc;
}

static int make_part(struct part *p, const struct tokens_header *vocab, size_t n_shards,
                     struct err *err)
{
    int rc = spill_open(&p->spill, p->stage->part, p->options->memory, err);

    if (rc == 0)
        rc = make_instances(p, vocab, err);
    if (rc == 0)
        rc = write_shards(p, n_shards, err);
    spill_close(&p->spill);
    return rc;
}

static bool is_for_testing(const struct corpus *corpus, size_t d, const struct pretrain_options *o)
{
    /* 2^-64: the hash as a number in [0, 1). */
    return (double)corpus_hash(corpus, d, o->seed) * 0x1p-64 < o->test_fraction;
}

static void add_document(struct part *p, size_t d)
{
    const uint64_t *bounds;

    p->counts->sentences += corpus_document(&bounds, p->corpus, d);
    p->counts->documents++;
    p->documents[p->n_documents++] = d;
}

static void split_documents(struct part parts[2], const struct corpus *corpus,
                            const struct pretrain_options *o)
{
    const size_t n = (size_t)corpus->n_documents;

    parts[0].documents = mem_array(n, sizeof *parts[0].documents);
    parts[1].documents = mem_array(n, sizeof *parts[1].documents);
    for (size_t d = 0; d < n; d++)
        add_document(&parts[o->n_test_shards && is_for_testing(corpus, d, o)], d);
    if (parts[0].n_documents == 0) {
        *parts[1].counts = (struct pretrain_counts){0};
        parts[1].n_documents = 0;
        for (size_t d = 0; d < n; d++)
            add_document(&parts[0], d);
    }
}

int global_set_make(struct pretrain_counts counts[2], struct stage *stage,
                    const struct corpus *corpus, const struct tokens_header *vocab,
                    const struct pretrain_options *options, struct err *err)
{
    struct part parts[2];
    int rc = 0;

    if (corpus->n_documents == 0)
        return err_set(err, ERR_FORMAT, "no document in the input");
    for (int i = 0; i < 2; i++) {
        counts[i] = (struct pretrain_counts){0};
        parts[i] = (struct part){.options = options,
                                 .corpus = corpus,
                                 .test = i == 1,
                                 .counts = &counts[i],
                                 .stage = stage};
    }
    split_documents(parts, corpus, options);
    rc = make_part(&parts[0], vocab, options->n_shards, err);
    if (rc == 0 && parts[1].n_documents)
        rc = make_part(&parts[1], vocab, options->n_test_shards, err);
    free(parts[0].documents);
    free(parts[1].documents);
    return rc;
}

/* global_set.c -- two parts, training and test; each is made, sorted and written on its own.
 *
 * Instances are made by all threads, from batches of (document, copy); the sorted ones become blocks of
 * rows, laid out and compressed by all threads too. Ranks each make the instances of a range of documents
 * into buckets that all can read, and each write a range of shards:
 *
 *      rank 0: documents 0 .. d   --.   buckets   .--> shards 0 .. s
 *      rank 1: documents d+1 ..   --'  of all keys '--> shards s+1 .. */
#include "instance/global_set.h"

#include <stdatomic.h>
#include <stdio.h>
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

enum { HASH_WORDS = 4, WORD_DIGITS = 16 };

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
    uint64_t end_item;   /* one behind this rank's last */
    uint64_t n_done;
    uint64_t n_instances; /* of all ranks */
    /* writing */
    size_t n_shards;
    size_t end_shard;           /* one behind this rank's last */
    size_t shard;               /* being cut into blocks */
    uint64_t n_left;            /* rows of it */
    uint64_t most_rows;         /* of a shard */
    struct pretrain_file *file; /* open */
    struct pretrain_block **blocks;
    uint64_t *hashes;       /* (n_shards, HASH_WORDS) */
    atomic_size_t finished; /* one behind the last shard that is whole */
    size_t summed;          /* one behind the last one whose checksum somebody makes */
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
    while (p->next_item < p->end_item && n_ids < BATCH_IDS) {
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

    philox_block(out, counter, seed);
    return (uint64_t)out[0] << 32 | out[1];
}

/* out: key, length, encoding of each instance. */
static void make_item(struct pairs *pairs, struct buf *out, const struct part *p, uint64_t item)
{
    const size_t d = (size_t)(item / p->options->dupe_factor);
    const uint32_t copy = (uint32_t)(item % p->options->dupe_factor);
    const size_t document = p->documents[d];
    const int64_t document_id = pretrain_document(p->options, p->corpus, document);
    struct rng rng;
    uint32_t number = 0;

    rng_at(&rng, p->options->seed, STREAM_INSTANCES + copy, document);
    pairs_begin(pairs, d, &rng);
    while (pairs_next(pairs)) {
        const uint64_t key = order_key(p->options->seed, document, copy, number++);
        const size_t head = out->len;
        uint32_t n = 0;

        buf_put(out, &key, sizeof key);
        buf_put(out, &n, sizeof n);
        pairs->sequence.document = document_id;
        sequence_encode(out, &pairs->sequence);
        n = (uint32_t)(out->len - head - sizeof key - sizeof n);
        memcpy(out->data + head + sizeof key, &n, sizeof n);
    }
}

/* out: how many items, then their instances. */
static int make_items(void *context, size_t worker, struct buf *out, struct buf *in,
                      struct err *err)
{
    const struct part *p = context;
    struct batch b;

    (void)err;
    memcpy(&b, in->data, sizeof b);
    buf_put(out, &b.n, sizeof b.n);
    for (uint64_t i = 0; i < b.n; i++)
        make_item(&p->pairs[worker], out, p, b.first + i);
    return 0;
}

static int spill_instances(void *context, const struct buf *out, struct err *err)
{
    struct part *p = context;
    uint64_t n_items;
    size_t at = sizeof n_items;

    memcpy(&n_items, out->data, sizeof n_items);
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
    p->n_done += n_items;
    pretrain_progress(p->options, p->test ? "test instances" : "instances", p->n_done, p->end_item);
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

static bool has_ranks(const struct part *p)
{
    return p->options->comm && p->options->comm->size > 1;
}

/* Where the share of the ranks below `rank` of n things ends. */
static uint64_t share_of(const struct part *p, uint64_t n, int rank)
{
    const uint64_t size = has_ranks(p) ? (uint64_t)p->options->comm->size : 1;

    return n / size * (uint64_t)rank + n % size * (uint64_t)rank / size;
}

static int rank_of(const struct part *p)
{
    return has_ranks(p) ? p->options->comm->rank : 0;
}

/* The instances of all ranks, ready to be read. */
static int exchange_instances(struct part *p, struct err *err)
{
    p->n_instances = p->spill.n_records;
    if (!has_ranks(p))
        return 0;
    if (spill_flush(&p->spill, err) < 0 ||
        comm_sum_counts(p->options->comm, p->spill.counts, SPILL_BUCKETS, err) < 0 ||
        comm_sum_counts(p->options->comm, &p->n_instances, 1, err) < 0)
        return -1;
    return 0;
}

/* The first row of shard i: the first shards take what is left over. */
static uint64_t first_row(const struct part *p, size_t n_shards, uint64_t i)
{
    const uint64_t n = p->n_instances;
    const uint64_t more = n % n_shards;

    return n / n_shards * i + (i < more ? i : more);
}

/* How many rows shard i has. */
static uint64_t rows_of(const struct part *p, size_t n_shards, uint64_t i)
{
    return first_row(p, n_shards, i + 1) - first_row(p, n_shards, i);
}

static int next_instance(struct part *p, const void **bytes, size_t *n, struct err *err)
{
    uint64_t key;
    const int rc = spill_next(&p->spill, &key, bytes, n, err);

    if (rc == 0) /* they were counted, so this is no end */
        return err_set(err, ERR_IO, "instances in '%s' are missing", p->stage->part);
    return rc < 0 ? -1 : 0;
}

/* Goes to a row of all; what is before it in its bucket is passed over. */
static int seek_row(struct part *p, uint64_t row, struct err *err)
{
    unsigned bucket = 0;
    const void *bytes;
    size_t n;

    if (!has_ranks(p))
        return 0; /* the only rank begins with the first */
    while (bucket + 1 < SPILL_BUCKETS && row >= p->spill.counts[bucket])
        row -= p->spill.counts[bucket++];
    spill_seek(&p->spill, bucket);
    for (; row > 0; row--)
        if (next_instance(p, &bytes, &n, err) < 0)
            return -1;
    return 0;
}

/* The name of a shard is known to all, its rows too; its checksum travels as four numbers. */
static void hash_to_words(uint64_t words[HASH_WORDS], const char sha256[HASH_HEX_SIZE])
{
    for (size_t i = 0; i < HASH_WORDS; i++) {
        char digits[WORD_DIGITS + 1] = {0};

        memcpy(digits, sha256 + i * WORD_DIGITS, WORD_DIGITS);
        words[i] = strtoull(digits, NULL, 16);
    }
}

static void hash_from_words(char sha256[HASH_HEX_SIZE], const uint64_t words[HASH_WORDS])
{
    for (size_t i = 0; i < HASH_WORDS; i++)
        snprintf(sha256 + i * WORD_DIGITS, WORD_DIGITS + 1, "%016llx",
                 (unsigned long long)words[i]);
}

static int sum_shard(const struct part *p, size_t shard, struct err *err)
{
    char sha256[HASH_HEX_SIZE];

    if (pretrain_sum(sha256, p->stage, p->options, p->test, shard, err) < 0)
        return -1;
    hash_to_words(p->hashes + shard * HASH_WORDS, sha256);
    return 0;
}

/* In front of a block of records, and of the same block when it is laid out. */
struct block_head {
    uint64_t shard;
    uint64_t n_rows; /* 0: the shard is whole and waits for its checksum */
    uint64_t last;   /* of its shard */
};

/* in: the head, then length and encoding of each instance. */
static int read_rows(void *context, struct buf *in, struct err *err)
{
    struct part *p = context;
    const size_t most = pretrain_block_size(p->options, p->most_rows);
    struct block_head head;

    if (p->shard == p->end_shard)
        return 0;
    if (p->summed < atomic_load(&p->finished)) { /* soon, while it is in memory */
        head = (struct block_head){.shard = p->summed++};
        buf_put(in, &head, sizeof head);
        return 1;
    }
    if (p->n_left == 0)
        p->n_left = rows_of(p, p->n_shards, p->shard);
    head = (struct block_head){.shard = p->shard, .n_rows = p->n_left < most ? p->n_left : most};
    p->n_left -= head.n_rows;
    head.last = p->n_left == 0;
    p->shard += head.last;
    buf_put(in, &head, sizeof head);
    for (uint64_t row = 0; row < head.n_rows; row++) {
        const void *bytes;
        size_t n;

        if (next_instance(p, &bytes, &n, err) < 0) {
            buf_clear(in);
            return -1;
        }
        buf_put(in, &n, sizeof n);
        buf_put(in, bytes, n);
    }
    return 1;
}

/* out: the head, then the block. */
static int lay_rows_out(void *context, size_t worker, struct buf *out, struct buf *in,
                        struct err *err)
{
    const struct part *p = context;
    struct pretrain_block *block = p->blocks[worker];
    struct block_head head;
    size_t at = sizeof head;

    memcpy(&head, in->data, sizeof head);
    buf_put(out, &head, sizeof head);
    if (head.n_rows == 0)
        return sum_shard(p, (size_t)head.shard, err);
    while (at < in->len) {
        size_t n;

        memcpy(&n, in->data + at, sizeof n);
        at += sizeof n;
        if (pretrain_block_put(block, in->data + at, n, err) < 0)
            return -1;
        at += n;
    }
    pretrain_block_end(block, out);
    return 0;
}

static int write_rows(void *context, const struct buf *out, struct err *err)
{
    struct part *p = context;
    struct block_head head;

    memcpy(&head, out->data, sizeof head);
    if (head.n_rows == 0)
        return 0;
    if (!p->file->options) {
        const uint64_t begin = share_of(p, p->n_shards, rank_of(p));

        pretrain_progress(p->options, p->test ? "test shards" : "shards", head.shard - begin,
                          p->end_shard - begin);
        if (pretrain_file_open(p->file, p->counts, p->stage, p->options, p->test,
                               (size_t)head.shard, p->most_rows, err) < 0)
            return -1;
    }
    if (pretrain_file_append(p->file, out->data + sizeof head, out->len - sizeof head, err) < 0)
        return -1;
    if (!head.last)
        return 0;
    if (pretrain_file_finish(p->file, err) < 0)
        return -1;
    pretrain_file_close(p->file);
    atomic_store(&p->finished, (size_t)head.shard + 1);
    return 0;
}

/* Checksums of the last shards, side by side. */
struct summing {
    const struct part *part;
    int *rc; /* (shards from part->summed on) */
    struct err *errs;
};

static void sum_one(void *context, size_t index)
{
    struct summing *s = context;

    s->rc[index] = sum_shard(s->part, s->part->summed + index, &s->errs[index]);
}

static int sum_rest(struct part *p, struct err *err)
{
    const size_t n = p->end_shard - p->summed;
    struct team *team = team_open(p->options->n_threads);
    struct summing s = {
        .part = p, .rc = mem_array(n, sizeof *s.rc), .errs = mem_array(n, sizeof *s.errs)};
    int rc = 0;

    team_run(team, n, sum_one, &s);
    team_close(team);
    for (size_t i = 0; i < n && rc == 0; i++) {
        rc = s.rc[i];
        if (rc < 0)
            *err = s.errs[i];
    }
    free(s.rc);
    free(s.errs);
    return rc;
}

/* The shards of this rank. */
static int write_rank(struct part *p, struct err *err)
{
    const size_t n = parallel_threads(p->options->n_threads);
    const struct parallel plan = {
        .context = p, .n_threads = n, .read = read_rows, .work = lay_rows_out, .write = write_rows};
    struct pretrain_file file = {0};
    int rc;

    p->file = &file;
    p->blocks = mem_array(n, sizeof(struct pretrain_block *));
    for (size_t i = 0; i < n; i++)
        p->blocks[i] = pretrain_block_open(p->options, p->most_rows);
    rc = parallel_map(&plan, err);
    for (size_t i = 0; i < n; i++)
        pretrain_block_close(p->blocks[i], p->counts);
    free(p->blocks);
    pretrain_file_close(&file);
    return rc < 0 ? rc : sum_rest(p, err);
}

/* What all ranks wrote, on each of them. */
static int exchange_results(struct part *p, uint64_t *hashes, size_t n_shards, struct err *err)
{
    struct pretrain_counts *c = p->counts;
    uint64_t sums[] = {c->instances, c->tokens, c->masked, c->random_next};

    if (has_ranks(p) &&
        (comm_sum_counts(p->options->comm, hashes, n_shards * HASH_WORDS, err) < 0 ||
         comm_sum_counts(p->options->comm, sums, sizeof sums / sizeof sums[0], err) < 0 ||
         comm_sum_counts(p->options->comm, c->lengths, c->n_lengths, err) < 0))
        return -1;
    c->instances = sums[0];
    c->tokens = sums[1];
    c->masked = sums[2];
    c->random_next = sums[3];
    for (size_t i = 0; i < n_shards; i++) {
        char *name = pretrain_name(p->options, p->test, i);
        char sha256[HASH_HEX_SIZE];

        hash_from_words(sha256, hashes + i * HASH_WORDS);
        stage_add(p->stage, name, (int64_t)rows_of(p, n_shards, i), sha256);
        free(name);
    }
    return 0;
}

static int write_shards(struct part *p, size_t n_shards, struct err *err)
{
    int rc = 0;

    if (n_shards > p->n_instances)
        n_shards = (size_t)p->n_instances;
    p->n_shards = p->counts->shards = n_shards;
    p->shard = (size_t)share_of(p, n_shards, rank_of(p));
    p->end_shard = (size_t)share_of(p, n_shards, rank_of(p) + 1);
    p->summed = p->shard;
    atomic_store(&p->finished, p->shard);
    p->hashes = mem_array(n_shards * HASH_WORDS, sizeof *p->hashes);
    if (p->shard < p->end_shard) {
        p->most_rows = rows_of(p, n_shards, 0);
        rc = seek_row(p, first_row(p, n_shards, p->shard), err);
    }
    if (rc == 0)
        rc = write_rank(p, err);
    if (rc == 0)
        rc = exchange_results(p, p->hashes, n_shards, err);
    free(p->hashes);
    return rc;
}

static int open_spill(struct part *p, struct err *err)
{
    const struct comm *c = p->options->comm;

    if (!has_ranks(p))
        return spill_open(&p->spill, p->stage->part, p->options->memory, err);
    return spill_open_shared(&p->spill, p->stage->part, p->test ? "spill-test" : "spill-training",
                             c->rank, c->size, p->options->memory, err);
}

static int make_part(struct part *p, const struct tokens_header *vocab, size_t n_shards,
                     struct err *err)
{
    int rc = open_spill(p, err);

    p->next_item = share_of(p, count_items(p), rank_of(p));
    p->end_item = share_of(p, count_items(p), rank_of(p) + 1);
    if (rc == 0)
        rc = make_instances(p, vocab, err);
    if (rc == 0)
        rc = exchange_instances(p, err);
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
        parts[1].counts->documents = parts[1].counts->sentences = 0;
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

/* original_set.c -- the main loop of create_pretraining_data.py, once a shard, shards in parallel.
 *
 * All instances of a shard exist before the last shuffle: their encodings lie in a temporary file,
 * in memory is one offset each. */
#include "instance/original_set.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "base/scratch.h"
#include "base/team.h"
#include "instance/pretrain_metadata.h"

enum { PROGRESS_STEP = 256 }; /* documents between two reports */

struct instances {
    struct scratch encoded;
    size_t *ends; /* (n) one more than instances: instance i is [ends[i], ends[i + 1]) */
    size_t n;
    size_t cap;
};

static int keep(struct instances *all, struct buf *room, const struct sequence *s, struct err *err)
{
    buf_clear(room);
    sequence_encode(room, s);
    if (scratch_put(&all->encoded, room->data, room->len, err) < 0)
        return -1;
    if (all->n + 1 >= all->cap) {
        all->cap = mem_grow(all->cap, all->n + 2);
        all->ends = mem_resize(all->ends, all->cap, sizeof *all->ends);
    }
    all->ends[0] = 0;
    all->ends[++all->n] = (size_t)all->encoded.len;
    return 0;
}

static int make_all(struct instances *all, struct pretrain_counts *counts, struct pairs *p,
                    struct rng *rng, const struct pretrain_options *o, struct err *err)
{
    const uint64_t n_all = (uint64_t)o->dupe_factor * p->n_documents;
    struct buf room = {0};
    int rc = 0;

    for (uint64_t item = 0; item < n_all && rc == 0; item++) {
        pairs_begin(p, (size_t)(item % p->n_documents), rng);
        while (rc == 0 && pairs_next(p)) {
            pretrain_count(counts, &p->sequence);
            rc = keep(all, &room, &p->sequence, err);
        }
        if (item % PROGRESS_STEP == 0)
            pretrain_progress(o, "instances", item, n_all);
    }
    buf_release(&room);
    return rc;
}

static int write_shuffled(const struct instances *all, char sha256[HASH_HEX_SIZE],
                          const struct stage *stage, size_t number, struct rng *rng,
                          const struct pretrain_options *o, struct err *err)
{
    size_t *order = mem_array(all->n, sizeof *order);
    struct pretrain_file file = {0};
    int rc = -1;

    for (size_t i = 0; i < all->n; i++)
        order[i] = i;
    rng_shuffle_sizes(rng, order, all->n);
    if (pretrain_file_open(&file, stage, o, false, number, err) < 0)
        goto out;
    for (size_t i = 0; i < all->n; i++) {
        const size_t begin = all->ends[order[i]];
        const size_t end = all->ends[order[i] + 1];

        if (pretrain_file_put(&file, (const char *)all->encoded.bytes + begin, end - begin, err) <
            0)
            goto out;
    }
    rc = pretrain_file_commit(&file, sha256, err);
out:
    pretrain_file_close(&file);
    free(order);
    return rc;
}

/* A sealed corpus -> shard number `number`. */
static int make_shard(struct pretrain_counts *counts, char sha256[HASH_HEX_SIZE],
                      const struct stage *stage, size_t number, const struct intake *in,
                      const struct pretrain_options *o, struct err *err)
{
    const size_t n_documents = (size_t)in->corpus.n_documents;
    size_t *documents = mem_array(n_documents, sizeof *documents);
    struct instances all = {0};
    struct pairs pairs = {0};
    struct rng rng;
    int rc = -1;

    *counts = (struct pretrain_counts){
        .shards = 1, .documents = in->corpus.n_documents, .sentences = in->corpus.n_sentences};
    rng_python(&rng, o->seed);
    for (size_t d = 0; d < n_documents; d++)
        documents[d] = d;
    rng_shuffle_sizes(&rng, documents, n_documents);
    pairs_init(&pairs, &o->rules, &in->corpus, documents, n_documents, &in->vocab);

    if (scratch_open(&all.encoded, stage->part, err) == 0 &&
        make_all(&all, counts, &pairs, &rng, o, err) == 0 && scratch_map(&all.encoded, err) == 0)
        rc = write_shuffled(&all, sha256, stage, number, &rng, o, err);
    pairs_release(&pairs);
    scratch_close(&all.encoded);
    free(all.ends);
    free(documents);
    return rc;
}

/* What one shard is made of and what became of it. */
struct job {
    char *const *paths;
    size_t n_paths;
    struct pretrain_counts counts;
    char sha256[HASH_HEX_SIZE];
    struct json *corpus;
    struct json *vocab;
    char vocab_sha256[HASH_HEX_SIZE];
    int rc;
    struct err err;
};

struct jobs {
    struct job *all;
    const struct stage *stage;
    const struct intake *model;
    size_t n_threads; /* for the intake of each */
    bool silent;      /* several at once cannot share one progress line */
    const struct pretrain_options *options;
    atomic_bool failed; /* a shard has failed: start no more */
};

static void run_job(void *context, size_t index)
{
    struct jobs *jobs = context;
    struct job *job = &jobs->all[index];
    struct intake in = {.tokenizer = jobs->model->tokenizer,
                        .folder = jobs->model->folder,
                        .n_threads = jobs->n_threads};
    struct shard_origin origin = {.options = jobs->options->origin->options};
    struct pretrain_options options = *jobs->options;

    if (atomic_load(&jobs->failed))
        return;
    options.origin = &origin;
    if (jobs->silent)
        options.progress = NULL;
    in.progress = options.progress;
    in.progress_context = options.progress_context;
    for (size_t i = 0; i < job->n_paths && job->rc == 0; i++)
        job->rc = intake_add(&in, job->paths[i], &job->err);
    if (job->rc == 0)
        job->rc = intake_end(&in, &job->err);
    if (job->rc == 0) {
        origin.vocab_size = in.vocab.vocab_size;
        memcpy(origin.vocab_sha256, in.vocab.vocab_sha256, sizeof origin.vocab_sha256);
        memcpy(job->vocab_sha256, in.vocab.vocab_sha256, sizeof job->vocab_sha256);
        job->corpus = pretrain_metadata_corpus(&in);
        job->vocab = pretrain_metadata_vocab(&in.vocab);
        job->rc =
            make_shard(&job->counts, job->sha256, jobs->stage, index, &in, &options, &job->err);
    }
    if (job->rc < 0)
        atomic_store(&jobs->failed, true);
    intake_release(&in);
}

static int check_jobs(const struct job *jobs, size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        if (jobs[i].rc < 0) {
            *err = jobs[i].err;
            return -1;
        }
    }
    for (size_t i = 1; i < n; i++) {
        if (strcmp(jobs[i].vocab_sha256, jobs[0].vocab_sha256) != 0)
            return err_set(err, ERR_FORMAT, "%s: made with another vocabulary than '%s'",
                           jobs[i].paths[0], jobs[0].paths[0]);
    }
    return 0;
}

static void take_job(struct pretrain_counts *counts, struct json *corpora, struct stage *stage,
                     size_t i, struct job *job, const struct pretrain_options *o)
{
    char *name = pretrain_name(o, false, i);

    stage_add(stage, name, (int64_t)job->counts.instances, job->sha256);
    free(name);
    counts->shards++;
    counts->documents += job->counts.documents;
    counts->sentences += job->counts.sentences;
    pretrain_add_counts(counts, &job->counts);
    json_push(corpora, job->corpus);
    job->corpus = NULL;
}

int original_set_make(struct pretrain_counts *counts, struct json *corpora, struct json **vocab,
                      struct stage *stage, char *const *paths, size_t n_paths, bool together,
                      const struct intake *model, const struct pretrain_options *options,
                      struct err *err)
{
    const size_t n_jobs = together ? 1 : n_paths;
    const size_t n_threads = parallel_threads(options->n_threads);
    struct jobs jobs = {.all = mem_array(n_jobs, sizeof *jobs.all),
                        .stage = stage,
                        .model = model,
                        .n_threads = n_jobs == 1 ? n_threads : 1,
                        .silent = n_jobs > 1,
                        .options = options};
    struct team *team = team_open(n_jobs < n_threads ? n_jobs : n_threads);
    int rc;

    for (size_t i = 0; i < n_jobs; i++) {
        jobs.all[i].paths = paths + i;
        jobs.all[i].n_paths = together ? n_paths : 1;
    }
    *counts = (struct pretrain_counts){0};
    team_run(team, n_jobs, run_job, &jobs);
    team_close(team);
    rc = check_jobs(jobs.all, n_jobs, err);
    /* In the order of the shards, whichever was ready first. */
    for (size_t i = 0; i < n_jobs && rc == 0; i++)
        take_job(counts, corpora, stage, i, &jobs.all[i], options);
    if (rc == 0) {
        *vocab = jobs.all[0].vocab;
        jobs.all[0].vocab = NULL;
    }
    for (size_t i = 0; i < n_jobs; i++) {
        json_release(jobs.all[i].corpus);
        json_release(jobs.all[i].vocab);
    }
    free(jobs.all);
    return rc;
}

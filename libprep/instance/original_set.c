/* original_set.c -- the main loop of create_pretraining_data.py, once a shard, shards in parallel.
 *
 * All instances of a shard exist before the last shuffle: their encodings lie in a temporary file,
 * in memory is one offset each. A rank leaves what it knows of its shards in the stage's folder, as
 * JSON, where rank 0 finds it. */
#include "instance/original_set.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
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

static int make_all(struct instances *all, struct pairs *p, struct rng *rng,
                    const struct pretrain_options *o, struct err *err)
{
    const uint64_t n_all = (uint64_t)o->dupe_factor * p->n_documents;
    struct buf room = {0};
    int rc = 0;

    for (uint64_t item = 0; item < n_all && rc == 0; item++) {
        const size_t d = (size_t)(item % p->n_documents);
        const int64_t document_id = pretrain_document(o, p->corpus, p->documents[d]);

        pairs_begin(p, d, rng);
        while (rc == 0 && pairs_next(p)) {
            p->sequence.document = document_id;
            rc = keep(all, &room, &p->sequence, err);
        }
        if (item % PROGRESS_STEP == 0)
            pretrain_progress(o, "instances", item, n_all);
    }
    buf_release(&room);
    return rc;
}

/* Which shard of the set. */
struct place {
    bool test;
    size_t number;
};

static int write_shuffled(const struct instances *all, struct pretrain_counts *counts,
                          char sha256[HASH_HEX_SIZE], const struct stage *stage, struct place at,
                          struct rng *rng, const struct pretrain_options *o, struct err *err)
{
    size_t *order = mem_array(all->n, sizeof *order);
    struct pretrain_file file = {0};
    int rc = -1;

    for (size_t i = 0; i < all->n; i++)
        order[i] = i;
    rng_shuffle_sizes(rng, order, all->n);
    if (pretrain_file_open(&file, counts, stage, o, at.test, at.number, all->n, err) < 0)
        goto out;
    for (size_t i = 0; i < all->n; i++) {
        const size_t begin = all->ends[order[i]];
        const size_t end = all->ends[order[i] + 1];

        if (pretrain_file_put(&file, (const char *)all->encoded.bytes + begin, end - begin, err) <
            0)
            goto out;
    }
    if (pretrain_file_finish(&file, err) == 0)
        rc = pretrain_sum(sha256, stage, o, at.test, at.number, err);
out:
    pretrain_file_close(&file);
    free(order);
    return rc;
}

/* A sealed corpus -> the shard that is called so. */
static int make_shard(struct pretrain_counts *counts, char sha256[HASH_HEX_SIZE],
                      const struct stage *stage, struct place at, const struct intake *in,
                      const struct pretrain_options *o, struct err *err)
{
    const size_t n_documents = (size_t)in->corpus.n_documents;
    size_t *documents = mem_array(n_documents, sizeof *documents);
    struct instances all = {0};
    struct pairs pairs = {0};
    struct rng rng;
    int rc = -1;

    counts->shards = 1;
    counts->documents = in->corpus.n_documents;
    counts->sentences = in->corpus.n_sentences;
    rng_python(&rng, o->seed);
    for (size_t d = 0; d < n_documents; d++)
        documents[d] = d;
    rng_shuffle_sizes(&rng, documents, n_documents);
    pairs_init(&pairs, &o->rules, &in->corpus, documents, n_documents, &in->vocab);

    if (scratch_open(&all.encoded, stage->part, err) == 0 &&
        make_all(&all, &pairs, &rng, o, err) == 0 && scratch_map(&all.encoded, err) == 0)
        rc = write_shuffled(&all, counts, sha256, stage, at, &rng, o, err);
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
    /* {"corpus": .., "vocabulary": .., "counts": .., "sha256": ..}; NULL when another rank makes it */
    struct json *result;
    int rc;
    struct err err;
};

struct jobs {
    struct job *all;
    size_t n;
    struct stage *stage;
    const struct intake *model;
    size_t n_threads; /* for the intake of each */
    bool silent;      /* several at once cannot share one progress line */
    const struct pretrain_options *options;
    atomic_bool failed; /* a shard has failed: start no more */
};

static bool has_ranks(const struct jobs *jobs)
{
    return jobs->options->comm && jobs->options->comm->size > 1;
}

/* The last jobs are for testing. */
static struct place place_of(const struct jobs *jobs, size_t index)
{
    const size_t n_training = jobs->n - jobs->options->n_test_shards;
    const bool test = index >= n_training;

    return (struct place){.test = test, .number = test ? index - n_training : index};
}

/* Where a rank leaves the result of a job for rank 0. */
static char *result_path(const struct jobs *jobs, size_t index)
{
    struct buf name = {0};
    char *path;

    buf_printf(&name, "job-%zu.json", index);
    path = file_join(jobs->stage->part, name.data);
    buf_release(&name);
    return path;
}

/* A job's corpus, read, -> its shard and result. */
static int finish_job(struct jobs *jobs, size_t index, struct intake *in,
                      const struct pretrain_options *options, struct err *err)
{
    struct pretrain_counts counts;
    char sha256[HASH_HEX_SIZE];
    struct json *result;
    int rc;

    pretrain_counts_init(&counts, options->rules.seq_length);
    rc = make_shard(&counts, sha256, jobs->stage, place_of(jobs, index), in, options, err);
    if (rc == 0) {
        result = json_new_map();
        json_put(result, "corpus", pretrain_metadata_corpus(in));
        json_put(result, "vocabulary", pretrain_metadata_vocab(&in->vocab));
        json_put(result, "counts", pretrain_metadata_counts(&counts));
        json_put_text(result, "sha256", sha256);
        jobs->all[index].result = result;
    }
    pretrain_counts_release(&counts);
    if (rc == 0 && has_ranks(jobs)) {
        char *path = result_path(jobs, index);

        rc = json_save(jobs->all[index].result, path, JSON_LINE, err);
        free(path);
    }
    return rc;
}

static void run_job(void *context, size_t index)
{
    struct jobs *jobs = context;
    struct job *job = &jobs->all[index];
    struct intake in = {.tokenizer = jobs->model->tokenizer,
                        .folder = jobs->model->folder,
                        .n_threads = jobs->n_threads};
    struct shard_origin origin = {.options = jobs->options->origin->options};
    struct pretrain_options options = *jobs->options;

    if (atomic_load(&jobs->failed) ||
        (has_ranks(jobs) && index % (size_t)options.comm->size != (size_t)options.comm->rank))
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
        job->rc = finish_job(jobs, index, &in, &options, &job->err);
    }
    if (job->rc < 0)
        atomic_store(&jobs->failed, true);
    intake_release(&in);
}

static const char *vocab_of(const struct job *job)
{
    return json_text_or(json_member(json_member(job->result, "vocabulary"), "sha256"), "");
}

/* The results of the other ranks to rank 0. */
static int collect_results(struct jobs *jobs, struct err *err)
{
    enum { MAX_RESULT = 64 << 20 };

    if (!has_ranks(jobs))
        return 0;
    if (comm_barrier(jobs->options->comm, err) < 0)
        return -1;
    for (size_t i = 0; i < jobs->n && jobs->options->comm->rank == 0; i++) {
        char *path = result_path(jobs, i);

        if (!jobs->all[i].result)
            jobs->all[i].result = json_load(path, MAX_RESULT, err);
        free(path);
        if (!jobs->all[i].result)
            return -1;
    }
    return 0;
}

static int check_jobs(struct jobs *jobs, struct err *err)
{
    for (size_t i = 0; i < jobs->n; i++) {
        if (jobs->all[i].rc < 0) {
            *err = jobs->all[i].err;
            return -1;
        }
    }
    if (collect_results(jobs, err) < 0)
        return -1;
    for (size_t i = 1; i < jobs->n && jobs->all[i].result && jobs->all[0].result; i++) {
        if (strcmp(vocab_of(&jobs->all[i]), vocab_of(&jobs->all[0])) != 0)
            return err_set(err, ERR_FORMAT, "%s: made with another vocabulary than '%s'",
                           jobs->all[i].paths[0], jobs->all[0].paths[0]);
    }
    return 0;
}

/* Adds job number i, if this rank has its result, to all that is told of the set. */
static void take_job(struct pretrain_counts counts[2], struct json *corpora, struct json **vocab,
                     const struct jobs *jobs, size_t i)
{
    struct json *result = jobs->all[i].result;
    const struct json *its_counts = json_member(result, "counts");
    const char *sha256 = json_text_or(json_member(result, "sha256"), "");
    const struct place at = place_of(jobs, i);
    char *name;

    if (strlen(sha256) != HASH_HEX_SIZE - 1)
        return;
    name = pretrain_name(jobs->options, at.test, at.number);
    stage_add(jobs->stage, name, json_int_or(json_member(its_counts, "instances"), 0), sha256);
    free(name);
    pretrain_metadata_add_counts(&counts[at.test], its_counts);
    json_push(corpora, json_take(result, "corpus"));
    if (!*vocab)
        *vocab = json_take(result, "vocabulary");
}

int original_set_make(struct pretrain_counts counts[2], struct json *corpora, struct json **vocab,
                      struct stage *stage, char *const *paths, size_t n_paths, bool together,
                      const struct intake *model, const struct pretrain_options *options,
                      struct err *err)
{
    const size_t n_jobs = together ? 1 : n_paths;
    const size_t n_threads = parallel_threads(options->n_threads);
    struct jobs jobs = {.all = mem_array(n_jobs, sizeof *jobs.all),
                        .n = n_jobs,
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
    team_run(team, n_jobs, run_job, &jobs);
    team_close(team);
    rc = check_jobs(&jobs, err);
    /* In the order of the shards, whichever was ready first. */
    for (size_t i = 0; i < n_jobs && rc == 0; i++)
        take_job(counts, corpora, vocab, &jobs, i);
    for (size_t i = 0; i < n_jobs; i++)
        json_release(jobs.all[i].result);
    free(jobs.all);
    return rc;
}

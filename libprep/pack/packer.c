/* packer.c -- nothing is held for a sequence: where it goes is computed (assignment.c), and the
 * sorting is done by temporary files (base/spill.h). */
#include "pack/packer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/parallel.h"
#include "base/spill.h"
#include "pack/assignment.h"
#include "pack/solver.h"
#include "store/sequence.h"

enum {
    BLOCK_TOKENS = 1 << 20, /* read by a thread at once */
    MAX_BLOCK_ROWS = 4096
};

static void progress(const struct packer *p, uint64_t done)
{
    if (p->options.progress)
        p->options.progress(p->options.context, done);
}

/* ---- the input ---- */

/* A value that all inputs share stays; where they disagree, the output says nothing of it. */
static void join_origin(struct shard_origin *all, const struct shard_origin *one, bool first)
{
    if (first) {
        all->vocab_size = one->vocab_size;
        memcpy(all->vocab_sha256, one->vocab_sha256, sizeof all->vocab_sha256);
        all->options = one->options ? mem_text(one->options) : NULL;
        return;
    }
    if (all->vocab_size != one->vocab_size || strcmp(all->vocab_sha256, one->vocab_sha256) != 0) {
        all->vocab_size = 0;
        all->vocab_sha256[0] = '\0';
    }
    if (all->options && (!one->options || strcmp(all->options, one->options) != 0)) {
        free(all->options);
        all->options = NULL;
    }
}

static int look_into(struct packer *p, size_t i, struct err *err)
{
    struct shard_shape *widest = &p->input_shape;
    struct shard s = {0};
    size_t masked;

    if (shard_open(&s, p->inputs[i], err) < 0)
        return -1;
    /* In packs every sequence brings one more column for its masked tokens. */
    masked = s.shape.max_predictions;
    if (s.shape.packed)
        masked = masked > s.shape.max_sequences ? masked - s.shape.max_sequences : 1;
    if (s.shape.seq_length > widest->seq_length)
        widest->seq_length = s.shape.seq_length;
    if (masked > widest->max_predictions)
        widest->max_predictions = masked;
    if (s.shape.max_sequences > widest->max_sequences)
        widest->max_sequences = s.shape.max_sequences;
    p->input_rows[i] = s.n_rows;
    p->n_rows += s.n_rows;
    join_origin(&p->origin, &s.origin, i == 0);
    shard_close(&s);
    return 0;
}

/* What the options leave open comes from the input; what they say may not be less. */
static int settle(struct packer *p, struct err *err)
{
    struct packer_options *o = &p->options;
    const struct shard_shape *in = &p->input_shape;

    if (!o->seq_length)
        o->seq_length = in->seq_length;
    if (!o->max_predictions)
        o->max_predictions = in->max_predictions;
    if (o->seq_length < in->seq_length)
        return err_set(err, ERR_USAGE,
                       "the shards have rows of %zu tokens, packs were asked of %zu",
                       in->seq_length, o->seq_length);
    if (o->max_predictions < in->max_predictions)
        return err_set(err, ERR_USAGE,
                       "the shards have %zu masked tokens a sequence, packs were asked for %zu",
                       in->max_predictions, o->max_predictions);
    return 0;
}

/* {"pack": our options, "input": those the shards were made with} */
static char *join_options(const char *ours, const char *theirs)
{
    struct json *both = json_new_map();
    struct buf text = {0};
    struct err ignored = {0};
    struct json *part;

    if (ours && (part = json_parse(ours, strlen(ours), &ignored)))
        json_put(both, "pack", part);
    if (theirs && (part = json_parse(theirs, strlen(theirs), &ignored)))
        json_put(both, "input", part);
    json_write(&text, both, JSON_LINE);
    json_release(both);
    return text.data;
}

int packer_open(struct packer *p, const char *input, const struct packer_options *options,
                struct err *err)
{
    char *joined;

    *p = (struct packer){.options = *options};
    if (shard_list(&p->inputs, &p->n_inputs, input, err) < 0)
        return -1;
    p->input_rows = mem_array(p->n_inputs, sizeof *p->input_rows);
    for (size_t i = 0; i < p->n_inputs; i++)
        if (look_into(p, i, err) < 0)
            return -1;
    if (settle(p, err) < 0)
        return -1;
    joined = join_options(options->text, p->origin.options);
    free(p->origin.options);
    p->origin.options = joined;
    histogram_init(&p->histogram, p->options.seq_length);
    return 0;
}

/* ---- both passes: blocks of rows are read by all threads, and used in their order ---- */

/* Some rows of one shard. */
struct block {
    size_t input;
    int64_t first;
    int64_t n_rows;
};

struct pass {
    struct packer *packer;
    struct block next; /* its n_rows is not used */
    int64_t block_rows;
    struct shard *open;            /* (n_threads) the shard each worker has open */
    size_t *open_input;            /* (n_threads) number + 1, 0 = none */
    struct assignment *assignment; /* second pass */
    struct spill *sorted;
};

static int next_block(void *context, struct buf *in, struct err *err)
{
    struct pass *pass = context;
    const struct packer *p = pass->packer;
    struct block block = pass->next;
    int64_t left;

    (void)err;
    while (block.input < p->n_inputs && block.first == p->input_rows[block.input])
        block = (struct block){.input = block.input + 1};
    if (block.input == p->n_inputs)
        return 0;
    left = p->input_rows[block.input] - block.first;
    block.n_rows = left < pass->block_rows ? left : pass->block_rows;
    buf_put(in, &block, sizeof block);
    pass->next = (struct block){.input = block.input, .first = block.first + block.n_rows};
    return 1;
}

/* The shard of the block, open for this worker. */
static struct shard *shard_of(struct pass *pass, size_t worker, const struct block *block,
                              struct err *err)
{
    struct shard *s = &pass->open[worker];

    if (pass->open_input[worker] == block->input + 1)
        return s;
    if (pass->open_input[worker])
        shard_close(s);
    pass->open_input[worker] = 0;
    if (shard_open(s, pass->packer->inputs[block->input], err) < 0)
        return NULL;
    pass->open_input[worker] = block->input + 1;
    if (s->n_rows == pass->packer->input_rows[block->input])
        return s;
    err_set(err, ERR_FORMAT, "%s: had %lld rows, now %lld: has it changed?", s->path,
            (long long)pass->packer->input_rows[block->input], (long long)s->n_rows);
    return NULL;
}

static int run_pass(struct pass *pass,
                    int (*work)(void *, size_t, struct buf *, struct buf *, struct err *),
                    int (*write)(void *, const struct buf *, struct err *), struct err *err)
{
    const size_t n_threads = parallel_threads(pass->packer->options.n_threads);
    const struct parallel parallel = {
        .context = pass, .n_threads = n_threads, .read = next_block, .work = work, .write = write};
    int rc;

    pass->block_rows = (int64_t)(BLOCK_TOKENS / pass->packer->input_shape.seq_length);
    if (pass->block_rows > MAX_BLOCK_ROWS)
        pass->block_rows = MAX_BLOCK_ROWS;
    if (pass->block_rows < 1)
        pass->block_rows = 1;
    pass->open = mem_array(n_threads, sizeof *pass->open);
    pass->open_input = mem_array(n_threads, sizeof *pass->open_input);
    rc = parallel_map(&parallel, err);
    for (size_t i = 0; i < n_threads; i++)
        if (pass->open_input[i])
            shard_close(&pass->open[i]);
    free(pass->open);
    free(pass->open_input);
    return rc;
}

/* ---- first pass ---- */

/* out: the block, the lengths of its sequences, and how many masked tokens each has. */
static int find_lengths(void *context, size_t worker, struct buf *out, struct buf *in,
                        struct err *err)
{
    struct block block;
    struct shard *s;
    size_t n;
    int32_t *values;

    memcpy(&block, in->data, sizeof block);
    s = shard_of(context, worker, &block, err);
    if (!s)
        return -1;
    n = (size_t)block.n_rows * s->shape.max_sequences;
    buf_put(out, &block, sizeof block);
    /* Aligned: the buffer starts where malloc() made it, and a block is a multiple of 8 bytes. */
    values = (int32_t *)(void *)buf_reserve(out, 2 * n * sizeof *values);
    if (shard_measures(values, values + n, s, block.first, block.n_rows, err) < 0)
        return -1;
    out->len += 2 * n * sizeof *values;
    return 0;
}

static int count_lengths(void *context, const struct buf *out, struct err *err)
{
    struct pass *pass = context;
    struct packer *p = pass->packer;
    const size_t n = (out->len - sizeof(struct block)) / (2 * sizeof(int32_t));
    struct block block;

    memcpy(&block, out->data, sizeof block);
    for (size_t i = 0; i < n; i++) {
        const char *at = out->data + sizeof block + i * sizeof(int32_t);
        struct packer_masked *most;
        int32_t masked;
        int32_t len;

        memcpy(&len, at, sizeof len);
        memcpy(&masked, at + n * sizeof masked, sizeof masked);
        if (!len)
            continue;
        if (histogram_add(&p->histogram, len, 1, err) < 0)
            return -1;
        most = &p->most_masked[len];
        if (masked > most->n)
            *most = (struct packer_masked){.n = masked,
                                           .len = len,
                                           .input = block.input,
                                           .row = block.first +
                                                  (int64_t)(i / (n / (size_t)block.n_rows))};
    }
    progress(p, p->histogram.n_sequences);
    return 0;
}

/* Which sequences meet is drawn, so a plan holds what is masked only if it holds the most that any
 * sequences in its slots can have. */
static int check_masked(struct packer *p, struct err *err)
{
    const size_t room = p->shape.max_predictions - 1;
    const struct pattern *worst = NULL;
    const struct packer_masked *named;
    size_t most = 0;

    /* A slot may take a shorter sequence. */
    for (size_t len = 1; len <= p->histogram.max_len; len++)
        if (p->most_masked[len].n < p->most_masked[len - 1].n)
            p->most_masked[len] = p->most_masked[len - 1];
    for (size_t i = 0; i < p->plan.n_patterns; i++) {
        const struct pattern *pattern = &p->plan.patterns[i];
        size_t n = 0;

        for (size_t k = 0; k < pattern->n_slots; k++)
            n += (size_t)p->most_masked[pattern->slots[k]].n;
        if (n > most) {
            most = n;
            worst = pattern;
        }
    }
    if (most <= room)
        return 0;
    named = &p->most_masked[worst->slots[0]];
    return err_set(
        err, ERR_LIMIT,
        "%s: row %lld: %d of %d tokens are masked; with the others of a pack they can come to %zu "
        "where %zu fit: max-predictions of %zu would be enough, not %zu",
        p->inputs[named->input], (long long)named->row, (int)named->n, (int)named->len, most, room,
        most + 1 - p->shape.max_sequences, p->options.max_predictions);
}

int packer_measure(struct packer *p, struct err *err)
{
    struct pass pass = {.packer = p};

    p->most_masked = mem_array(p->histogram.max_len + 1, sizeof *p->most_masked);
    if (run_pass(&pass, find_lengths, count_lengths, err) < 0)
        return -1;
    if (p->histogram.n_sequences == 0)
        return err_set(err, ERR_FORMAT, "the shards hold no sequence");
    if (solver_plan(&p->plan, p->options.solver, &p->histogram, p->options.seq_length,
                    p->options.max_sequences, err) < 0)
        return -1;
    p->shape = (struct shard_shape){
        .packed = true,
        .seq_length = p->options.seq_length,
        .max_sequences = p->options.max_sequences ? p->options.max_sequences : p->plan.longest};
    p->shape.max_predictions = p->options.max_predictions + p->shape.max_sequences;
    return check_masked(p, err);
}

/* ---- second pass: sorting ---- */

/* Before each encoded sequence of a block. */
struct record_head {
    uint32_t n_ids;
    uint32_t size;
};

static int encode_block(void *context, size_t worker, struct buf *out, struct buf *in,
                        struct err *err)
{
    struct sequence *sequences;
    struct block block;
    struct shard *s;
    size_t n;

    memcpy(&block, in->data, sizeof block);
    s = shard_of(context, worker, &block, err);
    if (!s || shard_read(&sequences, &n, NULL, s, block.first, block.n_rows, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        struct record_head head = {.n_ids = (uint32_t)sequences[i].n_ids};
        const size_t at = out->len;

        buf_put(out, &head, sizeof head);
        sequence_encode(out, &sequences[i]);
        head.size = (uint32_t)(out->len - at - sizeof head);
        memcpy(out->data + at, &head, sizeof head);
    }
    sequences_free(sequences, n);
    return 0;
}

static int sort_block(void *context, const struct buf *out, struct err *err)
{
    struct pass *pass = context;
    struct record_head head;

    for (size_t at = 0; at < out->len; at += sizeof head + head.size) {
        uint64_t key;

        memcpy(&head, out->data + at, sizeof head);
        if (assignment_next(&key, pass->assignment, head.n_ids, err) < 0 ||
            spill_add(pass->sorted, key, out->data + at + sizeof head, head.size, err) < 0)
            return -1;
    }
    progress(pass->packer, pass->sorted->n_records);
    return 0;
}

static int sort_all(struct spill *sorted, struct packer *p, struct err *err)
{
    struct assignment a;
    struct pass pass = {.packer = p, .assignment = &a, .sorted = sorted};
    int rc;

    assignment_init(&a, &p->plan, &p->histogram, p->options.seed);
    rc = run_pass(&pass, encode_block, sort_block, err);
    assignment_release(&a);
    if (rc == 0 && sorted->n_records != p->histogram.n_sequences)
        rc = err_set(
            err, ERR_FORMAT, "the shards held %llu sequences, now %llu: have they changed?",
            (unsigned long long)p->histogram.n_sequences, (unsigned long long)sorted->n_records);
    return rc;
}

/* ---- second pass: writing ---- */

static void show_rows(void *context, uint64_t n_rows)
{
    const struct packer *p = context;

    progress(p, p->histogram.n_sequences + n_rows);
}

static int write_all(struct packer *p, struct spill *sorted, const char *folder, struct err *err)
{
    const void *bytes;
    uint64_t key;
    uint64_t last = 0;
    size_t n;
    bool first = true;
    int rc;

    p->output = (struct output){.folder = folder,
                                .shape = &p->shape,
                                .origin = &p->origin,
                                .packing = p->options.packing,
                                .rows_per_file = (int64_t)p->options.samples_per_file,
                                .progress = show_rows,
                                .context = p};
    output_open(&p->output, parallel_threads(p->options.n_threads));
    while ((rc = spill_next(sorted, &key, &bytes, &n, err)) == 1) {
        if (output_add(&p->output, first || key != last, bytes, n, err) < 0)
            break;
        last = key;
        first = false;
    }
    rc = rc == 0 ? output_finish(&p->output, err) : -1;
    output_close(&p->output);
    return rc;
}

/* ---- the output folder ---- */

static bool is_shard(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot && (!strcmp(dot, ".hdf5") || !strcmp(dot, ".h5"));
}

/* Looks for shards that are not ours, and for inputs among those that are; removes ours, if asked to. */
static int tidy_output(const struct packer *p, const char *folder, bool remove, struct err *err)
{
    char **names;
    size_t n;
    int rc = 0;

    if (file_list(&names, &n, folder, "", err) < 0)
        return -1;
    for (size_t i = 0; i < n && rc == 0; i++) {
        char *path = file_join(folder, names[i]);

        if (!output_is_part(names[i]) && is_shard(names[i]))
            rc = err_set(err, ERR_USAGE,
                         "'%s' is in the way: trainers would read it among the packs", path);
        else if (output_is_part(names[i]))
            rc = remove ? file_remove(path, err) : file_spare(path, p->inputs, p->n_inputs, err);
        free(path);
    }
    file_free_names(names, n);
    return rc;
}

int packer_write(struct packer *p, const char *output, const char *metadata, struct err *err)
{
    struct spill sorted = {0};
    int rc = -1;

    if (file_make_folder(output, err) < 0 || tidy_output(p, output, false, err) < 0 ||
        spill_open(&sorted, output, p->options.memory, err) < 0)
        return -1;
    if (sort_all(&sorted, p, err) < 0)
        goto out;
    /* The metadata first: without it nothing claims that the parts belong together. */
    if (file_remove(metadata, err) < 0 || tidy_output(p, output, true, err) < 0)
        goto out;
    rc = write_all(p, &sorted, output, err);
out:
    spill_close(&sorted);
    return rc;
}

void packer_close(struct packer *p)
{
    output_release(&p->output);
    free(p->most_masked);
    file_free_names(p->inputs, p->n_inputs);
    free(p->input_rows);
    shard_origin_release(&p->origin);
    histogram_release(&p->histogram);
    plan_release(&p->plan);
    *p = (struct packer){0};
}

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
#include "base/team.h"
#include "pack/assignment.h"
#include "pack/solver.h"
#include "store/sequence.h"

enum {
    BLOCK_TOKENS = 1 << 20, /* read by a thread at once */
    MAX_BLOCK_ROWS = 4096,
    PROGRESS_STEP = 256
};

static const char part_prefix[] = "mixed_strategies_part_";

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

static int find_lengths(void *context, size_t worker, struct buf *out, struct buf *in,
                        struct err *err)
{
    struct block block;
    struct shard *s;
    size_t size;

    memcpy(&block, in->data, sizeof block);
    s = shard_of(context, worker, &block, err);
    if (!s)
        return -1;
    size = (size_t)block.n_rows * s->shape.max_sequences * sizeof(int32_t);
    /* An empty buffer starts where malloc() made it: aligned for anything. */
    if (shard_lengths((int32_t *)(void *)buf_reserve(out, size), s, block.first, block.n_rows,
                      err) < 0)
        return -1;
    out->len = size;
    return 0;
}

static int count_lengths(void *context, const struct buf *out, struct err *err)
{
    struct pass *pass = context;
    struct packer *p = pass->packer;

    for (size_t at = 0; at < out->len; at += sizeof(int32_t)) {
        int32_t len;

        memcpy(&len, out->data + at, sizeof len);
        if (len && histogram_add(&p->histogram, len, 1, err) < 0)
            return -1;
    }
    progress(p, p->histogram.n_sequences);
    return 0;
}

int packer_measure(struct packer *p, struct err *err)
{
    struct pass pass = {.packer = p};

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
    return 0;
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

/* The output, a file at a time, and the pack at hand. */
struct output {
    struct packer *packer;
    struct team *team; /* compresses */
    const char *folder;
    struct shard_writer *file;
    int64_t n_rows;               /* in the file */
    struct sequence *sequences;   /* (max_sequences) room for the pack */
    const struct sequence **pack; /* (n_pack) of them, by rising length */
    size_t n_pack;
};

static void output_init(struct output *o, struct packer *p, const char *folder)
{
    const size_t S = p->shape.max_sequences;

    *o = (struct output){.packer = p,
                         .folder = folder,
                         .team = team_open(parallel_threads(p->options.n_threads)),
                         .sequences = mem_array(S, sizeof *o->sequences),
                         .pack = mem_array(S, sizeof(const struct sequence *))};
}

static void output_release(struct output *o)
{
    for (size_t i = 0; i < o->packer->shape.max_sequences; i++)
        sequence_release(&o->sequences[i]);
    shard_discard(o->file);
    team_close(o->team);
    free(o->sequences);
    free(o->pack);
}

static int end_file(struct output *o, struct err *err)
{
    if (!o->file)
        return 0;
    if (shard_commit(o->file, err) < 0)
        return -1;
    shard_discard(o->file);
    o->file = NULL;
    o->packer->files[o->packer->n_files - 1].n_rows = o->n_rows;
    return 0;
}

static int start_file(struct output *o, struct err *err)
{
    struct packer *p = o->packer;
    struct packer_file file = {0};
    struct buf name = {0};

    buf_printf(&name, "%s%zu.hdf5", part_prefix, p->n_files);
    file.path = file_join(o->folder, name.data);
    buf_release(&name);
    p->files = mem_resize(p->files, p->n_files + 1, sizeof *p->files);
    p->files[p->n_files++] = file;
    o->n_rows = 0;
    o->file = shard_create_as(file.path, &p->shape, &p->origin, p->options.packing, err);
    if (!o->file)
        return -1;
    shard_use_team(o->file, o->team);
    return 0;
}

static int put_row(struct output *o, const struct sequence *const *pack, size_t n, struct err *err)
{
    struct packer *p = o->packer;

    if (o->file && o->n_rows == (int64_t)p->options.samples_per_file && end_file(o, err) < 0)
        return -1;
    if (!o->file && start_file(o, err) < 0)
        return -1;
    if (shard_put(o->file, pack, n, err) < 0)
        return -1;
    o->n_rows++;
    p->n_packs++;
    if (p->n_packs % PROGRESS_STEP == 0)
        progress(p, p->histogram.n_sequences + (uint64_t)p->n_packs);
    return 0;
}

/* Writes the pack at hand. Planning looks at lengths only, so the masked tokens of a pack may be more
 * than its columns hold; it is then cut, for losing none is worth more than a full row. */
static int put_pack(struct output *o, struct err *err)
{
    const size_t room = o->packer->shape.max_predictions - 1;
    size_t first = 0;
    size_t masked = 0;

    for (size_t i = 0; i < o->n_pack; i++) {
        if (i > first && masked + o->pack[i]->n_masked > room) {
            if (put_row(o, o->pack + first, i - first, err) < 0)
                return -1;
            o->packer->n_split++;
            first = i;
            masked = 0;
        }
        masked += o->pack[i]->n_masked;
    }
    if (o->n_pack && put_row(o, o->pack + first, o->n_pack - first, err) < 0)
        return -1;
    o->n_pack = 0;
    return 0;
}

static int add_to_pack(struct output *o, const void *bytes, size_t n, struct err *err)
{
    const struct shard_shape *in = &o->packer->input_shape;
    struct sequence *s = &o->sequences[o->n_pack];
    size_t at = o->n_pack++;

    if (!s->ids)
        sequence_init(s, in->seq_length, in->max_predictions + in->max_sequences);
    if (sequence_decode(s, bytes, n, in->seq_length, in->max_predictions + in->max_sequences, err) <
        0)
        return -1;
    for (; at > 0 && o->pack[at - 1]->n_ids > s->n_ids; at--)
        o->pack[at] = o->pack[at - 1];
    o->pack[at] = s;
    return 0;
}

static int write_all(struct packer *p, struct spill *sorted, const char *folder, struct err *err)
{
    struct output o;
    const void *bytes;
    uint64_t key;
    uint64_t last = 0;
    size_t n;
    int rc;

    output_init(&o, p, folder);
    while ((rc = spill_next(sorted, &key, &bytes, &n, err)) == 1) {
        if (key != last && put_pack(&o, err) < 0)
            break;
        last = key;
        if (add_to_pack(&o, bytes, n, err) < 0)
            break;
    }
    if (rc == 0)
        rc = put_pack(&o, err) < 0 || end_file(&o, err) < 0 ? -1 : 0;
    else
        rc = -1;
    output_release(&o);
    return rc;
}

/* ---- the output folder ---- */

static bool is_part(const char *name)
{
    const char *at = name + strlen(part_prefix);
    size_t digits;

    if (strncmp(name, part_prefix, strlen(part_prefix)) != 0)
        return false;
    digits = strspn(at, "0123456789");
    return digits && (!strcmp(at + digits, ".hdf5") || !strcmp(at + digits, ".hdf5.part"));
}

static bool is_shard(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot && (!strcmp(dot, ".hdf5") || !strcmp(dot, ".h5"));
}

/* Looks for shards that are not ours; removes those that are, if asked to. */
static int tidy_output(const char *folder, bool remove, struct err *err)
{
    char **names;
    size_t n;
    int rc = 0;

    if (file_list(&names, &n, folder, "", err) < 0)
        return -1;
    for (size_t i = 0; i < n && rc == 0; i++) {
        char *path = file_join(folder, names[i]);

        if (!is_part(names[i]) && is_shard(names[i]))
            rc = err_set(err, ERR_USAGE,
                         "'%s' is in the way: trainers would read it among the packs", path);
        else if (remove && is_part(names[i]))
            rc = file_remove(path, err);
        free(path);
    }
    file_free_names(names, n);
    return rc;
}

int packer_write(struct packer *p, const char *output, const char *metadata, struct err *err)
{
    struct spill sorted = {0};
    int rc = -1;

    if (file_make_folder(output, err) < 0 || tidy_output(output, false, err) < 0 ||
        spill_open(&sorted, output, p->options.memory, err) < 0)
        return -1;
    if (sort_all(&sorted, p, err) < 0)
        goto out;
    /* The metadata first: without it nothing claims that the parts belong together. */
    if (file_remove(metadata, err) < 0 || tidy_output(output, true, err) < 0)
        goto out;
    rc = write_all(p, &sorted, output, err);
out:
    spill_close(&sorted);
    return rc;
}

void packer_close(struct packer *p)
{
    for (size_t i = 0; i < p->n_files; i++)
        free(p->files[i].path);
    free(p->files);
    file_free_names(p->inputs, p->n_inputs);
    free(p->input_rows);
    shard_origin_release(&p->origin);
    histogram_release(&p->histogram);
    plan_release(&p->plan);
    *p = (struct packer){0};
}

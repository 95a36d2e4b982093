/* conversion.c -- the parts of a model that are there, by the table of tensors (params.h) and two
 * heads of fine-tuned models, each taken whole or not at all. */
#include "model/conversion.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "formats/weight_files.h"
#include "model/params.h"
#include "model/weight_map.h"

enum { MAX_VOCAB_FILE = 64 << 20, MAX_CONFIG = 1 << 20, MAX_LABELS = 1 << 16 };

/* Parts of a model: the encoder has to be there. */
enum part { ENCODER, POOLER, MASKED, NEXT, ANSWER, CLASSIFIER, N_PARTS };

static const char *const part_names[N_PARTS] = {
    [ENCODER] = "encoder",
    [POOLER] = "pooler (bert.pooler)",
    [MASKED] = "masked-LM head (cls.predictions)",
    [NEXT] = "next-sentence head (cls.seq_relationship)",
    [ANSWER] = "question-answering head (qa_outputs)",
    [CLASSIFIER] = "classifier",
};

/* What reading needs beside the result. */
struct reading {
    struct conversion *c;
    struct weight_files files;
    struct weight_map map;
    size_t n_used;    /* weights of the map */
    size_t n_padding; /* rows of the vocabulary left out */
    size_t bytes;     /* of the tensors taken, as they are in the files */
    size_t found[N_PARTS], wanted[N_PARTS];
};

static bool starts_with(const char *text, const char *start)
{
    return !strncmp(text, start, strlen(start));
}

static enum part part_of(const char *name)
{
    if (starts_with(name, "bert.pooler."))
        return POOLER;
    if (starts_with(name, "cls.predictions."))
        return MASKED;
    if (starts_with(name, "cls.seq_relationship."))
        return NEXT;
    if (starts_with(name, "qa_outputs."))
        return ANSWER;
    return starts_with(name, "classifier.") ? CLASSIFIER : ENCODER;
}

/* ---- config ---- */

/* The shape of a weight that must be there. */
static int shape_of(size_t *rows, size_t *cols, const struct reading *r, const char *name,
                    struct err *err)
{
    const struct weight *w = weight_map_find(&r->map, name);

    if (!w)
        return err_set(err, ERR_FORMAT, "%s: no tensor '%s'", r->files.path, name);
    if (!weight_shape(rows, cols, w))
        return err_set(err, ERR_FORMAT, "%s: tensor '%s' is no matrix", r->files.path,
                       w->from->name);
    return 0;
}

static size_t count_layers(const struct weight_map *m)
{
    char name[WEIGHT_NAME_SIZE];
    size_t n = 0;

    do
        snprintf(name, sizeof name, "bert.encoder.layer.%zu.attention.self.query.weight", n++);
    while (weight_map_find(m, name));
    return n - 1;
}

/* Few shapes tell it, those of TensorFlow 2; else it is that of a known model of these sizes, or the
 * usual 64 features a head. */
static int find_heads(bool *is_told, struct reading *r, struct err *err)
{
    static const char *const known[] = {"tiny", "mini", "small", "medium", "base", "large", "1.2B"};
    const struct weight *query =
        weight_map_find(&r->map, "bert.encoder.layer.0.attention.self.query.weight");
    struct bert_config *c = &r->c->config;
    const size_t told = query ? weight_heads(query) : 0;

    *is_told = told && c->hidden_size % told == 0;
    if (*is_told) {
        c->n_heads = told;
        return 0;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        struct bert_config preset;

        if (config_load(&preset, known[i], err) == 0 && preset.n_layers == c->n_layers &&
            preset.hidden_size == c->hidden_size) {
            c->n_heads = preset.n_heads;
            return 0;
        }
    }
    if (c->hidden_size % 64)
        return err_set(
            err, ERR_USAGE,
            "no config.json or bert_config.json beside the weights, and a hidden size of "
            "%zu does not tell the number of heads: give --config",
            c->hidden_size);
    c->n_heads = c->hidden_size / 64;
    return 0;
}

static int deduce_config(struct reading *r, struct err *err)
{
    static const char embeddings[] = "bert.embeddings.";
    struct bert_config *c = &r->c->config;
    char name[WEIGHT_NAME_SIZE];
    bool is_told;
    size_t other;

    if (config_load(c, "base", err) < 0) /* dropouts, activation, epsilon */
        return -1;
    snprintf(name, sizeof name, "%sword_embeddings.weight", embeddings);
    if (shape_of(&c->vocab_size, &c->hidden_size, r, name, err) < 0)
        return -1;
    snprintf(name, sizeof name, "%sposition_embeddings.weight", embeddings);
    if (shape_of(&c->max_positions, &other, r, name, err) < 0)
        return -1;
    snprintf(name, sizeof name, "%stoken_type_embeddings.weight", embeddings);
    if (shape_of(&c->n_types, &other, r, name, err) < 0 ||
        shape_of(&c->intermediate_size, &other, r, "bert.encoder.layer.0.intermediate.dense.weight",
                 err) < 0)
        return -1;
    c->n_layers = count_layers(&r->map);
    if (c->vocab_size == 0 || c->hidden_size == 0 || c->n_layers == 0)
        return err_set(err, ERR_FORMAT, "%s: has no layers", r->files.path);
    if (find_heads(&is_told, r, err) < 0)
        return -1;
    buf_printf(&r->c->report,
               "no config beside it: by the shapes %zu layers, hidden size %zu, intermediate size "
               "%zu%s %zu heads%s hidden_act gelu, layer_norm_eps 1e-12\n",
               c->n_layers, c->hidden_size, c->intermediate_size,
               is_told ? "," : "; guessed:", c->n_heads, is_told ? "; guessed:" : ",");
    return 0;
}

static int read_config(struct reading *r, const char *path, struct err *err)
{
    static const char *const names[] = {"config.json", "bert_config.json", NULL};
    char *found = path ? mem_text(path) : weight_files_beside(&r->files, names);
    int rc;

    if (!found)
        return deduce_config(r, err);
    rc = config_load(&r->c->config, found, err);
    if (rc == 0 && !config_is_preset(found))
        rc = (r->c->source = json_load(found, MAX_CONFIG, err)) ? 0 : -1;
    free(found);
    return rc;
}

/* ---- vocabulary ---- */

static size_t count_lines(const struct buf *text)
{
    size_t n = text->len && text->data[text->len - 1] != '\n';

    for (size_t i = 0; i < text->len; i++)
        n += text->data[i] == '\n';
    return n;
}

static int read_vocab(struct reading *r, const char *path, struct err *err)
{
    static const char *const names[] = {"vocab.txt", NULL};
    char *found = path ? mem_text(path) : weight_files_beside(&r->files, names);
    const int rc = found ? file_read(&r->c->vocab, found, MAX_VOCAB_FILE, err) : 0;

    if (!found)
        buf_printf(&r->c->report, "no vocab.txt beside it (give --vocab)\n");
    else if (rc == 0 && r->c->vocab.len == 0)
        buf_printf(&r->c->warnings, "'%s' is empty: the model is without a vocabulary\n", found);
    free(found);
    return rc;
}

/* The rows that are tokens. Rows are padding when they fill up a multiple of 8 and are fewer than
 * 64. */
static int settle_vocab_size(struct reading *r, struct err *err)
{
    struct bert_config *c = &r->c->config;
    const size_t n_lines = count_lines(&r->c->vocab);
    size_t rows = 0, cols;

    if (shape_of(&rows, &cols, r, "bert.embeddings.word_embeddings.weight", err) < 0)
        return -1;
    if (n_lines > rows)
        return err_set(err, ERR_FORMAT, "vocab.txt has %zu tokens, the word embeddings %zu rows",
                       n_lines, rows);
    if (c->vocab_size > rows || rows - c->vocab_size >= WEIGHT_MAX_PADDING)
        return err_set(err, ERR_FORMAT,
                       "'vocab_size' of the config is %zu, the word embeddings have %zu rows",
                       c->vocab_size, rows);
    if (n_lines && n_lines < c->vocab_size) {
        if (weight_may_be_padded(rows, n_lines))
            c->vocab_size = n_lines;
        else
            buf_printf(&r->c->warnings,
                       "the vocabulary has %zu tokens, the model %zu: too many for padding, all "
                       "rows stay\n",
                       n_lines, c->vocab_size);
    } else if (n_lines > c->vocab_size) {
        c->vocab_size = n_lines;
    }
    return 0;
}

/* ---- tensors ---- */

/* All tensors taken together have no more bytes than the files: many that look at one storage would
 * make a small file fill the memory. */
static int check_size(struct reading *r, const struct weight *w, struct err *err)
{
    size_t total = 0;

    for (size_t i = 0; i < r->files.table.n_files; i++)
        total += r->files.table.files[i]->len;
    if (w->from->n_values > (total - r->bytes) / 2)
        return err_set(err, ERR_FORMAT, "%s: tensors share their numbers: more than the file holds",
                       r->files.path);
    r->bytes += w->from->n_values * 2; /* the narrowest type of numbers */
    return 0;
}

/* It comes along as it is: another program made it so. */
static void note_odd_numbers(struct reading *r, const struct float_tensor *t)
{
    const size_t n = float_tensor_values(t);
    size_t n_odd = 0;

    for (size_t i = 0; i < n; i++)
        n_odd += !isfinite(t->data[i]);
    if (n_odd)
        buf_printf(&r->c->warnings, "tensor '%s' has %zu of %zu numbers that are not finite\n",
                   t->name, n_odd, n);
}

/* Takes the tensor where it is there; absence is counted. */
static int add(struct reading *r, const char *name, size_t rows, size_t cols, bool is_vector,
               struct err *err)
{
    size_t *n_padding = weight_is_by_token(name) ? &r->n_padding : NULL;
    const struct weight *w = weight_map_find(&r->map, name);
    struct float_tensor *t = &r->c->tensors[r->c->n];
    float *values;
    size_t have_rows, have_cols;

    r->wanted[part_of(name)]++;
    if (!w)
        return 0;
    /* The size is believed when the file has it, before memory is taken for it. */
    if (weight_shape(&have_rows, &have_cols, w) && have_rows * have_cols < rows * cols)
        return weight_floats(NULL, NULL, w, rows, cols, is_vector, err);
    if (check_size(r, w, err) < 0)
        return -1;
    values = mem_array(rows * cols, sizeof *values);
    *t = (struct float_tensor){.name = mem_text(name), .data = values, .n_dims = is_vector ? 1 : 2};
    t->dims[0] = is_vector ? cols : rows;
    t->dims[1] = cols;
    r->c->n++;
    r->n_used++;
    r->found[part_of(name)]++;
    if (weight_floats(values, n_padding, w, rows, cols, is_vector, err) < 0)
        return -1;
    note_odd_numbers(r, t);
    return 0;
}

/* Of a model with these heads, what no other has given already. */
static int add_model(struct reading *r, enum bert_heads heads, struct err *err)
{
    struct bert_config with = r->c->config;
    struct params_list list;
    int rc = 0;

    with.heads = heads;
    with.n_labels = r->c->heads.n_labels;
    params_list_init(&list, &with);
    r->c->tensors = mem_resize(r->c->tensors, r->c->n + list.n, sizeof *r->c->tensors);
    for (size_t i = 0; rc == 0 && i < list.n; i++) {
        const struct tensor *t = &list.tensors[i];
        const enum part part = part_of(t->name);

        if (heads != HEADS_PRETRAINING && (part == ENCODER || part == POOLER))
            continue;
        rc = add(r, t->name, t->rows, t->cols, t->is_vector, err);
        if (rc == 0 && part == ENCODER && r->found[ENCODER] < r->wanted[ENCODER])
            rc = err_set(err, ERR_FORMAT, "%s: no tensor '%s'", r->files.path, t->name);
    }
    params_list_release(&list);
    return rc;
}

static int add_tensors(struct reading *r, struct err *err)
{
    const struct weight *classifier = weight_map_find(&r->map, "classifier.weight");
    size_t n_labels = 1, cols;

    if (classifier && (!weight_shape(&n_labels, &cols, classifier) || n_labels > MAX_LABELS))
        return err_set(err, ERR_FORMAT, "%s: tensor '%s' is no classifier", r->files.path,
                       classifier->from->name);
    r->c->heads.n_labels = n_labels;
    if (add_model(r, HEADS_PRETRAINING, err) < 0 || add_model(r, HEADS_SPANS, err) < 0)
        return -1;
    return add_model(r, HEADS_CLASSES, err);
}

static void drop_tensor(struct float_tensor *t)
{
    free((void *)t->name);
    free((void *)t->data);
}

/* Half a head is none. */
static void drop_halves(struct reading *r)
{
    struct conversion *c = r->c;
    size_t n = 0;

    for (size_t i = 0; i < c->n; i++) {
        const enum part part = part_of(c->tensors[i].name);

        if (r->found[part] == r->wanted[part])
            c->tensors[n++] = c->tensors[i];
        else
            drop_tensor(&c->tensors[i]);
    }
    c->n = n;
    for (size_t part = 0; part < N_PARTS; part++)
        if (r->found[part] && r->found[part] < r->wanted[part])
            buf_printf(&c->report,
                       "%zu of %zu tensors of the %s are missing: the rest is left out\n",
                       r->wanted[part] - r->found[part], r->wanted[part], part_names[part]);
    c->heads.pooler = r->found[POOLER] == r->wanted[POOLER];
    c->heads.masked = r->found[MASKED] == r->wanted[MASKED];
    c->heads.next = r->found[NEXT] == r->wanted[NEXT];
    c->heads.answer = r->found[ANSWER] == r->wanted[ANSWER];
    c->heads.classifier = r->found[CLASSIFIER] == r->wanted[CLASSIFIER];
}

/* ---- the report ---- */

static void report_parts(struct reading *r)
{
    struct buf *to = &r->c->report;
    bool any = false;

    for (size_t part = ENCODER; part < N_PARTS; part++)
        if (r->found[part] == r->wanted[part]) {
            buf_printf(to, "%s%s", any ? ", " : "has: ", part_names[part]);
            any = true;
        }
    any = false;
    for (size_t part = POOLER; part < N_PARTS; part++)
        if (r->found[part] == 0) {
            buf_printf(to, "%s%s", any ? ", " : "; has not: ", part_names[part]);
            any = true;
        }
    buf_put_byte(to, '\n');
}

static void report_counts(struct reading *r)
{
    const struct weight_map *m = &r->map;
    struct buf *to = &r->c->report;

    buf_printf(to, "%zu of %zu tensors taken", r->n_used, r->files.table.n);
    if (m->n_renamed)
        buf_printf(to, ", %zu under another name", m->n_renamed);
    if (m->n_transposed)
        buf_printf(to, ", %zu transposed", m->n_transposed);
    buf_put_byte(to, '\n');
    if (m->n_tied)
        buf_printf(
            to, "%zu left out because tied: copies of the word embeddings or the decoder's bias\n",
            m->n_tied);
    if (m->n_slots)
        buf_printf(to, "%zu left out: moments and counters of an optimizer\n", m->n_slots);
    if (m->n > r->n_used)
        buf_printf(to, "%zu left out: tensors of a BERT that the config has no place for\n",
                   m->n - r->n_used);
    if (m->n_other)
        buf_printf(to, "%zu left out, which no BERT has: %s\n", m->n_other, m->other.data);
    if (r->files.table.passed_over.len)
        buf_printf(to, "left out, which are no tensors of the model: %s\n",
                   r->files.table.passed_over.data);
    if (r->n_padding)
        buf_printf(to, "%zu rows left out that pad the vocabulary of %zu\n", r->n_padding,
                   r->c->config.vocab_size);
}

/* ---- all of it ---- */

static int read_all(struct reading *r, const char *config, const char *vocab, struct err *err)
{
    struct conversion *c = r->c;

    buf_printf(&c->report, "'%s': %s\n", r->files.path, r->files.format);
    if (weight_map_make(&r->map, &r->files.table, err) < 0)
        return -1;
    if (r->map.n == 0)
        return err_set(err, ERR_FORMAT, "%s: none of its %zu tensors is of a BERT: %s",
                       r->files.path, r->files.table.n,
                       r->map.other.len ? r->map.other.data : "moments only");
    if (read_config(r, config, err) < 0 || read_vocab(r, vocab, err) < 0 ||
        settle_vocab_size(r, err) < 0 || add_tensors(r, err) < 0)
        return -1;
    drop_halves(r);
    report_parts(r);
    report_counts(r);
    return 0;
}

int conversion_read(struct conversion *c, const char *path, const char *config, const char *vocab,
                    struct err *err)
{
    struct reading r = {.c = c};
    int rc;

    *c = (struct conversion){0};
    if (weight_files_open(&r.files, path, err) < 0)
        return -1;
    rc = read_all(&r, config, vocab, err);
    weight_map_release(&r.map);
    c->weights = mem_text(r.files.path);
    c->folder = mem_text(r.files.folder);
    c->unpacked = r.files.unpacked;
    r.files.unpacked = NULL;
    weight_files_close(&r.files);
    if (rc < 0)
        conversion_release(c);
    return rc;
}

void conversion_release(struct conversion *c)
{
    struct err ignored = {0};

    for (size_t i = 0; i < c->n; i++)
        drop_tensor(&c->tensors[i]);
    free(c->tensors);
    buf_release(&c->vocab);
    buf_release(&c->report);
    buf_release(&c->warnings);
    json_release(c->source);
    if (c->unpacked)
        file_remove(c->unpacked, &ignored);
    free(c->unpacked);
    free(c->weights);
    free(c->folder);
    *c = (struct conversion){0};
}

/* weight_map.c -- one rule after another turns a name of a file into the name used here; what is
 * then no name of a BERT is sorted by what it is instead. */
#include "model/weight_map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* NVIDIA's systems pad a vocabulary to a multiple of 8, others of 64. */
static const size_t MAX_PADDING = 64;

/* Names may be cut by these: no tensor of a BERT comes near. */
enum { NAME_SIZE = 256 };

static bool starts_with(const char *text, const char *start)
{
    return !strncmp(text, start, strlen(start));
}

static bool ends_in(const char *text, const char *end)
{
    const size_t n = strlen(text);
    const size_t m = strlen(end);

    return n >= m && !strcmp(text + n - m, end);
}

/* ---- names ---- */

enum meaning { WEIGHT, SLOT, TIED, OTHER };

/* TensorFlow's variables whose names are not made of the parts below. */
static const struct {
    const char *tensorflow;
    const char *here;
} whole_names[] = {
    {"cls/predictions/output_bias", "cls.predictions.bias"},
    {"cls/seq_relationship/output_weights", "cls.seq_relationship.weight"},
    {"cls/seq_relationship/output_bias", "cls.seq_relationship.bias"},
    {"cls/squad/output_weights", "qa_outputs.weight"},
    {"cls/squad/output_bias", "qa_outputs.bias"},
    {"output_weights", "classifier.weight"},
    {"output_bias", "classifier.bias"},
};

static const char *const counters[] = {
    "global_step",           "local_step",  "batch_finite", "loss_scale", "good_steps",
    "loss_scale_good_steps", "beta1_power", "beta2_power",  "accum_step", "cond_accum_step"};

/* "bert/encoder/layer_3/output/dense/kernel" -> "bert.encoder.layer.3.output.dense.weight" */
static enum meaning from_tensorflow(char here[NAME_SIZE], bool *is_transposed, const char *name)
{
    const char *last = strrchr(name, '/');
    size_t n = 0;

    for (size_t i = 0; i < sizeof whole_names / sizeof whole_names[0]; i++) {
        const char *known = whole_names[i].tensorflow;

        if (!strcmp(name, known)) {
            snprintf(here, NAME_SIZE, "%s", whole_names[i].here);
            return WEIGHT;
        }
        if (starts_with(name, known) && name[strlen(known)] == '/')
            return SLOT; /* output_bias/adam_m */
    }
    if (!starts_with(name, "bert/") && !starts_with(name, "cls/"))
        return OTHER;
    last = last ? last + 1 : name;
    *is_transposed = !strcmp(last, "kernel");
    if (!*is_transposed && strcmp(last, "bias") != 0 && strcmp(last, "gamma") != 0 &&
        strcmp(last, "beta") != 0 && !ends_in(last, "_embeddings"))
        return SLOT; /* .../kernel/adam_m */
    for (const char *p = name; p < last && n + 16 < NAME_SIZE; p++) {
        const bool is_layer = starts_with(p, "/layer_");

        n += (size_t)snprintf(here + n, NAME_SIZE - n, "%s",
                              is_layer ? ".layer." : (char[]){*p == '/' ? '.' : *p, '\0'});
        p += is_layer ? strlen("/layer_") - 1 : 0;
    }
    if (*is_transposed)
        snprintf(here + n, NAME_SIZE - n, "weight");
    else
        snprintf(here + n, NAME_SIZE - n, "%s%s", last,
                 ends_in(last, "_embeddings") ? ".weight" : "");
    return WEIGHT;
}

/* What wrappers put in front of every name. */
static const char *without_wrappers(const char *name)
{
    static const char *const wrappers[] = {"module.", "_orig_mod.", "model."};

    for (size_t i = 0; i < sizeof wrappers / sizeof wrappers[0]; i++)
        if (starts_with(name, wrappers[i])) {
            name += strlen(wrappers[i]);
            i = (size_t)-1; /* they may be nested */
        }
    return name;
}

static void from_pytorch(char here[NAME_SIZE], const char *name)
{
    static const char *const bare[] = {"embeddings.", "encoder.", "pooler."};
    char modern[NAME_SIZE - 8];
    const char *prefix = "";

    params_modern_name(modern, sizeof modern, without_wrappers(name));
    for (size_t i = 0; i < sizeof bare / sizeof bare[0]; i++)
        if (starts_with(modern, bare[i]))
            prefix = "bert.";
    snprintf(here, NAME_SIZE, "%s%s", prefix, modern);
}

static bool is_of_bert(const char *name)
{
    static const char *const parts[] = {"bert.embeddings.word_embeddings.",
                                        "bert.embeddings.position_embeddings.",
                                        "bert.embeddings.token_type_embeddings.",
                                        "bert.embeddings.LayerNorm.",
                                        "bert.encoder.layer.",
                                        "bert.pooler.dense.",
                                        "cls.predictions.",
                                        "cls.seq_relationship.",
                                        "qa_outputs.",
                                        "classifier."};

    if (!ends_in(name, ".weight") && !ends_in(name, ".bias"))
        return false;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (starts_with(name, parts[i]))
            return true;
    return false;
}

static enum meaning meaning_of(char here[NAME_SIZE], bool *is_transposed, const char *name)
{
    enum meaning meaning = WEIGHT;

    *is_transposed = false;
    here[0] = '\0';
    for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++)
        if (!strcmp(name, counters[i]))
            return SLOT;
    if (strchr(name, '/') || starts_with(name, "output_")) {
        char flat[NAME_SIZE];

        meaning = from_tensorflow(flat, is_transposed, name);
        if (meaning == WEIGHT)
            params_modern_name(here, NAME_SIZE, flat); /* gamma, beta */
    } else {
        from_pytorch(here, name);
    }
    if (meaning == WEIGHT && !strcmp(here, "cls.predictions.decoder.weight"))
        return TIED;
    if (meaning == WEIGHT && !strcmp(here, "cls.predictions.decoder.bias"))
        snprintf(here, NAME_SIZE, "cls.predictions.bias");
    if (meaning == WEIGHT && (!is_of_bert(here) || strlen(here) >= WEIGHT_NAME_SIZE))
        return OTHER;
    return meaning;
}

/* ---- the map ---- */

static int compare_weights(const void *a, const void *b)
{
    const struct weight *const x = a;
    const struct weight *const y = b;

    return strcmp(x->name, y->name);
}

static void note_other(struct weight_map *m, const char *name)
{
    enum { ENOUGH = 300 };

    m->n_other++;
    if (m->other.len < ENOUGH)
        buf_printf(&m->other, "%s'%s'", m->other.len ? ", " : "", name);
    else if (m->other.data[m->other.len - 1] != '.')
        buf_put_text(&m->other, "...");
}

/* The decoder's bias may be there under both of its names; anything else only once. */
static int drop_twins(struct weight_map *m, struct err *err)
{
    size_t n = 0;

    for (size_t i = 0; i < m->n; i++) {
        if (n && !strcmp(m->weights[n - 1].name, m->weights[i].name)) {
            if (strcmp(m->weights[i].name, "cls.predictions.bias") != 0)
                return err_set(err, ERR_FORMAT, "%s: tensors '%s' and '%s' are the same one",
                               m->weights[i].from->file->path, m->weights[n - 1].from->name,
                               m->weights[i].from->name);
            m->n_tied++;
            continue;
        }
        m->weights[n++] = m->weights[i];
    }
    m->n = n;
    return 0;
}

int weight_map_make(struct weight_map *m, const struct tensor_table *t, struct err *err)
{
    *m = (struct weight_map){.weights = mem_array(t->n + 1, sizeof *m->weights)};
    for (size_t i = 0; i < t->n; i++) {
        struct weight *w = &m->weights[m->n];
        char here[NAME_SIZE];

        switch (meaning_of(here, &w->is_transposed, t->entries[i].name)) {
        case WEIGHT:
            snprintf(w->name, sizeof w->name, "%.*s", (int)sizeof w->name - 1, here);
            w->from = &t->entries[i];
            m->n++;
            break;
        case SLOT:
            m->n_slots++;
            break;
        case TIED:
            m->n_tied++;
            break;
        case OTHER:
            note_other(m, t->entries[i].name);
            break;
        }
    }
    qsort(m->weights, m->n, sizeof *m->weights, compare_weights);
    if (drop_twins(m, err) < 0) {
        weight_map_release(m);
        return -1;
    }
    for (size_t i = 0; i < m->n; i++) {
        m->n_renamed += strcmp(m->weights[i].name, m->weights[i].from->name) != 0;
        m->n_transposed += m->weights[i].is_transposed;
    }
    return 0;
}

const struct weight *weight_map_find(const struct weight_map *m, const char *name)
{
    struct weight key;

    snprintf(key.name, sizeof key.name, "%s", name);
    return bsearch(&key, m->weights, m->n, sizeof key, compare_weights);
}

void weight_map_release(struct weight_map *m)
{
    free(m->weights);
    buf_release(&m->other);
    *m = (struct weight_map){0};
}

/* ---- values ---- */

bool weight_shape(size_t *rows, size_t *cols, const struct weight *w)
{
    const struct tensor_entry *e = w->from;

    if (e->n_dims < 1 || e->n_dims > 2)
        return false;
    *rows = e->n_dims == 1 ? 1 : e->dims[w->is_transposed ? 1 : 0];
    *cols = e->dims[e->n_dims - 1 - (w->is_transposed && e->n_dims == 2 ? 1 : 0)];
    return true;
}

static int shape_error(const struct weight *w, size_t rows, size_t cols, bool is_vector,
                       struct err *err)
{
    const char *turned = w->is_transposed ? " (transposed)" : "";
    char shape[128];

    tensor_entry_show_shape(shape, sizeof shape, w->from);
    if (is_vector)
        return err_set(err, ERR_FORMAT, "%s: tensor '%s' is %s%s, the model's is %zu",
                       w->from->file->path, w->from->name, shape, turned, cols);
    return err_set(err, ERR_FORMAT, "%s: tensor '%s' is %s%s, the model's is %zu x %zu",
                   w->from->file->path, w->from->name, shape, turned, rows, cols);
}

/* The file's matrix is (cols, rows): blocks small enough for the cache. */
static void transpose(float *to, const float *from, size_t rows, size_t cols)
{
    enum { BLOCK = 32 };

    for (size_t r0 = 0; r0 < rows; r0 += BLOCK)
        for (size_t c0 = 0; c0 < cols; c0 += BLOCK)
            for (size_t r = r0; r < rows && r < r0 + BLOCK; r++)
                for (size_t c = c0; c < cols && c < c0 + BLOCK; c++)
                    to[r * cols + c] = from[c * rows + r];
}

int weight_floats(float *to, size_t *n_padding, const struct weight *w, size_t rows, size_t cols,
                  bool is_vector, struct err *err)
{
    const size_t n_values = w->from->n_values;
    size_t have_rows, have_cols;
    size_t *padded = is_vector ? &have_cols : &have_rows;
    size_t want = is_vector ? cols : rows;
    size_t extra;
    float *all;
    int rc;

    if (!weight_shape(&have_rows, &have_cols, w) || w->from->n_dims != (is_vector ? 1u : 2u) ||
        *padded < want)
        return shape_error(w, rows, cols, is_vector, err);
    extra = *padded - want;
    if ((extra && (!n_padding || extra >= MAX_PADDING)) || (!is_vector && have_cols != cols))
        return shape_error(w, rows, cols, is_vector, err);
    if (!extra && !w->is_transposed)
        return tensor_entry_floats(to, n_values, w->from, err);
    all = mem_array(n_values, sizeof *all);
    rc = tensor_entry_floats(all, n_values, w->from, err);
    if (rc == 0 && w->is_transposed)
        transpose(to, all, rows, cols);
    else if (rc == 0)
        memcpy(to, all, rows * cols * sizeof *to);
    if (extra)
        *n_padding = extra;
    free(all);
    return rc;
}

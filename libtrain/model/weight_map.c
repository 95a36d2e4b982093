/* weight_map.c -- names of a file become those used here, shapes and values too. */
#include "model/weight_map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* ---- the map ---- */

static int compare_names(const void *a, const void *b)
{
    const struct weight *const x = a;
    const struct weight *const y = b;

    return strcmp(x->name.here, y->name.here);
}

static int compare_weights(const void *a, const void *b)
{
    const struct weight *const x = a;
    const struct weight *const y = b;

    const int order = compare_names(a, b);

    return order ? order : x->name.is_spare - y->name.is_spare;
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

/* The decoder's bias may be there under both of its names, a spare beside what is meant; anything
 * else only once. */
static int drop_twins(struct weight_map *m, struct err *err)
{
    size_t n = 0;

    for (size_t i = 0; i < m->n; i++) {
        if (n && !strcmp(m->weights[n - 1].name.here, m->weights[i].name.here)) {
            if (m->weights[i].name.is_spare && !m->weights[n - 1].name.is_spare) {
                note_other(m, m->weights[i].from->name);
                continue;
            }
            if (strcmp(m->weights[i].name.here, "cls.predictions.bias") != 0)
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

        switch (foreign_name_read(&w->name, t->entries[i].name)) {
        case NAME_OF_WEIGHT:
            w->from = &t->entries[i];
            m->n++;
            break;
        case NAME_OF_SLOT:
            m->n_slots++;
            break;
        case NAME_OF_COPY:
            m->n_tied++;
            break;
        case NAME_OF_OTHER:
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
        m->n_renamed += strcmp(m->weights[i].name.here, m->weights[i].from->name) != 0;
        m->n_transposed += m->weights[i].name.is_transposed;
    }
    return 0;
}

const struct weight *weight_map_find(const struct weight_map *m, const char *name)
{
    struct weight key = {0};

    snprintf(key.name.here, sizeof key.name.here, "%s", name);
    return bsearch(&key, m->weights, m->n, sizeof key, compare_names);
}

void weight_map_release(struct weight_map *m)
{
    free(m->weights);
    buf_release(&m->other);
    *m = (struct weight_map){0};
}

/* ---- values ---- */

bool weight_is_by_token(const char *name)
{
    return !strcmp(name, "bert.embeddings.word_embeddings.weight") ||
           !strcmp(name, "cls.predictions.bias");
}

bool weight_may_be_padded(size_t rows, size_t n_tokens)
{
    return rows % 8 == 0 && rows > n_tokens && rows - n_tokens < WEIGHT_MAX_PADDING;
}

/* The dimensions as in the file, but with heads and their features as one; returns how many. */
static size_t flat_dims(size_t dims[TENSOR_MAX_DIMS], const struct weight *w)
{
    const struct tensor_entry *e = w->from;
    const size_t heads = weight_heads(w);
    const size_t at = w->name.heads == HEADS_OUT && e->n_dims == 3; /* of the heads */
    size_t n = 0;

    for (size_t i = 0; i < e->n_dims; i++)
        if (heads && i == at + 1)
            dims[n - 1] *= e->dims[i];
        else
            dims[n++] = e->dims[i];
    return n;
}

size_t weight_heads(const struct weight *w)
{
    const struct tensor_entry *e = w->from;
    const size_t n_flat = w->name.is_transposed ? 2 : 1;

    if (w->name.heads == HEADS_NONE || e->n_dims != n_flat + 1)
        return 0;
    return e->dims[w->name.heads == HEADS_OUT && n_flat == 2 ? 1 : 0];
}

bool weight_shape(size_t *rows, size_t *cols, const struct weight *w)
{
    size_t dims[TENSOR_MAX_DIMS];
    const size_t n = flat_dims(dims, w);

    if (n < 1 || n > 2)
        return false;
    *rows = n == 1 ? 1 : dims[w->name.is_transposed ? 1 : 0];
    *cols = dims[n - 1 - (w->name.is_transposed && n == 2 ? 1 : 0)];
    return true;
}

static int shape_error(const struct weight *w, size_t rows, size_t cols, bool is_vector,
                       struct err *err)
{
    const char *turned = w->name.is_transposed ? " (transposed)" : "";
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
    size_t dims[TENSOR_MAX_DIMS];
    size_t have_rows, have_cols;
    size_t *padded = is_vector ? &have_cols : &have_rows;
    size_t want = is_vector ? cols : rows;
    size_t extra;
    float *all;
    int rc;

    if (!weight_shape(&have_rows, &have_cols, w) || flat_dims(dims, w) != (is_vector ? 1u : 2u) ||
        *padded < want)
        return shape_error(w, rows, cols, is_vector, err);
    extra = *padded - want;
    if ((extra && (!n_padding || extra >= WEIGHT_MAX_PADDING)) || (!is_vector && have_cols != cols))
        return shape_error(w, rows, cols, is_vector, err);
    if (!extra && !w->name.is_transposed)
        return tensor_entry_floats(to, n_values, w->from, err);
    all = mem_array(n_values, sizeof *all);
    rc = tensor_entry_floats(all, n_values, w->from, err);
    if (rc == 0 && w->name.is_transposed)
        transpose(to, all, rows, cols);
    else if (rc == 0)
        memcpy(to, all, rows * cols * sizeof *to);
    if (extra)
        *n_padding = extra;
    free(all);
    return rc;
}

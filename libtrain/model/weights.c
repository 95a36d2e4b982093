/* weights.c -- tensors of a file find their places in the arena by name, tolerant of the names that
 * files of different systems use for the same thing, strict about shapes. */
#include "model/weights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "model/safetensors.h"

static const char WORD_EMBEDDINGS[] = "bert.embeddings.word_embeddings.weight";
static const char DECODER_BIAS[] = "cls.predictions.bias";
static const size_t MAX_VOCAB_PADDING = 64; /* NVIDIA's systems pad to 8, others to 64 */

enum { NAME_SIZE = sizeof((struct tensor *)0)->name + 32 };

static bool starts_with(const char *text, const char *start)
{
    return !strncmp(text, start, strlen(start));
}

/* The name used here for a name of a file. */
static void name_here(char name[NAME_SIZE], const char *file_name)
{
    static const char *const bare[] = {"embeddings.", "encoder.", "pooler."};
    static const char missing[] = "bert.";
    char modern[NAME_SIZE - sizeof missing];
    const char *prefix = "";

    if (starts_with(file_name, "module."))
        file_name += strlen("module.");
    params_modern_name(modern, sizeof modern, file_name);
    for (size_t i = 0; i < sizeof bare / sizeof *bare; i++)
        if (starts_with(modern, bare[i]))
            prefix = missing;
    if (!strcmp(modern, "cls.predictions.decoder.bias"))
        snprintf(modern, sizeof modern, "%s", DECODER_BIAS);
    snprintf(name, NAME_SIZE, "%s%s", prefix, modern);
}

static bool is_vocabulary(const struct tensor *t)
{
    return !strcmp(t->name, WORD_EMBEDDINGS) || !strcmp(t->name, DECODER_BIAS);
}

static bool shapes_agree(const struct tensor *t, const size_t *dims, size_t n_dims)
{
    if (t->is_vector)
        return n_dims == 1 && dims[0] == t->cols;
    return n_dims == 2 && dims[0] == t->rows && dims[1] == t->cols;
}

static int shape_error(const struct safetensors *file, const struct safetensor *from,
                       const struct tensor *t, struct err *err)
{
    char shape[128] = "";
    size_t len = 0;

    for (size_t i = 0; i < from->n_dims && len < sizeof shape; i++)
        len += (size_t)snprintf(shape + len, sizeof shape - len, "%s%zu", i ? " x " : "",
                                from->dims[i]);
    if (t->is_vector)
        return err_set(err, ERR_FORMAT, "%s: tensor '%s' is %s, the model's is %zu", file->path,
                       from->name, shape, t->cols);
    return err_set(err, ERR_FORMAT, "%s: tensor '%s' is %s, the model's is %zu x %zu", file->path,
                   from->name, shape, t->rows, t->cols);
}

/* Copies the rows of a padded vocabulary that the model has. */
static int copy_unpadded(float *to, size_t *n_padding, const struct safetensors *file,
                         const struct safetensor *from, const struct tensor *t, struct err *err)
{
    const size_t have = from->n_dims > 0 ? from->dims[0] : 0;
    const size_t want = t->is_vector ? t->cols : t->rows;
    const size_t row = t->is_vector ? 1 : t->cols;
    float *all;
    int rc;

    if (from->n_dims != (t->is_vector ? 1u : 2u) || (!t->is_vector && from->dims[1] != row) ||
        have < want || have - want >= MAX_VOCAB_PADDING)
        return shape_error(file, from, t, err);
    all = mem_array(from->n_values, sizeof *all);
    rc = safetensors_floats(all, from->n_values, file, from, err);
    memcpy(to, all, want * row * sizeof *to);
    free(all);
    *n_padding = have - want;
    return rc;
}

static int place_tensors(float *params, bool *seen, struct weights_report *report,
                         const struct params_list *list, const struct safetensors *file,
                         struct err *err)
{
    for (size_t i = 0; i < file->n; i++) {
        const struct safetensor *from = &file->tensors[i];
        const struct tensor *t;
        char name[NAME_SIZE];
        int rc;

        name_here(name, from->name);
        t = params_find(list, name);
        if (!t || (seen[t - list->tensors] && !strcmp(name, DECODER_BIAS)))
            continue; /* the decoder's bias may be there twice, as the decoder's weight is */
        if (seen[t - list->tensors])
            return err_set(err, ERR_FORMAT, "%s: tensor '%s' is there twice", file->path, name);
        seen[t - list->tensors] = true;
        if (is_vocabulary(t) && !shapes_agree(t, from->dims, from->n_dims))
            rc = copy_unpadded(params + t->at, &report->n_padding, file, from, t, err);
        else if (!shapes_agree(t, from->dims, from->n_dims))
            rc = shape_error(file, from, t, err);
        else
            rc = safetensors_floats(params + t->at, from->n_values, file, from, err);
        if (rc < 0)
            return -1;
    }
    return 0;
}

static int report_missing(struct weights_report *report, const bool *seen,
                          const struct params_list *list, const char *path, struct err *err)
{
    size_t len = 0;

    for (size_t i = 0; i < list->n; i++) {
        const char *name = list->tensors[i].name;

        if (seen[i])
            continue;
        if (starts_with(name, "bert.") && !starts_with(name, "bert.pooler."))
            return err_set(err, ERR_FORMAT, "%s: no tensor '%s'", path, name);
        if (len < sizeof report->missing)
            len += (size_t)snprintf(report->missing + len, sizeof report->missing - len, "%s%s",
                                    report->n_missing ? ", " : "", name);
        report->n_missing++;
    }
    return 0;
}

int weights_load(float *params, struct weights_report *report, const struct params_list *list,
                 const char *path, struct err *err)
{
    char *file_path = file_is_folder(path) ? file_join(path, "model.safetensors") : mem_text(path);
    bool *seen = mem_array(list->n, sizeof *seen);
    struct safetensors file = {0};
    int rc = -1;

    *report = (struct weights_report){0};
    if (safetensors_open(&file, file_path, err) == 0 &&
        place_tensors(params, seen, report, list, &file, err) == 0)
        rc = report_missing(report, seen, list, file_path, err);
    safetensors_close(&file);
    free(seen);
    free(file_path);
    return rc;
}

int weights_save(const char *path, const struct params_list *list,
                 const struct weights_arena *arenas, size_t n, struct err *err)
{
    struct safetensors_entry *entries = mem_array(n * list->n, sizeof *entries);
    char(*names)[NAME_SIZE] = mem_array(n * list->n, sizeof *names);
    int rc;

    for (size_t i = 0; i < n * list->n; i++) {
        const struct tensor *t = &list->tensors[i % list->n];
        const struct weights_arena *arena = &arenas[i / list->n];
        struct safetensors_entry *e = &entries[i];

        snprintf(names[i], sizeof names[i], "%s%s", arena->prefix, t->name);
        e->name = names[i];
        e->data = arena->floats + t->at;
        e->n_dims = t->is_vector ? 1 : 2;
        e->dims[0] = t->is_vector ? t->cols : t->rows;
        e->dims[1] = t->cols;
    }
    rc = safetensors_save(path, entries, n * list->n, err);
    free(names);
    free(entries);
    return rc;
}

static int restore_arena(const struct weights_arena *arena, const struct params_list *list,
                         const struct safetensors *file, struct err *err)
{
    char name[NAME_SIZE];

    for (size_t i = 0; i < list->n; i++) {
        const struct tensor *t = &list->tensors[i];
        const struct safetensor *from;

        snprintf(name, sizeof name, "%s%s", arena->prefix, t->name);
        from = safetensors_find(file, name);
        if (!from)
            return err_set(err, ERR_FORMAT, "%s: no tensor '%s'", file->path, name);
        if (!shapes_agree(t, from->dims, from->n_dims))
            return shape_error(file, from, t, err);
        if (safetensors_floats(arena->floats + t->at, from->n_values, file, from, err) < 0)
            return -1;
    }
    return 0;
}

int weights_restore(const char *path, const struct params_list *list,
                    const struct weights_arena *arenas, size_t n, struct err *err)
{
    struct safetensors file = {0};
    int rc = safetensors_open(&file, path, err);

    for (size_t i = 0; i < n && rc == 0; i++)
        rc = restore_arena(&arenas[i], list, &file, err);
    safetensors_close(&file);
    return rc;
}

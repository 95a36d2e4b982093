/* weights.c -- tensors of a file find their places in the arena by name, tolerant of the names that
 * files of different systems use for the same thing, strict about shapes. */
#include "model/weights.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "formats/safetensors.h"
#include "formats/weight_files.h"
#include "model/weight_map.h"

enum { NAME_SIZE = sizeof((struct tensor *)0)->name + 32 };

static bool starts_with(const char *text, const char *start)
{
    return !strncmp(text, start, strlen(start));
}

static void note_missing(struct weights_report *report, const char *name)
{
    const size_t len = strlen(report->missing);

    snprintf(report->missing + len, sizeof report->missing - len, "%s%s",
             report->n_missing ? ", " : "", name);
    report->n_missing++;
}

/* Whatever is computed with such a weight is not a number either. */
static int check_finite(const float *params, const struct tensor *t, const char *path,
                        struct err *err)
{
    for (size_t i = 0; i < t->rows * t->cols; i++)
        if (!isfinite(params[t->at + i]))
            return err_set(err, ERR_FORMAT, "%s: number %zu of tensor '%s' is %g", path, i, t->name,
                           (double)params[t->at + i]);
    return 0;
}

static int place(float *params, struct weights_report *report, const struct params_list *list,
                 const struct weight_map *map, const char *path, struct err *err)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct tensor *t = &list->tensors[i];
        const struct weight *w = weight_map_find(map, t->name);

        if (w) {
            if (weight_floats(params + t->at,
                              weight_is_by_token(t->name) ? &report->n_padding : NULL, w, t->rows,
                              t->cols, t->is_vector, err) < 0 ||
                check_finite(params, t, path, err) < 0)
                return -1;
        } else if (starts_with(t->name, "bert.") && !starts_with(t->name, "bert.pooler.")) {
            return err_set(err, ERR_FORMAT, "%s: no tensor '%s'", path, t->name);
        } else {
            note_missing(report, t->name);
        }
    }
    return 0;
}

int weights_load(float *params, struct weights_report *report, const struct params_list *list,
                 const char *path, struct err *err)
{
    struct weight_files files;
    struct weight_map map = {0};
    int rc = -1;

    *report = (struct weights_report){0};
    if (weight_files_open(&files, path, err) < 0)
        return -1;
    if (weight_map_make(&map, &files.table, err) == 0)
        rc = place(params, report, list, &map, files.path, err);
    weight_map_release(&map);
    weight_files_close(&files);
    return rc;
}

int weights_save(const char *path, const struct params_list *list,
                 const struct weights_arena *arenas, size_t n, struct err *err)
{
    struct float_tensor *entries = mem_array(n * list->n, sizeof *entries);
    char(*names)[NAME_SIZE] = mem_array(n * list->n, sizeof *names);
    int rc;

    for (size_t i = 0; i < n * list->n; i++) {
        const struct tensor *t = &list->tensors[i % list->n];
        const struct weights_arena *arena = &arenas[i / list->n];
        struct float_tensor *e = &entries[i];

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

static int restore_tensor(float *to, const struct tensor *t, const struct tensor_entry *from,
                          struct err *err)
{
    struct weight w = {.from = from};

    return weight_floats(to, NULL, &w, t->rows, t->cols, t->is_vector, err);
}

static int restore_arena(const struct weights_arena *arena, const struct params_list *list,
                         const struct tensor_table *table, const char *path, struct err *err)
{
    char name[NAME_SIZE];

    for (size_t i = 0; i < list->n; i++) {
        const struct tensor *t = &list->tensors[i];
        const struct tensor_entry *from;

        snprintf(name, sizeof name, "%s%s", arena->prefix, t->name);
        from = tensor_table_find(table, name);
        if (!from)
            return err_set(err, ERR_FORMAT, "%s: no tensor '%s'", path, name);
        if (restore_tensor(arena->floats + t->at, t, from, err) < 0)
            return -1;
    }
    return 0;
}

int weights_restore(const char *path, const struct params_list *list,
                    const struct weights_arena *arenas, size_t n, struct err *err)
{
    struct tensor_table table = {0};
    int rc = safetensors_read(&table, path, err);

    for (size_t i = 0; i < n && rc == 0; i++)
        rc = restore_arena(&arenas[i], list, &table, path, err);
    tensor_table_release(&table);
    return rc;
}

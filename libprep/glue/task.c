/* task.c -- the table. A form that a header can tell stands in front of the usual one. */
#include "glue/task.h"

#include <string.h>
#include <strings.h>

#include "glue/columns.h"

enum { NONE = GLUE_NO_COLUMN, LAST = GLUE_LAST_COLUMN };

/* The sets GLUE publishes have "index" (QQP: "id") in front of what is to be judged; some training
 * sets as well, but those have labels. */
static const struct glue_task tasks[] = {
    {.name = "mrpc",
     .labels = {"0", "1"},
     .n_labels = 2,
     .forms = {{"test", "index", "Quality", false, false, 3, 4, NONE},
               {"train dev", NULL, NULL, false, false, 3, 4, 0}}},
    {.name = "sst-2",
     .labels = {"0", "1"},
     .n_labels = 2,
     .forms = {{"test", "index", "label", false, false, 1, NONE, NONE},
               {"train dev", NULL, NULL, false, false, 0, NONE, 1}}},
    {.name = "cola",
     .labels = {"0", "1"},
     .n_labels = 2,
     .forms = {{"test", "index", NULL, false, false, 1, NONE, NONE},
               {"train dev", NULL, NULL, true, false, 3, NONE, 1}}},
    {.name = "rte",
     .labels = {"entailment", "not_entailment"},
     .n_labels = 2,
     .forms = {{"test", "index", "label", false, false, 1, 2, NONE},
               {"train dev", NULL, NULL, false, false, 1, 2, LAST}}},
    {.name = "qnli",
     .labels = {"entailment", "not_entailment"},
     .n_labels = 2,
     .forms = {{"test", "index", "label", false, false, 1, 2, NONE},
               {"train dev", NULL, NULL, false, false, 1, 2, LAST}}},
    {.name = "wnli",
     .labels = {"0", "1"},
     .n_labels = 2,
     .forms = {{"test", "index", "label", false, false, 1, 2, NONE},
               {"train dev", NULL, NULL, false, false, 1, 2, LAST}}},
    {.name = "mnli",
     .labels = {"contradiction", "entailment", "neutral"},
     .n_labels = 3,
     .forms = {{"test", "index", "gold_label", false, false, 8, 9, NONE},
               {"train dev", NULL, NULL, false, false, 8, 9, LAST}}},
    {.name = "qqp",
     .labels = {"0", "1"},
     .n_labels = 2,
     .leaves_short = true,
     .forms = {{"test", "id", "is_duplicate", false, false, 1, 2, NONE},
               {"train dev", NULL, NULL, false, false, 3, 4, 5}}},
    /* Trained on MultiNLI in one language (its labels say "contradictory"), judged in another. */
    {.name = "xnli",
     .labels = {"contradiction", "entailment", "neutral"},
     .n_labels = 3,
     .synonym = "contradictory",
     .forms = {{"dev test", "language", NULL, false, true, 6, 7, 1},
               {"train", NULL, NULL, false, false, 0, 1, 2}}},
    {.name = "sts-b",
     .forms = {{"test", "index", "score", false, false, 7, 8, NONE},
               {"train dev", NULL, NULL, false, false, 7, 8, LAST}}},
};

enum {
    N_TASKS = sizeof tasks / sizeof *tasks,
    N_FORMS = sizeof tasks->forms / sizeof *tasks->forms
};

static bool same_name(const char *a, const char *b)
{
    for (;;) {
        a += strspn(a, "-_");
        b += strspn(b, "-_");
        if (strncasecmp(a, b, 1) != 0)
            return false;
        if (!*a)
            return true;
        a++, b++;
    }
}

const struct glue_task *glue_task_find(const char *name, struct err *err)
{
    for (size_t i = 0; i < N_TASKS; i++)
        if (same_name(name, tasks[i].name))
            return &tasks[i];
    err_set(err, ERR_USAGE,
            "no task '%s': mrpc, sst-2, cola, rte, qnli, wnli, mnli, qqp, xnli and sts-b are known",
            name);
    return NULL;
}

const struct glue_form *glue_form_of(const struct glue_task *t, const char *set, struct err *err)
{
    for (size_t i = 0; i < N_FORMS; i++)
        if (strstr(t->forms[i].sets, set))
            return &t->forms[i];
    err_set(err, ERR_USAGE, "%s has no set '%s'", t->name, set);
    return NULL;
}

static bool column_is(const struct columns *c, size_t i, const char *name)
{
    return c->items[i].len == strlen(name) && memcmp(c->items[i].text, name, c->items[i].len) == 0;
}

static bool has_column(const struct columns *c, const char *name)
{
    for (size_t i = 0; i < c->n; i++)
        if (column_is(c, i, name))
            return true;
    return false;
}

const struct glue_form *glue_form_guess(const struct glue_task *t, const char *line, size_t n)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";
    const struct glue_form *usual = &t->forms[N_FORMS - 1];
    struct columns c;

    if (n >= 3 && memcmp(line, byte_order_mark, 3) == 0)
        line += 3, n -= 3;
    columns_split(&c, line, n);
    for (const struct glue_form *f = t->forms; f < usual; f++)
        if (column_is(&c, 0, f->first) && !(f->without && has_column(&c, f->without)))
            return f;
    return usual;
}

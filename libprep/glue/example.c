/* example.c -- columns by the form, the label by the task. */
#include "glue/example.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

static bool is_text(const struct column *c, const char *text)
{
    return c->len == strlen(text) && memcmp(c->text, text, c->len) == 0;
}

static int unknown_label(const struct glue_task *t, const struct column *c, struct err *err)
{
    struct buf known = {0};

    for (size_t i = 0; i < t->n_labels; i++)
        buf_printf(&known, "%s%s", i ? ", " : "", t->labels[i]);
    err_set(err, ERR_FORMAT, "label '%.*s' is none of %s", (int)(c->len < 80 ? c->len : 80),
            c->text, known.data);
    buf_release(&known);
    return -1;
}

static int read_label(int32_t *label, const struct glue_task *t, const struct column *c,
                      struct err *err)
{
    for (size_t i = 0; i < t->n_labels; i++)
        if (is_text(c, t->labels[i]) || (i == 0 && t->synonym && is_text(c, t->synonym))) {
            *label = (int32_t)i;
            return 0;
        }
    return unknown_label(t, c, err);
}

static int read_score(float *score, const struct column *c, struct err *err)
{
    char text[64];
    char *end = text;
    double x = 0;

    if (c->len < sizeof text) {
        snprintf(text, sizeof text, "%.*s", (int)c->len, c->text);
        x = strtod(text, &end);
        end += strspn(end, " ");
    }
    if (end == text || *end || !(fabs(x) <= FLT_MAX) || strpbrk(text, "xXpP"))
        return err_set(err, ERR_FORMAT, "score '%.*s' is no number",
                       (int)(c->len < 80 ? c->len : 80), c->text);
    *score = (float)x;
    return 0;
}

/* How many columns a line must have for the form. */
static size_t columns_needed(const struct glue_form *f)
{
    int most = f->text_a;

    if (f->text_b > most)
        most = f->text_b;
    if (f->label > most)
        most = f->label;
    /* The label is a column of its own, not the last text again. */
    return (size_t)most + 1 + (f->label == GLUE_LAST_COLUMN);
}

int glue_example_read(struct glue_example *e, const struct glue_task *t, const struct glue_form *f,
                      const char *language, const char *line, size_t n, struct err *err)
{
    struct columns c;
    const struct column *label;

    columns_split(&c, line, n);
    if (c.n_all < columns_needed(f)) {
        if (t->leaves_short)
            return GLUE_SHORT;
        return err_set(err, ERR_FORMAT, "%zu columns, not %zu or more", n ? c.n_all : 0,
                       columns_needed(f));
    }
    if (f->in_languages && !is_text(&c.items[0], language))
        return GLUE_FOREIGN;
    *e = (struct glue_example){.a = c.items[f->text_a]};
    if (f->text_b != GLUE_NO_COLUMN)
        e->b = c.items[f->text_b];
    if (f->label == GLUE_NO_COLUMN)
        return GLUE_EXAMPLE;
    label = f->label == GLUE_LAST_COLUMN ? columns_last(&c) : &c.items[f->label];
    if ((t->n_labels ? read_label(&e->label, t, label, err) : read_score(&e->score, label, err)) <
        0)
        return -1;
    return GLUE_EXAMPLE;
}

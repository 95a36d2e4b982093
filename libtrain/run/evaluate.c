/* evaluate.c -- batch i is rank (i mod ranks)'s, so every row is computed once whatever the ranks. */
#include "run/evaluate.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/sink.h"

/* Sums, as an array of doubles. */
struct sums {
    struct task_sums task;
    double n_sequences;
};

static void add(struct sums *s, const struct task_sums *batch, size_t n_sequences)
{
    for (size_t i = 0; i < TASK_PARTS; i++) {
        s->task.loss[i] += batch->loss[i];
        s->task.n[i] += batch->n[i];
        s->task.n_right[i] += batch->n_right[i];
    }
    s->task.n_whole += batch->n_whole;
    s->n_sequences += (double)n_sequences;
}

static double mean(double sum, double n)
{
    return n > 0 ? sum / n : 0;
}

int evaluation_run(struct evaluation *e, struct task *task, const struct task_kind *kind,
                   const float *params, struct loader *l, struct batch *b, size_t rows,
                   uint64_t max_batches, struct comm *c, struct err *err)
{
    static const double scales[TASK_PARTS] = {0};
    const struct bert_pass pass = {.dropout = false};
    const uint64_t all = l->order.n_rows / rows + (l->order.n_rows % rows != 0);
    const uint64_t n_batches = max_batches > 0 && max_batches < all ? max_batches : all;
    const uint64_t most = n_batches * rows < l->order.n_rows ? n_batches * rows : l->order.n_rows;
    const size_t n_answers = task_has_answers(task) ? (size_t)most : 0;
    /* (n_answers) said, then (n_answers) meant; 0 where another rank knows it. */
    float *answers = mem_array(2 * n_answers, sizeof *answers);
    struct sums s = {0};
    int rc = -1;

    for (uint64_t i = (uint64_t)c->rank; i < n_batches; i += (uint64_t)c->size) {
        const uint64_t left = l->order.n_rows - i * rows;
        struct task_sums batch;

        if (loader_fill(b, l, i * rows, left < rows ? (size_t)left : rows, err) < 0)
            goto out;
        task_run(&batch, NULL, task, params, b, scales, &pass);
        add(&s, &batch, b->n_sequences);
        if (n_answers) {
            assert(b->n_sequences <= rows); /* one a row */
            task_answers(answers + i * rows, answers + n_answers + i * rows, task, b);
        }
    }
    if (comm_sum_doubles(c, (double *)&s, sizeof s / sizeof(double), err) < 0 ||
        (n_answers && comm_sum_floats(c, answers, 2 * n_answers, err) < 0))
        goto out;
    *e = (struct evaluation){.n_sequences = s.n_sequences,
                             .whole = mean(s.task.n_whole, s.n_sequences)};
    if (n_answers)
        task_judge(&e->metrics, task, answers, answers + n_answers, n_answers);
    for (size_t i = 0; i < kind->n_parts; i++) {
        e->losses[i] = mean(s.task.loss[i], s.task.n[i]);
        e->accuracies[i] = mean(s.task.n_right[i], s.task.n[i]);
        e->loss += kind->parts[i].weight * e->losses[i];
    }
    rc = 0;
out:
    free(answers);
    return rc;
}

size_t evaluation_figures(struct evaluation_figure figures[EVALUATION_FIGURES],
                          const struct evaluation *e, const struct task_kind *kind)
{
    const struct metrics *m = &e->metrics;
    size_t n = 0;

    if (kind->has_ends)
        figures[n++] = (struct evaluation_figure){"exact_accuracy", e->whole};
    if (m->n == 0)
        return n;
    if (m->regression)
        figures[n++] = (struct evaluation_figure){"eval_pearson", m->pearson};
    if (m->regression)
        figures[n++] = (struct evaluation_figure){"eval_spearman", m->spearman};
    if (m->binary)
        figures[n++] = (struct evaluation_figure){"eval_f1", m->f1};
    if (!m->regression)
        figures[n++] = (struct evaluation_figure){"eval_matthews", m->matthews};
    return n;
}

struct line {
    char key[64];
    double value;
};

static int compare_lines(const void *a, const void *b)
{
    return strcmp(((const struct line *)a)->key, ((const struct line *)b)->key);
}

static struct line line_of(const struct task_part *part, const char *what, double value)
{
    struct line line = {.value = value};

    /* run_classifier.py has eval_loss beside loss. */
    snprintf(line.key, sizeof line.key, "%s%s", *part->key ? part->key : "eval_", what);
    return line;
}

static void put_lines(struct buf *to, const struct evaluation *e, const struct task_kind *kind,
                      int64_t step)
{
    struct line lines[2 + 2 * TASK_PARTS + EVALUATION_FIGURES] = {{"global_step", (double)step},
                                                                  {"loss", e->loss}};
    struct evaluation_figure figures[EVALUATION_FIGURES];
    const size_t n_figures = evaluation_figures(figures, e, kind);
    size_t n = 2;

    for (size_t i = 0; i < kind->n_parts; i++) {
        lines[n++] = line_of(&kind->parts[i], "loss", e->losses[i]);
        if (kind->counts_right)
            lines[n++] = line_of(&kind->parts[i], "accuracy", e->accuracies[i]);
    }
    for (size_t i = 0; i < n_figures; i++, n++) {
        snprintf(lines[n].key, sizeof lines[n].key, "%s", figures[i].key);
        lines[n].value = figures[i].value;
    }
    qsort(lines, n, sizeof *lines, compare_lines);
    for (size_t i = 0; i < n; i++)
        buf_printf(to, "%s = %.9g\n", lines[i].key, lines[i].value);
}

int evaluation_save(const struct evaluation *e, const struct task_kind *kind, int64_t step,
                    const char *output_dir, struct err *err)
{
    char *path = file_join(output_dir, "eval_results.txt");
    struct buf text = {0};
    struct sink out = {0};
    int rc = -1;

    put_lines(&text, e, kind, step);
    if (sink_open(&out, path, err) == 0 && sink_write(&out, text.data, text.len, err) == 0)
        rc = sink_commit(&out, err);
    sink_close(&out);
    buf_release(&text);
    free(path);
    return rc;
}

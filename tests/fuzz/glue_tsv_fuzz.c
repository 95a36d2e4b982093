/* glue_tsv_fuzz.c -- proves: whatever the bytes of a task's file, every line of it is an example whose
 * texts lie in the line and whose label the task has, or one to leave out, or an error; of all tasks. */
#define _GNU_SOURCE /* memfd_create */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/lines.h"
#include "fuzz.h"
#include "glue/example.h"

enum { MAX_LINE = 1 << 16 };

static void must(int good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "glue_tsv_fuzz: %s\n", what);
    abort();
}

static void check_column(const struct column *c, const char *line, size_t n)
{
    must(c->text >= line && c->len <= n && c->text <= line + (n - c->len), "a text elsewhere");
}

static void check_line(const struct glue_task *t, const struct glue_form *f, const char *line,
                       size_t n)
{
    struct glue_example e;
    struct err err = {0};
    const int rc = glue_example_read(&e, t, f, "zh", line, n, &err);

    if (rc < 0)
        must(err.kind != ERR_NONE, "no reason");
    if (rc != GLUE_EXAMPLE)
        return;
    check_column(&e.a, line, n);
    must((e.b.text != NULL) == (f->text_b != GLUE_NO_COLUMN), "two texts or one");
    if (e.b.text)
        check_column(&e.b, line, n);
    must(e.label >= 0 && (size_t)e.label < (t->n_labels ? t->n_labels : 1), "a label");
    must(t->n_labels > 0 || isfinite(e.score), "a score");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const char *const names[] = {"mrpc", "sst-2", "cola", "rte",  "qnli",
                                        "wnli", "mnli",  "qqp",  "xnli", "sts-b"};
    enum { N_TASKS = sizeof names / sizeof *names };
    const struct glue_form *forms[N_TASKS] = {NULL}; /* told by the first line */
    const int fd = memfd_create("tsv", 0);
    char path[32];
    char *paths[] = {path};
    struct lines in = {0};
    struct err err = {0};
    int more;

    must(fd >= 0 && write(fd, bytes, n) == (ssize_t)n, "no file to read from");
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    more = lines_open(&in, paths, 1, NEWLINE_UNIVERSAL, MAX_LINE, &err);
    while (more >= 0 && (more = lines_next(&in, &err)) > 0)
        for (size_t i = 0; i < N_TASKS; i++) {
            const struct glue_task *t = glue_task_find(names[i], &err);
            const char *line = in.line.data ? in.line.data : "";

            must(t != NULL, "no such task");
            if (!forms[i])
                forms[i] = glue_form_guess(t, line, in.line.len);
            check_line(t, forms[i], line, in.line.len);
        }
    must(more == 0 || err.kind != ERR_NONE, "no reason");
    lines_close(&in);
    close(fd);
    return 0;
}

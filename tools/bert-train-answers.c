/* bert-train-answers.c -- two command lines, run and waited for. */
#include "bert-train-answers.h"

#include <errno.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

enum { MAX_WORDS = 40, MAX_PATH_SIZE = 4096 };

extern char **environ;

struct command {
    char *words[MAX_WORDS + 1]; /* (n), then NULL */
    size_t n;
};

static void add(struct command *c, const char *word)
{
    if (c->n < MAX_WORDS)
        c->words[c->n++] = mem_text(word);
}

static void add_int(struct command *c, const char *option, int64_t value)
{
    struct buf text = {0};

    buf_printf(&text, "%s=%" PRId64, option, value);
    add(c, text.data);
    buf_release(&text);
}

/* The program of that name beside the one that runs; where that cannot be told, the one in PATH. */
static void add_program(struct command *c, const char *name)
{
    char here[MAX_PATH_SIZE];
    const ssize_t n = readlink("/proc/self/exe", here, sizeof here - 1);
    char *slash, *path;

    here[n > 0 ? n : 0] = '\0';
    slash = strrchr(here, '/');
    if (!slash) {
        add(c, name);
        return;
    }
    *slash = '\0';
    path = file_join(here, name);
    add(c, path);
    free(path);
}

/* Ends when the program has ended; releases the command. */
static int run(struct command *c, struct err *err)
{
    const char *name = c->words[0];
    int status = 0;
    pid_t pid;
    const int failed = posix_spawnp(&pid, name, NULL, NULL, c->words, environ);
    int rc = 0;

    if (failed) {
        errno = failed;
        rc = err_errno(err, "cannot run '%s'", name);
    } else {
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            ;
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
            rc = err_set(err, ERR_IO, "'%s' failed", name);
    }
    for (size_t i = 0; i < c->n; i++)
        free(c->words[i]);
    *c = (struct command){0};
    return rc;
}

static int predict(const struct answers_plan *p, struct err *err)
{
    struct command c = {0};

    add_program(&c, "bert-predict");
    add(&c, "squad");
    add(&c, "--model");
    add(&c, p->model);
    add(&c, "--input");
    add(&c, p->questions);
    add(&c, "--output");
    add(&c, p->output_dir);
    add(&c, "--rules");
    add(&c, p->rules);
    add_int(&c, "--seq-length", p->seq_length);
    add_int(&c, "--doc-stride", p->doc_stride);
    add_int(&c, "--max-query-length", p->max_query_length);
    add_int(&c, "--n-best-size", p->n_best);
    add_int(&c, "--max-answer-length", p->max_answer_length);
    add_int(&c, "--threads", p->threads);
    if (p->version_2) {
        struct buf threshold = {0};

        buf_printf(&threshold, "--null-score-diff-threshold=%.17g", p->null_threshold);
        add(&c, "--version-2-with-negative");
        add(&c, threshold.data);
        buf_release(&threshold);
    }
    if (p->quiet)
        add(&c, "--quiet");
    return run(&c, err);
}

static int score(const struct answers_plan *p, struct err *err)
{
    char *predictions = file_join(p->output_dir, "predictions.json");
    struct command c = {0};

    add_program(&c, "squad-score");
    add(&c, p->questions);
    add(&c, predictions);
    free(predictions);
    return run(&c, err);
}

int answers_make(const struct answers_plan *p, struct err *err)
{
    if (predict(p, err) < 0)
        return -1;
    return p->score ? score(p, err) : 0;
}

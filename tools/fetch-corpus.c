/* fetch-corpus.c -- downloads what the other tools start from, and says whether it is right.
 *
 *      names, manifests, URLs --> wanted files --> a few at a time --> verified, named, unpacked */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/source_url.h"
#include "base/team.h"
#include "cli.h"
#include "fetch/catalog.h"
#include "fetch/download.h"
#include "fetch/space.h"
#include "fetch/unpack.h"
#include "fetch/wanted.h"
#include "progress.h"

struct args {
    const char *output;
    bool unpack, list;
    int64_t parallel, retries;
    double pause;
    const char *mirrors;
    const char *sha256;
    bool quiet;
};

struct job {
    const struct args *args;
    const struct tool *tool;
    struct wanted wanted;
    struct space *space;
    uint64_t *claims;     /* (wanted.n) */
    pthread_mutex_t lock; /* for what follows */
    struct progress progress;
    uint64_t n_bytes;
    size_t n_failed;
    struct err err; /* of the first file that failed */
};

static void note_progress(void *context, size_t n_new)
{
    struct job *job = context;

    pthread_mutex_lock(&job->lock);
    job->n_bytes += n_new;
    progress_at(&job->progress, job->n_bytes);
    pthread_mutex_unlock(&job->lock);
}

static void say(struct job *job, const char *name, const char *what)
{
    if (job->args->quiet)
        return;
    progress_clear(&job->progress);
    fprintf(stderr, "%s: %s: %s\n", job->tool->name, name, what);
}

/* Called locked. */
static void note_result(struct job *job, const char *name, const struct download_result *r,
                        size_t n_unpacked, const struct err *err)
{
    char what[128];

    if (err->kind) {
        progress_clear(&job->progress);
        if (job->n_failed++ == 0)
            job->err = *err;
        cli_warn(job->tool, "%s", err->text);
        return;
    }
    snprintf(what, sizeof what, "%s, %s", r->present ? "already there" : "fetched",
             r->verified ? "verified" : "nothing to verify it by");
    say(job, name, what);
    if (n_unpacked) {
        snprintf(what, sizeof what, "%zu files unpacked", n_unpacked);
        say(job, name, what);
    }
}

static void fetch_one(void *context, size_t i)
{
    struct job *job = context;
    const struct args *a = job->args;
    const struct wanted_file *file = &job->wanted.files[i];
    const struct download_options options = {.folder = a->output,
                                             .n_retries = (int)a->retries,
                                             .pause_ms = (int)(a->pause * 1000),
                                             .progress = note_progress,
                                             .context = job,
                                             .space = job->space,
                                             .claim = &job->claims[i]};
    struct download_result result;
    struct err err = {0};
    size_t n_unpacked = 0;

    if (download_file(&result, file, &options, &err) < 0) {
        err_in(&err, "%s", file->name);
    } else if (a->unpack) {
        char *path = file_join(a->output, file->name);

        unpack_file(&n_unpacked, path, a->output, &err);
        free(path);
    }
    pthread_mutex_lock(&job->lock);
    note_result(job, file->name, &result, n_unpacked, &err);
    pthread_mutex_unlock(&job->lock);
}

static int add_wanted(struct wanted *w, const char *operand, struct err *err)
{
    const size_t len = strlen(operand);
    int found;

    if (source_url_is(operand))
        return wanted_add(w, NULL, operand, err) ? 0 : -1;
    if (len > 5 && !strcmp(operand + len - 5, ".json"))
        return wanted_read_manifest(w, operand, err);
    found = catalog_find(w, operand, err);
    if (found == 0)
        return err_set(err, ERR_USAGE, "'%s' is no known source; --list shows them", operand);
    return found < 0 ? -1 : 0;
}

/* The first mirror in the list is tried first. */
static int add_mirrors(struct wanted *w, const char *mirrors, struct err *err)
{
    size_t end = mirrors ? strlen(mirrors) : 0;

    while (end) {
        size_t from = end;
        char *mirror;

        while (from && mirrors[from - 1] != ',' && mirrors[from - 1] != ' ')
            from--;
        mirror = mem_text_n(mirrors + from, end - from);
        end = from ? from - 1 : 0;
        if (*mirror && !source_url_is(mirror)) {
            err_set(err, ERR_USAGE, "mirror '%s' is no http or https URL", mirror);
            free(mirror);
            return -1;
        }
        if (*mirror)
            wanted_use_mirror(w, mirror);
        free(mirror);
    }
    return 0;
}

/* Whether one of the files is the other, or what the other is until it is complete. */
static bool is_in_the_way(const char *name, const char *other)
{
    const size_t n = strlen(other);

    return !strncmp(name, other, n) &&
           (!name[n] || !strcmp(name + n, ".part") || !strcmp(name + n, ".part.from"));
}

static int check_names(const struct wanted *w, struct err *err)
{
    for (size_t i = 0; i < w->n; i++) {
        for (size_t k = 0; k < w->n; k++) {
            if (i != k && is_in_the_way(w->files[i].name, w->files[k].name))
                return err_set(err, ERR_USAGE, "two files would be called '%s'", w->files[i].name);
        }
    }
    return 0;
}

static void show_list(void)
{
    printf("%-39s %-36s %12s  %-8s %s\n", "source", "file", "bytes", "check", "what");
    printf("%-39s %-36s %12s  %-8s %s\n", "<lang>wiki, <lang>wiki-YYYYMMDD",
           "<lang>wiki-...-pages-articles.xml.bz2", "-", "sha1", "a Wikipedia: articles");
    for (size_t i = 0; i < catalog_count(); i++) {
        const struct catalog_entry *e = catalog_at(i);
        const char *check = e->digest == DIGEST_MD5      ? "md5"
                            : e->digest == DIGEST_SHA256 ? "sha256"
                            : e->members                 ? "members"
                                                         : "-";

        printf("%-39s %-36s ", e->source, e->name);
        if (e->size >= 0)
            printf("%12lld", (long long)e->size);
        else
            printf("%12s", "-");
        printf("  %-8s %s\n", check, e->what);
    }
}

/* Nothing is begun that cannot be ended: all files whose size is known must fit together. The others
 * ask when they begin. */
static int claim_space(struct job *job, struct err *err)
{
    for (size_t i = 0; i < job->wanted.n; i++) {
        const struct wanted_file *file = &job->wanted.files[i];
        const uint64_t missing = download_missing(file, job->args->output);
        if (missing && space_claim(job->space, &job->claims[i], missing, err) < 0)
            return err_in(err, "%s", file->name);
    }
    return 0;
}

static int fetch_all(struct job *job, struct err *err)
{
    struct team *team = team_open((size_t)job->args->parallel);

    progress_open(&job->progress, job->tool->name, PROGRESS_BYTES, 0, job->args->quiet);
    team_run(team, job->wanted.n, fetch_one, job);
    progress_close(&job->progress);
    team_close(team);
    if (!job->n_failed)
        return 0;
    *err = job->err;
    if (job->n_failed == 1 && job->wanted.n == 1)
        return err_set(err, job->err.kind, "'%s' was not fetched", job->wanted.files[0].name);
    return err_set(err, job->err.kind == ERR_USAGE ? ERR_IO : job->err.kind,
                   "%zu of %zu files were not fetched", job->n_failed, job->wanted.n);
}

static int run(const struct args *a, const struct tool *tool, int n, char *const *operands,
               struct err *err)
{
    struct job job = {.args = a, .tool = tool};
    int rc = 0;

    if (a->list) {
        show_list();
        return fflush(stdout) == 0 ? 0 : err_errno(err, "cannot write 'standard output'");
    }
    if (!n)
        return err_set(err, ERR_USAGE, "what is to be fetched? --list shows what is known");
    if (!a->output)
        return err_set(err, ERR_USAGE, "--output is needed");
    for (int i = 0; rc == 0 && i < n; i++)
        rc = add_wanted(&job.wanted, operands[i], err);
    if (rc == 0 && a->sha256)
        rc = job.wanted.n == 1
                 ? wanted_set_digest(&job.wanted.files[0], DIGEST_SHA256, a->sha256, err)
                 : err_set(err, ERR_USAGE, "--sha256 is for one file, not %zu", job.wanted.n);
    if (rc == 0)
        rc = add_mirrors(&job.wanted, a->mirrors, err);
    if (rc == 0)
        rc = check_names(&job.wanted, err);
    if (rc == 0)
        rc = file_make_folder(a->output, err);
    if (rc == 0) {
        pthread_mutex_init(&job.lock, NULL);
        job.space = space_open(a->output);
        job.claims = mem_array(job.wanted.n, sizeof *job.claims);
        rc = claim_space(&job, err);
        if (rc == 0)
            rc = fetch_all(&job, err);
        free(job.claims);
        space_close(job.space);
        pthread_mutex_destroy(&job.lock);
    }
    wanted_release(&job.wanted);
    return rc;
}

int main(int argc, char **argv)
{
    struct args a = {.parallel = 2, .retries = 5, .pause = 1};
    const struct opt opts[] = {
        OPT_TEXT('o', "output", &a.output, "DIR", "put the files there"),
        OPT_FLAG(0, "unpack", &a.unpack, "unpack archives and compressed files as well"),
        OPT_FLAG(0, "list", &a.list, "show what is known by name, and end"),
        OPT_INT('j', "parallel", &a.parallel, 1, 64, "files at a time"),
        OPT_TEXT(0, "mirror", &a.mirrors, "URL[,URL]",
                 "try these hosts first: the path of each file is put behind"),
        OPT_TEXT(0, "sha256", &a.sha256, "HEX", "what a single file must be"),
        OPT_INT(0, "retries", &a.retries, 0, 1000, "in a row without progress, at each place"),
        OPT_REAL(0, "pause", &a.pause, 0, 600,
                 "seconds before the first retry, twice as long before each further one"),
        OPT_QUIET(&a.quiet),
        OPT_END};
    const struct tool tool = {
        .name = "fetch-corpus",
        .operands = "NAME|MANIFEST.json|URL...",
        .summary = "download corpora, data sets, vocabularies and weights",
        .opts = opts,
        .details =
            "NAME is a source of --list: a Wikipedia (enwiki, dewiki, or with a date "
            "enwiki-20240601), squad-v1.1, squad-v2.0, mrpc, bookcorpus, google-bert-..., "
            "vocab-... A manifest lists files with their URLs and checksums "
            "(schemas/manifest.md).\n\n"
            "A file has its name only when it is complete and right: of the known size and "
            "checksum, or the checksum published beside the dump; of archives without one the "
            "files inside are checked. Until then it is NAME.part. A file that is there and right "
            "is not fetched again; a part is continued, if the server still has the same file. "
            "Broken connections are taken up again, with pauses that double; then the next mirror "
            "is tried. Where the disk is too small for all files together nothing is begun.\n\n"
            "When a file fails the others are still fetched. Exit status: 0 all are there, 1 some "
            "are not, 2 wrong usage.",
        .examples = "fetch-corpus enwiki --output data\n"
                    "fetch-corpus squad-v1.1 vocab-uncased google-bert-base-uncased --output data "
                    "--unpack\n"
                    "fetch-corpus simplewiki --mirror https://dumps.example.org --output data\n"
                    "fetch-corpus https://example.org/a.txt --sha256 HEX --output data"};
    struct err err = {0};
    const int first = cli_parse(&tool, argc, argv);

    return cli_finish(&tool, run(&a, &tool, argc - first, argv + first, &err), &err);
}

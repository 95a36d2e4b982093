/* features_fuzz.c -- proves: whatever the bytes of a file of features, reading it ends with rows that
 * keep their rules or with an error; never with a crash. */
#define _GNU_SOURCE /* memfd_create */
#include "store/features.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "store/shard.h"

enum { MAX_ROWS = 64 };

static void must(int good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "features_fuzz: %s\n", what);
    abort();
}

static void check_row(const struct features *f, const struct sequence *s,
                      const struct features_target *t)
{
    must(s->n_ids > 0 && s->n_ids <= f->seq_length && s->n_first <= s->n_ids, "the length");
    for (size_t i = 0; i < s->n_ids; i++)
        must(s->ids[i] >= 0, "an id");
    if (f->kind == FEATURES_SPANS)
        must(t->start >= 0 && t->start <= t->end && (size_t)t->end < s->n_ids, "an answer");
    if (f->kind == FEATURES_CLASSES)
        must(t->label >= -1, "a class");
}

static void use(struct features *f)
{
    const int64_t n = f->n_rows < MAX_ROWS ? f->n_rows : MAX_ROWS;
    struct err errs[3] = {0};
    struct sequence *sequences = NULL;
    struct features_target *targets = NULL;
    int32_t lengths[MAX_ROWS];
    size_t n_classes;

    must(f->n_rows >= 0, "the number of rows");
    if (f->kind == FEATURES_CLASSES && features_count_classes(&n_classes, f, &errs[0]) < 0)
        must(errs[0].kind != ERR_NONE, "no reason");
    if (features_lengths(lengths, f, 0, n, &errs[1]) < 0)
        must(errs[1].kind != ERR_NONE, "no reason");
    if (features_read(&sequences, &targets, f, 0, n, &errs[2]) < 0) {
        must(errs[2].kind != ERR_NONE, "no reason");
        return;
    }
    for (int64_t i = 0; i < n; i++)
        check_row(f, &sequences[i], &targets[i]);
    sequences_free(sequences, n);
    free(targets);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const int fd = memfd_create("features", 0);
    struct features f = {0};
    struct err err = {0};
    char path[32];

    if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (features_open(&f, path, &err) == 0)
        use(&f);
    else
        must(err.kind != ERR_NONE, "no reason");
    features_close(&f);
    close(fd);
    return 0;
}

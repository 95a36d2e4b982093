/* tokenize_speed.c -- MB/s of tokenizer_encode_lines() alone, on one thread: no reading, no writing.
 *
 *   tokenize_speed VOCAB RULES cased|uncased FILE...
 *
 * Prints one line a file: megabytes, ids with line ends, the best of several runs by the thread's CPU time (which a
 * busy machine disturbs less than the clock on the wall) and by that clock. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "text/tokenizer.h"

static double seconds(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* As tokenize does: parts of 16 KiB. */
static size_t encode(const struct tokenizer *t, struct tokenizer_scratch *s, const struct buf *text)
{
    enum { PART_SIZE = 1 << 14 };
    size_t n = 0;

    for (size_t at = 0, take; at < text->len; at += take) {
        const int32_t *ids;
        size_t n_ids;

        take = tokenizer_cut(text->data + at, text->len - at, PART_SIZE);
        tokenizer_encode_lines(&ids, &n_ids, t, s, text->data + at, take);
        n += n_ids;
    }
    return n;
}

static int measure(const struct tokenizer *t, const char *path, struct err *err)
{
    enum { RUNS = 7, MAX_BYTES = 1 << 30 };
    struct tokenizer_scratch *s = tokenizer_scratch_open();
    struct buf text = {0};
    double best_cpu = 1e9, best_wall = 1e9;
    size_t n = 0;

    if (file_read(&text, path, MAX_BYTES, err) < 0) {
        tokenizer_scratch_close(s);
        return -1;
    }
    for (int run = 0; run < RUNS; run++) {
        const double cpu = seconds(CLOCK_THREAD_CPUTIME_ID);
        const double wall = seconds(CLOCK_MONOTONIC);

        n = encode(t, s, &text);
        best_cpu = seconds(CLOCK_THREAD_CPUTIME_ID) - cpu < best_cpu
                       ? seconds(CLOCK_THREAD_CPUTIME_ID) - cpu
                       : best_cpu;
        best_wall = seconds(CLOCK_MONOTONIC) - wall < best_wall ? seconds(CLOCK_MONOTONIC) - wall
                                                                : best_wall;
    }
    printf("%-40s %8.1f MB %10zu ids %8.1f MB/s of CPU time %8.1f MB/s\n", path,
           (double)text.len / 1e6, n, (double)text.len / 1e6 / best_cpu,
           (double)text.len / 1e6 / best_wall);
    buf_release(&text);
    tokenizer_scratch_close(s);
    return 0;
}

int main(int argc, char **argv)
{
    struct tokenizer_options options = {0};
    struct tokenizer *t;
    struct err err = {0};

    if (argc < 5) {
        fprintf(stderr, "usage: tokenize_speed VOCAB RULES cased|uncased FILE...\n");
        return 2;
    }
    options.rules = argv[2];
    options.cased = strcmp(argv[3], "cased") == 0;
    t = tokenizer_open(argv[1], &options, &err);
    for (int i = 4; t && i < argc; i++)
        if (measure(t, argv[i], &err) < 0)
            break;
    tokenizer_close(t);
    if (err.text[0])
        fprintf(stderr, "tokenize_speed: %s\n", err.text);
    return err.text[0] != 0;
}

/* source_cat.c -- the bytes of a source to nowhere, or to stdout with -c: what reading alone costs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/source.h"

int main(int argc, char **argv)
{
    const int copy = argc > 1 && strcmp(argv[1], "-c") == 0;
    static char block[1 << 18];
    struct err err = {0};
    struct source *s;
    int64_t n;

    if (argc < 3 + copy) {
        fprintf(stderr, "usage: source_cat [-c] THREADS FILE\n");
        return 2;
    }
    s = source_open_threads(argv[2 + copy], (size_t)atoi(argv[1 + copy]), &err);
    n = s ? 0 : -1;
    while (s && (n = source_read(s, block, sizeof block, &err)) > 0) {
        if (copy && fwrite(block, 1, (size_t)n, stdout) != (size_t)n)
            return 1;
    }
    if (n < 0)
        fprintf(stderr, "source_cat: %s\n", err.text);
    source_close(s);
    return n < 0;
}

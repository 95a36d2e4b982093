/* replay.c -- a fuzz target as an ordinary test: replay ROUNDS FILE... runs it on each file and on
 * ROUNDS mangled copies of each, always the same ones. With clang and -fsanitize=fuzzer the target
 * runs by itself, and this file is not needed. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/rng.h"

enum { MAX_FILE = 1 << 24 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* Cuts, doubles, swaps or changes a few bytes, more often to those that mean something. */
static void mangle(struct buf *b, struct rng *r)
{
    static const char marks[] = "{}[]\",:\\0159.-eu \n\t\xff\x80\xe2";

    for (uint64_t n = 1 + rng_below(r, 4); n > 0 && b->len > 0; n--) {
        const size_t at = (size_t)rng_below(r, b->len);
        const size_t len = 1 + (size_t)rng_below(r, b->len - at < 40 ? b->len - at : 40);

        switch (rng_below(r, 5)) {
        case 0:
            b->data[at] = marks[rng_below(r, sizeof marks - 1)];
            break;
        case 1:
            b->data[at] = (char)rng_below(r, 256);
            break;
        case 2: /* a part is gone */
            memmove(b->data + at, b->data + at + len, b->len - at - len);
            b->len -= len;
            break;
        case 3: /* a part comes again */
            buf_reserve(b, len);
            memmove(b->data + at + len, b->data + at, b->len - at);
            b->len += len;
            break;
        default:
            b->len = at;
        }
    }
}

int main(int argc, char **argv)
{
    const long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 0;

    for (int i = 2; i < argc; i++) {
        struct buf whole = {0};
        struct buf copy = {0};
        struct err err = {0};

        if (file_read(&whole, argv[i], MAX_FILE, &err) < 0) {
            fprintf(stderr, "replay: %s\n", err.text);
            return 1;
        }
        LLVMFuzzerTestOneInput((const uint8_t *)whole.data, whole.len);
        for (long round = 0; round < rounds; round++) {
            struct rng r;

            rng_at(&r, 1, (uint32_t)i, (uint64_t)round);
            buf_clear(&copy);
            buf_put(&copy, whole.data, whole.len);
            mangle(&copy, &r);
            LLVMFuzzerTestOneInput((const uint8_t *)copy.data, copy.len);
        }
        buf_release(&whole);
        buf_release(&copy);
    }
    return 0;
}

/* replay.c -- files through a fuzz target, as they are and in many damaged forms, which are the
 * same in every run. With clang and -fsanitize=fuzzer a target runs without this.
 *
 *   TARGET ROUNDS FILE... */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/rng.h"
#include "fuzz.h"

enum { MAX_FILE = 1 << 20 };

/* One to four times: a bit flipped, a byte made special, a piece moved, the end cut. */
static void damage(struct buf *b, struct rng *rng)
{
    static const char special[] =
        "\0\1\x7f\x80\xff\xe2{}[]()\",:.\\0159-eu \n"; /* bytes that mean something */
    const uint64_t times = 1 + rng_below(rng, 4);

    for (uint64_t i = 0; i < times && b->len; i++) {
        const size_t at = rng_below(rng, b->len);
        const size_t from = rng_below(rng, b->len);
        const size_t longest = b->len - (at > from ? at : from);

        switch (rng_below(rng, 5)) {
        case 0:
        case 1:
            b->data[at] = (char)(b->data[at] ^ (1 << rng_below(rng, 8)));
            break;
        case 2:
            b->data[at] = special[rng_below(rng, sizeof special - 1)];
            break;
        case 3:
            memmove(b->data + at, b->data + from, 1 + rng_below(rng, longest));
            break;
        default:
            if (rng_below(rng, 4) == 0)
                b->len = at;
        }
    }
}

/* In a block of its own size, so that reading past the end is noticed. */
static void try(const struct buf *b)
{
    uint8_t *exact = malloc(b->len ? b->len : 1);

    if (b->len)
        memcpy(exact, b->data, b->len);
    LLVMFuzzerTestOneInput(exact, b->len);
    free(exact);
}

int main(int argc, char **argv)
{
    const long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 0;

    for (int i = 2; i < argc; i++) {
        struct buf whole = {0};
        struct err err = {0};
        struct rng rng;

        if (file_read(&whole, argv[i], MAX_FILE, &err) < 0) {
            fprintf(stderr, "replay: %s\n", err.text);
            return 1;
        }
        try(&whole);
        rng_at(&rng, 1, 99, (uint64_t)i);
        for (long round = 0; round < rounds; round++) {
            struct buf b = {0};

            buf_put(&b, whole.data, whole.len);
            damage(&b, &rng);
            try(&b);
            buf_release(&b);
        }
        buf_release(&whole);
    }
    return argc < 3;
}

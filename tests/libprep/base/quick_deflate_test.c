/* quick_deflate_test.c -- any bytes come back through another's inflate; none grow beyond the bound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/codec_deflate.h"
#include "base/mem.h"
#include "base/rng.h"

enum { SIZE = 300000 };

struct state {
    struct codec_deflate *codec;
    uint8_t *bytes;  /* (SIZE) */
    uint8_t *packed; /* (bound of SIZE) */
    uint8_t *back;   /* (SIZE) */
    struct rng rng;
};

static int set_up(void **state)
{
    struct state *s = mem_alloc(sizeof *s);

    s->codec = codec_deflate_open(CODEC_DEFLATE_QUICK);
    s->bytes = mem_alloc(SIZE);
    s->packed = mem_alloc(codec_deflate_bound(SIZE));
    s->back = mem_alloc(SIZE);
    rng_at(&s->rng, 11, 0, 0);
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    struct state *s = *state;

    codec_deflate_close(s->codec);
    free(s->bytes);
    free(s->packed);
    free(s->back);
    free(s);
    return 0;
}

/* The first n bytes there and back; returns the packed size. The unpacker is libdeflate's, which also
 * checks the sum. */
static size_t check(struct state *s, size_t n)
{
    const size_t bound = codec_deflate_bound(n);
    struct err err = {0};
    size_t packed;

    memset(s->packed, 0xAA, bound);
    packed = codec_deflate_pack(s->codec, s->packed, s->bytes, n);
    assert_in_range(packed, 1, bound);
    if (codec_deflate_unpack(s->codec, s->back, n, s->packed, packed, &err) < 0)
        fail_msg("%zu bytes: %s", n, err.text);
    assert_memory_equal(s->back, s->bytes, n);
    return packed;
}

static void fill(struct state *s, size_t n, uint64_t kinds)
{
    for (size_t i = 0; i < n; i++)
        s->bytes[i] = (uint8_t)rng_below(&s->rng, kinds);
}

static void every_small_size_comes_back(void **state)
{
    struct state *s = *state;

    for (uint64_t kinds = 1; kinds <= 256; kinds *= 4)
        for (size_t n = 0; n < 600; n++) {
            fill(s, n, kinds);
            check(s, n);
        }
}

static void runs_of_every_length_come_back(void **state)
{
    struct state *s = *state;

    for (size_t n = 1; n < 1100; n++) {
        memset(s->bytes, 7, n);
        s->bytes[n] = 8; /* a run that ends, and one that is the end */
        check(s, n + 1);
        assert_true(check(s, n) < 40);
    }
    memset(s->bytes, 0, SIZE);
    assert_true(check(s, SIZE) < SIZE / 500);
}

static void noise_is_stored(void **state)
{
    const size_t sizes[] = {1, 65535, 65536, 65537, 131070, 131071, SIZE};
    struct state *s = *state;

    fill(s, SIZE, 256);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        assert_true(check(s, sizes[i]) < sizes[i] + 40 + sizes[i] / 5000);
}

/* A block whose counts are Fibonacci numbers wants the longest codes. */
static void rare_bytes_come_back(void **state)
{
    struct state *s = *state;
    size_t n = 0;
    size_t a = 1, b = 1;

    for (uint8_t value = 0; n + b < SIZE; value++) {
        for (size_t i = 0; i < b; i++)
            s->bytes[n++] = value;
        b += a;
        a = b - a;
    }
    for (size_t i = n; i-- > 1;) {
        const size_t k = rng_below(&s->rng, i + 1);
        const uint8_t kept = s->bytes[i];

        s->bytes[i] = s->bytes[k];
        s->bytes[k] = kept;
    }
    check(s, n);
}

/* Pieces of all kinds one behind the other: noise, few values, runs, counting, copies from before. */
static void mixtures_come_back(void **state)
{
    struct state *s = *state;

    for (int round = 0; round < 300; round++) {
        const size_t n = rng_below(&s->rng, round < 250 ? 20000 : SIZE);
        size_t at = 0;

        while (at < n) {
            const uint64_t kind = rng_below(&s->rng, 5);
            const uint64_t value = 1 + rng_below(&s->rng, 256);
            const size_t back = at ? 1 + rng_below(&s->rng, at) : 0;
            size_t length = 1 + rng_below(&s->rng, rng_below(&s->rng, 3) ? 300 : 30000);

            if (length > n - at)
                length = n - at;
            for (; length > 0; length--, at++)
                s->bytes[at] = kind == 0           ? (uint8_t)rng_below(&s->rng, value)
                               : kind == 1         ? (uint8_t)value
                               : kind == 2         ? (uint8_t)at
                               : kind == 3 && back ? s->bytes[at - back]
                                                   : (uint8_t)(rng_u32(&s->rng) & value);
        }
        check(s, n);
    }
}

static void rows_are_no_larger_than_with_a_full_search(void **state)
{
    enum { ROW = 128 };
    struct state *s = *state;
    struct codec_deflate *full = codec_deflate_open(1);
    uint8_t *packed = mem_alloc(codec_deflate_bound(SIZE));
    const size_t n = SIZE / ROW * ROW;

    /* Low bytes of ids by a law like that of words, zeros behind them. */
    for (size_t row = 0; row < n; row += ROW) {
        const size_t used = rng_below(&s->rng, 8) ? ROW : 1 + rng_below(&s->rng, ROW);

        for (size_t i = 0; i < ROW; i++) {
            const double x = rng_real(&s->rng);

            s->bytes[row + i] = i < used ? (uint8_t)(256 * x * x * x) : 0;
        }
    }
    assert_true(check(s, n) <= codec_deflate_pack(full, packed, s->bytes, n));
    free(packed);
    codec_deflate_close(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_small_size_comes_back),
        cmocka_unit_test(runs_of_every_length_come_back),
        cmocka_unit_test(noise_is_stored),
        cmocka_unit_test(rare_bytes_come_back),
        cmocka_unit_test(mixtures_come_back),
        cmocka_unit_test(rows_are_no_larger_than_with_a_full_search),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}

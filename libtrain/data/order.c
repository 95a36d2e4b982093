/* order.c -- two shuffles, of the blocks of an epoch and of the rows of a window, each drawn from a
 * generator of its own, so that any position can be sought without what came before. */
#include "data/order.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

/* Streams of the generator; no other purpose of the trainer draws with these and the same seed. */
enum { STREAM_BLOCKS = 0x6f726201, STREAM_ROWS = 0x6f726202 };

static const uint64_t NO_EPOCH = UINT64_MAX;

static size_t divide_up(size_t a, size_t b)
{
    return a / b + (a % b != 0);
}

static void list_blocks(struct order *o, const int64_t *file_rows, size_t n_files,
                        int64_t block_rows)
{
    size_t cap = 0;

    for (size_t file = 0; file < n_files; file++) {
        for (int64_t first = 0; first < file_rows[file]; first += block_rows) {
            const int64_t left = file_rows[file] - first;

            if (o->n_blocks == cap) {
                cap = mem_grow(cap, o->n_blocks + 1);
                o->blocks = mem_resize(o->blocks, cap, sizeof *o->blocks);
            }
            o->blocks[o->n_blocks++] =
                (struct order_block){file, first, left < block_rows ? left : block_rows};
        }
        o->n_rows += (uint64_t)file_rows[file];
    }
}

int order_init(struct order *o, const int64_t *file_rows, size_t n_files, int64_t block_rows,
               int64_t window_rows, uint64_t seed, struct err *err)
{
    const size_t window_blocks = window_rows > block_rows ? (size_t)(window_rows / block_rows) : 1;

    *o = (struct order){.seed = seed, .epoch = NO_EPOCH};
    list_blocks(o, file_rows, n_files, block_rows);
    if (o->n_blocks == 0)
        return err_set(err, ERR_FORMAT, "no rows in %zu files", n_files);
    o->n_windows = divide_up(o->n_blocks, window_blocks);
    o->shuffled = mem_array(o->n_blocks, sizeof *o->shuffled);
    o->window_rows = mem_array(o->n_windows + 1, sizeof *o->window_rows);
    o->visit = mem_array(window_blocks * (size_t)block_rows, sizeof *o->visit);
    o->block_starts = mem_array(window_blocks + 1, sizeof *o->block_starts);
    return 0;
}

/* Windows differ by at most one block, so that none is too small to shuffle well. */
static size_t first_block_of(const struct order *o, size_t window)
{
    const size_t each = o->n_blocks / o->n_windows;
    const size_t longer = o->n_blocks % o->n_windows;

    return window * each + (window < longer ? window : longer);
}

static void begin_epoch(struct order *o, uint64_t epoch)
{
    struct rng rng;

    for (size_t i = 0; i < o->n_blocks; i++)
        o->shuffled[i] = i;
    rng_at(&rng, o->seed, STREAM_BLOCKS, epoch);
    rng_shuffle_sizes(&rng, o->shuffled, o->n_blocks);
    for (size_t w = 0; w < o->n_windows; w++) {
        uint64_t n = 0;

        for (size_t i = first_block_of(o, w); i < first_block_of(o, w + 1); i++)
            n += (uint64_t)o->blocks[o->shuffled[i]].n_rows;
        o->window_rows[w + 1] = o->window_rows[w] + n;
    }
    o->epoch = epoch;
    o->window = SIZE_MAX;
}

static void begin_window(struct order *o, size_t window)
{
    struct rng rng;
    int32_t n = 0;

    o->first_block = first_block_of(o, window);
    o->n_window_blocks = first_block_of(o, window + 1) - o->first_block;
    for (size_t i = 0; i < o->n_window_blocks; i++) {
        o->block_starts[i] = n;
        n += (int32_t)o->blocks[o->shuffled[o->first_block + i]].n_rows;
    }
    o->block_starts[o->n_window_blocks] = n;
    for (int32_t i = 0; i < n; i++)
        o->visit[i] = i;
    rng_at(&rng, o->seed, STREAM_ROWS, o->epoch * o->n_windows + window);
    rng_shuffle(&rng, o->visit, (size_t)n);
    o->window = window;
}

/* The last i with starts[i] <= value. */
static size_t find_window(const struct order *o, uint64_t row)
{
    size_t lo = 0;
    size_t hi = o->n_windows;

    while (hi - lo > 1) {
        const size_t mid = lo + (hi - lo) / 2;

        if (o->window_rows[mid] <= row)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

static size_t find_block(const struct order *o, int32_t row)
{
    size_t lo = 0;
    size_t hi = o->n_window_blocks;

    while (hi - lo > 1) {
        const size_t mid = lo + (hi - lo) / 2;

        if (o->block_starts[mid] <= row)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

struct order_place order_seek(struct order *o, uint64_t position)
{
    const uint64_t epoch = position / o->n_rows;
    const uint64_t at = position % o->n_rows;
    struct order_place place;
    size_t window;
    int32_t row;

    if (epoch != o->epoch)
        begin_epoch(o, epoch);
    window = find_window(o, at);
    if (window != o->window)
        begin_window(o, window);
    row = o->visit[at - o->window_rows[window]];
    place.window_block = find_block(o, row);
    place.row = row - o->block_starts[place.window_block];
    return place;
}

void order_release(struct order *o)
{
    free(o->blocks);
    free(o->shuffled);
    free(o->window_rows);
    free(o->visit);
    free(o->block_starts);
    *o = (struct order){0};
}

/* order.h -- in which order an epoch visits the rows: a pure function of (seed, epoch).
 *
 *   rows of all files      |..........|......|..........|....|
 *   blocks inside a file   [0 ][1 ][2][3 ][4][5 ][6 ][7][8 ]
 *   shuffled every epoch   [5 ][0 ][8 ][2]  [7][3 ][1 ][4][6 ]
 *   windows of blocks      \------ 0 ----/  \------- 1 ------/
 *   rows of a window       shuffled once more among themselves
 *
 * Rows are compressed in chunks, so visiting them in a fully random order would decompress a chunk
 * for every row. Here a window of blocks is decoded once, then visited at random; a set that fits
 * one window is shuffled perfectly. Every row comes exactly once an epoch, and the only state is a
 * position in the endless stream of epochs. */
#ifndef DATA_ORDER_H
#define DATA_ORDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Rows that are decoded together; they lie in one file. */
struct order_block {
    size_t file;
    int64_t first;
    int64_t n_rows;
};

struct order {
    uint64_t seed;
    uint64_t n_rows;
    struct order_block *blocks; /* (n_blocks) in the order of the files */
    size_t n_blocks;
    size_t n_windows;
    /* the epoch sought last */
    uint64_t epoch;
    size_t *shuffled;      /* (n_blocks) indices of blocks */
    uint64_t *window_rows; /* (n_windows + 1) rows before each window */
    /* the window sought last */
    size_t window;
    size_t first_block; /* its blocks are shuffled[first_block .. + n_window_blocks) */
    size_t n_window_blocks;
    int32_t *visit;        /* (rows of the window) indices into its rows, block after block */
    int32_t *block_starts; /* (n_window_blocks + 1) where each block begins among these */
};

/* file_rows[i] rows in file i; ERR_FORMAT when there are none at all. A window has about
 * window_rows rows (a block at least). */
int order_init(struct order *o, const int64_t *file_rows, size_t n_files, int64_t block_rows,
               int64_t window_rows, uint64_t seed, struct err *err);

/* Where the row at `position` of the stream is; epoch = position / n_rows. */
struct order_place {
    size_t window_block; /* its block is blocks[shuffled[first_block + window_block]] */
    int64_t row;         /* inside the block */
};
struct order_place order_seek(struct order *o, uint64_t position);

void order_release(struct order *o);

#endif

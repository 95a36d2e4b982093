/* half_tile_amx_test.c -- the AMX kernel on emulated tiles: its indexing and its results, without the
 * hardware. The emulation is strict: tiles are used only while configured, and within their shape. */
#include "half_product.h"

#include "ops/amx_tiles.h"

enum { TILES = 8, MOST_ROWS = 16, MOST_BYTES = 64 };

static struct amx_layout layout;
static unsigned char tiles[TILES][MOST_ROWS][MOST_BYTES];

void amx_configure(const struct amx_layout *from)
{
    assert_int_equal(from->palette, 1);
    assert_int_equal(sizeof *from, 64);
    layout = *from;
    memset(tiles, 0, sizeof tiles);
}

void amx_release(void)
{
    memset(&layout, 0, sizeof layout);
}

static void check_tile(int tile)
{
    assert_int_equal(layout.palette, 1);
    assert_in_range(tile, 0, TILES - 1);
    assert_in_range(layout.rows[tile], 1, MOST_ROWS);
    assert_in_range(layout.row_bytes[tile], 4, MOST_BYTES);
}

void amx_load(int tile, const void *from, size_t stride)
{
    check_tile(tile);
    for (size_t i = 0; i < layout.rows[tile]; i++)
        memcpy(tiles[tile][i], (const char *)from + i * stride, layout.row_bytes[tile]);
}

void amx_store(int tile, void *to, size_t stride)
{
    check_tile(tile);
    for (size_t i = 0; i < layout.rows[tile]; i++)
        memcpy((char *)to + i * stride, tiles[tile][i], layout.row_bytes[tile]);
}

static float half_in(int tile, size_t row, size_t at)
{
    uint16_t x;
    float y;

    memcpy(&x, tiles[tile][row] + at * sizeof x, sizeof x);
    y = half_float(x);
    return fpclassify(y) == FP_SUBNORMAL ? 0 : y;
}

/* TDPBF16PS: the even products of a row's pair, then the odd ones, into an fp32 sum. */
void amx_multiply(int c, int a, int b)
{
    check_tile(a), check_tile(b), check_tile(c);
    assert_true(c != a && c != b && a != b);
    assert_int_equal(layout.row_bytes[a] / 4, layout.rows[b]);
    for (size_t m = 0; m < layout.rows[c]; m++) {
        for (size_t k = 0; k < layout.rows[b]; k++) {
            for (size_t n = 0; n < layout.row_bytes[c] / sizeof(float); n++) {
                float *sum = (float *)(void *)tiles[c][m] + n;

                *sum += half_in(a, m, 2 * k) * half_in(b, k, 2 * n);
                *sum += half_in(a, m, 2 * k + 1) * half_in(b, k, 2 * n + 1);
            }
        }
    }
}

static bool always(void)
{
    return true;
}

static const struct half_kernel emulated = {"amx, emulated", half_tile_amx, always, always};

static void sizes_around_every_tile(void **state)
{
    (void)state;
    assert_true(half_kernel_agrees(&emulated));
    check_sizes(&emulated);
}

static void special_numbers(void **state)
{
    (void)state;
    check_special_numbers(&emulated);
}

static void tiles_are_given_back(void **state)
{
    (void)state;
    check_product(&emulated, 33, 33, 33, 33);
    assert_int_equal(layout.palette, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_around_every_tile),
        cmocka_unit_test(special_numbers),
        cmocka_unit_test(tiles_are_given_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

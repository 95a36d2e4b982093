/* amx_tiles.h -- the five tile instructions that half_tile_amx.c needs.
 *
 * This is the seam at which a test puts plain C in place of the hardware: it compiles
 * half_tile_amx.c with a header of the same name (tests/libtrain/ops/emulated). Numbers of tiles are
 * parts of the instructions, hence macros. Strides are in bytes. */
#ifndef OPS_AMX_TILES_H
#define OPS_AMX_TILES_H

#include "ops/amx_layout.h"

#define amx_configure(layout) __asm__ volatile("ldtilecfg %0" : : "m"(*(layout)) : "memory")
#define amx_release() __asm__ volatile("tilerelease" : : : "memory")

#define amx_load(tile, from, stride)                                                               \
    __asm__ volatile("tileloadd (%0,%1,1), %%tmm" #tile                                            \
                     :                                                                             \
                     : "r"(from), "r"((size_t)(stride))                                            \
                     : "memory")
#define amx_store(tile, to, stride)                                                                \
    __asm__ volatile("tilestored %%tmm" #tile ", (%0,%1,1)"                                        \
                     :                                                                             \
                     : "r"(to), "r"((size_t)(stride))                                              \
                     : "memory")

/* c += a b: fp32 sums of products of pairs of halves. */
#define amx_multiply(c, a, b) __asm__ volatile("tdpbf16ps %tmm" #b ", %tmm" #a ", %tmm" #c)

#endif

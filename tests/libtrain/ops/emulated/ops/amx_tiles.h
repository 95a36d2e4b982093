/* amx_tiles.h -- AMX in plain C, by the pseudocode of Intel's manual, for CPUs that have none. */
#ifndef OPS_AMX_TILES_H
#define OPS_AMX_TILES_H

#include <stddef.h>

#include "ops/amx_layout.h"

void amx_configure(const struct amx_layout *layout);
void amx_release(void);
void amx_load(int tile, const void *from, size_t stride);
void amx_store(int tile, void *to, size_t stride);
void amx_multiply(int c, int a, int b);

#endif

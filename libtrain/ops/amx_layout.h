/* amx_layout.h -- the shapes of the eight tiles, as LDTILECFG reads them (Intel SDM, vol. 2). */
#ifndef OPS_AMX_LAYOUT_H
#define OPS_AMX_LAYOUT_H

#include <stdint.h>

struct amx_layout {
    uint8_t palette; /* 1: tiles of at most 16 rows of 64 bytes */
    uint8_t start_row;
    uint8_t reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
};

#endif

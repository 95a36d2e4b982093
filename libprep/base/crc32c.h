/* crc32c.h -- CRC-32C (Castagnoli, RFC 3720), and the masked form of it that TFRecords store. */
#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

struct crc32c {
    uint32_t table[8][256];
};

void crc32c_init(struct crc32c *c);

uint32_t crc32c_of(const struct crc32c *c, const void *bytes, size_t n);

/* Rotated and moved, lest a CRC be taken over bytes that hold CRCs. */
uint32_t crc32c_masked(const struct crc32c *c, const void *bytes, size_t n);

#endif

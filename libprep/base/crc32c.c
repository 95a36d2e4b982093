/* crc32c.c -- eight bytes a step through eight tables ("slicing by 8"). */
#include "base/crc32c.h"

static const uint32_t POLYNOMIAL = 0x82f63b78; /* reflected */

void crc32c_init(struct crc32c *c)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;

        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
        c->table[0][i] = crc;
    }
    for (uint32_t i = 0; i < 256; i++)
        for (int k = 1; k < 8; k++)
            c->table[k][i] = c->table[k - 1][i] >> 8 ^ c->table[0][c->table[k - 1][i] & 255];
}

uint32_t crc32c_of(const struct crc32c *c, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    uint32_t crc = UINT32_MAX;

    for (; n >= 8; n -= 8, p += 8)
        crc = c->table[7][(crc ^ p[0]) & 255] ^ c->table[6][(crc >> 8 ^ p[1]) & 255] ^
              c->table[5][(crc >> 16 ^ p[2]) & 255] ^ c->table[4][(crc >> 24 ^ p[3]) & 255] ^
              c->table[3][p[4]] ^ c->table[2][p[5]] ^ c->table[1][p[6]] ^ c->table[0][p[7]];
    for (; n; n--, p++)
        crc = crc >> 8 ^ c->table[0][(crc ^ *p) & 255];
    return ~crc;
}

uint32_t crc32c_masked(const struct crc32c *c, const void *bytes, size_t n)
{
    const uint32_t crc = crc32c_of(c, bytes, n);

    return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

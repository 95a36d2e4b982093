/* hash.h -- SHA-256 to name contents (FIPS 180-4), XXH3 to check streams and to order by key. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { HASH_HEX_SIZE = 65 }; /* 64 hexadecimal digits and a zero byte */

struct sha256;

/* Life cycle: open, add any number of times, end (which also releases). */
struct sha256 *sha256_open(void);
void sha256_add(struct sha256 *sha, const void *bytes, size_t n);
void sha256_end(struct sha256 *sha, char hex[HASH_HEX_SIZE]);

void sha256_of(char hex[HASH_HEX_SIZE], const void *bytes, size_t n);

/* Of a whole file, with its length in *n_bytes where that is not NULL. */
int sha256_of_file(char hex[HASH_HEX_SIZE], int64_t *n_bytes, const char *path, struct err *err);

/* Checksums as download sites publish them: of a whole file, in hexadecimal digits. */
enum digest { DIGEST_NONE, DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256 };
int digest_of_file(char hex[HASH_HEX_SIZE], enum digest kind, const char *path, struct err *err);

/* XXH3, 64 bits, of a whole block; `seed` makes it a keyed hash. */
uint64_t xxh3_of(const void *bytes, size_t n, uint64_t seed);

/* The same of a stream of blocks: open, add, end (which also releases). */
struct xxh3;
struct xxh3 *xxh3_open(uint64_t seed);
void xxh3_add(struct xxh3 *x, const void *bytes, size_t n);
uint64_t xxh3_end(struct xxh3 *x);

#endif

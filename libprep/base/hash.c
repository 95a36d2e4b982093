/* hash.c -- libcrypto's SHA-256 and xxHash's XXH3 behind two small stream types. */
#include "base/hash.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

#include "base/mem.h"

struct sha256 {
    EVP_MD_CTX *context;
};

struct sha256 *sha256_open(void)
{
    struct sha256 *sha = mem_alloc(sizeof *sha);

    sha->context = EVP_MD_CTX_new();
    if (!sha->context || EVP_DigestInit_ex(sha->context, EVP_sha256(), NULL) != 1)
        abort();
    return sha;
}

void sha256_add(struct sha256 *sha, const void *bytes, size_t n)
{
    EVP_DigestUpdate(sha->context, bytes, n);
}

void sha256_end(struct sha256 *sha, char hex[HASH_HEX_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    EVP_DigestFinal_ex(sha->context, digest, &n);
    for (unsigned i = 0; i < n; i++)
        snprintf(hex + 2 * (size_t)i, 3, "%02x", digest[i]);
    EVP_MD_CTX_free(sha->context);
    free(sha);
}

void sha256_of(char hex[HASH_HEX_SIZE], const void *bytes, size_t n)
{
    struct sha256 *sha = sha256_open();

    sha256_add(sha, bytes, n);
    sha256_end(sha, hex);
}

uint64_t xxh3_of(const void *bytes, size_t n, uint64_t seed)
{
    return XXH3_64bits_withSeed(bytes, n, seed);
}

struct xxh3 {
    XXH3_state_t *state;
};

struct xxh3 *xxh3_open(uint64_t seed)
{
    struct xxh3 *x = mem_alloc(sizeof *x);

    x->state = XXH3_createState();
    if (!x->state || XXH3_64bits_reset_withSeed(x->state, seed) != XXH_OK)
        abort();
    return x;
}

void xxh3_add(struct xxh3 *x, const void *bytes, size_t n)
{
    XXH3_64bits_update(x->state, bytes, n);
}

uint64_t xxh3_end(struct xxh3 *x)
{
    const uint64_t value = XXH3_64bits_digest(x->state);

    XXH3_freeState(x->state);
    free(x);
    return value;
}

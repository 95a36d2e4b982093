/* hash.c -- libcrypto's SHA-256 and xxHash's XXH3 behind two small stream types. */
#include "base/hash.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

#include "base/mem.h"

enum { BLOCK_SIZE = 1 << 18 };

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

int digest_of_file(char hex[HASH_HEX_SIZE], enum digest kind, const char *path, struct err *err)
{
    struct sha256 *stream;
    char *block;
    size_t n;
    FILE *file = fopen(path, "rb");
    int rc = 0;

    if (!file)
        return err_errno(err, "cannot open '%s'", path);
    stream = mem_alloc(sizeof *stream);
    stream->context = EVP_MD_CTX_new();
    if (!stream->context || EVP_DigestInit_ex(stream->context,
                                              kind == DIGEST_MD5    ? EVP_md5()
                                              : kind == DIGEST_SHA1 ? EVP_sha1()
                                                                    : EVP_sha256(),
                                              NULL) != 1)
        abort();
    block = mem_alloc(BLOCK_SIZE);
    while ((n = fread(block, 1, BLOCK_SIZE, file)) > 0)
        sha256_add(stream, block, n);
    if (ferror(file))
        rc = err_errno(err, "cannot read '%s'", path);
    sha256_end(stream, hex);
    free(block);
    fclose(file);
    return rc;
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

int sha256_of_file(char hex[HASH_HEX_SIZE], int64_t *n_bytes, const char *path, struct err *err)
{
    FILE *file = fopen(path, "rb");
    struct sha256 *sha;
    char *block;
    int64_t total = 0;
    size_t n;
    int rc = 0;

    if (!file)
        return err_errno(err, "cannot open '%s'", path);
    sha = sha256_open();
    block = mem_alloc(BLOCK_SIZE);
    while ((n = fread(block, 1, BLOCK_SIZE, file)) > 0) {
        sha256_add(sha, block, n);
        total += (int64_t)n;
    }
    if (ferror(file))
        rc = err_errno(err, "cannot read '%s'", path);
    sha256_end(sha, hex);
    if (n_bytes)
        *n_bytes = total;
    free(block);
    fclose(file);
    return rc;
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

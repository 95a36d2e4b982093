/* Digests against the examples of their standards; a stream of blocks against the whole. */
#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char path[] = "hash_test.tmp";

static void put_file(const char *text)
{
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void digests_are_those_of_the_standards(void **state)
{
    /* FIPS 180-4 and RFC 1321: the examples "abc" and "". */
    static const char sha256_abc[] =
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    static const char sha256_nothing[] =
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    char hex[HASH_HEX_SIZE];
    int64_t n = 0;
    struct err err = {0};

    (void)state;
    sha256_of(hex, "abc", 3);
    assert_string_equal(hex, sha256_abc);
    sha256_of(hex, "", 0);
    assert_string_equal(hex, sha256_nothing);
    put_file("abc");
    assert_int_equal(sha256_of_file(hex, &n, path, &err), 0);
    assert_string_equal(hex, sha256_abc);
    assert_int_equal(n, 3);
    assert_int_equal(digest_of_file(hex, DIGEST_MD5, path, &err), 0);
    assert_string_equal(hex, "900150983cd24fb0d6963f7d28e17f72");
    assert_int_equal(digest_of_file(hex, DIGEST_SHA1, path, &err), 0);
    assert_string_equal(hex, "a9993e364706816aba3e25717850c26c9cd0d89d");
    assert_int_equal(digest_of_file(hex, DIGEST_SHA256, path, &err), 0);
    assert_string_equal(hex, sha256_abc);
    unlink(path);
}

static void a_file_that_is_not_there_is_named(void **state)
{
    char hex[HASH_HEX_SIZE];
    struct err err = {0};

    (void)state;
    assert_int_equal(sha256_of_file(hex, NULL, "no/such/file", &err), -1);
    assert_int_equal(err.kind, ERR_IO);
    assert_non_null(strstr(err.text, "no/such/file"));
}

static void blocks_hash_as_the_whole_does(void **state)
{
    unsigned char bytes[1000];
    char whole[HASH_HEX_SIZE];
    char pieces[HASH_HEX_SIZE];
    struct sha256 *sha = sha256_open();
    struct xxh3 *x = xxh3_open(7);

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 31);
    for (size_t at = 0, n = 1; at < sizeof bytes; at += n, n = 1 + n * 2 % 97) {
        n = n < sizeof bytes - at ? n : sizeof bytes - at;
        sha256_add(sha, bytes + at, n);
        xxh3_add(x, bytes + at, n);
    }
    sha256_end(sha, pieces);
    sha256_of(whole, bytes, sizeof bytes);
    assert_string_equal(pieces, whole);
    assert_true(xxh3_end(x) == xxh3_of(bytes, sizeof bytes, 7));
    assert_true(xxh3_of(bytes, sizeof bytes, 7) != xxh3_of(bytes, sizeof bytes, 8));
    /* The seed 0 of nothing, as the reference gives it: files hold XXH3, so it may never change. */
    assert_true(xxh3_of("", 0, 0) == UINT64_C(0x2d06800538d394c2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_those_of_the_standards),
        cmocka_unit_test(a_file_that_is_not_there_is_named),
        cmocka_unit_test(blocks_hash_as_the_whole_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

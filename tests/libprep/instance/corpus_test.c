/* corpus_test.c -- what is put in comes out again, in 16 bits and in 32. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "instance/corpus.h"

static void fill(struct corpus *c, int64_t vocab_size, int32_t offset)
{
    const int32_t first[] = {offset + 1, offset + 2, offset + 3};
    const int32_t second[] = {offset + 4};
    struct err err = {0};

    assert_int_equal(corpus_open(c, "/tmp", vocab_size, &err), 0);
    assert_int_equal(corpus_end_document(c, &err), 0); /* empty documents vanish */
    assert_int_equal(corpus_add_sentence(c, first, 3, &err), 0);
    assert_int_equal(corpus_add_sentence(c, second, 1, &err), 0);
    assert_int_equal(corpus_end_document(c, &err), 0);
    assert_int_equal(corpus_end_document(c, &err), 0);
    assert_int_equal(corpus_add_sentence(c, second, 1, &err), 0); /* ended by the seal */
    assert_int_equal(corpus_seal(c, &err), 0);
    corpus_sum(c);
}

static void check(int64_t vocab_size, size_t id_bytes, int32_t offset)
{
    struct corpus c = {0};
    const uint64_t *bounds;
    int32_t ids[4];

    fill(&c, vocab_size, offset);
    assert_int_equal(c.id_bytes, id_bytes);
    assert_int_equal(c.n_documents, 2);
    assert_int_equal(c.n_sentences, 3);
    assert_int_equal(c.n_ids, 5);
    assert_int_equal(corpus_document(&bounds, &c, 0), 2);
    assert_int_equal(bounds[0], 0);
    assert_int_equal(bounds[1], 3);
    assert_int_equal(bounds[2], 4);
    corpus_copy(ids, &c, 1, 3);
    assert_int_equal(ids[0], offset + 2);
    assert_int_equal(ids[2], offset + 4);
    assert_int_equal(corpus_document(&bounds, &c, 1), 1);
    corpus_copy(ids, &c, bounds[0], 1);
    assert_int_equal(ids[0], offset + 4);
    corpus_close(&c);
}

static void small_vocabularies_take_16_bits(void **state)
{
    (void)state;
    check(65536, 2, 65531);
}

static void large_vocabularies_take_32_bits(void **state)
{
    (void)state;
    check(65537, 4, 65531);
    check(INT32_MAX, 4, 1000000000);
}

static void the_checksum_does_not_depend_on_the_width(void **state)
{
    struct corpus narrow = {0}, wide = {0}, other = {0};

    (void)state;
    fill(&narrow, 100, 7);
    fill(&wide, 100000, 7);
    fill(&other, 100, 8);
    assert_string_equal(narrow.sha256, wide.sha256);
    assert_string_not_equal(narrow.sha256, other.sha256);
    corpus_close(&narrow);
    corpus_close(&wide);
    corpus_close(&other);
}

static void equal_documents_have_equal_hashes(void **state)
{
    const int32_t ids[] = {5, 6, 7};
    struct corpus c = {0};
    struct err err = {0};

    (void)state;
    assert_int_equal(corpus_open(&c, "/tmp", 100, &err), 0);
    for (int d = 0; d < 3; d++) {
        assert_int_equal(corpus_add_sentence(&c, ids + d / 2, 2, &err), 0);
        assert_int_equal(corpus_end_document(&c, &err), 0);
    }
    assert_int_equal(corpus_seal(&c, &err), 0);
    assert_true(corpus_hash(&c, 0, 1) == corpus_hash(&c, 1, 1));
    assert_true(corpus_hash(&c, 0, 1) != corpus_hash(&c, 2, 1));
    assert_true(corpus_hash(&c, 0, 1) != corpus_hash(&c, 0, 2));
    corpus_close(&c);
}

static void a_corpus_may_be_empty(void **state)
{
    struct corpus c = {0};
    struct err err = {0};

    (void)state;
    assert_int_equal(corpus_open(&c, "/tmp", 100, &err), 0);
    assert_int_equal(corpus_seal(&c, &err), 0);
    assert_int_equal(c.n_documents, 0);
    corpus_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_vocabularies_take_16_bits),
        cmocka_unit_test(large_vocabularies_take_32_bits),
        cmocka_unit_test(the_checksum_does_not_depend_on_the_width),
        cmocka_unit_test(equal_documents_have_equal_hashes),
        cmocka_unit_test(a_corpus_may_be_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The longest piece first; a twin that tries every substring in the vocabulary. */
#include "text/wordpiece.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"

enum { MAX_POINTS = 100, MAX_IDS = 512 };

struct fixture {
    struct unicode *u;
    struct vocab vocab;
    struct wordpiece wordpiece;
};

static const char tokens[] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"      /* 0 to 4 */
                             "un\n##aff\n##able\n##a\nunaff\n"           /* 5 to 9 */
                             "a\nb\n##b\nab\n##ab\n##abc\n"              /* 10 to 15 */
                             "中\n##文\né\n##é\nx\n##xx\n##\n#\n###\n\n" /* 16 to 25 */
                             "a\n";                                      /* 26: `a` again */

static void check(struct fixture *f, const char *word, const int32_t *want, size_t n_want)
{
    int32_t points[MAX_IDS], ids[MAX_IDS];
    const size_t n = strlen(word);
    const size_t n_ids =
        wordpiece_encode(ids, &f->wordpiece, word, n, unicode_decode(points, word, n));

    assert_int_equal(n_ids, n_want);
    assert_memory_equal(ids, want, n_want * sizeof *want);
}

static void longest_piece_wins(void **state)
{
    const int32_t want[] = {9, 7};

    check(*state, "unaffable", want, 2);
}

static void a_word_that_is_not_covered_is_unknown(void **state)
{
    const int32_t unk[] = {1};

    check(*state, "unz", unk, 1);
    check(*state, "z", unk, 1);
    check(*state, "able", unk, 1); /* ##able does not start a word */
}

static void pieces_are_whole_characters(void **state)
{
    const int32_t want[] = {16, 17, 19};
    const int32_t unk[] = {1};

    check(*state, "中文é", want, 3);
    check(*state, "丮", unk, 1); /* shares two bytes with 中 */
}

static void a_token_twice_gives_its_last_id(void **state)
{
    const int32_t want[] = {26, 8};

    check(*state, "aa", want, 2);
}

static void a_word_may_begin_with_the_mark_itself(void **state)
{
    const int32_t want[] = {15};
    const int32_t hashes[] = {24};

    check(*state, "##abc", want, 1);
    check(*state, "###", hashes, 1);
}

static void long_words_are_unknown(void **state)
{
    int32_t want[50];
    const int32_t unk[] = {1};
    char word[103];

    memset(word, 'x', sizeof word);
    for (size_t i = 0; i < 50; i++)
        want[i] = 21;
    want[0] = 20;
    word[99] = '\0'; /* x and 49 times ##xx */
    check(*state, word, want, 50);
    word[99] = 'x';
    word[101] = '\0';
    check(*state, word, unk, 1);
}

static size_t twin(int32_t *ids, const struct fixture *f, const char *word, size_t n)
{
    size_t n_ids = 0;

    for (size_t start = 0; start < n;) {
        size_t end = n;
        int32_t id = -1;

        for (; end > start && id < 0; end--) {
            struct buf key = {0};

            buf_put_text(&key, start ? "##" : "");
            buf_put(&key, word + start, end - start);
            id = vocab_id(&f->vocab, key.data, key.len);
            buf_release(&key);
        }
        if (id < 0) {
            ids[0] = f->vocab.unk;
            return 1;
        }
        ids[n_ids++] = id;
        start = end + 1;
    }
    return n_ids;
}

static void random_words_are_as_in_the_twin(void **state)
{
    struct fixture *f = *state;
    struct rng random;

    rng_at(&random, 3, 0, 0);
    for (size_t round = 0; round < 20000; round++) {
        char word[16] = "";
        const size_t n = 1 + rng_below(&random, 12);
        int32_t want[16];

        for (size_t i = 0; i < n; i++)
            word[i] = "aabbcunxf#"[rng_below(&random, 10)];
        check(f, word, want, twin(want, f, word, n));
    }
}

static int open_fixture(void **state)
{
    struct fixture *f = mem_alloc(sizeof *f);
    struct err err = {0};

    f->u = unicode_open();
    if (vocab_parse(&f->vocab, tokens, strlen(tokens), f->u, &err) < 0)
        return -1;
    wordpiece_init(&f->wordpiece, &f->vocab, MAX_POINTS);
    *state = f;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;

    wordpiece_release(&f->wordpiece);
    vocab_release(&f->vocab);
    unicode_close(f->u);
    free(f);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(longest_piece_wins),
        cmocka_unit_test(a_word_that_is_not_covered_is_unknown),
        cmocka_unit_test(pieces_are_whole_characters),
        cmocka_unit_test(a_token_twice_gives_its_last_id),
        cmocka_unit_test(a_word_may_begin_with_the_mark_itself),
        cmocka_unit_test(long_words_are_unknown),
        cmocka_unit_test(random_words_are_as_in_the_twin),
    };

    return cmocka_run_group_tests(tests, open_fixture, close_fixture);
}

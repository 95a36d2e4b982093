/* The token stream: what is written is read, and nothing else is. */
#include "text/tokens.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"

static const char path[] = "tokens_test.tmp";

/* A vocabulary whose token 3 is there twice: as 3 and as the last id. */
static struct tokens_header make_header(int64_t vocab_size)
{
    struct tokens_header h = {.vocab_size = vocab_size,
                              .pad = 0,
                              .unk = 1,
                              .cls = 2,
                              .sep = 4,
                              .mask = 5,
                              .cased = true,
                              .rules = mem_text("hf")};

    memset(h.vocab_sha256, 'a', HASH_HEX_SIZE - 1);
    h.continues = mem_array((size_t)vocab_size, sizeof *h.continues);
    h.words = mem_array((size_t)vocab_size, sizeof *h.words);
    for (int64_t id = 0; id < vocab_size; id++) {
        h.continues[id] = id % 3 == 1;
        if (id < vocab_size - 1)
            h.words[h.n_words++] = (int32_t)(id == 3 ? vocab_size - 1 : id);
    }
    return h;
}

/* Two documents: {7}, {vocab_size - 1, 0}; {8, 8, 8}. */
static void write_stream(int64_t vocab_size)
{
    const int32_t first[] = {7};
    const int32_t second[] = {(int32_t)vocab_size - 1, 0};
    const int32_t third[] = {8, 8, 8};
    struct tokens_header h = make_header(vocab_size);
    struct tokens_writer w;
    struct sink to = {0};
    struct buf block = {0};
    struct err err = {0};

    assert_int_equal(sink_open(&to, path, &err), 0);
    assert_int_equal(tokens_begin(&w, &to, &h, &err), 0);
    tokens_encode_sentence(&block, first, 1, vocab_size);
    tokens_encode_sentence(&block, second, 2, vocab_size);
    assert_int_equal(tokens_write(&w, block.data, block.len, 0, 2, 3, &err), 0);
    buf_clear(&block);
    tokens_encode_document_end(&block);
    tokens_encode_sentence(&block, third, 3, vocab_size);
    tokens_encode_document_end(&block);
    assert_int_equal(tokens_write(&w, block.data, block.len, 2, 1, 3, &err), 0);
    assert_int_equal(tokens_end(&w, &err), 0);
    assert_int_equal(sink_commit(&to, &err), 0);
    tokens_writer_release(&w);
    sink_close(&to);
    buf_release(&block);
    tokens_header_release(&h);
}

/* Reads all; "7|99 0|/8 8 8|/." when the stream is whole, and the message after "!" when not. */
static void read_stream(struct buf *got)
{
    struct err err = {0};
    struct tokens *t = tokens_open(path, &err);
    const int32_t *ids;
    size_t n;
    int event = -1;

    buf_clear(got);
    while (t && (event = tokens_next(t, &ids, &n, &err)) > 0) {
        for (size_t i = 0; event == TOKENS_SENTENCE && i < n; i++)
            buf_printf(got, i ? " %d" : "%d", (int)ids[i]);
        buf_put_text(got, event == TOKENS_SENTENCE ? "|" : "/");
    }
    if (event == TOKENS_END) {
        assert_int_equal(tokens_next(t, &ids, &n, &err), TOKENS_END);
        buf_put_text(got, ".");
    } else {
        assert_int_not_equal(err.kind, ERR_NONE);
        buf_printf(got, "!%s", err.text);
    }
    tokens_close(t);
}

static void write_bytes(const char *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

static void what_is_written_is_read(void **state)
{
    const int64_t sizes[] = {100, 65536, 65537, 119547};
    struct buf got = {0};
    struct buf want = {0};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        write_stream(sizes[i]);
        read_stream(&got);
        buf_clear(&want);
        buf_printf(&want, "7|%lld 0|/8 8 8|/.", (long long)sizes[i] - 1);
        assert_string_equal(got.data, want.data);
    }
    buf_release(&got);
    buf_release(&want);
}

static void a_sentence_can_be_made_of_parts(void **state)
{
    const int32_t ids[] = {7, 300, 65535, 1, 2};
    const int64_t sizes[] = {65536, 65537};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct buf whole = {0};
        struct buf parts = {0};

        tokens_encode_document_end(&whole);
        tokens_encode_sentence(&whole, ids, 5, sizes[i]);
        tokens_encode_document_end(&parts);
        tokens_encode_sentence(&parts, ids, 2, sizes[i]);
        tokens_encode_more(&parts, sizeof(uint32_t), ids + 2, 1, sizes[i]);
        tokens_encode_more(&parts, sizeof(uint32_t), ids + 3, 2, sizes[i]);
        assert_int_equal(parts.len, whole.len);
        assert_memory_equal(parts.data, whole.data, whole.len);
        buf_release(&whole);
        buf_release(&parts);
    }
}

static void the_header_says_all_of_the_vocabulary(void **state)
{
    struct tokens_header want = make_header(101);
    const struct tokens_header *got;
    struct err err = {0};
    struct tokens *t;

    (void)state;
    write_stream(101);
    t = tokens_open(path, &err);
    assert_non_null(t);
    got = tokens_header(t);
    assert_string_equal(got->vocab_sha256, want.vocab_sha256);
    assert_int_equal(got->vocab_size, 101);
    assert_int_equal(got->pad, 0);
    assert_int_equal(got->unk, 1);
    assert_int_equal(got->cls, 2);
    assert_int_equal(got->sep, 4);
    assert_int_equal(got->mask, 5);
    assert_true(got->cased);
    assert_string_equal(got->rules, "hf");
    assert_memory_equal(got->continues, want.continues, 101 * sizeof *want.continues);
    assert_int_equal(got->n_words, 100);
    assert_memory_equal(got->words, want.words, 100 * sizeof *want.words);
    tokens_close(t);
    tokens_header_release(&want);
}

static void every_cut_is_noticed(void **state)
{
    struct buf whole = {0};
    struct buf got = {0};
    struct err err = {0};

    (void)state;
    write_stream(100);
    assert_int_equal(file_read(&whole, path, 1 << 20, &err), 0);
    for (size_t n = 0; n < whole.len; n++) {
        write_bytes(whole.data, n);
        read_stream(&got);
        assert_non_null(strchr(got.data, '!'));
        if (n >= 16)
            assert_non_null(strstr(got.data, "cut off"));
    }
    buf_release(&whole);
    buf_release(&got);
}

static void every_changed_byte_is_noticed(void **state)
{
    struct buf whole = {0};
    struct buf got = {0};
    struct err err = {0};

    (void)state;
    write_stream(100);
    assert_int_equal(file_read(&whole, path, 1 << 20, &err), 0);
    for (size_t i = 0; i < whole.len; i++) {
        whole.data[i] ^= 1;
        write_bytes(whole.data, whole.len);
        whole.data[i] ^= 1;
        read_stream(&got);
        assert_non_null(strchr(got.data, '!'));
    }
    buf_put_byte(&whole, 0);
    write_bytes(whole.data, whole.len);
    read_stream(&got);
    assert_non_null(strstr(got.data, "bytes follow the end mark"));
    buf_release(&whole);
    buf_release(&got);
}

static void hostile_streams_are_refused_with_their_place(void **state)
{
    struct buf got = {0};
    struct buf whole = {0};
    struct err err = {0};
    size_t start;

    (void)state;
    write_stream(100);
    assert_int_equal(file_read(&whole, path, 1 << 20, &err), 0);
    start = 16 + (unsigned char)whole.data[12] + 256u * (unsigned char)whole.data[13];

    whole.data[start + 4] = 100; /* the id 7 becomes 100 */
    write_bytes(whole.data, whole.len);
    read_stream(&got);
    assert_string_equal(got.data, "!tokens_test.tmp: document 1, sentence 1: "
                                  "id 100 is not below the vocabulary's size 100");

    memset(whole.data + start, 0xFE, 4); /* a sentence of 4 thousand million ids */
    write_bytes(whole.data, whole.len);
    read_stream(&got);
    assert_non_null(strstr(got.data, "sentence of 4278124286 ids"));

    memcpy(whole.data + start, "\0\0\0\0", 4);
    write_bytes(whole.data, whole.len);
    read_stream(&got);
    assert_non_null(strstr(got.data, "document without sentences"));

    memset(whole.data + 12, 0x7F, 4); /* a header of 2 GB */
    write_bytes(whole.data, whole.len);
    read_stream(&got);
    assert_non_null(strstr(got.data, "header of"));

    whole.data[8] = 2;
    write_bytes(whole.data, whole.len);
    read_stream(&got);
    assert_non_null(strstr(got.data, "token stream of version 2, not 1"));

    write_bytes("just a text, longer than a prefix\n", 34);
    read_stream(&got);
    assert_string_equal(got.data, "!tokens_test.tmp: not a token stream (made by tokenize)");
    buf_release(&got);
    buf_release(&whole);
}

static void a_last_document_without_end_is_refused(void **state)
{
    const int32_t id = 7;
    struct tokens_header h = make_header(100);
    struct tokens_writer w;
    struct sink to = {0};
    struct buf block = {0};
    struct buf got = {0};
    struct err err = {0};

    (void)state;
    assert_int_equal(sink_open(&to, path, &err), 0);
    assert_int_equal(tokens_begin(&w, &to, &h, &err), 0);
    tokens_encode_sentence(&block, &id, 1, 100);
    assert_int_equal(tokens_write(&w, block.data, block.len, 0, 1, 1, &err), 0);
    assert_int_equal(tokens_end(&w, &err), 0);
    assert_int_equal(sink_commit(&to, &err), 0);
    read_stream(&got);
    assert_non_null(strstr(got.data, "7|!"));
    assert_non_null(strstr(got.data, "the last document has no end"));
    tokens_writer_release(&w);
    sink_close(&to);
    buf_release(&block);
    buf_release(&got);
    tokens_header_release(&h);
}

static int remove_file(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(a_sentence_can_be_made_of_parts),
        cmocka_unit_test(the_header_says_all_of_the_vocabulary),
        cmocka_unit_test(every_cut_is_noticed),
        cmocka_unit_test(every_changed_byte_is_noticed),
        cmocka_unit_test(hostile_streams_are_refused_with_their_place),
        cmocka_unit_test(a_last_document_without_end_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, remove_file);
}

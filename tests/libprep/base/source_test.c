/* Bytes through every compression, cut streams, and files that appear only when whole. */
#include "base/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/sink.h"

static const char PLAIN[] = "source_test.tmp";
static const char PACKED[] = "source_test.packed.tmp";

/* 600 KB that compress, but not to a single block. */
static void make_text(struct buf *text)
{
    unsigned x = 1;

    while (text->len < 600000) {
        x = x * 1664525u + 1013904223u;
        buf_printf(text, "line %u of the text\n", x >> 16);
    }
}

static void save(const char *path, const char *bytes, size_t n)
{
    struct sink s = {0};
    struct err err = {0};

    assert_int_equal(sink_open(&s, path, &err), 0);
    assert_int_equal(sink_write(&s, bytes, n, &err), 0);
    assert_int_equal(sink_commit(&s, &err), 0);
    sink_close(&s);
}

static int read_all(struct buf *to, const char *path, struct err *err)
{
    struct source *s = source_open(path, err);
    char block[10000];
    int64_t n = -1;

    if (!s)
        return -1;
    while ((n = source_read(s, block, sizeof block, err)) > 0)
        buf_put(to, block, (size_t)n);
    source_close(s);
    return (int)n;
}

static int pack(const char *program)
{
    char command[256];

    snprintf(command, sizeof command, "%s -c < %s > %s 2>/dev/null", program, PLAIN, PACKED);
    return system(command);
}

static void compressed_input_is_read_by_content(void **state)
{
    static const char *const programs[] = {"cat", "gzip", "bzip2", "xz", "zstd"};
    struct buf text = {0};

    (void)state;
    make_text(&text);
    save(PLAIN, text.data, text.len);
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        struct buf got = {0};
        struct err err = {0};

        if (!strcmp(programs[i], "cat"))
            save(PACKED, text.data, text.len);
        else if (pack(programs[i]) != 0)
            continue; /* this machine has no such program */
        assert_int_equal(read_all(&got, PACKED, &err), 0);
        assert_int_equal(got.len, text.len);
        assert_memory_equal(got.data, text.data, text.len);
        buf_release(&got);
    }
    buf_release(&text);
    unlink(PLAIN);
    unlink(PACKED);
}

static void a_cut_stream_gives_its_bytes_and_an_error(void **state)
{
    struct buf text = {0};
    struct buf packed = {0};
    struct buf got = {0};
    struct err err = {0};

    (void)state;
    make_text(&text);
    save(PLAIN, text.data, text.len);
    assert_int_equal(pack("gzip"), 0);
    assert_int_equal(file_read(&packed, PACKED, 1 << 30, &err), 0);
    save(PACKED, packed.data, packed.len / 2);
    assert_int_equal(read_all(&got, PACKED, &err), -1);
    assert_int_equal(err.kind, ERR_FORMAT);
    assert_non_null(strstr(err.text, PACKED));
    assert_true(got.len > 100000);
    assert_memory_equal(got.data, text.data, got.len);
    buf_release(&text);
    buf_release(&packed);
    buf_release(&got);
    unlink(PLAIN);
    unlink(PACKED);
}

static void tiny_and_empty_inputs_pass_through(void **state)
{
    static const char *const texts[] = {"", "B", "BZ", "\x1f", "BZx not bzip2"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct buf got = {0};
        struct err err = {0};

        save(PLAIN, texts[i], strlen(texts[i]));
        assert_int_equal(read_all(&got, PLAIN, &err), 0);
        assert_int_equal(got.len, strlen(texts[i]));
        buf_release(&got);
    }
    unlink(PLAIN);
}

static void a_folder_is_no_input(void **state)
{
    struct buf got = {0};
    struct err err = {0};

    (void)state;
    assert_int_equal(read_all(&got, ".", &err), -1);
    assert_string_equal(err.text, "cannot read '.': it is a folder");
}

static void a_file_has_its_name_only_after_the_commit(void **state)
{
    struct sink s = {0};
    struct err err = {0};

    (void)state;
    unlink(PLAIN);
    assert_int_equal(sink_open(&s, PLAIN, &err), 0);
    assert_int_equal(sink_write(&s, "x", 1, &err), 0);
    assert_false(file_exists(PLAIN));
    sink_close(&s);
    assert_false(file_exists(PLAIN));
    assert_false(file_exists("source_test.tmp.part"));
    save(PLAIN, "y", 1);
    assert_true(file_exists(PLAIN));
    assert_false(file_exists("source_test.tmp.part"));
    unlink(PLAIN);
}

static void a_full_disk_is_an_error(void **state)
{
    struct sink s = {0};
    struct err err = {0};
    char block[70000] = {0};

    (void)state;
    if (!file_exists("/dev/full"))
        skip();
    /* The sink's own buffering over a device that is always full. */
    s.file = fopen("/dev/full", "wb");
    if (sink_write(&s, block, sizeof block, &err) == 0)
        assert_int_equal(sink_commit(&s, &err), -1);
    assert_int_equal(err.kind, ERR_IO);
    assert_non_null(strstr(err.text, "No space left"));
    fclose(s.file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compressed_input_is_read_by_content),
        cmocka_unit_test(a_cut_stream_gives_its_bytes_and_an_error),
        cmocka_unit_test(tiny_and_empty_inputs_pass_through),
        cmocka_unit_test(a_folder_is_no_input),
        cmocka_unit_test(a_file_has_its_name_only_after_the_commit),
        cmocka_unit_test(a_full_disk_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

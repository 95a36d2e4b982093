/* zip_test.c -- what is written is read, in place and aligned; directories that lie are refused. Python
 * reads what is written here in tests/cli/bert-convert.bats. */
#include "formats/zip.h"

#include "scratch_file.h"

static int setup(void **state)
{
    return make_scratch(state, "x.zip");
}

enum { LENGTH = 400 };
static const char second[LENGTH] = "0123456789"; /* and zeros */

/* An archive of two entries in *bytes. */
static void make(struct buf *bytes, struct scratch *s)
{
    struct sink sink = {0};
    struct zip_writer w = {.sink = &sink};

    assert_int_equal(sink_open(&sink, s->path, &s->err), 0);
    assert_int_equal(zip_write(&w, "b/second", second, LENGTH, &s->err), 0);
    assert_int_equal(zip_write(&w, "a/first", "", 0, &s->err), 0);
    assert_int_equal(zip_write_end(&w, &s->err), 0);
    assert_int_equal(sink_commit(&sink, &s->err), 0);
    sink_close(&sink);
    zip_writer_release(&w);
    assert_int_equal(file_read(bytes, s->path, 1 << 20, &s->err), 0);
}

static const unsigned char *bytes_of(const struct buf *b)
{
    return (const unsigned char *)b->data;
}

static void entries_read_back(void **state)
{
    struct scratch *s = *state;
    struct buf file = {0};
    struct zip_entry *e;
    struct zip z;

    make(&file, s);
    assert_true(zip_is_one(bytes_of(&file), file.len));
    assert_int_equal(zip_open(&z, bytes_of(&file), file.len, &s->err), 0);
    assert_int_equal(z.n, 2);
    assert_string_equal(z.entries[0].name, "a/first");
    e = zip_find(&z, "b/second");
    assert_non_null(e);
    assert_int_equal(e->len, LENGTH);
    assert_memory_equal(e->bytes, second, LENGTH);
    assert_int_equal((e->bytes - bytes_of(&file)) % 64, 0);
    assert_int_equal(zip_check(e, &s->err), 0);
    assert_null(zip_find(&z, "b"));
    zip_release(&z);
    buf_release(&file);
}

static void the_same_entries_are_the_same_bytes(void **state)
{
    struct scratch *s = *state;
    struct buf once = {0}, again = {0};

    make(&once, s);
    make(&again, s);
    assert_int_equal(once.len, again.len);
    assert_memory_equal(once.data, again.data, once.len);
    buf_release(&once);
    buf_release(&again);
}

static void a_cut_archive_is_refused_wherever_it_ends(void **state)
{
    struct scratch *s = *state;
    struct buf file = {0};

    make(&file, s);
    for (size_t n = 0; n < file.len; n++) {
        struct zip z;
        unsigned char *exact = malloc(n + 1); /* to see reads behind it */

        memcpy(exact, file.data, n);
        assert_int_equal(zip_open(&z, exact, n, &s->err), -1);
        free(exact);
    }
    buf_release(&file);
}

static void a_comment_may_follow(void **state)
{
    struct scratch *s = *state;
    struct buf file = {0};
    struct zip z;

    make(&file, s);
    file.data[file.len - 2] = 5;
    buf_put_text(&file, "hello");
    assert_int_equal(zip_open(&z, bytes_of(&file), file.len, &s->err), 0);
    assert_int_equal(z.n, 2);
    zip_release(&z);
    buf_release(&file);
}

/* Opens the archive after the two bytes at `at` were set, counted from its directory or, negative, from
 * its end. */
static void check_changed(struct scratch *s, long at, unsigned value, const char *why)
{
    struct buf file = {0};
    size_t directory, place;
    struct zip z;

    make(&file, s);
    directory = bytes_of(&file)[file.len - 6] | (size_t)bytes_of(&file)[file.len - 5] << 8;
    place = at < 0 ? file.len - (size_t)-at : directory + (size_t)at;
    file.data[place] = (char)(value & 255);
    file.data[place + 1] = (char)(value >> 8);
    s->err = (struct err){0};
    if (zip_open(&z, bytes_of(&file), file.len, &s->err) == 0) {
        zip_check(zip_find(&z, "b/second"), &s->err);
        zip_release(&z);
    }
    if (!strstr(s->err.text, why))
        fail_msg("'%s' does not say '%s'", s->err.text, why);
    buf_release(&file);
}

static void directories_that_lie_are_refused(void **state)
{
    struct scratch *s = *state;

    check_changed(s, -12, 999, "cannot name 999 entries");
    check_changed(s, -10, 60000, "is not inside the file");
    check_changed(s, -6, 60000, "is not inside the file");
    check_changed(s, 0, 0, "directory is damaged");
    check_changed(s, 28, 60000, "directory is damaged");
    check_changed(s, 42, 60, "is not where the directory says");
    check_changed(s, 20, 60000, "goes beyond the end of the file");
    check_changed(s, 24, 11, "is stored in another size");
    check_changed(s, 10, 8, "is compressed or encrypted");
    check_changed(s, 8, 1, "is compressed or encrypted");
    check_changed(s, 16, 4711, "is damaged: its checksum is wrong");
}

/* Many names for the same bytes would make a small file a long reading. */
static void entries_that_share_bytes_are_refused(void **state)
{
    enum { N = 40 };
    struct scratch *s = *state;
    struct buf file = {0}, whole = {0};
    size_t directory, entry;
    struct zip z;

    make(&file, s);
    directory = bytes_of(&file)[file.len - 6] | (size_t)bytes_of(&file)[file.len - 5] << 8;
    entry = 46 + strlen("b/second");
    buf_put(&whole, file.data, directory);
    for (int i = 0; i < N; i++)
        buf_put(&whole, file.data + directory, entry);
    buf_put(&whole, file.data + file.len - 22, 10);
    buf_put_byte(&whole, N);
    buf_put_byte(&whole, 0);
    buf_put_u32(&whole, (uint32_t)(N * entry));
    buf_put_u32(&whole, (uint32_t)directory);
    buf_put(&whole, "\0", 2);
    assert_int_equal(zip_open(&z, bytes_of(&whole), whole.len, &s->err), -1);
    assert_non_null(strstr(s->err.text, "share their bytes"));
    buf_release(&file);
    buf_release(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(entries_read_back, setup, drop_scratch),
        cmocka_unit_test_setup_teardown(the_same_entries_are_the_same_bytes, setup, drop_scratch),
        cmocka_unit_test_setup_teardown(a_cut_archive_is_refused_wherever_it_ends, setup,
                                        drop_scratch),
        cmocka_unit_test_setup_teardown(a_comment_may_follow, setup, drop_scratch),
        cmocka_unit_test_setup_teardown(directories_that_lie_are_refused, setup, drop_scratch),
        cmocka_unit_test_setup_teardown(entries_that_share_bytes_are_refused, setup, drop_scratch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* torch_file_test.c -- what we write reads back, shared storages are written once, and damaged
 * files never get past the reader. PyTorch itself reads and writes in
 * tests/cli/bert-convert.bats. */
#include "formats/torch_file.h"

#include "base/buf.h"
#include "formats/zip.h"
#include "scratch_file.h"

static int setup(void **state)
{
    return make_scratch(state, "x.pt");
}

static const float matrix[6] = {1, -2, 3.5f, 4, 5, 1e-30f};
static const float number = 7;
static const struct float_tensor tensors[] = {
    {"word", matrix, {2, 3}, 2},
    {"scalar", &number, {0}, 0},
    {"tied", matrix, {3, 2}, 2},
};

static void what_is_saved_reads_back(void **state)
{
    struct scratch *s = *state;
    struct tensor_table table = {0};
    float got[6];

    assert_int_equal(torch_file_save(s->path, "model", tensors, 3, &s->err), 0);
    if (torch_file_read(&table, s->path, &s->err) < 0)
        fail_msg("%s", s->err.text);
    assert_int_equal(table.n, 3);
    assert_int_equal(tensor_entry_floats(got, 6, tensor_table_find(&table, "word"), &s->err), 0);
    assert_memory_equal(got, matrix, sizeof matrix);
    assert_int_equal(tensor_entry_floats(got, 1, tensor_table_find(&table, "scalar"), &s->err), 0);
    assert_true(got[0] == 7);
    assert_ptr_equal(tensor_table_find(&table, "tied")->data,
                     tensor_table_find(&table, "word")->data);
    assert_int_equal((tensor_table_find(&table, "word")->data - table.files[0]->bytes) % 64, 0);
    tensor_table_release(&table);
}

static void the_same_tensors_give_the_same_bytes(void **state)
{
    struct scratch *s = *state;
    struct buf first = {0}, second = {0};

    assert_int_equal(torch_file_save(s->path, "model", tensors, 3, &s->err), 0);
    assert_int_equal(file_read(&first, s->path, 1 << 16, &s->err), 0);
    assert_int_equal(torch_file_save(s->path, "model", tensors, 3, &s->err), 0);
    assert_int_equal(file_read(&second, s->path, 1 << 16, &s->err), 0);
    assert_int_equal(first.len, second.len);
    assert_memory_equal(first.data, second.data, first.len);
    buf_release(&first);
    buf_release(&second);
}

/* No byte of the pickle, the numbers or the directory can change unnoticed but for dates and the
 * like; whatever happens, nothing outside the file is read (the sanitizers see to that). */
static void damaged_files_never_crash(void **state)
{
    struct scratch *s = *state;
    struct buf whole = {0};
    size_t n_read = 0;

    assert_int_equal(torch_file_save(s->path, "model", tensors, 3, &s->err), 0);
    assert_int_equal(file_read(&whole, s->path, 1 << 16, &s->err), 0);
    for (size_t i = 0; i < whole.len; i += 2) {
        struct tensor_table table = {0};
        float got[6];

        write_bytes(s->path, whole.data, i);
        assert_int_equal(torch_file_read(&table, s->path, &s->err), -1);
        tensor_table_release(&table);
        whole.data[i] = (char)(whole.data[i] ^ 4);
        write_bytes(s->path, whole.data, whole.len);
        if (torch_file_read(&table, s->path, &s->err) == 0) {
            n_read++;
            for (size_t t = 0; t < table.n; t++)
                if (table.entries[t].n_values <= 6)
                    tensor_entry_floats(got, table.entries[t].n_values, &table.entries[t], &s->err);
        }
        tensor_table_release(&table);
        whole.data[i] = (char)(whole.data[i] ^ 4);
    }
    assert_true(n_read > 0 && n_read < whole.len);
    buf_release(&whole);
}

/* An entry whose sizes and place are in the 64-bit extra field, as beyond 4 GB. */
static void sizes_of_64_bits(void **state)
{
    struct zip_entry *e;
    struct buf b = {0};
    struct err err = {0};
    struct zip zip;
    size_t directory;

    (void)state;
    buf_put_u32(&b, 0x04034b50);
    for (int i = 0; i < 22; i++)
        buf_put_byte(&b, 0);
    buf_put(&b, "\1\0\3\0azzzDATA", 12); /* name of 1 byte, extra of 3 */
    directory = b.len;
    buf_put_u32(&b, 0x02014b50);
    for (int i = 0; i < 16; i++)
        buf_put_byte(&b, 0);
    buf_put(&b, "\xff\xff\xff\xff\xff\xff\xff\xff\1\0\x20\0\0\0\0\0\0\0\0\0\0\0\xff\xff\xff\xff",
            26);
    buf_put(&b, "a\xcc\xcc\0\0\1\0\x18\0", 9);
    buf_put_u64(&b, 4);
    buf_put_u64(&b, 4);
    buf_put_u64(&b, 0);
    buf_put_u32(&b, 0x06054b50);
    buf_put(&b, "\0\0\0\0\1\0\1\0", 8);
    buf_put_u32(&b, (uint32_t)(b.len - 12 - directory));
    buf_put_u32(&b, (uint32_t)directory);
    buf_put(&b, "\0\0", 2);
    if (zip_open(&zip, (const unsigned char *)b.data, b.len, &err) < 0)
        fail_msg("%s", err.text);
    e = zip_find(&zip, "a");
    assert_non_null(e);
    assert_int_equal(e->len, 4);
    assert_memory_equal(e->bytes, "DATA", 4);
    assert_int_equal(zip_check(e, &err), 0); /* a checksum of 0 is none */
    assert_null(zip_find(&zip, "b"));
    zip_release(&zip);
    buf_release(&b);
}

static void a_missing_folder_leaves_no_file(void **state)
{
    struct scratch *s = *state;
    char *inside = file_join(s->path, "y");

    assert_int_equal(torch_file_save(inside, "model", tensors, 3, &s->err), -1);
    assert_false(file_exists(s->path));
    free(inside);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, drop_scratch)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_saved_reads_back),        TEST(the_same_tensors_give_the_same_bytes),
        TEST(damaged_files_never_crash),       TEST(sizes_of_64_bits),
        TEST(a_missing_folder_leaves_no_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* safetensors_test.c -- what we write reads back; headers that lie are refused before use. */
#include "formats/safetensors.h"

#include "base/buf.h"
#include "scratch_file.h"
#include <unistd.h>

static int setup(void **state)
{
    return make_scratch(state, "x.safetensors");
}

/* A file with this header, `claimed` as its length (0 = the true one) and n_data bytes 0, 1,
 * 2... */
static void write_file(const char *path, const char *header, uint64_t claimed, size_t n_data)
{
    struct buf file = {0};

    buf_put_u64(&file, claimed ? claimed : strlen(header));
    buf_put_text(&file, header);
    for (size_t i = 0; i < n_data; i++)
        buf_put_byte(&file, (char)i);
    write_bytes(path, file.data, file.len);
    buf_release(&file);
}

static void check_unreadable(struct scratch *s, const char *path)
{
    struct tensor_table file = {0};

    assert_int_equal(safetensors_read(&file, path, &s->err), -1);
    tensor_table_release(&file);
}

static void check_refused(struct scratch *s, const char *header, size_t n_data, const char *why)
{
    write_file(s->path, header, 0, n_data);
    check_unreadable(s, s->path);
    if (!strstr(s->err.text, why))
        fail_msg("'%s' does not say '%s'", s->err.text, why);
    assert_non_null(strstr(s->err.text, "x.safetensors"));
}

static void what_is_saved_reads_back(void **state)
{
    struct scratch *s = *state;
    const float matrix[6] = {1, -2, 3.5f, 4, 5, 1e-30f};
    const float vector[2] = {7, 8};
    const struct float_tensor entries[] = {
        {"z.matrix", matrix, {2, 3}, 2},
        {"a.vector", vector, {2}, 1},
        {"empty", NULL, {0, 4}, 2},
    };
    struct tensor_table file = {0};
    const struct tensor_entry *t;
    float got[6];

    assert_int_equal(safetensors_save(s->path, entries, 3, &s->err), 0);
    assert_int_equal(safetensors_read(&file, s->path, &s->err), 0);
    assert_int_equal(file.n, 3);
    t = tensor_table_find(&file, "z.matrix");
    assert_non_null(t);
    assert_int_equal(t->n_dims, 2);
    assert_int_equal(t->dims[0], 2);
    assert_int_equal(t->dims[1], 3);
    assert_int_equal((uintptr_t)t->data % 4, 0);
    assert_int_equal(tensor_entry_floats(got, 6, t, &s->err), 0);
    assert_memory_equal(got, matrix, sizeof matrix);
    t = tensor_table_find(&file, "a.vector");
    assert_int_equal(tensor_entry_floats(got, 2, t, &s->err), 0);
    assert_memory_equal(got, vector, sizeof vector);
    assert_int_equal(tensor_table_find(&file, "empty")->n_values, 0);
    assert_null(tensor_table_find(&file, "none"));
    tensor_table_release(&file);
}

static void same_tensors_give_same_bytes_in_any_order(void **state)
{
    struct scratch *s = *state;
    const float x[2] = {1, 2};
    const struct float_tensor one[] = {{"b", x, {2}, 1}, {"a", x + 1, {1}, 1}};
    const struct float_tensor two[] = {{"a", x + 1, {1}, 1}, {"b", x, {2}, 1}};
    const char *want = "{\"__metadata__\":{\"format\":\"pt\"},"
                       "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
                       "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}";
    struct buf first = {0}, second = {0};

    assert_int_equal(safetensors_save(s->path, one, 2, &s->err), 0);
    assert_int_equal(file_read(&first, s->path, 4096, &s->err), 0);
    assert_int_equal(safetensors_save(s->path, two, 2, &s->err), 0);
    assert_int_equal(file_read(&second, s->path, 4096, &s->err), 0);
    assert_int_equal(first.len, second.len);
    assert_memory_equal(first.data, second.data, first.len);
    assert_memory_equal(first.data + 8, want, strlen(want));
    assert_int_equal((first.len - 12) % 8, 0);
    buf_release(&first);
    buf_release(&second);
}

static void half_types_become_floats(void **state)
{
    struct scratch *s = *state;
    const char *header = "{\"h\":{\"dtype\":\"F16\",\"shape\":[6],\"data_offsets\":[0,12]},"
                         "\"b\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[12,14]},"
                         "\"d\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[14,22]}}";
    const uint16_t halves[] = {0x3c00, 0xc000, 0x0001, 0x83ff, 0x7bff, 0x7c00, 0xc049};
    const float want[] = {1, -2, 0x1p-24f, -1023 * 0x1p-24f, 65504, 1.0f / 0.0f};
    const double d = 0.1;
    struct buf bytes = {0};
    struct tensor_table file = {0};
    float got[6];

    buf_put_u64(&bytes, strlen(header));
    buf_put_text(&bytes, header);
    buf_put(&bytes, halves, sizeof halves);
    buf_put(&bytes, &d, sizeof d);
    write_bytes(s->path, bytes.data, bytes.len);
    buf_release(&bytes);
    assert_int_equal(safetensors_read(&file, s->path, &s->err), 0);
    assert_int_equal(tensor_entry_floats(got, 6, tensor_table_find(&file, "h"), &s->err), 0);
    assert_memory_equal(got, want, sizeof want);
    assert_int_equal(tensor_entry_floats(got, 1, tensor_table_find(&file, "b"), &s->err), 0);
    assert_true(got[0] == -3.140625f);
    assert_int_equal(tensor_entry_floats(got, 1, tensor_table_find(&file, "d"), &s->err), 0);
    assert_true(got[0] == 0.1f);
    tensor_table_release(&file);
}

static void values_of_another_type_or_number_are_refused(void **state)
{
    struct scratch *s = *state;
    struct tensor_table file = {0};
    float got[2];

    write_file(s->path, "{\"i\":{\"dtype\":\"I32\",\"shape\":[2],\"data_offsets\":[0,8]}}  ", 0, 8);
    assert_int_equal(safetensors_read(&file, s->path, &s->err), 0);
    assert_int_equal(tensor_entry_floats(got, 2, &file.entries[0], &s->err), -1);
    assert_non_null(strstr(s->err.text, "dtype I32"));
    assert_int_equal(tensor_entry_floats(got, 1, &file.entries[0], &s->err), -1);
    assert_non_null(strstr(s->err.text, "2 values, not 1"));
    tensor_table_release(&file);
}

#define F32(name, shape, range)                                                                    \
    "\"" name "\":{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":" range "}"

static void lying_headers_are_refused(void **state)
{
    struct scratch *s = *state;

    check_refused(s, "{" F32("a", "[2]", "[0,8]") "}", 4, "which has 4");
    check_refused(s, "{" F32("a", "[2]", "[0,8]") "}", 9, "after the last tensor");
    check_refused(s, "{" F32("a", "[2]", "[0,4]") "}", 8, "not those of its shape");
    check_refused(s, "{" F32("a", "[1]", "[0,4]") "," F32("b", "[1]", "[8,12]") "}", 12, "hole");
    check_refused(s, "{" F32("a", "[1]", "[4,8]") "}", 8, "hole");
    check_refused(s, "{" F32("a", "[2]", "[0,8]") "," F32("b", "[1]", "[4,8]") "}", 8, "overlaps");
    check_refused(s, "{" F32("a", "[1]", "[0,4]") "," F32("b", "[1]", "[0,4]") "}", 4, "overlaps");
    check_refused(s, "{" F32("a", "[1]", "[4,0]") "}", 4, "not a range");
    check_refused(s, "{" F32("a", "[1]", "[-4,0]") "}", 4, "not a range");
    check_refused(s, "{" F32("a", "[1]", "[0,4,8]") "}", 4, "not a range");
    check_refused(s, "{" F32("a", "[1]", "7") "}", 4, "not a range");
    check_refused(s, "{" F32("a", "[-1]", "[0,4]") "}", 4, "not a size");
    check_refused(s, "{" F32("a", "[1.0]", "[0,4]") "}", 4, "not a size");
    check_refused(s, "{" F32("a", "4", "[0,4]") "}", 4, "no shape");
    check_refused(s, "{" F32("a", "[1,1,1,1,1,1,1,1,1]", "[0,4]") "}", 4, "dimensions");
    check_refused(s, "{" F32("a", "[4294967296,4294967296,2]", "[0,0]") "}", 0, "overflows");
    check_refused(s, "{" F32("a", "[1152921504606846976]", "[0,0]") "}", 0, "not those");
    check_refused(s, "{" F32("a", "[4611686018427387904]", "[0,0]") "}", 0, "overflows");
    check_refused(s, "{" F32("a", "[1]", "[0,4]") "," F32("a", "[1]", "[4,8]") "}", 8, "header");
    check_refused(s, "{\"a\":{\"dtype\":\"F128\",\"shape\":[1],\"data_offsets\":[0,16]}}", 16,
                  "unknown dtype 'F128'");
    check_refused(s, "{\"a\":[]}", 0, "not described");
    check_refused(s, "{\"__metadata__\":{\"format\":1}}", 0, "not a text");
    check_refused(s, "{\"__metadata__\":7}", 0, "not a map");
    check_refused(s, " {}", 0, "does not start with");
    check_refused(s, "[]", 0, "does not start with");
    check_refused(s, "{\"a\":", 0, "header");
}

static void lying_lengths_are_refused(void **state)
{
    struct scratch *s = *state;

    write_file(s->path, "{}", 3, 0);
    check_unreadable(s, s->path);
    assert_non_null(strstr(s->err.text, "in a file of 10"));
    write_file(s->path, "{}", UINT64_MAX, 0);
    check_unreadable(s, s->path);
    assert_non_null(strstr(s->err.text, "limit"));
    write_bytes(s->path, "1234567", 7);
    check_unreadable(s, s->path);
    check_unreadable(s, s->folder);
    check_unreadable(s, "/nowhere/x");
    assert_non_null(strstr(s->err.text, "No such file"));
}

/* Every file that is cut short or has one byte changed opens or is refused; none is read outside
 * its map (the sanitizers see to that). */
static void damaged_files_never_crash(void **state)
{
    struct scratch *s = *state;
    const float x[3] = {1, 2, 3};
    const struct float_tensor entries[] = {{"ab", x, {3}, 1}, {"c", x, {1, 2}, 2}};
    struct buf whole = {0};
    struct tensor_table file = {0};
    float got[3];

    assert_int_equal(safetensors_save(s->path, entries, 2, &s->err), 0);
    assert_int_equal(file_read(&whole, s->path, 4096, &s->err), 0);
    for (size_t n = 0; n < whole.len; n++) {
        write_bytes(s->path, whole.data, n);
        check_unreadable(s, s->path);
    }
    for (size_t i = 0; i < whole.len; i++) {
        for (unsigned bit = 0; bit < 8; bit += 3) {
            whole.data[i] = (char)(whole.data[i] ^ (1u << bit));
            write_bytes(s->path, whole.data, whole.len);
            if (safetensors_read(&file, s->path, &s->err) == 0)
                for (size_t t = 0; t < file.n; t++)
                    if (file.entries[t].n_values <= 3)
                        tensor_entry_floats(got, file.entries[t].n_values, &file.entries[t],
                                            &s->err);
            tensor_table_release(&file);
            whole.data[i] = (char)(whole.data[i] ^ (1u << bit));
        }
    }
    buf_release(&whole);
}

static void a_missing_folder_leaves_no_file(void **state)
{
    struct scratch *s = *state;
    char *inside = file_join(s->path, "y"); /* a folder that does not exist */
    const float x = 1;
    const struct float_tensor entry = {"a", &x, {1}, 1};

    assert_int_equal(safetensors_save(inside, &entry, 1, &s->err), -1);
    assert_false(file_exists(inside));
    free(inside);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_saved_reads_back, setup, drop_scratch),
        cmocka_unit_test_setup_teardown(same_tensors_give_same_bytes_in_any_order, setup,
                                        drop_scratch),
        cmocka_unit_test_setup_teardown(half_types_become_floats, setup, drop_scratch),
        cmocka_unit_test_setup_teardown(values_of_another_type_or_number_are_refused, setup,
                                        drop_scratch),
        cmocka_unit_test_setup_teardown(lying_headers_are_refused, setup, drop_scratch),
        cmocka_unit_test_setup_teardown(lying_lengths_are_refused, setup, drop_scratch),
        cmocka_unit_test_setup_teardown(damaged_files_never_crash, setup, drop_scratch),
        cmocka_unit_test_setup_teardown(a_missing_folder_leaves_no_file, setup, drop_scratch),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

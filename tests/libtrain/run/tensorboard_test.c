/* tensorboard_test.c -- the bytes that TensorBoard's reader wants. */
#include "run/tensorboard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"

static uint64_t number_at(const unsigned char *p, size_t n_bytes)
{
    uint64_t value = 0;

    memcpy(&value, p, n_bytes);
    return value;
}

static void read_only_file(struct buf *content, const char *folder)
{
    struct err err = {0};
    char **names;
    size_t n;
    char *path;

    assert_int_equal(file_list(&names, &n, folder, "", &err), 0);
    assert_int_equal(n, 1);
    assert_int_equal(strncmp(names[0], "events.out.tfevents.", 20), 0);
    path = file_join(folder, names[0]);
    assert_int_equal(file_read(content, path, 1 << 20, &err), 0);
    free(path);
    file_free_names(names, n);
}

static void an_event_file_has_its_version_then_scalars(void **state)
{
    char folder[] = "/tmp/tensorboard_test.XXXXXX";
    /* step 300, summary { value { tag "Loss", simple_value 2.5 } } */
    const unsigned char scalar[] = {0x10, 0xac, 0x02, 0x2a, 0x0d, 0x0a, 0x0b, 0x0a, 0x04,
                                    'L',  'o',  's',  's',  0x15, 0x00, 0x00, 0x20, 0x40};
    struct err err = {0};
    struct tensorboard t;
    struct buf content = {0};
    const unsigned char *p;

    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(tensorboard_open(&t, folder, &err), 0);
    tensorboard_scalar(&t, "Loss", 300, 2.5f);
    assert_int_equal(tensorboard_close(&t, &err), 0);
    read_only_file(&content, folder);
    p = (const unsigned char *)content.data;
    /* 9 bytes of time, then file_version; the CRC of the length 24 is that of every event file. */
    assert_int_equal(number_at(p, 8), 24);
    assert_int_equal(number_at(p + 8, 4), 0x224b7fa3);
    assert_memory_equal(p + 12 + 9,
                        "\x1a\x0d"
                        "brain.Event:2",
                        15);
    p += 12 + 24 + 4;
    assert_int_equal(number_at(p, 8), 9 + sizeof scalar);
    assert_memory_equal(p + 12 + 9, scalar, sizeof scalar);
    assert_int_equal(content.len, 12 + 24 + 4 + 12 + 9 + sizeof scalar + 4);
    buf_release(&content);
    file_remove(folder, &err);
}

static void without_a_file_scalars_go_nowhere(void **state)
{
    struct tensorboard t = {0};
    struct err err = {0};

    (void)state;
    tensorboard_scalar(&t, "Loss", 1, 1);
    assert_int_equal(tensorboard_close(&t, &err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_file_has_its_version_then_scalars),
        cmocka_unit_test(without_a_file_scalars_go_nowhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

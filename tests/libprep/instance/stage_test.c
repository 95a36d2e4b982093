/* stage_test.c -- a set of files appears together, or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "instance/stage.h"

struct place {
    char root[32];
    char *folder;
};

static int make_place(void **state)
{
    struct place *p = calloc(1, sizeof *p);

    strcpy(p->root, "/tmp/stage-XXXXXX");
    assert_non_null(mkdtemp(p->root));
    p->folder = file_join(p->root, "set");
    *state = p;
    return 0;
}

static int remove_place(void **state)
{
    struct place *p = *state;
    struct err err = {0};

    file_remove(p->root, &err);
    free(p->folder);
    free(p);
    return 0;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static bool exists(const char *folder, const char *name)
{
    char *path = file_join(folder, name);
    const bool there = file_exists(path);

    free(path);
    return there;
}

static void stage_file(struct stage *s, const char *name, const char *text)
{
    struct err err = {0};
    char *path = stage_path(s, name, &err);
    char sha256[HASH_HEX_SIZE];

    write_file(path, text);
    assert_int_equal(sha256_of_file(sha256, NULL, path, &err), 0);
    stage_add(s, name, 1, sha256);
    free(path);
}

static bool is_old_shard(void *context, const char *name)
{
    return strncmp(name, context, strlen(context)) == 0;
}

static void files_appear_when_published(void **state)
{
    struct place *p = *state;
    struct stage s = {0};
    struct err err = {0};
    char prefix[] = "set";

    assert_int_equal(stage_open(&s, p->folder, "set", false, &err), 0);
    stage_file(&s, "set_training_0.hdf5", "abc");
    assert_string_equal(s.files[0].sha256,
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_false(exists(p->folder, "set_training_0.hdf5"));
    assert_int_equal(stage_publish(&s, is_old_shard, prefix, &err), 0);
    assert_true(exists(p->folder, "set_training_0.hdf5"));
    stage_close(&s);
    assert_false(exists(p->folder, ".set.part"));

    /* A second, smaller set: the first one's files are gone, others' are not. */
    assert_int_equal(stage_open(&s, p->folder, "set", false, &err), 0);
    stage_file(&s, "set_test_4.hdf5", "new");
    assert_int_equal(stage_publish(&s, is_old_shard, prefix, &err), 0);
    stage_close(&s);
    assert_false(exists(p->folder, "set_training_0.hdf5"));
    assert_true(exists(p->folder, "set_test_4.hdf5"));
}

static void what_is_not_published_leaves_no_trace(void **state)
{
    struct place *p = *state;
    struct stage s = {0};
    struct err err = {0};

    assert_int_equal(stage_open(&s, p->folder, "set", false, &err), 0);
    stage_file(&s, "set_training_0.hdf5", "abc");
    stage_close(&s);
    assert_false(file_exists(p->folder));
}

static void a_folder_that_was_there_stays(void **state)
{
    struct place *p = *state;
    struct stage s = {0};
    struct err err = {0};

    assert_int_equal(file_make_folder(p->folder, &err), 0);
    assert_int_equal(stage_open(&s, p->folder, "set", false, &err), 0);
    stage_close(&s);
    assert_true(file_is_folder(p->folder));
    assert_false(exists(p->folder, ".set.part"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_appear_when_published, make_place, remove_place),
        cmocka_unit_test_setup_teardown(what_is_not_published_leaves_no_trace, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(a_folder_that_was_there_stays, make_place, remove_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

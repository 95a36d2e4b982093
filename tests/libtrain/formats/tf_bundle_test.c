/* tf_bundle_test.c -- checkpoints that TensorFlow wrote. Written ones with several data files are in
 * tests/cli/bert-convert.bats. */
#include "formats/tf_bundle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"

static void check_value(const struct tensor_table *t, const char *name, float want)
{
    const struct tensor_entry *e = tensor_table_find(t, name);
    struct err err = {0};
    float got;

    assert_non_null(e);
    if (tensor_entry_floats(&got, 1, e, &err) < 0)
        fail_msg("%s", err.text);
    assert_true(got == want);
}

static int read_real(struct tensor_table *t, const char *name)
{
    const char *shared = getenv("BERTLINE_SHARED");
    const char *source = getenv("SOURCE");
    struct err err = {0};
    char path[1024];

    snprintf(path, sizeof path, "%s%s/data/weights/tf_ckpt_v2/%s/variables",
             shared   ? shared
             : source ? source
                      : ".",
             shared ? "" : "/../shared", name);
    if (tf_bundle_read(t, path, &err) == 0)
        return 0;
    if (!strstr(err.text, "cannot open"))
        fail_msg("%s", err.text);
    print_message("skipped: %s\n", err.text);
    return -1;
}

/* y = x / 2 + 2, and + 3: TensorFlow Serving's test model. */
static void a_checkpoint_of_tensorflow_1(void **state)
{
    struct tensor_table t = {0};

    (void)state;
    if (read_real(&t, "saved_model_half_plus_two_cpu") == 0) {
        assert_int_equal(t.n, 5);
        check_value(&t, "a", 0.5f);
        check_value(&t, "b", 2);
        check_value(&t, "c", 3);
    }
    tensor_table_release(&t);
}

static void a_checkpoint_of_tensorflow_2_with_a_snappy_index(void **state)
{
    struct tensor_table t = {0};

    (void)state;
    if (read_real(&t, "saved_model_half_plus_two_tf2_cpu") == 0) {
        check_value(&t, "a/.ATTRIBUTES/VARIABLE_VALUE", 0.5f);
        check_value(&t, "b/.ATTRIBUTES/VARIABLE_VALUE", 2);
        check_value(&t, "c/.ATTRIBUTES/VARIABLE_VALUE", 3);
        assert_null(tensor_table_find(&t, "_CHECKPOINTABLE_OBJECT_GRAPH"));
        assert_string_equal(t.passed_over.data, "'_CHECKPOINTABLE_OBJECT_GRAPH'");
    }
    tensor_table_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_checkpoint_of_tensorflow_1),
        cmocka_unit_test(a_checkpoint_of_tensorflow_2_with_a_snappy_index),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

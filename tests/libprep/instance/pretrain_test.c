/* pretrain_test.c -- which names are a set's own: what a new run may remove. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "instance/pretrain.h"

static void only_our_names_are_ours(void **state)
{
    const char *const others[] = {"set_training_.hdf5",
                                  "set_training_0.hdf5.part",
                                  "set_training_0x.hdf5",
                                  "other_training_0.hdf5",
                                  "set_training_0.h5",
                                  "set_eval_0.hdf5",
                                  "set_",
                                  "a_set_training_0.hdf5"};
    const struct pretrain_options o = {.prefix = "set"};

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(pretrain_name_is("set", others[i]));
    for (size_t i = 0; i < 2000; i += 999) {
        char *training = pretrain_name(&o, false, i);
        char *test = pretrain_name(&o, true, i);

        assert_true(pretrain_name_is("set", training));
        assert_true(pretrain_name_is("set", test));
        assert_string_not_equal(training, test);
        free(training);
        free(test);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_our_names_are_ours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

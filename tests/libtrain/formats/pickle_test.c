/* pickle_test.c -- containers and tensors come out of a pickle; calls and nonsense do not. */
#include "formats/pickle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A pickle as a string literal, which may hold zero bytes. */
#define READ(root, err, bytes) pickle_read(root, NULL, bytes, sizeof bytes - 1, err)

static void check_refused(const char *bytes, size_t n, const char *why)
{
    const struct pickle_value *root;
    struct err err = {0};
    struct pickle *p = pickle_read(&root, NULL, bytes, n, &err);

    assert_null(p);
    if (!strstr(err.text, why))
        fail_msg("'%s' does not say '%s'", err.text, why);
}

#define REFUSED(bytes, why) check_refused(bytes, sizeof bytes - 1, why)

static void containers_and_numbers(void **state)
{
    const struct pickle_value *root, *list;
    struct err err = {0};
    /* {'a': [1, -2, 300, 2**40, None, True], 'b': ()} of protocol 2 */
    struct pickle *p = READ(&root, &err,
                            "\x80\x02}q\x00(X\x01\0\0\0aq\x01]q\x02(K\x01J\xfe\xff\xff\xffM,\x01"
                            "\x8a\x06\0\0\0\0\0\x01N\x88"
                            "eX\x01\0\0\0bq\x03)u.");

    (void)state;
    assert_non_null(p);
    assert_int_equal(root->kind, PICKLE_MAP);
    list = pickle_member(root, "a");
    assert_int_equal(list->n_items, 6);
    assert_int_equal(list->items[0]->integer, 1);
    assert_int_equal(list->items[1]->integer, -2);
    assert_int_equal(list->items[2]->integer, 300);
    assert_int_equal(list->items[3]->integer, (int64_t)1 << 40);
    assert_int_equal(list->items[4]->kind, PICKLE_NONE);
    assert_int_equal(list->items[5]->kind, PICKLE_BOOL);
    assert_int_equal(pickle_member(root, "b")->kind, PICKLE_LIST);
    assert_null(pickle_member(root, "c"));
    pickle_close(p);
}

static void protocol_4_with_frames_and_memo(void **state)
{
    const struct pickle_value *root;
    struct err err = {0};
    /* OrderedDict(a=5), and where it ended */
    static const char bytes[] = "\x80\x04\x95\x30\0\0\0\0\0\0\0\x8c\x0b"
                                "collections\x94\x8c\x0bOrderedDict\x94\x93\x94)R\x94\x8c\x01"
                                "a\x94K\x05s.rest";
    size_t used;
    struct pickle *p = pickle_read(&root, &used, bytes, sizeof bytes - 1, &err);

    (void)state;
    assert_non_null(p);
    assert_int_equal(pickle_member(root, "a")->integer, 5);
    assert_int_equal(used, sizeof bytes - 1 - strlen("rest"));
    pickle_close(p);
}

#define STORAGE                                                                                    \
    "(X\x07\0\0\0storagectorch.cuda\nHalfStorage\nX\x01\0\0\0"                                     \
    "7X\x03\0\0\0cpuK\x09tQ"

static void a_tensor_is_storage_offset_sizes_strides(void **state)
{
    const struct pickle_value *root;
    struct err err = {0};
    struct pickle *p = READ(&root, &err,
                            "\x80\x02"
                            "ctorch._utils\n_rebuild_tensor_v2\n(" STORAGE
                            "K\x01K\x02K\x04\x86K\x01K\x02\x86\x89NtR.");
    const struct pickle_value *const *storages;
    size_t n;

    (void)state;
    assert_non_null(p);
    assert_int_equal(root->kind, PICKLE_TENSOR);
    assert_string_equal(root->storage->text, "7");
    assert_string_equal(root->storage->type, "HalfStorage");
    assert_int_equal(root->storage->n_values, 9);
    assert_int_equal(root->offset, 1);
    assert_int_equal(root->sizes->items[1]->integer, 4);
    assert_int_equal(root->strides->items[1]->integer, 2);
    storages = pickle_storages(&n, p);
    assert_int_equal(n, 1);
    assert_ptr_equal(storages[0], root->storage);
    pickle_close(p);
}

static void objects_of_pytorch_and_numpy_stay_empty(void **state)
{
    const struct pickle_value *root, *v;
    struct err err = {0};
    char what[64];
    /* {'d': DataLoader.__new__() with a state that holds a tensor's bytes} */
    struct pickle *p = READ(&root, &err,
                            "\x80\x02}X\x01\0\0\0dctorch.utils.data.dataloader\nDataLoader\n)\x81"
                            "}X\x01\0\0\0xcnumpy.core.multiarray\n_reconstruct\n)Rsbs.");

    (void)state;
    assert_non_null(p);
    v = pickle_member(root, "d");
    assert_int_equal(v->kind, PICKLE_OTHER);
    assert_int_equal(v->n_items, 0);
    pickle_describe(what, sizeof what, v);
    assert_string_equal(what, "an object of 'torch.utils.data.dataloader.DataLoader'");
    pickle_close(p);
}

static void other_calls_are_refused_by_name(void **state)
{
    (void)state;
    REFUSED("\x80\x02"
            "cposix\nsystem\nX\x02\0\0\0ls\x85R.",
            "byte 2 of the pickle: asks for 'posix.system'");
    REFUSED("\x80\x04\x8c\x08"
            "builtins\x8c\x04"
            "eval\x93.",
            "'builtins.eval'");
    REFUSED("\x80\x02"
            "ctorchvision\nx\n.",
            "'torchvision.x'"); /* not what is in torch */
    REFUSED("\x80\x02"
            "cos.path\njoin\n.",
            "'os.path.join'");
    REFUSED("\x80\x02i__main__\nx\n.", "instruction 0x69"); /* INST calls too */
    REFUSED("\x80\x02K\x01)R.", "call of what is no name");
}

static void values_that_hold_themselves_are_fine(void **state)
{
    const struct pickle_value *root;
    struct err err = {0};
    struct pickle *p = READ(&root, &err,
                            "\x80\x02]q\x00(h\x00h\x00"
                            "e.");

    (void)state;
    assert_non_null(p);
    assert_ptr_equal(root->items[0], root);
    pickle_close(p);
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    REFUSED("", "not a pickle");
    REFUSED("(lp0\n.", "not a pickle");
    REFUSED("\x80\x02", "bytes are asked for");
    REFUSED("\x80\x02.", "other than one value");
    REFUSED("\x80\x02NN.", "other than one value");
    REFUSED("\x80\x02(N.", "other than one value");
    REFUSED("\x80\x02t.", "no mark");
    REFUSED("\x80\x02\x85.", "empty stack");
    REFUSED("\x80\x02N(\x85.", "empty stack"); /* the mark is a floor */
    REFUSED("\x80\x02h\x00.", "never set");
    REFUSED("\x80\x02Nr\xff\xff\xff\x7f.", "no pickler");
    REFUSED("\x80\x02X\xff\xff\xff\xff.", "4294967295 bytes are asked for");
    REFUSED("\x80\x02\x8d\xff\xff\xff\xff\xff\xff\xff\xff.", "bytes are asked for");
    REFUSED("\x80\x02}(Nu.", "key without value");
    REFUSED("\x80\x02N(NNu.", "no container");
    REFUSED("\x80\x02NQ.", "no storage");
    REFUSED("\x80\x02"
            "ctorch._utils\n_rebuild_tensor_v2\n(NNNNtR.",
            "not made of storage");
    REFUSED("\x80\x02"
            "cabc",
            "without end");
    REFUSED("\x80\x02\xff.", "instruction 0xff");
}

static void a_pickle_of_marks_and_tuples_has_a_limit(void **state)
{
    const size_t n = 3000000;
    char *bytes = malloc(2 * n + 3);

    (void)state;
    memcpy(bytes, "\x80\x02", 2);
    memset(bytes + 2, '(', n);
    memset(bytes + 2 + n, 't', n);
    bytes[2 + 2 * n] = '.';
    check_refused(bytes, 2 * n + 3, "over 1048576 values");
    memset(bytes + 3, '2', 2 * n - 1);
    bytes[2] = 'N';
    check_refused(bytes, 2 * n + 3, "other than one value");
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(containers_and_numbers),
        cmocka_unit_test(protocol_4_with_frames_and_memo),
        cmocka_unit_test(a_tensor_is_storage_offset_sizes_strides),
        cmocka_unit_test(objects_of_pytorch_and_numpy_stay_empty),
        cmocka_unit_test(other_calls_are_refused_by_name),
        cmocka_unit_test(values_that_hold_themselves_are_fine),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(a_pickle_of_marks_and_tuples_has_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

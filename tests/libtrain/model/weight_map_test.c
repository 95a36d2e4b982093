/* weight_map_test.c -- what is taken of a file, what is left out, and its values. */
#include "model/weight_map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A key of TensorFlow 2. */
#define KEY(path) path "/.ATTRIBUTES/VARIABLE_VALUE"

static const struct table_file file = {.path = (char *)"x.bin"};

static void add(struct tensor_table *t, const char *name)
{
    tensor_table_add(t, name, &file)->number = NUMBER_F32;
}

static void what_is_left_out_is_sorted(void **state)
{
    static const char *const names[] = {
        "bert/embeddings/word_embeddings/adam_m",
        "bert/encoder/layer_0/output/dense/kernel/adam_v",
        "output_bias/adam_m",
        "cls/predictions/output_bias/adam_v",
        "global_step",
        "cls.predictions.decoder.weight",
        "bert.embeddings.position_ids",
        "roberta.encoder.layer.0.output.dense.weight",
        KEY("layer_with_weights-0"),
        KEY("encoder/layer_with_weights-0/embeddings/.OPTIMIZER_SLOT/optimizer/m"),
        KEY("save_counter"),
    };
    struct tensor_table t = {0};
    struct weight_map m;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        add(&t, names[i]);
    assert_int_equal(weight_map_make(&m, &t, &err), 0);
    assert_int_equal(m.n, 0);
    assert_int_equal(m.n_slots, 7);
    assert_int_equal(m.n_tied, 1);
    assert_int_equal(m.n_other, 3);
    assert_non_null(strstr(m.other.data, "'roberta.encoder.layer.0.output.dense.weight'"));
    weight_map_release(&m);
    tensor_table_release(&t);
}

static void one_tensor_under_two_names_is_refused(void **state)
{
    struct tensor_table t = {0};
    struct weight_map m;
    struct err err = {0};

    (void)state;
    add(&t, "bert.pooler.dense.bias");
    add(&t, "pooler.dense.bias");
    assert_int_equal(weight_map_make(&m, &t, &err), -1);
    assert_non_null(strstr(err.text, "are the same one"));
    tensor_table_release(&t);
    add(&t, "cls.predictions.bias");
    add(&t, "cls.predictions.decoder.bias");
    assert_int_equal(weight_map_make(&m, &t, &err), 0);
    assert_int_equal(m.n, 1);
    assert_int_equal(m.n_tied, 1);
    weight_map_release(&m);
    tensor_table_release(&t);
}

static void a_spare_makes_room(void **state)
{
    const char *pooler = KEY("next_sentence..pooler_dense/bias");
    const char *spare = KEY("encoder/layer_with_weights-16/bias");
    struct tensor_table t = {0};
    struct weight_map m;
    struct err err = {0};

    (void)state;
    add(&t, spare);
    assert_int_equal(weight_map_make(&m, &t, &err), 0);
    assert_string_equal(weight_map_find(&m, "bert.pooler.dense.bias")->from->name, spare);
    weight_map_release(&m);
    add(&t, pooler);
    assert_int_equal(weight_map_make(&m, &t, &err), 0);
    assert_int_equal(m.n, 1);
    assert_int_equal(m.n_other, 1);
    assert_string_equal(weight_map_find(&m, "bert.pooler.dense.bias")->from->name, pooler);
    weight_map_release(&m);
    tensor_table_release(&t);
}

static struct tensor_entry *add_shape(struct tensor_table *t, const char *name, const void *data,
                                      const int64_t *dims, size_t n_dims)
{
    struct tensor_entry *e = tensor_table_add(t, name, &file);
    struct err err = {0};

    e->number = NUMBER_F32;
    e->data = data;
    assert_int_equal(tensor_entry_shape(e, dims, n_dims, &err), 0);
    return e;
}

static void heads_are_one_dimension(void **state)
{
    static const char *const names[] = {
        KEY("encoder/_transformer_layers/0/_attention_layer/_query_dense/kernel"),
        KEY("encoder/_transformer_layers/0/_attention_layer/_output_dense/kernel"),
        KEY("encoder/_transformer_layers/0/_attention_layer/_key_dense/bias")};
    const int64_t in_heads[] = {12, 3, 4}, heads_out[] = {3, 4, 12}, heads[] = {3, 4};
    struct tensor_table t = {0};
    struct weight_map m;
    struct err err = {0};
    const struct weight *w;
    float values[144], got[144];

    (void)state;
    for (size_t i = 0; i < 144; i++)
        values[i] = (float)i;
    add_shape(&t, names[0], values, in_heads, 3);
    add_shape(&t, names[1], values, heads_out, 3);
    add_shape(&t, names[2], values, heads, 2);
    assert_int_equal(weight_map_make(&m, &t, &err), 0);
    for (size_t i = 0; i < 2; i++) {
        w = weight_map_find(&m, i ? "bert.encoder.layer.0.attention.output.dense.weight"
                                  : "bert.encoder.layer.0.attention.self.query.weight");
        assert_int_equal(weight_heads(w), 3);
        assert_int_equal(weight_floats(got, NULL, w, 12, 12, false, &err), 0);
        for (size_t j = 0; j < 144; j++)
            assert_true(got[j] == values[j % 12 * 12 + j / 12]);
        assert_int_equal(weight_floats(got, NULL, w, 16, 9, false, &err), -1);
    }
    w = weight_map_find(&m, "bert.encoder.layer.0.attention.self.key.bias");
    assert_int_equal(weight_heads(w), 3);
    assert_int_equal(weight_floats(got, NULL, w, 1, 12, true, &err), 0);
    assert_memory_equal(got, values, 12 * sizeof *got);
    weight_map_release(&m);
    tensor_table_release(&t);
}

static void kernels_are_transposed(void **state)
{
    float values[70 * 40], got[70 * 40];
    const int64_t dims[2] = {70, 40};
    struct tensor_table t = {0};
    struct weight_map m;
    struct err err = {0};
    struct tensor_entry *e;
    size_t rows, cols;

    (void)state;
    for (size_t i = 0; i < 70 * 40; i++)
        values[i] = (float)i;
    e = tensor_table_add(&t, "bert/pooler/dense/kernel", &file);
    e->number = NUMBER_F32;
    e->data = (const unsigned char *)values;
    assert_int_equal(tensor_entry_shape(e, dims, 2, &err), 0);
    assert_int_equal(weight_map_make(&m, &t, &err), 0);
    assert_true(weight_shape(&rows, &cols, &m.weights[0]));
    assert_int_equal(rows, 40);
    assert_int_equal(cols, 70);
    assert_int_equal(weight_floats(got, NULL, &m.weights[0], 40, 70, false, &err), 0);
    for (size_t r = 0; r < 40; r++)
        for (size_t c = 0; c < 70; c++)
            assert_true(got[r * 70 + c] == values[c * 40 + r]);
    assert_int_equal(weight_floats(got, NULL, &m.weights[0], 70, 40, false, &err), -1);
    assert_non_null(strstr(err.text, "is 70 x 40 (transposed), the model's is 70 x 40"));
    weight_map_release(&m);
    tensor_table_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_left_out_is_sorted),
        cmocka_unit_test(one_tensor_under_two_names_is_refused),
        cmocka_unit_test(a_spare_makes_room),
        cmocka_unit_test(heads_are_one_dimension),
        cmocka_unit_test(kernels_are_transposed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

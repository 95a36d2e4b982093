/* weight_map_test.c -- one name for what every system calls otherwise. */
#include "model/weight_map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct table_file file = {.path = (char *)"x.bin"};

static void add(struct tensor_table *t, const char *name)
{
    tensor_table_add(t, name, &file)->number = NUMBER_F32;
}

static void check_name(const char *name, const char *want, bool is_transposed)
{
    struct tensor_table t = {0};
    struct weight_map m;
    struct err err = {0};

    add(&t, name);
    assert_int_equal(weight_map_make(&m, &t, &err), 0);
    if (want) {
        assert_int_equal(m.n, 1);
        assert_string_equal(m.weights[0].name, want);
        assert_int_equal(m.weights[0].is_transposed, is_transposed);
        assert_ptr_equal(weight_map_find(&m, want), &m.weights[0]);
    } else {
        assert_int_equal(m.n, 0);
    }
    weight_map_release(&m);
    tensor_table_release(&t);
}

static void names_of_all_systems(void **state)
{
    const char *query = "bert.encoder.layer.11.attention.self.query.weight";
    const char *norm = "bert.encoder.layer.3.output.LayerNorm.weight";
    const char *inner = "bert.encoder.layer.0.intermediate.dense.bias";

    (void)state;
    check_name(query, query, false);
    check_name("encoder.layer.11.attention.self.query.weight", query, false);
    check_name("module.bert.encoder.layer.11.attention.self.query.weight", query, false);
    check_name("_orig_mod.module.encoder.layer.11.attention.self.query.weight", query, false);
    check_name("model.bert.encoder.layer.11.attention.self.query.weight", query, false);
    check_name("bert/encoder/layer_11/attention/self/query/kernel", query, true);
    check_name("bert.encoder.layer.3.output.LayerNorm.gamma", norm, false);
    check_name("bert/encoder/layer_3/output/LayerNorm/gamma", norm, false);
    check_name("bert.encoder.layer.0.intermediate.dense_act.bias", inner, false);
    check_name("bert/encoder/layer_0/intermediate/dense/bias", inner, false);
    check_name("bert/embeddings/word_embeddings", "bert.embeddings.word_embeddings.weight", false);
    check_name("bert/embeddings/LayerNorm/beta", "bert.embeddings.LayerNorm.bias", false);
    check_name("bert/pooler/dense/kernel", "bert.pooler.dense.weight", true);
    check_name("bert.pooler.dense_act.weight", "bert.pooler.dense.weight", false);
    check_name("cls/predictions/transform/dense/kernel", "cls.predictions.transform.dense.weight",
               true);
    check_name("cls/predictions/transform/LayerNorm/gamma",
               "cls.predictions.transform.LayerNorm.weight", false);
    check_name("cls/predictions/output_bias", "cls.predictions.bias", false);
    check_name("cls.predictions.decoder.bias", "cls.predictions.bias", false);
    check_name("cls/seq_relationship/output_weights", "cls.seq_relationship.weight", false);
    check_name("cls/squad/output_bias", "qa_outputs.bias", false);
    check_name("output_weights", "classifier.weight", false);
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
        "layer_with_weights-0/.ATTRIBUTES/VARIABLE_VALUE",
    };
    struct tensor_table t = {0};
    struct weight_map m;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        add(&t, names[i]);
    assert_int_equal(weight_map_make(&m, &t, &err), 0);
    assert_int_equal(m.n, 0);
    assert_int_equal(m.n_slots, 5);
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
        cmocka_unit_test(names_of_all_systems),
        cmocka_unit_test(what_is_left_out_is_sorted),
        cmocka_unit_test(one_tensor_under_two_names_is_refused),
        cmocka_unit_test(kernels_are_transposed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

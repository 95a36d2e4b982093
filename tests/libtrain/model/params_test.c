/* params_test.c -- the table of tensors: counts of the published models, places, start values, names. */
#include "model/params.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

static void check_count(const char *name, size_t vocab_size, size_t want)
{
    struct bert_config c;
    struct params_list l;
    struct err err = {0};

    assert_int_equal(config_load(&c, name, &err), 0);
    c.vocab_size = vocab_size;
    params_list_init(&l, &c);
    assert_int_equal(l.n_params, want);
    params_list_release(&l);
}

static void counts_are_those_of_bert_for_pretraining(void **state)
{
    (void)state;
    check_count("tiny", 30522, 4433468);
    check_count("mini", 30522, 11267900);
    check_count("small", 30522, 29058876);
    check_count("medium", 30528, 41671490);
    check_count("base", 30522, 110106428);
    check_count("large", 30528, 336232258);
}

static const struct bert_config small = {
    .vocab_size = 1001,
    .hidden_size = 24,
    .n_layers = 3,
    .n_heads = 3,
    .intermediate_size = 50,
    .max_positions = 70,
    .n_types = 2,
    .initializer_range = 0.02,
};

static void heads_bring_their_own_tensors(void **state)
{
    struct bert_config c = small;
    struct params_list l;
    const struct tensor *t;

    (void)state;
    c.heads = HEADS_SPANS;
    params_list_init(&l, &c);
    t = params_find(&l, "qa_outputs.weight");
    assert_true(t && t->at == l.shared.span_w && t->rows == 2 && t->cols == 24);
    assert_null(params_find(&l, "bert.pooler.dense.weight"));
    assert_null(params_find(&l, "cls.predictions.bias"));
    params_list_release(&l);
    c.heads = HEADS_CLASSES;
    c.n_labels = 5;
    params_list_init(&l, &c);
    t = params_find(&l, "classifier.weight");
    assert_true(t && t->at == l.shared.class_w && t->rows == 5 && t->cols == 24 && t->decay);
    t = params_find(&l, "classifier.bias");
    assert_true(t && t->is_vector && t->cols == 5 && !t->decay);
    assert_non_null(params_find(&l, "bert.pooler.dense.weight"));
    assert_null(params_find(&l, "cls.predictions.bias"));
    params_list_release(&l);
}

static void freezing_is_from_below(void **state)
{
    struct params_list l;

    (void)state;
    params_list_init(&l, &small);
    params_freeze(&l, 2);
    for (size_t i = 0; i < l.n; i++) {
        const char *name = l.tensors[i].name;

        assert_int_equal(l.tensors[i].frozen, strstr(name, "embeddings") ||
                                                  strstr(name, "layer.0.") ||
                                                  strstr(name, "layer.1."));
    }
    params_list_release(&l);
}

static void tensors_do_not_overlap(void **state)
{
    struct params_list l;
    size_t end = 0;

    (void)state;
    params_list_init(&l, &small);
    for (size_t i = 0; i < l.n; i++) {
        assert_true(l.tensors[i].at >= end);
        assert_int_equal(l.tensors[i].at % 16, 0);
        end = l.tensors[i].at + l.tensors[i].rows * l.tensors[i].cols;
    }
    assert_true(end <= l.n_floats);
    params_list_release(&l);
}

static void names_lead_to_the_places_kernels_use(void **state)
{
    struct params_list l;

    (void)state;
    params_list_init(&l, &small);
    assert_int_equal(params_find(&l, "bert.encoder.layer.2.intermediate.dense.weight")->at,
                     l.layers[2].inner_w);
    assert_int_equal(params_find(&l, "bert.encoder.layer.0.attention.output.LayerNorm.bias")->at,
                     l.layers[0].attended_norm_b);
    assert_int_equal(params_find(&l, "cls.predictions.bias")->at, l.shared.decoder_b);
    assert_null(params_find(&l, "bert.encoder.layer.3.output.dense.bias"));
    params_list_release(&l);
}

static void biases_and_norms_do_not_decay(void **state)
{
    struct params_list l;

    (void)state;
    params_list_init(&l, &small);
    for (size_t i = 0; i < l.n; i++) {
        const struct tensor *t = &l.tensors[i];

        assert_int_equal(t->decay, !strstr(t->name, "bias") && !strstr(t->name, "LayerNorm"));
        assert_int_equal(t->is_vector, !t->decay);
    }
    params_list_release(&l);
}

static void weights_start_normal_biases_zero_norms_one(void **state)
{
    struct params_list l;
    float *x;

    (void)state;
    params_list_init(&l, &small);
    x = mem_array(l.n_floats, sizeof *x);
    params_init(x, &l, &small, 5);
    for (size_t i = 0; i < l.n; i++) {
        const struct tensor *t = &l.tensors[i];
        const double n = (double)(t->rows * t->cols);
        double sum = 0, square = 0;

        for (size_t j = 0; j < t->rows * t->cols; j++) {
            sum += x[t->at + j];
            square += (double)x[t->at + j] * x[t->at + j];
        }
        if (strstr(t->name, "LayerNorm.weight")) {
            assert_true(sum == n);
        } else if (t->is_vector) {
            assert_true(square == 0);
        } else { /* five standard deviations */
            assert_true(fabs(sum / n) < 5 * 0.02 / sqrt(n));
            assert_true(fabs(sqrt(square / n) / 0.02 - 1) < 5 / sqrt(2 * n));
        }
    }
    free(x);
    params_list_release(&l);
}

static void a_weight_depends_on_seed_name_and_index_only(void **state)
{
    struct bert_config wide = small;
    struct params_list l, more;
    float *x, *y;

    (void)state;
    wide.n_layers = 5;
    wide.vocab_size = 1200; /* a longer table of words begins with the same rows */
    params_list_init(&l, &small);
    params_list_init(&more, &wide);
    x = mem_array(l.n_floats, sizeof *x);
    y = mem_array(more.n_floats, sizeof *y);
    params_init(x, &l, &small, 5);
    params_init(y, &more, &wide, 5);
    assert_memory_equal(x + l.shared.word, y + more.shared.word, 1001 * 24 * sizeof *x);
    assert_memory_equal(x + l.layers[2].outer_w, y + more.layers[2].outer_w, 24 * 50 * sizeof *x);
    assert_memory_not_equal(x + l.layers[1].outer_w, x + l.layers[2].outer_w, 24 * 50 * sizeof *x);
    params_init(y, &more, &wide, 6);
    assert_memory_not_equal(x + l.shared.word, y + more.shared.word, 1001 * 24 * sizeof *x);
    free(x);
    free(y);
    params_list_release(&l);
    params_list_release(&more);
}

static void old_names_become_modern(void **state)
{
    static const char *const pairs[][2] = {
        {"bert.encoder.layer.3.intermediate.dense_act.weight",
         "bert.encoder.layer.3.intermediate.dense.weight"},
        {"bert.pooler.dense_act.bias", "bert.pooler.dense.bias"},
        {"cls.predictions.transform.LayerNorm.gamma", "cls.predictions.transform.LayerNorm.weight"},
        {"bert.embeddings.LayerNorm.beta", "bert.embeddings.LayerNorm.bias"},
        {"bert.embeddings.word_embeddings.weight", "bert.embeddings.word_embeddings.weight"},
        {"gamma", "gamma"},
    };
    char name[96];

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        params_modern_name(name, sizeof name, pairs[i][0]);
        assert_string_equal(name, pairs[i][1]);
    }
    params_modern_name(name, 5, "bert.pooler.dense_act.bias"); /* cut, not overrun */
    assert_string_equal(name, "bert");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_those_of_bert_for_pretraining),
        cmocka_unit_test(heads_bring_their_own_tensors),
        cmocka_unit_test(freezing_is_from_below),
        cmocka_unit_test(tensors_do_not_overlap),
        cmocka_unit_test(names_lead_to_the_places_kernels_use),
        cmocka_unit_test(biases_and_norms_do_not_decay),
        cmocka_unit_test(weights_start_normal_biases_zero_norms_one),
        cmocka_unit_test(a_weight_depends_on_seed_name_and_index_only),
        cmocka_unit_test(old_names_become_modern),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

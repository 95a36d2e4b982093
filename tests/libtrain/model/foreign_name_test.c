/* foreign_name_test.c -- one name for what every system calls otherwise. */
#include "model/foreign_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* want == NULL: no name of a weight */
static void check_name(const char *name, const char *want, bool is_transposed)
{
    struct foreign_name n;

    if (foreign_name_read(&n, name) != NAME_OF_WEIGHT) {
        if (want)
            fail_msg("'%s' is no weight", name);
        return;
    }
    if (!want)
        fail_msg("'%s' is '%s'", name, n.here);
    assert_string_equal(n.here, want);
    assert_int_equal(n.is_transposed, is_transposed);
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
    check_name("bert.embeddings.position_ids", NULL, false);
    check_name("roberta.encoder.layer.0.output.dense.weight", NULL, false);
}

/* A key of TensorFlow 2: a path and what it ends in. */
static void check_key(const char *path, const char *want, bool is_transposed)
{
    char key[300];

    snprintf(key, sizeof key, "%s/.ATTRIBUTES/VARIABLE_VALUE", path);
    check_name(key, want, is_transposed);
}

static void keys_of_the_model_garden(void **state)
{
    const char *word = "bert.embeddings.word_embeddings.weight";
    const char *query = "bert.encoder.layer.1.attention.self.query.weight";
    const char *attended = "bert.encoder.layer.1.attention.output.dense.weight";

    (void)state;
    check_key("encoder/layer_with_weights-0/embeddings", word, false);
    check_key("model/layer_with_weights-0/embeddings", word, false);
    check_key("layer_with_weights-0/embeddings", word, false);
    check_key("model/layer_with_weights-0/layer_with_weights-0/embeddings", word, false);
    check_key("masked_lm/embedding_table", word, false);
    check_key("encoder/_embedding_layer/embeddings", word, false);
    check_key("encoder/layer_with_weights-1/embeddings",
              "bert.embeddings.position_embeddings.weight", false);
    check_key("encoder/_type_embedding_layer/embeddings",
              "bert.embeddings.token_type_embeddings.weight", false);
    check_key("encoder/layer_with_weights-3/gamma", "bert.embeddings.LayerNorm.weight", false);
    check_key("encoder/_embedding_norm_layer/beta", "bert.embeddings.LayerNorm.bias", false);
    check_key("encoder/layer_with_weights-5/_attention_layer/_query_dense/kernel", query, true);
    check_key("model/layer_with_weights-0/layer_with_weights-0/layer_with_weights-5/"
              "_attention_layer/_query_dense/kernel",
              query, true);
    check_key("encoder/_transformer_layers/1/_attention_layer/_query_dense/kernel", query, true);
    check_key("encoder/_transformer_layers/1/_attention_layer/_output_dense/kernel", attended,
              true);
    check_key("layer_with_weights-5/_attention_output_dense/kernel", attended, true);
    check_key("encoder/layer_with_weights-4/_output_dense/bias",
              "bert.encoder.layer.0.output.dense.bias", false);
    check_key("encoder/layer_with_weights-4/_output_layer_norm/gamma",
              "bert.encoder.layer.0.output.LayerNorm.weight", false);
    check_key("encoder/layer_with_weights-16/kernel", "bert.pooler.dense.weight", true);
    check_key("next_sentence..pooler_dense/kernel", "bert.pooler.dense.weight", true);
    check_key("masked_lm/output_bias.Sbias", "cls.predictions.bias", false);
    check_key("masked_lm/dense/kernel", "cls.predictions.transform.dense.weight", true);
    check_key("model/classification_heads/0/out_proj/kernel", "cls.seq_relationship.weight", true);
}

static void keys_that_only_look_alike(void **state)
{
    static const char *const paths[] = {"",
                                        "/",
                                        "encoder",
                                        "encoder/",
                                        "encoder/layer_with_weights-",
                                        "encoder/layer_with_weights-1",
                                        "encoder/layer_with_weights-1/embeddings/more",
                                        "encoder/layer_with_weights-3/kernel/gamma",
                                        "encoder/layer_with_weights-5/_query_dense/kernel",
                                        "encoder/layer_with_weights-5_output_dense/kernel",
                                        "encoder/_transformer_layers/1/_output_dense/",
                                        "encoder/_transformer_layers/1/_output_dense/scale",
                                        "encoder/_transformer_layers//",
                                        "model/layer_with_weights-0/layer_with_weights-1/kernel",
                                        "encoder/_embedding_projection/kernel",
                                        "layer_with_weights-0/layer"};

    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        check_key(paths[i], NULL, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_all_systems),
        cmocka_unit_test(keys_of_the_model_garden),
        cmocka_unit_test(keys_that_only_look_alike),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

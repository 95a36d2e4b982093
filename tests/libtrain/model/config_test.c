/* config_test.c -- presets, both families of files, and files that describe no BERT. */
#include "model/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"

static int load_text(struct bert_config *c, const char *text, struct err *err)
{
    char path[] = "/tmp/config_test.XXXXXX";
    const int fd = mkstemp(path);
    int rc;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    rc = config_load(c, path, err);
    unlink(path);
    return rc;
}

static void refuse(const char *text, const char *because)
{
    struct bert_config c;
    struct err err = {0};

    assert_int_equal(load_text(&c, text, &err), -1);
    assert_int_equal(err.kind, ERR_FORMAT);
    if (!strstr(err.text, because))
        fail_msg("'%s' does not say '%s'", err.text, because);
    assert_non_null(strstr(err.text, "config_test.")); /* the file is named */
}

static void presets_are_those_of_google(void **state)
{
    struct bert_config c;
    struct err err = {0};

    (void)state;
    assert_int_equal(config_load(&c, "mini", &err), 0);
    assert_int_equal(c.n_layers, 4);
    assert_int_equal(c.hidden_size, 256);
    assert_int_equal(c.n_heads, 4);
    assert_int_equal(c.intermediate_size, 1024);
    assert_int_equal(c.vocab_size, 30522);
    assert_int_equal(config_load(&c, "large", &err), 0);
    assert_int_equal(c.n_layers, 24);
    assert_int_equal(c.hidden_size, 1024);
    assert_int_equal(c.n_heads, 16);
    assert_true(c.layer_norm_eps == 1e-12);
}

static void missing_keys_are_those_of_base(void **state)
{
    struct bert_config c;
    struct err err = {0};

    (void)state;
    assert_int_equal(load_text(&c, "{\"hidden_size\": 24, \"an unknown key\": [1]}", &err), 0);
    assert_int_equal(c.hidden_size, 24);
    assert_int_equal(c.n_layers, 12);
    assert_int_equal(c.n_heads, 12);
    assert_int_equal(c.max_positions, 512);
    assert_int_equal(c.n_types, 2);
    assert_true(c.hidden_dropout == 0.1 && c.attention_dropout == 0.1);
    assert_true(c.initializer_range == 0.02);
    assert_false(c.gelu_tanh);
}

static void what_is_written_reads_back(void **state)
{
    struct bert_config c, back;
    struct err err = {0};
    struct buf text = {0};
    struct json *json;

    (void)state;
    memset(&c, 0, sizeof c);
    memset(&back, 0, sizeof back);
    assert_int_equal(load_text(&c,
                               "{\"vocab_size\": 99, \"hidden_size\": 30, \"num_hidden_layers\": 3,"
                               "\"num_attention_heads\": 5, \"intermediate_size\": 7,"
                               "\"hidden_act\": \"gelu_new\", \"hidden_dropout_prob\": 0.25,"
                               "\"attention_probs_dropout_prob\": 0,"
                               "\"max_position_embeddings\": 11, \"type_vocab_size\": 1,"
                               "\"initializer_range\": 0.03, \"layer_norm_eps\": 0.001}",
                               &err),
                     0);
    json = config_json(&c);
    json_write(&text, json, JSON_INDENTED);
    assert_int_equal(load_text(&back, text.data, &err), 0);
    assert_int_equal(back.vocab_size, 99);
    assert_int_equal(back.n_heads, 5);
    assert_true(back.gelu_tanh);
    assert_true(back.hidden_dropout == 0.25);
    assert_true(back.layer_norm_eps == 0.001);
    assert_memory_equal(&c, &back, sizeof c);
    json_release(json);
    buf_release(&text);
}

static void heads_and_names_of_classes_come_back(void **state)
{
    struct bert_config c, back;
    struct err err = {0};
    struct json *json;
    struct buf text = {0};
    char name[64];

    (void)state;
    assert_int_equal(
        load_text(&c,
                  "{\"architectures\": [\"BertForSequenceClassification\"], \"id2label\": "
                  "{\"1\": \"yes\", \"0\": \"no\", \"2\": \"perhaps\"}}",
                  &err),
        0);
    assert_int_equal(c.heads, HEADS_CLASSES);
    assert_int_equal(c.n_labels, 3);
    config_label(name, sizeof name, &c, 2);
    assert_string_equal(name, "perhaps");
    json = config_json(&c);
    json_write(&text, json, JSON_INDENTED);
    assert_int_equal(load_text(&back, text.data, &err), 0);
    assert_memory_equal(&c, &back, sizeof c);
    json_release(json);
    buf_release(&text);

    assert_int_equal(load_text(&c,
                               "{\"architectures\": [\"BertForSequenceClassification\"], "
                               "\"id2label\": {\"0\": \"a|b\", \"1\": \"c\"}}",
                               &err),
                     0);
    config_label(name, sizeof name, &c, 1);
    assert_string_equal(name, "LABEL_1");
    assert_int_equal(load_text(&back, "{\"architectures\": [\"BertForQuestionAnswering\"]}", &err),
                     0);
    assert_int_equal(back.heads, HEADS_SPANS);
    {
        char different[512];

        assert_int_equal(config_differences(different, sizeof different, &c, &back), 2);
        assert_string_equal(different, "architectures BertForSequenceClassification, not "
                                       "BertForQuestionAnswering; num_labels 2, not 0");
    }
}

static void files_that_make_no_model_are_refused(void **state)
{
    (void)state;
    refuse("[]", "not a JSON object");
    refuse("{\"hidden_size\": 100}", "'hidden_size' 100 is not a multiple");
    refuse("{\"hidden_size\": 0}", "'hidden_size' is 0");
    refuse("{\"hidden_size\": -768}", "'hidden_size' is -768");
    refuse("{\"hidden_size\": 768.5}", "'hidden_size' is not a whole number");
    refuse("{\"vocab_size\": 99999999999}", "'vocab_size' is 99999999999");
    refuse("{\"hidden_dropout_prob\": 1}", "'hidden_dropout_prob' is 1");
    refuse("{\"hidden_dropout_prob\": \"much\"}", "'hidden_dropout_prob' is not a number");
    refuse("{\"hidden_act\": \"relu\"}", "'hidden_act' is 'relu'");
    refuse("{\"hidden_act\": 3}", "'hidden_act'");
}

static void other_models_are_refused(void **state)
{
    (void)state;
    refuse("{\"model_type\": \"roberta\"}", "'model_type' is 'roberta'");
    refuse("{\"position_embedding_type\": \"relative_key\"}", "'position_embedding_type'");
    refuse("{\"is_decoder\": true}", "'is_decoder'");
}

static void a_missing_file_is_named(void **state)
{
    struct bert_config c;
    struct err err = {0};

    (void)state;
    assert_int_equal(config_load(&c, "/nowhere/bert_config.json", &err), -1);
    assert_int_equal(err.kind, ERR_IO);
    assert_non_null(strstr(err.text, "/nowhere/bert_config.json"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(presets_are_those_of_google),
        cmocka_unit_test(missing_keys_are_those_of_base),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(heads_and_names_of_classes_come_back),
        cmocka_unit_test(files_that_make_no_model_are_refused),
        cmocka_unit_test(other_models_are_refused),
        cmocka_unit_test(a_missing_file_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* weights_test.c -- weights of several systems find their places; what does not fit is refused. */
#include "model/weights.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "formats/safetensors.h"

struct scratch {
    char folder[64];
    char *path;
    struct bert_config config;
    struct params_list list;
    float *want;
    float *got;
    struct weights_report report;
    struct err err;
};

static int make_scratch(void **state)
{
    struct scratch *s = calloc(1, sizeof *s);

    strcpy(s->folder, "/tmp/weights_test.XXXXXX");
    if (!mkdtemp(s->folder))
        return -1;
    s->path = file_join(s->folder, "model.safetensors");
    s->config = (struct bert_config){.vocab_size = 10,
                                     .hidden_size = 4,
                                     .n_layers = 1,
                                     .n_heads = 2,
                                     .intermediate_size = 8,
                                     .max_positions = 6,
                                     .n_types = 2,
                                     .initializer_range = 0.02};
    params_list_init(&s->list, &s->config);
    s->want = mem_array(s->list.n_floats, sizeof *s->want);
    s->got = mem_array(s->list.n_floats, sizeof *s->got);
    params_init(s->want, &s->list, &s->config, 7);
    *state = s;
    return 0;
}

static int drop_scratch(void **state)
{
    struct scratch *s = *state;

    file_remove(s->folder, &s->err);
    params_list_release(&s->list);
    free(s->want);
    free(s->got);
    free(s->path);
    free(s);
    return 0;
}

/* How a file names and shapes a tensor; false leaves it out. */
typedef bool rename_fn(char *name, size_t n, const struct tensor *t, size_t dims[2]);

static void save_as(struct scratch *s, rename_fn *as)
{
    struct float_tensor *entries = mem_array(s->list.n, sizeof *entries);
    char(*names)[128] = mem_array(s->list.n, sizeof *names);
    float *padded = mem_array(1000, sizeof *padded);
    size_t n = 0;

    for (size_t i = 0; i < s->list.n; i++) {
        const struct tensor *t = &s->list.tensors[i];
        struct float_tensor *e = &entries[n];

        e->n_dims = t->is_vector ? 1 : 2;
        e->dims[0] = t->is_vector ? t->cols : t->rows;
        e->dims[1] = t->cols;
        e->data = s->want + t->at;
        snprintf(names[n], sizeof names[n], "%s", t->name);
        if (!as(names[n], sizeof names[n], t, e->dims))
            continue;
        if (e->dims[0] > (t->is_vector ? t->cols : t->rows)) {
            float *wide = padded + (t->is_vector ? 500 : 0);

            memcpy(wide, e->data, t->rows * t->cols * sizeof *wide);
            e->data = wide;
        }
        e->name = names[n++];
    }
    assert_int_equal(safetensors_save(s->path, entries, n, &s->err), 0);
    free(padded);
    free(names);
    free(entries);
}

static void check_loads(struct scratch *s)
{
    if (weights_load(s->got, &s->report, &s->list, s->path, &s->err) < 0)
        fail_msg("%s", s->err.text);
    assert_memory_equal(s->got, s->want, s->list.n_floats * sizeof *s->got);
}

static void check_refused(struct scratch *s, const char *why)
{
    assert_int_equal(weights_load(s->got, &s->report, &s->list, s->path, &s->err), -1);
    if (!strstr(s->err.text, why))
        fail_msg("'%s' does not say '%s'", s->err.text, why);
}

static bool as_it_is(char *name, size_t n, const struct tensor *t, size_t dims[2])
{
    (void)name, (void)n, (void)t, (void)dims;
    return true;
}

static void hugging_face_names(void **state)
{
    struct scratch *s = *state;

    save_as(s, as_it_is);
    check_loads(s);
    assert_int_equal(s->report.n_missing, 0);
    assert_int_equal(weights_load(s->got, &s->report, &s->list, s->folder, &s->err), 0);
}

static void numbers_that_are_none_are_refused(void **state)
{
    struct scratch *s = *state;

    s->want[s->list.tensors[2].at + 1] = NAN;
    save_as(s, as_it_is);
    check_refused(s, "number 1 of tensor");
    check_refused(s, s->list.tensors[2].name);
}

static void moments_are_no_weights(void **state)
{
    struct scratch *s = *state;
    char *moments = file_join(s->folder, "optimizer.safetensors");
    char *other = file_join(s->folder, "other.safetensors");

    save_as(s, as_it_is);
    assert_int_equal(rename(s->path, moments), 0);
    assert_int_equal(weights_load(s->got, &s->report, &s->list, s->folder, &s->err), -1);
    assert_non_null(strstr(s->err.text, "holds no weights"));
    save_as(s, as_it_is);
    assert_int_equal(rename(s->path, other), 0);
    assert_int_equal(weights_load(s->got, &s->report, &s->list, s->folder, &s->err), 0);
    free(moments);
    free(other);
}

static void replace(char *name, size_t n, const char *what, const char *with)
{
    const char *at = strstr(name, what);
    struct buf text = {0};

    if (!at)
        return;
    buf_put(&text, name, (size_t)(at - name));
    buf_put_text(&text, with);
    buf_put_text(&text, at + strlen(what));
    assert_true(text.len < n);
    memcpy(name, text.data, text.len + 1);
    buf_release(&text);
}

static bool as_pytorch_system(char *name, size_t n, const struct tensor *t, size_t dims[2])
{
    (void)t, (void)dims;
    replace(name, n, "intermediate.dense.", "intermediate.dense_act.");
    replace(name, n, "pooler.dense.", "pooler.dense_act.");
    replace(name, n, "transform.dense.", "transform.dense_act.");
    return true;
}

static void names_of_the_pytorch_system(void **state)
{
    save_as(*state, as_pytorch_system);
    check_loads(*state);
}

static bool as_old_bare_model(char *name, size_t n, const struct tensor *t, size_t dims[2])
{
    (void)t, (void)dims;
    replace(name, n, "LayerNorm.weight", "LayerNorm.gamma");
    replace(name, n, "LayerNorm.bias", "LayerNorm.beta");
    replace(name, n, "bert.", "");
    replace(name, n, "", "module.");
    return true;
}

static void old_names_without_bert_in_front(void **state)
{
    save_as(*state, as_old_bare_model);
    check_loads(*state);
}

static bool as_padded(char *name, size_t n, const struct tensor *t, size_t dims[2])
{
    (void)name, (void)n;
    if (t->rows == 10 || (t->is_vector && t->cols == 10))
        dims[0] = 16;
    return true;
}

static void a_padded_vocabulary_is_cut(void **state)
{
    struct scratch *s = *state;

    save_as(s, as_padded);
    check_loads(s);
    assert_int_equal(s->report.n_padding, 6);
}

static bool as_far_too_long(char *name, size_t n, const struct tensor *t, size_t dims[2])
{
    (void)name, (void)n;
    if (t->rows == 10)
        dims[0] = 80;
    return true;
}

static void another_vocabulary_is_refused(void **state)
{
    save_as(*state, as_far_too_long);
    check_refused(*state, "word_embeddings.weight' is 80 x 4, the model's is 10 x 4");
}

static bool as_encoder_only(char *name, size_t n, const struct tensor *t, size_t dims[2])
{
    (void)n, (void)t, (void)dims;
    return !strncmp(name, "bert.", 5);
}

static void missing_heads_stay_as_they_were(void **state)
{
    struct scratch *s = *state;

    save_as(s, as_encoder_only);
    memcpy(s->got, s->want, s->list.n_floats * sizeof *s->got);
    check_loads(s);
    assert_int_equal(s->report.n_missing, 7);
    assert_non_null(strstr(s->report.missing, "cls.predictions.bias"));
}

static bool as_without_key(char *name, size_t n, const struct tensor *t, size_t dims[2])
{
    (void)n, (void)t, (void)dims;
    return !strstr(name, "key.weight");
}

static void a_missing_tensor_of_the_encoder_is_refused(void **state)
{
    save_as(*state, as_without_key);
    check_refused(*state, "no tensor 'bert.encoder.layer.0.attention.self.key.weight'");
}

static void arenas_with_prefixes_come_back(void **state)
{
    struct scratch *s = *state;
    float *other = mem_array(s->list.n_floats, sizeof *other);
    const struct weights_arena out[] = {{"exp_avg.", s->want}, {"exp_avg_sq.", s->got}};
    const struct weights_arena in[] = {{"exp_avg_sq.", s->got}, {"exp_avg.", other}};
    const struct weights_arena unknown[] = {{"else.", other}};

    assert_int_equal(weights_save(s->path, &s->list, out, 2, &s->err), 0);
    assert_int_equal(weights_restore(s->path, &s->list, in, 2, &s->err), 0);
    assert_memory_equal(other, s->want, s->list.n_floats * sizeof *other);
    assert_int_equal(weights_restore(s->path, &s->list, unknown, 1, &s->err), -1);
    free(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_scratch, drop_scratch)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(hugging_face_names),
        TEST(numbers_that_are_none_are_refused),
        TEST(moments_are_no_weights),
        TEST(names_of_the_pytorch_system),
        TEST(old_names_without_bert_in_front),
        TEST(a_padded_vocabulary_is_cut),
        TEST(another_vocabulary_is_refused),
        TEST(missing_heads_stay_as_they_were),
        TEST(a_missing_tensor_of_the_encoder_is_refused),
        TEST(arenas_with_prefixes_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* encoder_test.c -- sequences of a batch never see each other, wherever they stand. */
#include "model/encoder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"

static const struct bert_config small = {
    .vocab_size = 500,
    .hidden_size = 48,
    .n_layers = 2,
    .n_heads = 3,
    .intermediate_size = 96,
    .max_positions = 128,
    .n_types = 2,
    .hidden_dropout = 0.1,
    .attention_dropout = 0.1,
    .initializer_range = 0.2,
    .layer_norm_eps = 1e-12,
};

enum { N = 4, H = 48 };
static const size_t lens[N] = {33, 70, 128, 5};

struct fixture {
    struct params_list list;
    float *params;
    struct encoder *encoder;
    struct batch batch;
};

static int open_fixture(void **state)
{
    struct fixture *f = mem_alloc(sizeof *f);
    struct batch *b = &f->batch;
    struct rng rng;

    params_list_init(&f->list, &small);
    f->params = mem_array(f->list.n_floats, sizeof *f->params);
    params_init(f->params, &f->list, &small, 1);
    batch_init(b, 256, N, 1);
    rng_at(&rng, 1, 2, 3);
    for (size_t s = 0; s < N; s++) {
        for (size_t i = 0; i < lens[s]; i++) {
            b->ids[b->n_tokens] = (int32_t)rng_below(&rng, small.vocab_size);
            b->segments[b->n_tokens] = i > lens[s] / 2;
            b->positions[b->n_tokens++] = (int32_t)i;
        }
        b->starts[++b->n_sequences] = b->n_tokens;
    }
    f->encoder = encoder_open(&small, &f->list, b->n_tokens, false, NULL);
    *state = f;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *f = *state;

    encoder_close(f->encoder);
    batch_release(&f->batch);
    free(f->params);
    params_list_release(&f->list);
    free(f);
    return 0;
}

/* A copy of the output. */
static float *output(struct fixture *f, const struct bert_pass *pass)
{
    const size_t n = f->batch.n_tokens * H;
    float *out = mem_array(n, sizeof *out);

    memcpy(out, encoder_forward(f->encoder, f->params, &f->batch, pass), n * sizeof *out);
    return out;
}

static void check_leak(struct fixture *f, const struct bert_pass *pass)
{
    float *before = output(f, pass);

    for (size_t changed = 0; changed < N; changed++) {
        int32_t *id = &f->batch.ids[f->batch.starts[changed] + lens[changed] / 2];
        float *after;

        *id = (*id + 1) % (int32_t)small.vocab_size;
        after = output(f, pass);
        for (size_t s = 0; s < N; s++) {
            const float *x = before + f->batch.starts[s] * H;
            const float *y = after + f->batch.starts[s] * H;

            if (s != changed) {
                assert_memory_equal(x, y, lens[s] * H * sizeof *x);
                continue;
            }
            for (size_t i = 0; i < lens[s]; i++) /* and within the sequence all tokens see it */
                assert_memory_not_equal(x + i * H, y + i * H, H * sizeof *x);
        }
        free(before);
        before = after;
    }
    free(before);
}

static void a_changed_token_changes_its_sequence_only(void **state)
{
    const struct bert_pass pass = {0};

    check_leak(*state, &pass);
}

static void also_with_dropout(void **state)
{
    const struct bert_pass pass = {.dropout = true, .seed = 1, .step = 1};

    check_leak(*state, &pass);
}

static void an_output_does_not_depend_on_what_was_computed_before(void **state)
{
    struct fixture *f = *state;
    const struct bert_pass plain = {0}, noisy = {.dropout = true, .seed = 1, .step = 1};
    float *first = output(f, &plain), *other = output(f, &noisy), *again = output(f, &plain);

    assert_memory_equal(first, again, f->batch.n_tokens * H * sizeof *first);
    assert_memory_not_equal(first, other, f->batch.n_tokens * H * sizeof *first);
    free(first);
    free(other);
    free(again);
}

/* Gradients of a pass whose output's gradient is 1 everywhere. */
static float *gradients(struct fixture *f)
{
    const struct bert_pass pass = {.dropout = true, .seed = 1, .step = 1};
    float *grads = mem_array(f->list.n_floats, sizeof *grads);
    float *d_out;

    encoder_forward(f->encoder, f->params, &f->batch, &pass);
    d_out = encoder_output_gradient(f->encoder);
    for (size_t i = 0; i < f->batch.n_tokens * H; i++)
        d_out[i] = 1;
    encoder_backward(grads, f->encoder);
    return grads;
}

static void what_is_frozen_gets_no_gradient_and_the_rest_the_same(void **state)
{
    struct fixture *f = *state;
    float *whole = gradients(f);

    for (size_t n_layers = 0; n_layers <= small.n_layers; n_layers++) {
        float *upper;

        params_freeze(&f->list, n_layers);
        upper = gradients(f);
        for (size_t i = 0; i < f->list.n; i++) {
            const struct tensor *t = &f->list.tensors[i];

            for (size_t j = t->at; j < t->at + t->rows * t->cols; j++)
                assert_true(upper[j] == (t->frozen ? 0 : whole[j]));
        }
        free(upper);
    }
    free(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_changed_token_changes_its_sequence_only, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(also_with_dropout, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(an_output_does_not_depend_on_what_was_computed_before,
                                        open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(what_is_frozen_gets_no_gradient_and_the_rest_the_same,
                                        open_fixture, close_fixture),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* masked_head_test.c -- logits for prediction are those the losses are made of, in several chunks. */
#include "model/masked_head.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../numbers.h"
#include "base/mem.h"

enum { K = 1100, H = 24, V = 300 }; /* three chunks of rows */

static const struct bert_config small = {
    .vocab_size = V,
    .hidden_size = H,
    .n_layers = 1,
    .n_heads = 2,
    .intermediate_size = 48,
    .max_positions = 128,
    .n_types = 2,
    .initializer_range = 0.3,
    .layer_norm_eps = 1e-12,
};

static double loss_of(const float *logits, size_t label)
{
    double sum = 0;

    for (size_t i = 0; i < V; i++)
        sum += exp(logits[i]);
    return log(sum) - logits[label];
}

static void logits_give_the_losses(void **state)
{
    struct params_list list;
    struct batch batch;
    struct masked_head *head;
    float *params;
    float *out = numbers(K * H, 1, 1);
    const float *logits;
    double sum = 0;
    size_t n_right;
    size_t n_calls = 0;

    (void)state;
    params_list_init(&list, &small);
    params = mem_array(list.n_floats, sizeof *params);
    params_init(params, &list, &small, 1);
    for (size_t i = 0; i < V; i++)
        params[list.shared.decoder_b + i] = 0.01F * (float)i;
    batch_init(&batch, K, 1, K);
    for (size_t i = 0; i < K; i++) {
        batch.masked_at[i] = (int32_t)i;
        batch.masked_ids[i] = (int32_t)(i * 7 % V);
    }
    batch.n_masked = K;
    head = masked_head_open(&small, &list, K, NULL);

    for (size_t first = 0, n; first < K; first += n, n_calls++) {
        n = masked_head_logits(&logits, head, params, out, &batch, first);
        for (size_t i = 0; i < n; i++)
            sum += loss_of(logits + i * V, (size_t)batch.masked_ids[first + i]);
    }
    assert_int_equal(n_calls, 3);
    /* Exponentials in float: a relative error of 1e-6 each. */
    assert_true(fabs(masked_head_run(&n_right, head, NULL, NULL, params, out, &batch, 1) - sum) <
                1e-5 * sum);
    masked_head_close(head);
    batch_release(&batch);
    params_list_release(&list);
    free(params);
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logits_give_the_losses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

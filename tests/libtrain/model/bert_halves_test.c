/* bert_halves_test.c -- products of halves: gradients near those of fp32, and the same bits whatever computes. */
#include "random_bert.h"

static double cosine(const float *x, const float *y, size_t n)
{
    double xy = 0, xx = 0, yy = 0;

    for (size_t i = 0; i < n; i++) {
        xy += (double)x[i] * y[i];
        xx += (double)x[i] * x[i];
        yy += (double)y[i] * y[i];
    }
    return xx > 0 && yy > 0 ? xy / sqrt(xx * yy) : xx == yy;
}

/* Every tensor's gradient points where that of fp32 points. That of key biases is zero but for rounding:
 * softmax sees no shift. */
static void check_directions(const struct params_list *l, const float *got, const float *want)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct tensor *t = &l->tensors[i];
        const double c = cosine(got + t->at, want + t->at, t->rows * t->cols);

        if (!(c >= 0.999) && !strstr(t->name, "self.key.bias"))
            fail_msg("%s: cosine %g", t->name, c);
    }
}

static void check_halves(const struct half_kernel *kernel, const struct bert_config *c)
{
    const struct bert_pass pass = {.dropout = true, .seed = 3, .step = 9};
    struct params_list l;
    struct batch b = random_batch(c, lens, N_LENS, 1);
    struct bert_losses want_losses, losses;
    float *params, *want, *got;

    params_list_init(&l, c);
    params = random_params(&l, c);
    want = gradient(&want_losses, c, params, &b, &pass, NULL);
    got = gradient_by(&losses, kernel, c, params, &b, &pass, NULL);
    assert_true(fabs(losses.mlm_sum - want_losses.mlm_sum) < 2e-3 * want_losses.mlm_sum);
    assert_true(fabs(losses.nsp_sum - want_losses.nsp_sum) < 1e-2 * want_losses.nsp_sum);
    assert_int_equal(losses.n_masked, want_losses.n_masked);
    assert_int_equal(losses.n_next, want_losses.n_next);
    check_directions(&l, got, want);
    free(want);
    free(got);
    free(params);
    batch_release(&b);
    params_list_release(&l);
}

static void gradients_of_halves_point_where_those_of_fp32_do(void **state)
{
    const struct half_kernel *best = half_kernel_find("auto");
    struct bert_config odd = small;

    (void)state;
    check_halves(half_kernel_find("plain"), &small);
    odd.hidden_size = 75; /* no multiple of anything that kernels like */
    odd.intermediate_size = 131;
    odd.gelu_tanh = true;
    check_halves(half_kernel_find("plain"), &odd);
    if (best) {
        check_halves(best, &small);
        check_halves(best, &odd);
    }
}

static void halves_give_the_same_bits_on_any_number_of_threads(void **state)
{
    const struct half_kernel *kernel = half_kernel_find("auto");
    const struct bert_pass pass = {.dropout = true, .seed = 3, .step = 9};
    struct params_list l;
    struct batch b = random_batch(&small, lens, N_LENS, 1);
    struct bert_losses want_losses, losses;
    float *params, *want;

    (void)state;
    if (!kernel)
        kernel = half_kernel_find("plain");
    params_list_init(&l, &small);
    params = random_params(&l, &small);
    want = gradient_by(&want_losses, kernel, &small, params, &b, &pass, NULL);
    for (size_t n = 1; n <= 3; n++) {
        struct team *team = team_open(n);
        float *got = gradient_by(&losses, kernel, &small, params, &b, &pass, team);

        assert_memory_equal(&losses, &want_losses, sizeof losses);
        assert_memory_equal(got, want, l.n_floats * sizeof *got);
        free(got);
        team_close(team);
    }
    free(want);
    free(params);
    batch_release(&b);
    params_list_release(&l);
}

/* The memory that is told beforehand, less of it with activations made again, and the same bits. */
static void halves_made_again_are_the_same(void **state)
{
    const struct half_kernel *kernel = half_kernel_find("plain");
    const struct bert_pass pass = {.dropout = true, .seed = 3, .step = 9};
    struct params_list l;
    struct bert_losses want_losses, losses;
    struct batch b = random_batch(&small, lens, N_LENS, 1);
    struct bert_room room = room_for(&b, kernel);
    const size_t all = bert_measure(&small, &room, NULL);
    struct bert *bert;
    float *params, *want, *got;

    (void)state;
    params_list_init(&l, &small);
    params = random_params(&l, &small);
    want = gradient_by(&want_losses, kernel, &small, params, &b, &pass, NULL);
    got = mem_array(l.n_floats, sizeof *got);
    room.recompute = true;
    bert = bert_open(&small, &room, NULL);
    bert_take(bert, params);
    bert_gradient(&losses, got, bert, params, &b, 0.01, 0.1, &pass);
    assert_memory_equal(&losses, &want_losses, sizeof losses);
    assert_memory_equal(got, want, l.n_floats * sizeof *got);
    assert_int_equal(bert_activation_bytes(bert), bert_measure(&small, &room, NULL));
    assert_true(bert_activation_bytes(bert) < all);
    bert_close(bert);
    free(want);
    free(got);
    free(params);
    batch_release(&b);
    params_list_release(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_of_halves_point_where_those_of_fp32_do),
        cmocka_unit_test(halves_give_the_same_bits_on_any_number_of_threads),
        cmocka_unit_test(halves_made_again_are_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* bert_test.c -- losses and gradients against the PyTorch system, against finite differences, and
 * against themselves: threads, cuts into batches and neighbours change nothing. */
#include "model/bert.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/rng.h"
#include "formats/safetensors.h"
#include "random_bert.h"
#include "store/shard.h"

/* ---- golden ---- */

static char *golden(const char *name)
{
    const char *shared = getenv("BERTLINE_SHARED");
    char *folder = file_join(shared ? shared : "../shared", "golden/bert");
    char *path = file_join(folder, name);

    free(folder);
    return path;
}

/* Where there are none here, the test ends. */
static char *golden_or_skip(const char *name)
{
    char *path = golden(name);

    if (file_exists(path))
        return path;
    print_message("skipped: no %s\n", path);
    free(path);
    skip();
    return NULL;
}

static void check(int rc, const struct err *err)
{
    if (rc < 0)
        fail_msg("%s", err->text);
}

/* The tensors of a file of the PyTorch system, placed in an arena by their modern names. */
static float *load_arena(const struct params_list *l, const char *name)
{
    char *path = golden(name);
    float *arena = mem_array(l->n_floats, sizeof *arena);
    struct tensor_table file = {0};
    struct err err = {0};
    size_t n_found = 0;

    check(safetensors_read(&file, path, &err), &err);
    for (size_t i = 0; i < file.n; i++) {
        char modern[96];
        const struct tensor *t;

        params_modern_name(modern, sizeof modern, file.entries[i].name);
        t = params_find(l, modern);
        if (!t)
            continue;
        check(tensor_entry_floats(arena + t->at, t->rows * t->cols, &file.entries[i], &err), &err);
        n_found++;
    }
    assert_int_equal(n_found, l->n);
    tensor_table_release(&file);
    free(path);
    return arena;
}

static struct batch load_batch(const char *name)
{
    char *path = golden(name);
    struct shard shard = {0};
    struct sequence *sequences;
    size_t n;
    struct batch b;
    struct err err = {0};

    check(shard_open(&shard, path, &err), &err);
    check(shard_read(&sequences, &n, NULL, &shard, 0, shard.n_rows, &err), &err);
    batch_init(&b, n * shard.shape.seq_length, n, n * shard.shape.seq_length);
    for (size_t i = 0; i < n; i++)
        append(&b, &sequences[i]);
    sequences_free(sequences, n);
    shard_close(&shard);
    free(path);
    return b;
}

/* Every number within 1e-4 of the tensor's largest, or 1e-6: fp32 sums of some thousand terms. */
static void check_gradients(const struct params_list *l, const float *got, const float *want)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct tensor *t = &l->tensors[i];
        double largest = 0, worst = 0;

        for (size_t j = 0; j < t->rows * t->cols; j++) {
            largest = fmax(largest, fabs(want[t->at + j]));
            worst = fmax(worst, fabs((double)got[t->at + j] - want[t->at + j]));
        }
        if (!(worst <= fmax(1e-4 * largest, 1e-6)))
            fail_msg("%s: off by %g, largest %g", t->name, worst, largest);
    }
}

static void check_golden(const char *shard, const char *gradients, const char *answer)
{
    struct bert_config c;
    struct params_list l;
    struct batch b;
    struct bert *bert;
    struct bert_losses losses, again;
    struct bert_pass pass = {.dropout = true}; /* of probability 0 in this config */
    float *params, *want, *grads;
    struct json *expected;
    struct err err = {0};
    char *path = golden_or_skip("config.json");

    check(config_load(&c, path, &err), &err);
    free(path);
    path = golden("expected.json");
    expected = json_load(path, 1 << 20, &err);
    assert_non_null(expected);
    params_list_init(&l, &c);
    params = load_arena(&l, "pretrain.safetensors");
    want = load_arena(&l, gradients);
    grads = mem_array(l.n_floats, sizeof *grads);
    b = load_batch(shard);
    const struct bert_room room = room_for(&b, NULL);
    bert = bert_open(&c, &room, NULL);
    double n_next = 0;
    for (size_t i = 0; i < b.n_sequences; i++)
        n_next += b.next_labels[i] >= 0;

    bert_gradient(&losses, grads, bert, params, &b, 1.0 / (double)b.n_masked, 1 / n_next, &pass);
    bert_evaluate(&again, bert, params, &b);

    const struct json *numbers = json_member(expected, answer);
    assert_float_equal(losses.mlm_sum / (double)losses.n_masked,
                       json_real_or(json_member(numbers, "mlm_loss"), 0), 1e-5);
    assert_float_equal(losses.nsp_sum / (double)losses.n_next,
                       json_real_or(json_member(numbers, "nsp_loss"), 0), 1e-5);
    assert_memory_equal(&losses, &again, sizeof losses);
    check_gradients(&l, grads, want);

    bert_close(bert);
    batch_release(&b);
    json_release(expected);
    params_list_release(&l);
    free(path);
    free(params);
    free(want);
    free(grads);
}

static void equals_the_pytorch_system_on_rows(void **state)
{
    (void)state;
    check_golden("unpacked.hdf5", "pretrain.grad_unpacked.safetensors", "unpacked");
}

static void equals_the_pytorch_system_on_packs(void **state)
{
    (void)state;
    check_golden("packed.hdf5", "pretrain.grad_packed.safetensors", "packed");
}

/* ---- properties ---- */

static void any_number_of_threads_gives_the_same_bits(void **state)
{
    const struct bert_pass pass = {.dropout = true, .seed = 3, .step = 9};
    struct params_list l;
    struct batch b = random_batch(&small, lens, N_LENS, 1);
    struct bert_losses want_losses, losses;
    float *params, *want;

    (void)state;
    params_list_init(&l, &small);
    params = random_params(&l, &small);
    want = gradient(&want_losses, &small, params, &b, &pass, NULL);
    for (size_t n = 1; n <= 3; n++) {
        struct team *team = team_open(n);
        float *got = gradient(&losses, &small, params, &b, &pass, team);

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

/* Sequence k of b as a batch of its own, drawing dropout as it does there. */
static struct batch alone(const struct batch *b, size_t k)
{
    const size_t first = b->starts[k];
    const size_t n = b->starts[k + 1] - first;
    struct batch one;

    batch_init(&one, n, 1, n);
    memcpy(one.ids, b->ids + first, n * sizeof *one.ids);
    memcpy(one.positions, b->positions + first, n * sizeof *one.positions);
    memcpy(one.segments, b->segments + first, n * sizeof *one.segments);
    for (size_t i = 0; i < b->n_masked; i++) {
        if ((size_t)b->masked_at[i] < first || (size_t)b->masked_at[i] >= first + n)
            continue;
        one.masked_at[one.n_masked] = b->masked_at[i] - (int32_t)first;
        one.masked_ids[one.n_masked++] = b->masked_ids[i];
    }
    one.next_labels[0] = b->next_labels[k];
    one.n_sequences = 1;
    one.n_tokens = one.starts[1] = n;
    one.dropout_base = b->dropout_base + first;
    return one;
}

/* Nine sequences in one batch, as in a pack, and each for itself. */
static void sequences_together_are_sequences_alone(void **state)
{
    const struct bert_pass pass = {.dropout = true, .seed = 3, .step = 9};
    struct params_list l;
    struct batch b = random_batch(&small, lens, N_LENS, 1);
    struct bert_losses together, one;
    double mlm = 0, nsp = 0;
    float *params, *want, *sum;

    (void)state;
    params_list_init(&l, &small);
    params = random_params(&l, &small);
    want = gradient(&together, &small, params, &b, &pass, NULL);
    sum = mem_array(l.n_floats, sizeof *sum);
    for (size_t k = 0; k < N_LENS; k++) {
        struct batch single = alone(&b, k);
        float *part = gradient(&one, &small, params, &single, &pass, NULL);

        mlm += one.mlm_sum;
        nsp += one.nsp_sum;
        for (size_t i = 0; i < l.n_floats; i++)
            sum[i] += part[i];
        free(part);
        batch_release(&single);
    }
    assert_true(fabs(mlm - together.mlm_sum) < 1e-6 * together.mlm_sum);
    assert_true(fabs(nsp - together.nsp_sum) < 1e-6 * together.nsp_sum);
    for (size_t i = 0; i < l.n; i++) {
        const struct tensor *t = &l.tensors[i];
        double largest = 0, far = 0;

        if (strstr(t->name, "self.key.bias")) /* 0 but for rounding: softmax sees no shift */
            continue;
        for (size_t k = t->at; k < t->at + t->rows * t->cols; k++) {
            largest = fmax(largest, fabs(want[k]));
            far = fmax(far, fabs((double)want[k] - sum[k]));
        }
        if (far > 1e-5 * largest)
            fail_msg("%s is %g of its largest value away", t->name, far / largest);
    }
    free(want);
    free(sum);
    free(params);
    batch_release(&b);
    params_list_release(&l);
}

static void activations_made_again_are_the_same(void **state)
{
    const struct bert_pass pass = {.dropout = true, .seed = 3, .step = 9};
    struct bert_config deep = small;
    struct params_list l;
    struct bert_losses want_losses, losses;
    struct batch b = random_batch(&small, lens, N_LENS, 1);
    struct bert_room room = room_for(&b, NULL);
    struct bert *bert;
    float *params, *want, *got;

    (void)state;
    deep.n_layers = 5;
    params_list_init(&l, &deep);
    params = random_params(&l, &deep);
    want = gradient(&want_losses, &deep, params, &b, &pass, NULL);
    got = mem_array(l.n_floats, sizeof *got);
    room.recompute = true;
    bert = bert_open(&deep, &room, NULL);
    bert_gradient(&losses, got, bert, params, &b, 0.01, 0.1, &pass);
    assert_memory_equal(&losses, &want_losses, sizeof losses);
    assert_memory_equal(got, want, l.n_floats * sizeof *got);
    assert_int_equal(bert_activation_bytes(bert), bert_measure(&deep, &room, NULL));
    room.recompute = false;
    assert_true(bert_activation_bytes(bert) < bert_measure(&deep, &room, NULL));
    bert_close(bert);
    free(want);
    free(got);
    free(params);
    batch_release(&b);
    params_list_release(&l);
}

static void two_half_batches_draw_and_sum_as_the_whole(void **state)
{
    const struct bert_pass pass = {.dropout = true, .seed = 3, .step = 9};
    const size_t front[] = {30, 129, 7};
    const size_t back[] = {65, 12};
    struct params_list l;
    struct bert_losses whole, first, second;
    struct batch a = random_batch(&small, front, 3, 1);
    struct batch b = random_batch(&small, back, 2, 2);
    struct batch both;
    float *params, *want, *got, *more;

    (void)state;
    params_list_init(&l, &small);
    params = random_params(&l, &small);

    batch_init(&both, a.n_tokens + b.n_tokens, 5, a.n_masked + b.n_masked);
    const struct batch *parts[] = {&a, &b};
    for (int p = 0; p < 2; p++) {
        const struct batch *from = parts[p];
        const size_t T = both.n_tokens;

        memcpy(both.ids + T, from->ids, from->n_tokens * sizeof *both.ids);
        memcpy(both.positions + T, from->positions, from->n_tokens * sizeof *both.positions);
        memcpy(both.segments + T, from->segments, from->n_tokens * sizeof *both.segments);
        for (size_t i = 0; i < from->n_masked; i++) {
            both.masked_at[both.n_masked] = (int32_t)T + from->masked_at[i];
            both.masked_ids[both.n_masked++] = from->masked_ids[i];
        }
        for (size_t i = 0; i < from->n_sequences; i++) {
            both.next_labels[both.n_sequences] = from->next_labels[i];
            both.starts[++both.n_sequences] = T + from->starts[i + 1];
        }
        both.n_tokens += from->n_tokens;
    }
    a.dropout_base = both.dropout_base = 1000;
    b.dropout_base = 1000 + a.n_tokens;

    want = gradient(&whole, &small, params, &both, &pass, NULL);
    got = gradient(&first, &small, params, &a, &pass, NULL);
    more = gradient(&second, &small, params, &b, &pass, NULL);
    for (size_t i = 0; i < l.n_floats; i++)
        got[i] += more[i];

    assert_float_equal(first.mlm_sum + second.mlm_sum, whole.mlm_sum, 1e-4);
    assert_float_equal(first.nsp_sum + second.nsp_sum, whole.nsp_sum, 1e-5);
    check_gradients(&l, got, want);

    free(want);
    free(got);
    free(more);
    free(params);
    batch_release(&a);
    batch_release(&b);
    batch_release(&both);
    params_list_release(&l);
}

static double objective(struct bert *bert, float *sink, const float *params, const struct batch *b,
                        const struct bert_pass *pass)
{
    struct bert_losses losses;

    bert_gradient(&losses, sink, bert, params, b, 0.01, 0.1, pass);
    return 0.01 * losses.mlm_sum + 0.1 * losses.nsp_sum;
}

/* Each tensor is moved both ways along its own gradient. The objective is about 2, known to 1e-6 in
 * fp32; steps that change it by 0.004 leave its derivative good to a few parts in a thousand. */
static void check_derivatives(const struct bert_config *c)
{
    const struct bert_pass pass = {.dropout = true, .seed = 11, .step = 2};
    const size_t few[] = {1, 17, 66, 3, 20};
    struct params_list l;
    struct batch b = random_batch(c, few, 5, 5);
    const struct bert_room room = room_for(&b, NULL);
    struct bert *bert = bert_open(c, &room, NULL);
    struct bert_losses losses;
    float *params, *grads, *moved, *sink;

    params_list_init(&l, c);
    params = random_params(&l, c);
    moved = mem_array(l.n_floats, sizeof *moved);
    sink = mem_array(l.n_floats, sizeof *sink);
    grads = gradient(&losses, c, params, &b, &pass, NULL);
    for (size_t i = 0; i < l.n; i++) {
        const struct tensor *t = &l.tensors[i];
        double square = 0, step, up, down;

        /* Adding a constant to all keys of a query changes no softmax: this gradient is 0. */
        if (strstr(t->name, "key.bias"))
            continue;
        for (size_t j = 0; j < t->rows * t->cols; j++)
            square += (double)grads[t->at + j] * grads[t->at + j];
        assert_true(square > 0);
        step = 0.002 / square;
        if (step * sqrt(square) > 0.02)
            step = 0.02 / sqrt(square);
        memcpy(moved, params, l.n_floats * sizeof *moved);
        for (size_t j = 0; j < t->rows * t->cols; j++)
            moved[t->at + j] = params[t->at + j] + (float)(step * grads[t->at + j]);
        up = objective(bert, sink, moved, &b, &pass);
        for (size_t j = 0; j < t->rows * t->cols; j++)
            moved[t->at + j] = params[t->at + j] - (float)(step * grads[t->at + j]);
        down = objective(bert, sink, moved, &b, &pass);
        if (!(fabs((up - down) / (2 * step * square) - 1) < 0.01))
            fail_msg("%s: %g of the derivative", t->name, (up - down) / (2 * step * square));
    }
    free(params);
    free(grads);
    free(moved);
    free(sink);
    bert_close(bert);
    batch_release(&b);
    params_list_release(&l);
}

static void gradients_are_derivatives_with_dropout_on(void **state)
{
    (void)state;
    check_derivatives(&small);
}

static void gradients_are_derivatives_with_gelu_by_tanh(void **state)
{
    struct bert_config c = small;

    (void)state;
    c.gelu_tanh = true;
    c.hidden_dropout = 0;
    check_derivatives(&c);
}

static void gradients_add_to_what_is_there(void **state)
{
    const struct bert_pass pass = {0};
    struct params_list l;
    struct batch b = random_batch(&small, lens, 3, 1);
    const struct bert_room room = room_for(&b, NULL);
    struct bert *bert = bert_open(&small, &room, NULL);
    struct bert_losses losses;
    float *params, *once, *twice;

    (void)state;
    params_list_init(&l, &small);
    params = random_params(&l, &small);
    once = gradient(&losses, &small, params, &b, &pass, NULL);
    twice = mem_array(l.n_floats, sizeof *twice);
    for (int i = 0; i < 2; i++)
        bert_gradient(&losses, twice, bert, params, &b, 0.01, 0.1, &pass);
    for (size_t i = 0; i < l.n_floats; i++)
        once[i] *= 2;
    check_gradients(&l, twice, once);
    free(params);
    free(once);
    free(twice);
    bert_close(bert);
    batch_release(&b);
    params_list_release(&l);
}

static void seed_and_step_change_the_draws(void **state)
{
    struct bert_pass pass = {.dropout = true, .seed = 3, .step = 9};
    struct params_list l;
    struct batch b = random_batch(&small, lens, N_LENS, 1);
    struct bert_losses first, other;
    float *params;

    (void)state;
    params_list_init(&l, &small);
    params = random_params(&l, &small);
    free(gradient(&first, &small, params, &b, &pass, NULL));
    pass.step++;
    free(gradient(&other, &small, params, &b, &pass, NULL));
    assert_true(first.mlm_sum != other.mlm_sum);
    pass.step--;
    pass.seed++;
    free(gradient(&other, &small, params, &b, &pass, NULL));
    assert_true(first.mlm_sum != other.mlm_sum);
    free(params);
    batch_release(&b);
    params_list_release(&l);
}

static void nothing_masked_and_nothing_labelled_is_no_loss(void **state)
{
    const struct bert_pass pass = {0};
    const size_t one[] = {4};
    struct params_list l;
    struct batch b = random_batch(&small, one, 1, 1);
    struct bert_losses losses;
    float *params, *grads;

    (void)state;
    params_list_init(&l, &small);
    params = random_params(&l, &small);
    b.n_masked = 0;
    b.next_labels[0] = -1;
    grads = gradient(&losses, &small, params, &b, &pass, NULL);
    assert_true(losses.mlm_sum == 0 && losses.nsp_sum == 0 && losses.n_next == 0);
    for (size_t i = 0; i < l.n_floats; i++)
        assert_true(grads[i] == 0);
    free(params);
    free(grads);
    batch_release(&b);
    params_list_release(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_the_pytorch_system_on_rows),
        cmocka_unit_test(equals_the_pytorch_system_on_packs),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bits),
        cmocka_unit_test(sequences_together_are_sequences_alone),
        cmocka_unit_test(activations_made_again_are_the_same),
        cmocka_unit_test(two_half_batches_draw_and_sum_as_the_whole),
        cmocka_unit_test(gradients_are_derivatives_with_dropout_on),
        cmocka_unit_test(gradients_are_derivatives_with_gelu_by_tanh),
        cmocka_unit_test(gradients_add_to_what_is_there),
        cmocka_unit_test(seed_and_step_change_the_draws),
        cmocka_unit_test(nothing_masked_and_nothing_labelled_is_no_loss),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

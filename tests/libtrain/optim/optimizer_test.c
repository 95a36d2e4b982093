/* optimizer_test.c -- one tensor stepped by hand by the original, and the same bits for any team. */
#include "optim/optimizer.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

static const struct optimizer_settings lamb = {.kind = OPTIMIZER_LAMB,
                                               .beta1 = 0.9,
                                               .beta2 = 0.999,
                                               .eps = 1e-6,
                                               .decay = 0.01,
                                               .max_norm = 1};

static struct tensor vector_of(const char *name, size_t n, size_t at, bool decay)
{
    struct tensor t = {.rows = 1, .cols = n, .is_vector = true, .at = at, .decay = decay};

    snprintf(t.name, sizeof t.name, "%s", name);
    return t;
}

static void check_vector(const float *got, const double *want, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (fabs(got[i] - want[i]) > 2e-7 * fabs(want[i]))
            fail_msg("[%zu] is %.9g, not %.9g", i, got[i], want[i]);
}

static void two_steps_with_decay(void **state)
{
    struct tensor tensors[] = {vector_of("w", 3, 0, true)};
    const struct params_list list = {.tensors = tensors, .n = 1, .n_floats = 3, .n_params = 3};
    const double first[] = {0.9867932516406239, -1.9866625784967087, 0.4868586535919769};
    const double second[] = {0.973704832191218, -1.9734352134009003, 0.47383973904334387};
    float w[] = {1, -2, 0.5f};
    float g1[] = {0.3f, -0.1f, 0.2f};
    float g2[] = {3, -1, 2}; /* norm 3.74: clipped to 1 */
    struct optimizer o;

    (void)state;
    optimizer_init(&o, &lamb, &list, NULL);
    optimizer_step(&o, w, g1, optimizer_norm(&o, g1), 0.01, 1);
    check_vector(w, first, 3);
    assert_true(fabs(optimizer_norm(&o, g2) - sqrt(14)) < 1e-6);
    optimizer_step(&o, w, g2, optimizer_norm(&o, g2), 0.01, 2);
    check_vector(w, second, 3);
    optimizer_release(&o);
}

static void a_tensor_without_decay_has_trust_ratio_1(void **state)
{
    struct tensor tensors[] = {vector_of("b", 3, 0, false)};
    const struct params_list list = {.tensors = tensors, .n = 1, .n_floats = 3, .n_params = 3};
    const double want[] = {0.9900000333332222, -1.990000099999, 0.49000004999975};
    float w[] = {1, -2, 0.5f};
    float g[] = {0.3f, -0.1f, 0.2f};
    struct optimizer o;

    (void)state;
    optimizer_init(&o, &lamb, &list, NULL);
    optimizer_step(&o, w, g, optimizer_norm(&o, g), 0.01, 1);
    check_vector(w, want, 3);
    optimizer_release(&o);
}

static void zero_weights_have_trust_ratio_1(void **state)
{
    struct tensor tensors[] = {vector_of("w", 2, 0, true)};
    const struct params_list list = {.tensors = tensors, .n = 1, .n_floats = 2, .n_params = 2};
    float w[] = {0, 0};
    float g[] = {0.5f, -0.5f};
    struct optimizer o;

    (void)state;
    optimizer_init(&o, &lamb, &list, NULL);
    optimizer_step(&o, w, g, optimizer_norm(&o, g), 0.01, 1);
    assert_true(fabs(w[0] + 0.01) < 1e-6 && fabs(w[1] - 0.01) < 1e-6);
    optimizer_release(&o);
}

/* By hand, in double: decoupled decay, no clipping, no trust ratio. */
static void adamw_is_loshchilov_and_hutter_s(void **state)
{
    const struct optimizer_settings how = {
        .kind = OPTIMIZER_ADAMW, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .decay = 0.1};
    struct tensor tensors[] = {vector_of("w", 2, 0, true), vector_of("b", 1, 16, false)};
    const struct params_list list = {.tensors = tensors, .n = 2, .n_floats = 17};
    float w[17] = {1, -2, [16] = 3};
    double want[17] = {1, -2, [16] = 3};
    double m[17] = {0};
    double v[17] = {0};
    struct optimizer o;

    (void)state;
    optimizer_init(&o, &how, &list, NULL);
    for (int t = 1; t <= 5; t++) {
        float g[17] = {5, (float)t, [16] = (float)-t};

        for (int i = 0; i < 17; i += i == 1 ? 15 : 1) {
            m[i] = 0.9 * m[i] + 0.1 * g[i];
            v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
            want[i] *= i == 16 ? 1 : 1 - 0.01 * 0.1;
            want[i] -= 0.01 * m[i] / (1 - pow(0.9, t)) / (sqrt(v[i] / (1 - pow(0.999, t))) + 1e-8);
        }
        optimizer_step(&o, w, g, optimizer_norm(&o, g), 0.01, t);
    }
    check_vector(w, want, 2);
    check_vector(w + 16, want + 16, 1);
    optimizer_release(&o);
}

/* The Adam of google-research/bert: m / (sqrt(v) + eps), every tensor's gradient cut to norm 2. */
static void uncorrected_moments_and_norms_of_tensors(void **state)
{
    const struct optimizer_settings how = {.kind = OPTIMIZER_ADAMW,
                                           .beta1 = 0.9,
                                           .beta2 = 0.999,
                                           .eps = 1e-6,
                                           .max_tensor_norm = 2,
                                           .uncorrected = true};
    struct tensor tensors[] = {vector_of("w", 2, 0, true), vector_of("b", 1, 16, false)};
    const struct params_list list = {.tensors = tensors, .n = 2, .n_floats = 17};
    float w[17] = {1, -2, [16] = 3};
    double want[17] = {1, -2, [16] = 3};
    double m[17] = {0};
    double v[17] = {0};
    struct optimizer o;

    (void)state;
    optimizer_init(&o, &how, &list, NULL);
    for (int t = 1; t <= 5; t++) {
        float g[17] = {3, (float)t, [16] = -1.5f};
        const double scale = 2 / sqrt(9.0 + t * t);

        for (int i = 0; i < 17; i += i == 1 ? 15 : 1) {
            const double grad = i == 16 ? g[i] : g[i] * scale;

            m[i] = 0.9 * m[i] + 0.1 * grad;
            v[i] = 0.999 * v[i] + 0.001 * grad * grad;
            want[i] -= 0.01 * m[i] / (sqrt(v[i]) + 1e-6);
        }
        optimizer_step(&o, w, g, optimizer_norm(&o, g), 0.01, t);
    }
    check_vector(w, want, 2);
    check_vector(w + 16, want + 16, 1);
    optimizer_release(&o);
}

static void frozen_tensors_stay_and_do_not_count(void **state)
{
    struct tensor tensors[] = {vector_of("w", 2, 0, true), vector_of("b", 1, 16, true)};
    const struct params_list list = {.tensors = tensors, .n = 2, .n_floats = 17};
    float w[17] = {1, -2, [16] = 3};
    float g[17] = {300, 400, [16] = -0.5f};
    struct optimizer o;

    (void)state;
    tensors[0].frozen = true;
    optimizer_init(&o, &lamb, &list, NULL);
    assert_float_equal(optimizer_norm(&o, g), 0.5, 1e-9);
    optimizer_step(&o, w, g, optimizer_norm(&o, g), 0.01, 1);
    assert_true(w[0] == 1 && w[1] == -2 && w[16] > 3);
    optimizer_release(&o);
}

/* Three steps on tensors that span several blocks. */
static void step_with(float *w, const struct params_list *list, struct team *team)
{
    float *g = mem_array(list->n_floats, sizeof *g);
    struct optimizer o;

    optimizer_init(&o, &lamb, list, team);
    for (size_t i = 0; i < list->n_floats; i++)
        w[i] = (float)sin((double)i);
    for (int64_t t = 1; t <= 3; t++) {
        for (size_t i = 0; i < list->n_floats; i++)
            g[i] = (float)cos((double)i * (double)t);
        optimizer_step(&o, w, g, optimizer_norm(&o, g), 0.01, t);
    }
    optimizer_release(&o);
    free(g);
}

static void any_number_of_threads_gives_the_same_bits(void **state)
{
    struct tensor tensors[] = {vector_of("a", 50000, 0, true), vector_of("b", 7, 50000, false),
                               vector_of("c", 20000, 50016, true)};
    const struct params_list list = {.tensors = tensors, .n = 3, .n_floats = 70016};
    float *alone = mem_array(list.n_floats, sizeof *alone);
    float *many = mem_array(list.n_floats, sizeof *many);

    (void)state;
    step_with(alone, &list, NULL);
    for (size_t n = 1; n <= 3; n++) {
        struct team *team = team_open(n);

        step_with(many, &list, team);
        team_close(team);
        assert_memory_equal(alone, many, list.n_floats * sizeof *alone);
    }
    free(alone);
    free(many);
}

static struct tensor matrix_of(const char *name, size_t rows, size_t cols, size_t at)
{
    struct tensor t = {.rows = rows, .cols = cols, .at = at, .decay = true};

    snprintf(t.name, sizeof t.name, "%s", name);
    return t;
}

enum { BIG_ROWS = 1000, BIG_COLS = 37, ODD = 17001, ALL = BIG_ROWS * BIG_COLS + ODD + 100 };

/* A matrix of several blocks whose rows are no whole vectors, a vector of two blocks, one that is frozen. */
static void odd_tensors(struct tensor *tensors)
{
    tensors[0] = matrix_of("a", BIG_ROWS, BIG_COLS, 0);
    tensors[1] = vector_of("b", ODD, BIG_ROWS * BIG_COLS, false);
    tensors[2] = vector_of("c", 100, BIG_ROWS * BIG_COLS + ODD, true);
    tensors[2].frozen = true;
}

/* The bits of the formulas in optimizer.h, number by number. */
static void adamw_is_the_plain_loop(void **state)
{
    const struct optimizer_settings how = {
        .kind = OPTIMIZER_ADAMW, .beta1 = 0.9, .beta2 = 0.98, .eps = 1e-6, .decay = 0.1};
    struct tensor tensors[3];
    const struct params_list list = {.tensors = tensors, .n = 3, .n_floats = ALL};
    float *w = mem_array(ALL, sizeof *w), *g = mem_array(ALL, sizeof *g);
    float *want = mem_array(ALL, sizeof *want);
    float *m = mem_array(ALL, sizeof *m), *v = mem_array(ALL, sizeof *v);
    struct team *team = team_open(3);
    struct optimizer o;

    (void)state;
    odd_tensors(tensors);
    optimizer_init(&o, &how, &list, team);
    for (size_t i = 0; i < ALL; i++)
        w[i] = want[i] = (float)sin((double)i);
    for (int64_t t = 1; t <= 3; t++) {
        const float c1 = (float)(1 / (1 - pow(0.9, (double)t)));
        const float c2 = (float)(1 / (1 - pow(0.98, (double)t)));

        for (size_t i = 0; i < ALL; i++)
            g[i] = (float)cos((double)i * (double)t);
        for (size_t i = 0; i < ALL - 100; i++) {
            m[i] = 0.9f * m[i] + (float)(1 - 0.9) * g[i];
            v[i] = 0.98f * v[i] + (float)(1 - 0.98) * g[i] * g[i];
            want[i] -= 0.01f * (m[i] * c1 / (sqrtf(v[i] * c2) + 1e-6f) +
                                (i < BIG_ROWS * BIG_COLS ? 0.1f : 0.0f) * want[i]);
        }
        optimizer_step(&o, w, g, optimizer_norm(&o, g), 0.01, t);
        for (size_t i = 0; i < ALL; i++)
            assert_true(g[i] == 0);
    }
    assert_memory_equal(w, want, ALL * sizeof *w);
    assert_memory_equal(o.m, m, (ALL - 100) * sizeof *m);
    assert_memory_equal(o.v, v, (ALL - 100) * sizeof *v);
    optimizer_release(&o);
    team_close(team);
    free(w);
    free(g);
    free(want);
    free(m);
    free(v);
}

struct told {
    const float *w; /* as it is now */
    float *seen;    /* as it was when it was told */
    int *times;     /* (ALL) */
};

static void note(void *context, size_t lane, size_t at, size_t n)
{
    struct told *t = context;

    assert_int_equal(lane, 0);
    if (at < BIG_ROWS * BIG_COLS) {
        assert_int_equal(at % (OPTIMIZER_ROWS * BIG_COLS), 0);
        assert_true(at + n == BIG_ROWS * BIG_COLS || n % (OPTIMIZER_ROWS * BIG_COLS) == 0);
    }
    for (size_t i = at; i < at + n; i++) {
        t->seen[i] = t->w[i];
        t->times[i]++;
    }
}

static void check_told(enum optimizer_kind kind)
{
    struct optimizer_settings how = lamb;
    struct tensor tensors[3];
    const struct params_list list = {.tensors = tensors, .n = 3, .n_floats = ALL};
    float *w = mem_array(ALL, sizeof *w), *g = mem_array(ALL, sizeof *g);
    struct told told = {w, mem_array(ALL, sizeof *w), mem_array(ALL, sizeof(int))};
    struct optimizer o;

    odd_tensors(tensors);
    how.kind = kind;
    optimizer_init(&o, &how, &list, NULL);
    o.changed = note;
    o.changed_context = &told;
    for (size_t i = 0; i < ALL; i++)
        w[i] = g[i] = (float)sin((double)i);
    optimizer_step(&o, w, g, optimizer_norm(&o, g), 0.01, 1);
    for (size_t i = 0; i < ALL - 100; i++)
        assert_true(told.times[i] == 1 && told.seen[i] == w[i] && g[i] == 0);
    for (size_t i = ALL - 100; i < ALL; i++)
        assert_true(told.times[i] == 0 && g[i] == 0);
    optimizer_release(&o);
    free(w);
    free(g);
    free(told.seen);
    free(told.times);
}

static void what_changed_is_told_once_when_it_is_done(void **state)
{
    (void)state;
    check_told(OPTIMIZER_LAMB);
    check_told(OPTIMIZER_ADAMW);
}

static void a_bad_gradient_shows_in_the_norm(void **state)
{
    struct tensor tensors[] = {vector_of("w", 20000, 0, true)};
    const struct params_list list = {.tensors = tensors, .n = 1, .n_floats = 20000};
    float *g = mem_array(list.n_floats, sizeof *g);
    struct optimizer o;

    (void)state;
    optimizer_init(&o, &lamb, &list, NULL);
    g[19999] = NAN;
    assert_false(isfinite(optimizer_norm(&o, g)));
    g[19999] = INFINITY;
    assert_false(isfinite(optimizer_norm(&o, g)));
    optimizer_release(&o);
    free(g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_steps_with_decay),
        cmocka_unit_test(a_tensor_without_decay_has_trust_ratio_1),
        cmocka_unit_test(zero_weights_have_trust_ratio_1),
        cmocka_unit_test(adamw_is_loshchilov_and_hutter_s),
        cmocka_unit_test(uncorrected_moments_and_norms_of_tensors),
        cmocka_unit_test(frozen_tensors_stay_and_do_not_count),
        cmocka_unit_test(any_number_of_threads_gives_the_same_bits),
        cmocka_unit_test(adamw_is_the_plain_loop),
        cmocka_unit_test(what_changed_is_told_once_when_it_is_done),
        cmocka_unit_test(a_bad_gradient_shows_in_the_norm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

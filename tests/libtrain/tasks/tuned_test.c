/* tuned_test.c -- logits, losses and gradients of fine-tuned models against the PyTorch system and
 * against slopes, for any number of threads. */
#include "tasks/tuned.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../numbers.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "formats/safetensors.h"
#include "model/weights.h"
#include "ops/half_tile.h"
#include "store/shard.h"

static void check(int rc, const struct err *err)
{
    if (rc < 0)
        fail_msg("%s", err->text);
}

/* ---- golden ---- */

static char *golden(const char *name)
{
    const char *shared = getenv("BERTLINE_SHARED");
    char *folder = file_join(shared ? shared : "../shared", "golden/bert");
    char *path = file_join(folder, name);

    free(folder);
    return path;
}

/* The model of the golden files with other heads; skips the test where they are missing. */
static struct bert_config golden_config(enum bert_heads heads, size_t n_labels)
{
    char *path = golden("config.json");
    struct bert_config c;
    struct err err = {0};

    if (!file_exists(path)) {
        print_message("skipped: no %s\n", path);
        free(path);
        skip();
    }
    check(config_load(&c, path, &err), &err);
    free(path);
    c.heads = heads;
    c.n_labels = n_labels;
    return c;
}

static float *golden_arena(const struct params_list *l, const char *name)
{
    char *path = golden(name);
    float *arena = mem_array(l->n_floats, sizeof *arena);
    struct weights_report report;
    struct err err = {0};

    check(weights_load(arena, &report, l, path, &err), &err);
    assert_int_equal(report.n_missing, 0);
    free(path);
    return arena;
}

static struct json *golden_numbers(struct json **root, const char *key)
{
    char *path = golden("expected.json");
    struct err err = {0};

    *root = json_load(path, 1 << 20, &err);
    assert_non_null(*root);
    free(path);
    return json_member(*root, key);
}

/* The rows of the golden shard; T columns. */
static struct batch golden_batch(size_t *T)
{
    char *path = golden("unpacked.hdf5");
    struct shard shard = {0};
    struct sequence *sequences;
    struct batch b;
    size_t n;
    struct err err = {0};

    check(shard_open(&shard, path, &err), &err);
    check(shard_read(&sequences, &n, NULL, &shard, 0, shard.n_rows, &err), &err);
    *T = shard.shape.seq_length;
    batch_init(&b, n * *T, n, 1);
    for (size_t k = 0; k < n; k++) {
        for (size_t i = 0; i < sequences[k].n_ids; i++) {
            b.ids[b.n_tokens] = sequences[k].ids[i];
            b.positions[b.n_tokens] = (int32_t)i;
            b.segments[b.n_tokens++] = i >= sequences[k].n_first;
        }
        b.starts[++b.n_sequences] = b.n_tokens;
    }
    sequences_free(sequences, n);
    shard_close(&shard);
    free(path);
    return b;
}

static struct tuned *open_for(const struct bert_config *c, const struct batch *b, struct team *team)
{
    const struct bert_room room = {.tokens = b->n_tokens, .sequences = b->n_sequences};

    return tuned_open(c, &room, team);
}

static void classes_equal_the_pytorch_system(void **state)
{
    const struct bert_config c = golden_config(HEADS_CLASSES, 3);
    const struct bert_pass pass = {.dropout = true}; /* of probability 0 in this config */
    struct params_list l;
    struct json *root, *want = golden_numbers(&root, "classify");
    size_t T;
    struct batch b = golden_batch(&T);
    const double scales[TUNED_PARTS] = {1.0 / (double)b.n_sequences};
    struct tuned *tuned = open_for(&c, &b, NULL);
    struct tuned_sums sums;
    float *params, *grads, *want_grads;
    float *logits = mem_array(b.n_sequences * 3, sizeof *logits);

    (void)state;
    params_list_init(&l, &c);
    params = golden_arena(&l, "classify.safetensors");
    want_grads = golden_arena(&l, "classify.grad.safetensors");
    grads = mem_array(l.n_floats, sizeof *grads);
    for (size_t k = 0; k < b.n_sequences; k++)
        b.classes[k] = (int32_t)json_int_or(json_item(json_member(want, "labels"), k), -1);

    tuned_classes(logits, tuned, params, &b);
    for (size_t k = 0; k < b.n_sequences; k++)
        for (size_t i = 0; i < 3; i++)
            check_close(logits[k * 3 + i],
                        json_real_or(json_item(json_item(json_member(want, "logits"), k), i), 9),
                        1e-5, "logits", k);
    tuned_run(&sums, grads, tuned, params, &b, scales, &pass);
    assert_int_equal(sums.n, b.n_sequences);
    check_close(sums.loss[0] / (double)sums.n, json_real_or(json_member(want, "loss"), 0), 1e-5,
                "loss", 0);
    for (size_t i = 0; i < l.n; i++) {
        const struct tensor *t = &l.tensors[i];
        double largest = 0, worst = 0;

        for (size_t j = 0; j < t->rows * t->cols; j++) {
            largest = fmax(largest, fabs(want_grads[t->at + j]));
            worst = fmax(worst, fabs((double)grads[t->at + j] - want_grads[t->at + j]));
        }
        if (!(worst <= fmax(1e-4 * largest, 1e-6))) /* fp32 sums of some thousand terms */
            fail_msg("%s: off by %g, largest %g", t->name, worst, largest);
    }
    tuned_close(tuned);
    batch_release(&b);
    params_list_release(&l);
    json_release(root);
    free(params);
    free(grads);
    free(want_grads);
    free(logits);
}

/* -log softmax(x)[at], in double. */
static double cross_entropy_of(const float *x, size_t n, size_t at)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += exp(x[i]);
    return log(sum) - x[at];
}

/* The system lets padding compete in the softmax, so its loss is another; its logits are not. */
static void spans_equal_the_pytorch_system(void **state)
{
    const struct bert_config c = golden_config(HEADS_SPANS, 0);
    struct params_list l;
    struct json *root, *want = golden_numbers(&root, "squad");
    size_t T;
    struct batch b = golden_batch(&T);
    const double scales[TUNED_PARTS] = {0};
    const struct bert_pass pass = {.dropout = false};
    struct tuned *tuned = open_for(&c, &b, NULL);
    struct tuned_sums sums;
    struct tensor_table file = {0};
    float *params, *start, *end;
    double loss[TUNED_PARTS] = {0};
    char *path = golden("squad.logits.safetensors");
    struct err err = {0};

    (void)state;
    check(safetensors_read(&file, path, &err), &err);
    params_list_init(&l, &c);
    params = golden_arena(&l, "squad.safetensors");
    start = mem_array(b.n_tokens, sizeof *start);
    end = mem_array(b.n_tokens, sizeof *end);
    for (size_t k = 0; k < b.n_sequences; k++) {
        b.answers[2 * k] =
            (int32_t)json_int_or(json_item(json_member(want, "start_positions"), k), -1);
        b.answers[2 * k + 1] =
            (int32_t)json_int_or(json_item(json_member(want, "end_positions"), k), -1);
    }
    tuned_spans(start, end, tuned, params, &b);
    for (size_t k = 0; k < b.n_sequences; k++) {
        const size_t first = b.starts[k], n = b.starts[k + 1] - first;
        const float *row[] = {
            (const float *)tensor_table_find(&file, "start_logits")->data + k * T,
            (const float *)tensor_table_find(&file, "end_logits")->data + k * T,
        };

        for (size_t i = 0; i < n; i++) {
            check_close(start[first + i], row[0][i], 1e-5, "start", first + i);
            check_close(end[first + i], row[1][i], 1e-5, "end", first + i);
        }
        for (size_t e = 0; e < TUNED_PARTS; e++)
            loss[e] += cross_entropy_of(row[e], n, (size_t)b.answers[2 * k + e]);
    }
    tuned_run(&sums, NULL, tuned, params, &b, scales, &pass);
    for (size_t e = 0; e < TUNED_PARTS; e++)
        check_close(sums.loss[e], loss[e], 1e-5, "loss", e);
    tensor_table_release(&file);
    tuned_close(tuned);
    batch_release(&b);
    params_list_release(&l);
    json_release(root);
    free(path);
    free(params);
    free(start);
    free(end);
}

/* ---- properties ---- */

static struct bert_config small(enum bert_heads heads, size_t n_labels)
{
    return (struct bert_config){
        .vocab_size = 90,
        .hidden_size = 24,
        .n_layers = 2,
        .n_heads = 3,
        .intermediate_size = 40,
        .max_positions = 60,
        .n_types = 2,
        .hidden_dropout = 0.2,
        .attention_dropout = 0.3,
        .initializer_range = 0.3,
        .layer_norm_eps = 1e-12,
        .heads = heads,
        .n_labels = n_labels,
    };
}

/* Sequences of random ids, each with a class of three (the second has none), a score, an answer. */
static struct batch random_batch(void)
{
    static const size_t lens[] = {1, 60, 17, 33, 60, 3, 59, 40, 12};
    const size_t n = sizeof lens / sizeof *lens;
    struct batch b;
    struct rng rng;

    batch_init(&b, n * 60, n, 1);
    for (size_t k = 0; k < n; k++) {
        rng_at(&rng, 5, 0, k);
        b.classes[k] = k == 1 ? -1 : (int32_t)(k % 3);
        b.scores[k] = (float)k / 4;
        b.answers[2 * k] = (int32_t)rng_below(&rng, lens[k]);
        b.answers[2 * k + 1] = (int32_t)rng_below(&rng, lens[k]);
        for (size_t i = 0; i < lens[k]; i++) {
            b.ids[b.n_tokens] = (int32_t)rng_below(&rng, 90);
            b.positions[b.n_tokens] = (int32_t)i;
            b.segments[b.n_tokens++] = i > 5;
        }
        b.starts[++b.n_sequences] = b.n_tokens;
    }
    return b;
}

static double loss_of(struct tuned *t, const float *params, const struct batch *b,
                      const double scales[TUNED_PARTS], const struct bert_pass *pass, float *grads)
{
    struct tuned_sums sums;

    tuned_run(&sums, grads, t, params, b, scales, pass);
    return scales[0] * sums.loss[0] + scales[1] * sums.loss[1];
}

/* Along its own direction, a gradient is the slope of the loss; dropout included. Fourth-order
 * differences of a fp32 loss are good to about 1e-3. */
static void check_slope(const struct bert_config *c)
{
    const double scales[TUNED_PARTS] = {0.2, c->heads == HEADS_SPANS ? 0.3 : 0};
    const struct bert_pass pass = {.dropout = true, .seed = 3, .step = 8};
    const double h = 2e-3;
    struct batch b = random_batch();
    struct tuned *t = open_for(c, &b, NULL);
    struct params_list l;
    float *params, *moved, *grads;
    double norm = 0, f[4];

    params_list_init(&l, c);
    params = mem_array(l.n_floats, sizeof *params);
    moved = mem_array(l.n_floats, sizeof *moved);
    grads = mem_array(l.n_floats, sizeof *grads);
    params_init(params, &l, c, 1);
    loss_of(t, params, &b, scales, &pass, grads);
    for (size_t i = 0; i < l.n_floats; i++)
        norm += (double)grads[i] * grads[i];
    norm = sqrt(norm);
    assert_true(norm > 0.1);
    for (int k = 0; k < 4; k++) {
        static const double steps[] = {-2, -1, 1, 2};

        for (size_t i = 0; i < l.n_floats; i++)
            moved[i] = (float)(params[i] + steps[k] * h * grads[i] / norm);
        f[k] = loss_of(t, moved, &b, scales, &pass, NULL);
    }
    check_close((f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h) / norm, 1, 3e-3, "slope", 0);
    tuned_close(t);
    batch_release(&b);
    params_list_release(&l);
    free(params);
    free(moved);
    free(grads);
}

static void gradients_are_slopes(void **state)
{
    const struct bert_config spans = small(HEADS_SPANS, 0);
    const struct bert_config classes = small(HEADS_CLASSES, 3);
    const struct bert_config scores = small(HEADS_CLASSES, 1);

    (void)state;
    check_slope(&spans);
    check_slope(&classes);
    check_slope(&scores);
}

static void threads_change_no_bit(void **state)
{
    const struct bert_config configs[] = {small(HEADS_SPANS, 0), small(HEADS_CLASSES, 3)};
    const double scales[TUNED_PARTS] = {0.2, 0.3};
    const struct bert_pass pass = {.dropout = true, .seed = 3, .step = 8};
    struct batch b = random_batch();

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        float *grads[3], *params;
        double loss[3];
        struct params_list l;

        params_list_init(&l, &configs[i]);
        params = mem_array(l.n_floats, sizeof *params);
        params_init(params, &l, &configs[i], 1);
        for (size_t n = 0; n < 3; n++) {
            struct team *team = n ? team_open(n + 1) : NULL;
            struct tuned *t = open_for(&configs[i], &b, team);

            grads[n] = mem_array(l.n_floats, sizeof **grads);
            loss[n] = loss_of(t, params, &b, scales, &pass, grads[n]);
            tuned_close(t);
            if (team)
                team_close(team);
            assert_memory_equal(grads[n], grads[0], l.n_floats * sizeof **grads);
            assert_memory_equal(&loss[n], &loss[0], sizeof *loss);
        }
        for (size_t n = 0; n < 3; n++)
            free(grads[n]);
        params_list_release(&l);
        free(params);
    }
    batch_release(&b);
}

/* Opened to predict, in fp32 and in halves: the same bits with less memory. */
static void predicting_needs_no_gradients(void **state)
{
    const struct bert_config configs[] = {small(HEADS_SPANS, 0), small(HEADS_CLASSES, 3)};
    const struct half_kernel *const kernels[] = {NULL, half_kernel_find("plain")};
    struct batch b = random_batch();
    const size_t n = b.n_tokens + 3 * b.n_sequences;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        const struct bert_config *c = &configs[i / 2];
        const struct bert_room room = {
            .tokens = b.n_tokens, .sequences = b.n_sequences, .halves = kernels[i % 2]};
        struct tuned *both[] = {
            tuned_open(c, &room, NULL),
            tuned_open_forward(c, room.tokens, room.sequences, room.halves, NULL)};
        float *logits = mem_array(4 * n, sizeof *logits);
        struct params_list l;
        float *params;

        params_list_init(&l, c);
        params = mem_array(l.n_floats, sizeof *params);
        params_init(params, &l, c, 1);
        for (size_t k = 0; k < 2; k++) {
            float *at = logits + k * 2 * n;

            tuned_take(both[k], params);
            for (int twice = 0; twice < 2; twice++)
                if (c->heads == HEADS_SPANS)
                    tuned_spans(at, at + n, both[k], params, &b);
                else
                    tuned_classes(at, both[k], params, &b);
            tuned_close(both[k]);
        }
        assert_true(logits[0] != 0);
        assert_memory_equal(logits, logits + 2 * n, 2 * n * sizeof *logits);
        params_list_release(&l);
        free(logits);
        free(params);
    }
    batch_release(&b);
}

/* Products of 8 bits of mantissa: three digits of the loss, and gradients that point the same way. */
static void halves_are_near_fp32(void **state)
{
    const struct bert_config configs[] = {small(HEADS_SPANS, 0), small(HEADS_CLASSES, 3)};
    const double scales[TUNED_PARTS] = {0.2, 0.3};
    const struct bert_pass pass = {.dropout = true, .seed = 3, .step = 8};
    struct batch b = random_batch();

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct bert_room room = {
            .tokens = b.n_tokens, .sequences = b.n_sequences, .halves = half_kernel_find("plain")};
        struct tuned *exact = open_for(&configs[i], &b, NULL);
        struct tuned *halves = tuned_open(&configs[i], &room, NULL);
        struct params_list l;
        float *params, *grads, *near;
        double dot = 0, norm = 0, norm_near = 0, loss, loss_near;

        assert_non_null(room.halves);
        params_list_init(&l, &configs[i]);
        params = mem_array(l.n_floats, sizeof *params);
        grads = mem_array(l.n_floats, sizeof *grads);
        near = mem_array(l.n_floats, sizeof *near);
        params_init(params, &l, &configs[i], 1);
        tuned_take(halves, params);
        loss = loss_of(exact, params, &b, scales, &pass, grads);
        loss_near = loss_of(halves, params, &b, scales, &pass, near);
        for (size_t k = 0; k < l.n_floats; k++) {
            dot += (double)grads[k] * near[k];
            norm += (double)grads[k] * grads[k];
            norm_near += (double)near[k] * near[k];
        }
        assert_true(loss != loss_near);
        check_close(loss_near / loss, 1, 1e-2, "loss", i);
        assert_true(dot / sqrt(norm * norm_near) > 0.998);
        tuned_close(exact);
        tuned_close(halves);
        params_list_release(&l);
        free(params);
        free(grads);
        free(near);
    }
    batch_release(&b);
}

static void a_sequence_without_a_class_does_not_count(void **state)
{
    const struct bert_config c = small(HEADS_CLASSES, 3);
    const double scales[TUNED_PARTS] = {1};
    const struct bert_pass pass = {.dropout = false};
    struct batch b = random_batch();
    struct tuned *t = open_for(&c, &b, NULL);
    struct params_list l;
    struct tuned_sums with, without;
    float *params;

    (void)state;
    params_list_init(&l, &c);
    params = mem_array(l.n_floats, sizeof *params);
    params_init(params, &l, &c, 1);
    tuned_run(&without, NULL, t, params, &b, scales, &pass);
    b.classes[1] = 0;
    tuned_run(&with, NULL, t, params, &b, scales, &pass);
    assert_int_equal(without.n, b.n_sequences - 1);
    assert_int_equal(with.n, b.n_sequences);
    assert_true(with.loss[0] > without.loss[0]);
    tuned_close(t);
    batch_release(&b);
    params_list_release(&l);
    free(params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_equal_the_pytorch_system),
        cmocka_unit_test(spans_equal_the_pytorch_system),
        cmocka_unit_test(gradients_are_slopes),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(predicting_needs_no_gradients),
        cmocka_unit_test(halves_are_near_fp32),
        cmocka_unit_test(a_sequence_without_a_class_does_not_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

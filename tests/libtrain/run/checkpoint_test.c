/* checkpoint_test.c -- what is saved comes back; what was changed, cut or half-written does not. */
#include "run/checkpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"

struct scratch {
    char folder[64];
    struct bert_config config;
    struct params_list list;
    struct checkpoint c;
    struct err err;
};

static float *new_arena(const struct params_list *list, float first)
{
    float *x = mem_array(list->n_floats, sizeof *x);

    for (size_t i = 0; i < list->n; i++)
        for (size_t k = 0; k < list->tensors[i].rows * list->tensors[i].cols; k++)
            x[list->tensors[i].at + k] = first + (float)k;
    return x;
}

static int make_scratch(void **state)
{
    struct scratch *s = calloc(1, sizeof *s);

    strcpy(s->folder, "/tmp/checkpoint_test.XXXXXX");
    if (!mkdtemp(s->folder))
        return -1;
    s->config = (struct bert_config){.vocab_size = 10,
                                     .hidden_size = 4,
                                     .n_layers = 1,
                                     .n_heads = 2,
                                     .intermediate_size = 8,
                                     .max_positions = 6,
                                     .n_types = 2};
    params_list_init(&s->list, &s->config);
    s->c = (struct checkpoint){
        .config = &s->config,
        .list = &s->list,
        .params = new_arena(&s->list, 1),
        .m = new_arena(&s->list, 0.1f),
        .v = new_arena(&s->list, 0.7f),
        .state = {.number = 7045,
                  .step = 7,
                  .phase2 = true,
                  .position = 12345678901,
                  .data = 0xfedcba9876543210,
                  .seed = 42,
                  .schedule = {6e-3, 0.2843, 7038, SCHEDULE_WSD, 0.1},
                  .optimizer = {.kind = OPTIMIZER_ADAMW,
                                .beta1 = 0.8,
                                .beta2 = 0.99,
                                .eps = 1e-7,
                                .decay = 0.02,
                                .max_norm = 2,
                                .max_tensor_norm = 3,
                                .uncorrected = true},
                  .optimizer_known = true,
                  .best_number = 7040,
                  .best_loss = 1.25,
                  .rows_per_step = 64,
                  .rows_per_micro = 8,
                  .loss_sum = 0.1 + 0.2,
                  .n_losses = 3,
                  .parts = {{0.1, 7, 2}, {0.2, 0, 0}},
                  .halves = CHOICE_YES,
                  .step_averages = CHOICE_NO,
                  .n_skipped = 2,
                  .n_skipped_in_row = 1},
    };
    *state = s;
    return 0;
}

static int drop_scratch(void **state)
{
    struct scratch *s = *state;

    file_remove(s->folder, &s->err);
    free(s->c.params);
    free(s->c.m);
    free(s->c.v);
    params_list_release(&s->list);
    free(s);
    return 0;
}

static void save(struct scratch *s, int64_t number)
{
    s->c.state.number = number;
    if (checkpoint_save(&s->c, s->folder, &s->err) < 0)
        fail_msg("%s", s->err.text);
}

static char *file_in(struct scratch *s, int64_t number, const char *name)
{
    char *folder = checkpoint_path(s->folder, number);
    char *path = file_join(folder, name);

    free(folder);
    return path;
}

static void what_is_saved_is_loaded(void **state)
{
    struct scratch *s = *state;
    struct checkpoint back = s->c;
    char *path = checkpoint_path(s->folder, 7045);
    const size_t n_bytes = s->list.n_floats * sizeof(float);

    save(s, 7045);
    back.state = (struct checkpoint_state){0};
    back.params = mem_alloc(n_bytes);
    back.m = mem_alloc(n_bytes);
    back.v = mem_alloc(n_bytes);
    assert_int_equal(checkpoint_verify(path, &s->err), 0);
    assert_int_equal(checkpoint_load(&back, path, &s->err), 0);
    assert_memory_equal(back.params, s->c.params, n_bytes);
    assert_memory_equal(back.m, s->c.m, n_bytes);
    assert_memory_equal(back.v, s->c.v, n_bytes);
    assert_int_equal(back.state.number, 7045);
    assert_int_equal(back.state.step, 7);
    assert_true(back.state.phase2);
    assert_int_equal(back.state.position, 12345678901);
    assert_true(back.state.data == 0xfedcba9876543210);
    assert_int_equal(back.state.seed, 42);
    assert_true(back.state.schedule.rate == 6e-3);
    assert_true(back.state.schedule.warmup == 0.2843);
    assert_int_equal(back.state.schedule.n_steps, 7038);
    assert_int_equal(back.state.rows_per_step, 64);
    assert_int_equal(back.state.rows_per_micro, 8);
    assert_true(back.state.loss_sum == 0.1 + 0.2);
    assert_int_equal(back.state.n_losses, 3);
    assert_memory_equal(back.state.parts, s->c.state.parts, sizeof back.state.parts);
    assert_int_equal(back.state.halves, CHOICE_YES);
    assert_int_equal(back.state.step_averages, CHOICE_NO);
    assert_int_equal(back.state.n_skipped, 2);
    assert_int_equal(back.state.n_skipped_in_row, 1);
    free(back.params);
    free(back.m);
    free(back.v);
    free(path);
}

/* One byte changed, one byte more, one file gone: each of the files. */
static void any_damage_is_seen(void **state)
{
    static const char *const names[] = {"model.safetensors", "optimizer.safetensors", "config.json",
                                        "state.json"};
    struct scratch *s = *state;
    char *folder = checkpoint_path(s->folder, 1);

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = file_in(s, 1, names[i]);
        FILE *f;

        save(s, 1);
        assert_int_equal(checkpoint_verify(folder, &s->err), 0);
        f = fopen(path, "r+b");
        assert_non_null(f);
        fseek(f, 40, SEEK_SET);
        fputc('!', f);
        fclose(f);
        assert_int_equal(checkpoint_verify(folder, &s->err), -1);
        assert_non_null(strstr(s->err.text, names[i]));
        save(s, 1);
        f = fopen(path, "ab");
        assert_non_null(f);
        fputc('\n', f);
        fclose(f);
        assert_int_equal(checkpoint_verify(folder, &s->err), -1);
        assert_non_null(strstr(s->err.text, "bytes"));
        save(s, 1);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(checkpoint_verify(folder, &s->err), -1);
        free(path);
    }
    free(folder);
}

static void a_folder_without_manifest_is_no_checkpoint(void **state)
{
    struct scratch *s = *state;
    char *folder = checkpoint_path(s->folder, 1);
    char *manifest = file_in(s, 1, "manifest.json");
    FILE *f;

    save(s, 1);
    f = fopen(manifest, "w");
    assert_non_null(f);
    fputs("{\"format\": \"bertline checkpoint\", \"version\": 1, \"files\": {}}", f);
    fclose(f);
    assert_int_equal(checkpoint_verify(folder, &s->err), -1);
    assert_int_equal(unlink(manifest), 0);
    assert_int_equal(checkpoint_verify(folder, &s->err), -1);
    free(manifest);
    free(folder);
}

static void a_checkpoint_of_another_model_is_refused(void **state)
{
    struct scratch *s = *state;
    char *folder = checkpoint_path(s->folder, 1);
    struct checkpoint other = s->c;
    struct params_list list;

    save(s, 1);
    s->config.vocab_size = 9;
    params_list_init(&list, &s->config);
    other.list = &list;
    assert_int_equal(checkpoint_load(&other, folder, &s->err), -1);
    assert_non_null(strstr(s->err.text, "10"));
    params_list_release(&list);
    free(folder);
}

static void a_broken_state_is_refused(void **state)
{
    struct scratch *s = *state;
    char *folder = checkpoint_path(s->folder, 1);
    char *path = file_in(s, 1, "state.json");
    FILE *f;

    save(s, 1);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs("{\"format\": \"bertline training state\", \"version\": 1, \"number\": -3}", f);
    fclose(f);
    assert_int_equal(checkpoint_load(&s->c, folder, &s->err), -1);
    assert_non_null(strstr(s->err.text, "state.json"));
    assert_non_null(strstr(s->err.text, "'number'"));
    free(path);
    free(folder);
}

static void check_numbers(struct scratch *s, const int64_t *want, size_t n_want)
{
    int64_t *numbers;
    size_t n;

    assert_int_equal(checkpoint_list(&numbers, &n, s->folder, &s->err), 0);
    assert_int_equal(n, n_want);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(numbers[i], want[i]);
    free(numbers);
}

static void only_finished_folders_are_listed_by_number(void **state)
{
    static const char *const foreign[] = {"ckpt_3.part", "ckpt_", "ckpt_1x",
                                          "ckpt_-1",     "other", "ckpt_99999999999999999999"};
    const int64_t want[] = {2, 9, 10};
    struct scratch *s = *state;

    save(s, 10);
    save(s, 9);
    save(s, 2);
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        char *path = file_join(s->folder, foreign[i]);

        assert_int_equal(file_make_folder(path, &s->err), 0);
        free(path);
    }
    check_numbers(s, want, 3);
}

static void rotation_keeps_the_newest_and_the_end_of_phase_1(void **state)
{
    const int64_t want[] = {4, 6, 10};
    struct scratch *s = *state;

    for (int64_t number = 2; number <= 10; number += 2)
        save(s, number);
    assert_int_equal(checkpoint_rotate(s->folder, 3, -1, 0, &s->err), 0);
    check_numbers(s, (const int64_t[]){6, 8, 10}, 3);
    save(s, 4);
    assert_int_equal(checkpoint_rotate(s->folder, 1, 6, 0, &s->err), 0);
    check_numbers(s, want, 3);
    assert_int_equal(checkpoint_rotate(s->folder, 1, -1, 4, &s->err), 0);
    check_numbers(s, (const int64_t[]){4, 10}, 2);
}

static void a_checkpoint_of_another_model_is_refused_by_field(void **state)
{
    struct scratch *s = *state;
    struct bert_config other = s->config;
    char *path = checkpoint_path(s->folder, 1);

    save(s, 1);
    assert_int_equal(checkpoint_check_config(path, &s->config, &s->err), 0);
    other.hidden_size = 8;
    other.layer_norm_eps = 1e-3;
    assert_int_equal(checkpoint_check_config(path, &other, &s->err), -1);
    assert_non_null(strstr(s->err.text, "hidden_size 8, not 4"));
    assert_non_null(strstr(s->err.text, "layer_norm_eps 0.001, not 0"));
    assert_null(strstr(s->err.text, "vocab_size"));
    free(path);
}

static void what_a_killed_run_left_is_swept(void **state)
{
    struct scratch *s = *state;
    char *part = file_join(s->folder, "ckpt_3.part");
    bool any;

    assert_int_equal(file_make_folder(part, &s->err), 0);
    assert_int_equal(checkpoint_any(&any, s->folder, &s->err), 0);
    assert_false(any);
    assert_int_equal(checkpoint_sweep(s->folder, &s->err), 0);
    assert_false(file_exists(part));
    assert_int_equal(checkpoint_any(&any, "/nowhere", &s->err), 0);
    assert_false(any);
    save(s, 1);
    assert_int_equal(checkpoint_any(&any, s->folder, &s->err), 0);
    assert_true(any);
    free(part);
}

static void a_folder_that_cannot_be_written_is_named(void **state)
{
    struct scratch *s = *state;
    char *file = file_join(s->folder, "plain");
    FILE *f = fopen(file, "w");

    assert_non_null(f);
    fclose(f);
    assert_int_equal(checkpoint_save(&s->c, file, &s->err), -1);
    assert_non_null(strstr(s->err.text, "checkpoint 7045"));
    free(file);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_scratch, drop_scratch)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_saved_is_loaded),
        TEST(any_damage_is_seen),
        TEST(a_folder_without_manifest_is_no_checkpoint),
        TEST(a_checkpoint_of_another_model_is_refused),
        TEST(a_broken_state_is_refused),
        TEST(only_finished_folders_are_listed_by_number),
        TEST(a_checkpoint_of_another_model_is_refused_by_field),
        TEST(rotation_keeps_the_newest_and_the_end_of_phase_1),
        TEST(what_a_killed_run_left_is_swept),
        TEST(a_folder_that_cannot_be_written_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

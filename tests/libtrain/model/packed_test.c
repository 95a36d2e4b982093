/* packed_test.c -- copies made part by part, as an optimiser tells of them, are those made at once. */
#include "model/packed.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "optim/optimizer.h"

static const struct bert_config small = {
    .vocab_size = 1100, /* not a multiple of 32 */
    .hidden_size = 48,
    .n_layers = 2,
    .n_heads = 3,
    .intermediate_size = 112,
    .max_positions = 64,
    .n_types = 2,
    .initializer_range = 0.1,
    .layer_norm_eps = 1e-12,
};

struct parts {
    struct packed packed;
    const float *params;
};

static void take_part(void *context, size_t lane, size_t at, size_t n)
{
    const struct parts *p = context;

    packed_update_part(&p->packed, p->params, lane, at, n);
}

static void check_copies(enum bert_heads heads, struct team *team)
{
    const struct half_kernel plain = {.name = "plain", .multiply = half_tile_plain};
    struct bert_config c = small;
    struct optimizer_settings how = optimizer_defaults();
    struct params_list list;
    struct optimizer o;
    struct packed whole;
    struct parts parts;
    float *params, *grads;

    c.heads = heads;
    c.n_labels = 3;
    params_list_init(&list, &c);
    params = mem_array(list.n_floats, sizeof *params);
    grads = mem_array(list.n_floats, sizeof *grads);
    params_init(params, &list, &c, 1);
    packed_open(&whole, &c, &list, &plain, team);
    packed_open(&parts.packed, &c, &list, &plain, team);
    parts.params = params;
    packed_update(&parts.packed, params, team);
    optimizer_init(&o, &how, &list, team);
    o.changed = take_part;
    o.changed_context = &parts;
    for (size_t i = 0; i < list.n_floats; i++)
        grads[i] = (float)sin((double)i);
    optimizer_step(&o, params, grads, optimizer_norm(&o, grads), 0.1, 1);
    packed_update(&whole, params, team);
    /* Scratch comes last. */
    assert_memory_equal(whole.arena.base, parts.packed.arena.base,
                        (size_t)((const char *)whole.scratch - (const char *)whole.arena.base));
    optimizer_release(&o);
    packed_release(&whole);
    packed_release(&parts.packed);
    params_list_release(&list);
    free(params);
    free(grads);
}

static void parts_are_the_whole(void **state)
{
    struct team *team = team_open(3);

    (void)state;
    check_copies(HEADS_PRETRAINING, NULL);
    check_copies(HEADS_PRETRAINING, team);
    check_copies(HEADS_CLASSES, team);
    team_close(team);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_the_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

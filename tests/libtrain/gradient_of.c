/* gradient_of.c -- losses and gradients of all rows of a folder as one batch, for comparison with other
 * programs.
 *
 *   gradient_of CONFIG WEIGHTS SHARDS OUT.safetensors      prints "mlm_loss nsp_loss"
 *
 * Without dropout; the loss is the sum of both means. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "data/loader.h"
#include "model/bert.h"
#include "model/weights.h"

static int run(char **argv, struct loader *l, struct err *err)
{
    const struct bert_pass pass = {.dropout = false};
    struct weights_report report;
    struct bert_config config;
    struct params_list list;
    struct bert_losses losses;
    struct batch b;
    struct bert *bert;
    float *params, *grads;
    size_t n_next = 0;

    if (config_load(&config, argv[1], err) < 0)
        return -1;
    params_list_init(&list, &config);
    params = mem_array(list.n_floats, sizeof *params);
    grads = mem_array(list.n_floats, sizeof *grads);
    loader_init_batch(&b, l, (size_t)l->order.n_rows);
    if (weights_load(params, &report, &list, argv[2], err) < 0 ||
        loader_fill(&b, l, 0, (size_t)l->order.n_rows, err) < 0)
        return -1;
    for (size_t i = 0; i < b.n_sequences; i++)
        n_next += b.next_labels[i] >= 0;
    bert = bert_open(&config,
                     &(struct bert_room){.tokens = b.n_tokens,
                                         .sequences = b.n_sequences,
                                         .masked = b.n_masked,
                                         .recompute = false},
                     NULL);
    bert_gradient(&losses, grads, bert, params, &b, 1 / (double)b.n_masked, 1 / (double)n_next,
                  &pass);
    printf("%.9g %.9g\n", losses.mlm_sum / (double)b.n_masked, losses.nsp_sum / (double)n_next);
    if (weights_save(argv[4], &list, &(struct weights_arena){"", grads}, 1, err) < 0)
        return -1;
    bert_close(bert);
    batch_release(&b);
    params_list_release(&list);
    free(params);
    free(grads);
    return 0;
}

int main(int argc, char **argv)
{
    struct loader l = {0};
    struct err err = {0};
    int rc = argc == 5 ? loader_open(&l, argv[3], 1, &err)
                       : err_set(&err, ERR_USAGE, "gradient_of CONFIG WEIGHTS SHARDS OUT");

    if (rc == 0) {
        rc = run(argv, &l, &err);
        loader_close(&l);
    }
    if (rc < 0)
        fprintf(stderr, "gradient_of: %s\n", err.text);
    return rc < 0;
}

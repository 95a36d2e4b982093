/* evaluate.c -- batch i is rank (i mod ranks)'s, so every row is computed once whatever the ranks. */
#include "run/evaluate.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/sink.h"

/* Sums, as an array of doubles. */
struct sums {
    double mlm, nsp;
    double n_masked, n_masked_right;
    double n_next, n_next_right;
    double n_sequences;
};

static void add(struct sums *s, const struct bert_losses *l, size_t n_sequences)
{
    s->mlm += l->mlm_sum;
    s->nsp += l->nsp_sum;
    s->n_masked += (double)l->n_masked;
    s->n_masked_right += (double)l->n_masked_right;
    s->n_next += (double)l->n_next;
    s->n_next_right += (double)l->n_next_right;
    s->n_sequences += (double)n_sequences;
}

static double mean(double sum, double n)
{
    return n > 0 ? sum / n : 0;
}

double evaluation_loss(const struct evaluation *e)
{
    return e->masked_lm_loss + e->next_sentence_loss;
}

int evaluation_run(struct evaluation *e, struct bert *bert, const float *params, struct loader *l,
                   struct batch *b, size_t rows, uint64_t max_batches, struct comm *c,
                   struct err *err)
{
    const uint64_t all = l->order.n_rows / rows + (l->order.n_rows % rows != 0);
    const uint64_t n_batches = max_batches > 0 && max_batches < all ? max_batches : all;
    struct sums s = {0};

    for (uint64_t i = (uint64_t)c->rank; i < n_batches; i += (uint64_t)c->size) {
        const uint64_t left = l->order.n_rows - i * rows;
        struct bert_losses losses;

        if (loader_fill(b, l, i * rows, left < rows ? (size_t)left : rows, err) < 0)
            return -1;
        bert_evaluate(&losses, bert, params, b);
        add(&s, &losses, b->n_sequences);
    }
    if (comm_sum_doubles(c, (double *)&s, sizeof s / sizeof(double), err) < 0)
        return -1;
    *e = (struct evaluation){
        .masked_lm_loss = mean(s.mlm, s.n_masked),
        .masked_lm_accuracy = mean(s.n_masked_right, s.n_masked),
        .next_sentence_loss = mean(s.nsp, s.n_next),
        .next_sentence_accuracy = mean(s.n_next_right, s.n_next),
        .n_sequences = s.n_sequences,
    };
    return 0;
}

int evaluation_save(const struct evaluation *e, int64_t step, const char *output_dir,
                    struct err *err)
{
    char *path = file_join(output_dir, "eval_results.txt");
    struct buf text = {0};
    struct sink out = {0};
    int rc = -1;

    buf_printf(&text, "global_step = %" PRId64 "\n", step);
    buf_printf(&text, "loss = %.9g\n", evaluation_loss(e));
    buf_printf(&text, "masked_lm_accuracy = %.9g\n", e->masked_lm_accuracy);
    buf_printf(&text, "masked_lm_loss = %.9g\n", e->masked_lm_loss);
    buf_printf(&text, "next_sentence_accuracy = %.9g\n", e->next_sentence_accuracy);
    buf_printf(&text, "next_sentence_loss = %.9g\n", e->next_sentence_loss);
    if (sink_open(&out, path, err) == 0 && sink_write(&out, text.data, text.len, err) == 0)
        rc = sink_commit(&out, err);
    sink_close(&out);
    buf_release(&text);
    free(path);
    return rc;
}

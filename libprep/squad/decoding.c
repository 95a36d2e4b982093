/* decoding.c -- a question at a time. */
#include "squad/decoding.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "squad/logits.h"
#include "squad/passages.h"
#include "squad/predictions.h"

struct decoding {
    struct passages *in;
    struct logits logits;
    struct predictions *out;
    struct unicode *unicode;
    struct nbest_scratch *scratch;
    const struct nbest_options *options;
    struct nbest nbest;
    float *start, *end; /* (cap_windows, T) */
    size_t cap_windows;
    struct decoding_counts *counts;
};

static int decode_passage(struct decoding *d, const struct passage *p, struct err *err)
{
    const size_t T = d->logits.seq_length;

    for (size_t i = 0; i < p->paragraph.n_questions; i++) {
        const size_t n = p->queries[i].n_windows;

        if (n > d->cap_windows) {
            d->cap_windows = mem_grow(d->cap_windows, n);
            d->start = mem_resize(d->start, d->cap_windows * T, sizeof *d->start);
            d->end = mem_resize(d->end, d->cap_windows * T, sizeof *d->end);
        }
        if (logits_read(d->start, d->end, &d->logits, (int64_t)d->counts->n_windows, n, err) < 0)
            return -1;
        if (nbest_decode(&d->nbest, d->scratch, p, i, d->start, d->end, T, d->options, err) < 0)
            return err_in(err, "%s", d->logits.path);
        if (predictions_put(d->out, p->paragraph.questions[i].id, n > 0, &d->nbest, err) < 0)
            return -1;
        d->counts->n_windows += n;
        d->counts->n_questions++;
    }
    return 0;
}

static int decode_all(struct decoding *d, const char *questions, struct err *err)
{
    struct passage passage;
    int rc;

    while ((rc = passages_next(&passage, d->in, err)) == 1) {
        rc = decode_passage(d, &passage, err);
        passage_release(&passage);
        if (rc < 0)
            return -1;
    }
    if (rc == 0 && (int64_t)d->counts->n_windows != d->logits.n_rows)
        return err_set(err, ERR_FORMAT, "%s: has %lld rows, but %s has %llu windows",
                       d->logits.path, (long long)d->logits.n_rows, questions,
                       (unsigned long long)d->counts->n_windows);
    return rc;
}

int decoding_run(struct decoding_counts *counts, const char *folder, const char *questions,
                 const char *logits, const struct tokenizer *t,
                 const struct passage_options *passage_options,
                 const struct nbest_options *nbest_options, struct err *err)
{
    struct decoding d = {.options = nbest_options, .counts = counts};
    int rc = -1;

    assert(!passage_options->training);
    *counts = (struct decoding_counts){0};
    if (logits_open(&d.logits, logits, err) < 0)
        return -1;
    if (d.logits.seq_length != passage_options->seq_length) {
        err_set(err, ERR_FORMAT, "%s: logits of %zu columns, not %zu", logits, d.logits.seq_length,
                passage_options->seq_length);
        goto out;
    }
    d.in = passages_open(questions, t, passage_options, err);
    if (!d.in)
        goto out;
    d.out = predictions_open(folder, nbest_options, err);
    if (!d.out)
        goto out;
    d.unicode = unicode_open();
    d.scratch = nbest_scratch_open(t, d.unicode);
    if (decode_all(&d, questions, err) == 0)
        rc = predictions_commit(d.out, err);
out:
    passages_close(d.in);
    predictions_close(d.out);
    logits_close(&d.logits);
    nbest_scratch_close(d.scratch);
    unicode_close(d.unicode);
    nbest_release(&d.nbest);
    free(d.start);
    free(d.end);
    return rc;
}

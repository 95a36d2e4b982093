/* fake_features.c -- small feature files for tests of fine-tuning: what is to be found can be seen.
 *
 *   fake_features FILE spans|classes|scores ROWS [SEED] [unlabelled]
 *
 * Rows of up to 16 tokens from a vocabulary of 50. Spans: the answer is the tokens 7 and 8. Classes: 0,
 * 1 or 2, and the row has a token 10, 11 or 12. Scores: the number of tokens 9. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/sink.h"
#include "store/h5_writer.h"

enum { T = 16, VOCAB = 50, CLS = 2, SEP = 3, FIRST = 13, LEAST = 8 };

struct row {
    int32_t ids[T], mask[T], segments[T];
    int32_t start, end, label;
    float score;
};

static void fill(struct row *r, const char *kind, uint64_t seed, uint64_t number)
{
    struct rng rng;
    size_t len, first;

    *r = (struct row){0};
    rng_at(&rng, seed, 0, number);
    len = LEAST + (size_t)rng_below(&rng, T - LEAST + 1);
    first = 2 + (size_t)rng_below(&rng, 3);
    for (size_t i = 0; i < len; i++) {
        r->ids[i] = FIRST + (int32_t)rng_below(&rng, VOCAB - FIRST);
        r->mask[i] = 1;
        r->segments[i] = i >= first;
    }
    r->ids[0] = CLS;
    r->ids[first - 1] = r->ids[len - 1] = SEP;
    r->start = (int32_t)(first + rng_below(&rng, len - first - 2));
    r->end = r->start + 1;
    r->label = (int32_t)(number % 3);
    if (!strcmp(kind, "spans")) {
        r->ids[r->start] = 7;
        r->ids[r->end] = 8;
    } else if (!strcmp(kind, "classes")) {
        r->ids[r->start] = 10 + r->label;
    } else {
        for (int32_t i = 0; i < r->label && r->start + i < (int32_t)len - 1; i++, r->score += 1)
            r->ids[r->start + i] = 9;
    }
}

static int write_rows(struct h5_writer *w, const char *kind, int n_rows, uint64_t seed,
                      bool labelled, struct err *err)
{
    const bool spans = !strcmp(kind, "spans");
    const bool scores = !strcmp(kind, "scores");
    const int ids = h5_add(w, "input_ids", H5_INT32, T, err);
    const int mask = h5_add(w, "input_mask", H5_INT8, T, err);
    const int segments = h5_add(w, "segment_ids", H5_INT8, T, err);
    const int windows = spans ? h5_add(w, "doc_span_index", H5_INT32, 0, err) : 0;
    const int start = labelled && spans ? h5_add(w, "start_positions", H5_INT32, 0, err) : 0;
    const int end = labelled && spans ? h5_add(w, "end_positions", H5_INT32, 0, err) : 0;
    const int label =
        labelled && !spans ? h5_add(w, "label_ids", scores ? H5_FLOAT32 : H5_INT32, 0, err) : 0;

    for (int k = 0; k < n_rows; k++) {
        struct row r;

        fill(&r, kind, seed, (uint64_t)k);
        if (h5_append_ints(w, ids, r.ids, 1, err) < 0 ||
            h5_append_ints(w, mask, r.mask, 1, err) < 0 ||
            h5_append_ints(w, segments, r.segments, 1, err) < 0 ||
            (spans && h5_append_ints(w, windows, &(int32_t){0}, 1, err) < 0) ||
            (labelled && spans &&
             (h5_append_ints(w, start, &r.start, 1, err) < 0 ||
              h5_append_ints(w, end, &r.end, 1, err) < 0)) ||
            (labelled && scores && h5_append(w, label, &r.score, 1, err) < 0) ||
            (labelled && !spans && !scores && h5_append_ints(w, label, &r.label, 1, err) < 0))
            return -1;
    }
    return h5_finish(w, err);
}

int main(int argc, char **argv)
{
    const bool labelled = strcmp(argv[argc - 1], "unlabelled") != 0;
    struct sink out = {0};
    struct h5_writer *w = NULL;
    struct err err = {0};
    int rc = -1;

    if (argc < 4)
        err_set(&err, ERR_USAGE,
                "fake_features FILE spans|classes|scores ROWS [SEED] [unlabelled]");
    else if (sink_open_part(&out, argv[1], &err) == 0 && (w = h5_create(out.part, &err)))
        rc = write_rows(w, argv[2], atoi(argv[3]), argc > 4 ? (uint64_t)atoi(argv[4]) : 0, labelled,
                        &err);
    h5_discard(w);
    if (rc == 0)
        rc = sink_commit(&out, &err);
    sink_close(&out);
    if (rc < 0)
        fprintf(stderr, "fake_features: %s\n", err.text);
    return rc < 0;
}

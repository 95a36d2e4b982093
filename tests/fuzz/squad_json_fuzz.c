/* squad_json_fuzz.c -- proves: whatever the bytes of a SQuAD file, reading them ends with windows that
 * keep their rules or with an error that names the file; never with a crash. */
#define _GNU_SOURCE /* memfd_create */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../libprep/squad/own_vocab.h"
#include "fuzz.h"
#include "squad/articles.h"
#include "squad/passage.h"

enum { T = 12 };

static void must(int good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "squad_json_fuzz: %s\n", what);
    abort();
}

/* Every window holds part of the context, and all of them all of it; labels are columns of T. */
static void check_query(const struct passage *p, const struct query *q, const struct tokenizer *t,
                        int training)
{
    size_t end = 0;

    for (size_t w = 0; w < q->n_windows; w++) {
        int32_t ids[T];
        size_t n_first;
        int32_t first = 0;
        int32_t last = 0;
        const size_t n = passage_ids(ids, &n_first, p, q, w, t);

        must(n <= T && n == q->n_ids + 3 + q->windows[w].n && n_first == q->n_ids + 2, "the row");
        must(q->windows[w].n > 0 && q->windows[w].first <= end, "a gap between windows");
        end = q->windows[w].first + q->windows[w].n;
        must(end <= p->n_ids, "a window behind the context");
        for (size_t i = 0; i < n; i++)
            must(ids[i] >= 0 && ids[i] < tokenizer_header(t)->vocab_size, "an id");
        for (size_t i = 0; i < q->windows[w].n; i++)
            (void)passage_max_context(q, w, q->windows[w].first + i);
        if (training)
            passage_label(&first, &last, q, w);
        must(first >= 0 && first < T && last >= 0 && last < T, "a label");
    }
    must(q->skipped || end == p->n_ids, "the end of the context is missing");
}

static void read_all(const char *path, const struct passage_options *o, const struct tokenizer *t,
                     struct tokenizer_scratch *s, const struct unicode *u)
{
    struct err err = {0};
    struct articles *in = articles_open(path, &err);
    struct buf json = {0};
    int rc = in ? 1 : -1;

    while (rc > 0) {
        struct passage p;

        buf_clear(&json);
        rc = articles_next(in, &json, &err);
        if (rc != ARTICLES_PARAGRAPH)
            continue;
        if (passage_make(&p, json.data ? json.data : "", json.len, o, t, s, u, &err) < 0) {
            const struct articles_place place = articles_where(in);

            rc = articles_err(in, &place, &err);
            continue;
        }
        for (size_t i = 0; i < p.paragraph.n_questions; i++)
            check_query(&p, &p.queries[i], t, o->training);
        passage_release(&p);
    }
    must(rc == 0 || strstr(err.text, path), "an error that does not name the file");
    articles_close(in);
    buf_release(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static struct tokenizer *t;
    static struct tokenizer_scratch *s;
    static struct unicode *u;
    struct passage_options o = {.seq_length = T, .doc_stride = 2, .max_query_length = 5};
    const int fd = memfd_create("squad", 0);
    char path[40];

    if (!t) {
        t = own_tokenizer("squad_json_fuzz.tmp");
        s = tokenizer_scratch_open();
        u = unicode_open();
    }
    must(t && fd >= 0 && write(fd, bytes, n) == (ssize_t)n, "no file to read from");
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    read_all(path, &o, t, s, u);
    o.training = true;
    o.first_answer = true;
    read_all(path, &o, t, s, u);
    o.version_2 = true;
    read_all(path, &o, t, s, u);
    close(fd);
    return 0;
}

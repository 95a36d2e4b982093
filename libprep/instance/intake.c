/* intake.c -- two kinds of input into one corpus.
 *
 * Text goes through the tokenizer in batches of lines, on all cores; what comes back has the
 * encoding of a token stream, document borders included. */
#include "instance/intake.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/lines.h"
#include "base/mem.h"
#include "base/parallel.h"
#include "base/source.h"
#include "base/team.h"
#include "instance/stage.h"

enum { BATCH_SIZE = 1 << 18, MAX_LINE = 64 << 20, PROGRESS_STEP = 1024 };

static const char TOKENS_MAGIC[] = "BERTTOKS"; /* tokens.h */

enum kind { KIND_TEXT, KIND_TOKENS };

/* Whether a path can be read twice with the same result. */
static bool is_plain_file(const char *path)
{
    struct stat st;

    return strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* What cannot be looked into beforehand is text when there is a tokenizer for it. */
static int find_kind(enum kind *kind, const struct intake *in, const char *path, struct err *err)
{
    char head[sizeof TOKENS_MAGIC - 1];
    size_t n = 0;
    int64_t got = 1;
    struct source *s;

    *kind = in->tokenizer ? KIND_TEXT : KIND_TOKENS;
    if (!is_plain_file(path))
        return 0;
    s = source_open(path, err);
    if (!s)
        return -1;
    while (n < sizeof head && (got = source_read(s, head + n, sizeof head - n, err)) > 0)
        n += (size_t)got;
    source_close(s);
    if (got < 0)
        return -1;
    *kind = n == sizeof head && !memcmp(head, TOKENS_MAGIC, n) ? KIND_TOKENS : KIND_TEXT;
    if (*kind == KIND_TEXT && !in->tokenizer)
        return err_set(err, ERR_USAGE,
                       "'%s' is not a token stream; text needs a vocabulary (--vocab)", path);
    return 0;
}

static void copy_header(struct tokens_header *to, const struct tokens_header *from)
{
    const size_t size = (size_t)from->vocab_size;

    *to = *from;
    to->rules = mem_text(from->rules);
    to->continues = mem_array(size, sizeof *to->continues);
    memcpy(to->continues, from->continues, size * sizeof *to->continues);
    to->words = mem_array(from->n_words, sizeof *to->words);
    memcpy(to->words, from->words, from->n_words * sizeof *to->words);
}

/* The first input says which vocabulary all have to be in. */
static int agree(struct intake *in, const struct tokens_header *h, const char *path,
                 struct err *err)
{
    const struct tokens_header *v = &in->vocab;

    if (in->tokenizer &&
        strcmp(tokenizer_header(in->tokenizer)->vocab_sha256, h->vocab_sha256) != 0)
        return err_set(err, ERR_FORMAT, "%s: made with another vocabulary than --vocab", path);
    if (!v->rules) {
        copy_header(&in->vocab, h);
        return corpus_open(&in->corpus, in->folder, h->vocab_size, err);
    }
    if (strcmp(v->vocab_sha256, h->vocab_sha256) != 0)
        return err_set(err, ERR_FORMAT,
                       "%s: made with another vocabulary (SHA-256 %.12s...) than the first input "
                       "(%.12s...)",
                       path, h->vocab_sha256, v->vocab_sha256);
    if (v->cased != h->cased || strcmp(v->rules, h->rules) != 0)
        return err_set(err, ERR_FORMAT, "%s: is %s by rules '%s', the first input %s by '%s'", path,
                       h->cased ? "cased" : "uncased", h->rules, v->cased ? "cased" : "uncased",
                       v->rules);
    return 0;
}

static void report(const struct intake *in, uint64_t done, uint64_t total)
{
    if (in->progress)
        in->progress(in->progress_context, "read", done, total);
}

static int add_tokens(struct intake *in, const char *path, struct err *err)
{
    struct tokens *t = tokens_open(path, err);
    uint64_t n_events = 0;
    const int32_t *ids;
    size_t n;
    int event;
    int rc = -1;

    if (!t || agree(in, tokens_header(t), path, err) < 0 ||
        corpus_end_document(&in->corpus, err) < 0)
        goto out;
    while ((event = tokens_next(t, &ids, &n, err)) > TOKENS_END) {
        rc = event == TOKENS_SENTENCE ? corpus_add_sentence(&in->corpus, ids, n, err)
                                      : corpus_end_document(&in->corpus, err);
        if (rc < 0)
            goto out;
        if (++n_events % PROGRESS_STEP == 0)
            report(in, tokens_taken(t), tokens_total(t));
    }
    rc = event;
out:
    tokens_close(t);
    return rc;
}

/* One text input on its way through parallel_map(). */
struct text {
    struct intake *in;
    struct lines lines;
    struct tokenizer_scratch **scratch; /* one a worker */
    int32_t *ids;                       /* (cap_ids) one sentence */
    size_t cap_ids;
    uint64_t total;
};

static int read_lines(void *context, struct buf *in, struct err *err)
{
    struct text *t = context;
    int rc = 0;

    while (in->len < BATCH_SIZE && (rc = lines_next(&t->lines, err)) > 0) {
        const struct buf *line = &t->lines.line;

        if (t->lines.number == 1 && line->len >= sizeof TOKENS_MAGIC - 1 &&
            !memcmp(line->data, TOKENS_MAGIC, sizeof TOKENS_MAGIC - 1)) {
            err_set(err, ERR_USAGE, "a token stream where text was expected; leave out --vocab");
            return lines_err(&t->lines, err);
        }
        buf_put_u32(in, (uint32_t)line->len);
        buf_put(in, line->data, line->len);
    }
    report(t->in, lines_taken(&t->lines), t->total);
    return rc < 0 ? -1 : in->len > 0;
}

static uint32_t get_u32(const char *bytes)
{
    const unsigned char *b = (const unsigned char *)bytes;

    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

/* Each line as its number of ids and the ids, 0 for a border between documents. */
static int encode_lines(void *context, size_t worker, struct buf *out, struct buf *in,
                        struct err *err)
{
    const struct text *t = context;
    const struct tokenizer *tokenizer = t->in->tokenizer;

    (void)err;
    for (size_t at = 0; at < in->len;) {
        const size_t len = get_u32(in->data + at);
        const char *line = in->data + at + sizeof(uint32_t);
        const int32_t *ids;
        size_t n;

        tokenizer_encode(&ids, &n, tokenizer, t->scratch[worker], line, len);
        if (n || tokenizer_is_blank(tokenizer, line, len)) {
            const uint32_t count = (uint32_t)n;

            buf_put(out, &count, sizeof count);
            buf_put(out, ids, n * sizeof *ids);
        }
        at += sizeof(uint32_t) + len;
    }
    return 0;
}

static int add_sentences(void *context, const struct buf *out, struct err *err)
{
    struct text *t = context;
    struct corpus *c = &t->in->corpus;
    int rc = 0;

    for (size_t at = 0; at < out->len && rc == 0;) {
        uint32_t n;

        memcpy(&n, out->data + at, sizeof n);
        at += sizeof n;
        if (n > t->cap_ids) {
            t->cap_ids = mem_grow(t->cap_ids, n);
            t->ids = mem_resize(t->ids, t->cap_ids, sizeof *t->ids);
        }
        if (n)
            memcpy(t->ids, out->data + at, n * sizeof *t->ids);
        rc = n ? corpus_add_sentence(c, t->ids, n, err) : corpus_end_document(c, err);
        at += n * sizeof *t->ids;
    }
    return rc;
}

static int add_text(struct intake *in, const char *path, struct err *err)
{
    char *const paths[] = {(char *)(uintptr_t)path};
    struct text t = {.in = in};
    const struct parallel plan = {.context = &t,
                                  .n_threads = parallel_threads(in->n_threads),
                                  .read = read_lines,
                                  .work = encode_lines,
                                  .write = add_sentences};
    struct stat st;
    int rc = -1;

    t.scratch = mem_array(plan.n_threads, sizeof(struct tokenizer_scratch *));
    for (size_t i = 0; i < plan.n_threads; i++)
        t.scratch[i] = tokenizer_scratch_open();
    if (is_plain_file(path) && stat(path, &st) == 0)
        t.total = (uint64_t)st.st_size;
    if (agree(in, tokenizer_header(in->tokenizer), path, err) == 0 &&
        lines_open(&t.lines, paths, 1, NEWLINE_UNIVERSAL, MAX_LINE, err) == 0)
        rc = parallel_map(&plan, err);
    for (size_t i = 0; i < plan.n_threads; i++)
        tokenizer_scratch_close(t.scratch[i]);
    free(t.scratch);
    free(t.ids);
    lines_close(&t.lines);
    return rc;
}

int intake_add(struct intake *in, const char *path, struct err *err)
{
    struct intake_input *input;
    enum kind kind;

    in->inputs = mem_resize(in->inputs, in->n_inputs + 1, sizeof *in->inputs);
    input = &in->inputs[in->n_inputs++];
    *input = (struct intake_input){.path = mem_text(path)};
    if (find_kind(&kind, in, path, err) < 0)
        return -1;
    return kind == KIND_TOKENS ? add_tokens(in, path, err) : add_text(in, path, err);
}

/* Checksums of all inputs and of the corpus, side by side. */
struct summing {
    struct intake *in;
    int *rc; /* (n_inputs) */
    struct err *errs;
};

static void sum_one(void *context, size_t index)
{
    struct summing *s = context;
    struct intake *in = s->in;
    struct intake_input *input;

    if (index == 0) { /* the longest one first */
        corpus_sum(&in->corpus);
        return;
    }
    input = &in->inputs[index - 1];
    if (is_plain_file(input->path))
        s->rc[index - 1] = sha256_of_file(input->sha256, NULL, input->path, &s->errs[index - 1]);
}

static int sum_all(struct intake *in, struct err *err)
{
    struct summing s = {.in = in,
                        .rc = mem_array(in->n_inputs, sizeof *s.rc),
                        .errs = mem_array(in->n_inputs, sizeof *s.errs)};
    struct team *team = team_open(in->n_threads);
    int rc = 0;

    team_run(team, 1 + in->n_inputs, sum_one, &s);
    team_close(team);
    for (size_t i = 0; i < in->n_inputs && rc == 0; i++) {
        rc = s.rc[i];
        if (rc < 0)
            *err = s.errs[i];
    }
    free(s.rc);
    free(s.errs);
    return rc;
}

int intake_end(struct intake *in, struct err *err)
{
    const char *name = in->n_inputs == 1 ? in->inputs[0].path : "the input";

    if (in->vocab.rules && (corpus_seal(&in->corpus, err) < 0 || sum_all(in, err) < 0))
        return -1;
    if (in->corpus.n_documents == 0)
        return err_set(err, ERR_FORMAT, "no document in %s",
                       !strcmp(name, "-") ? "standard input" : name);
    return 0;
}

void intake_release(struct intake *in)
{
    corpus_close(&in->corpus);
    tokens_header_release(&in->vocab);
    for (size_t i = 0; i < in->n_inputs; i++)
        free(in->inputs[i].path);
    free(in->inputs);
    in->inputs = NULL;
    in->n_inputs = 0;
}

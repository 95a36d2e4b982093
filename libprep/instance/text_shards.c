/* text_shards.c -- the text is kept as it will be written, so a shard is a list of pieces of it. */
#include "instance/text_shards.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/lines.h"
#include "base/mem.h"
#include "base/sink.h"
#include "instance/pretrain.h"

enum { MAX_LINE = 64 << 20 };

int text_shards_open(struct text_shards *t, const char *folder, struct err *err)
{
    *t = (struct text_shards){0};
    if (scratch_open(&t->text, folder, err) < 0)
        return -1;
    t->unicode = unicode_open();
    return 0;
}

static int end_document(struct text_shards *t, struct err *err)
{
    if (t->n_open == 0)
        return 0;
    if (scratch_put(&t->text, "\n", 1, err) < 0)
        return -1;
    if (t->n_documents == t->cap) {
        t->cap = mem_grow(t->cap, t->n_documents + 1);
        t->ends = mem_resize(t->ends, t->cap, sizeof *t->ends);
        t->counts = mem_resize(t->counts, t->cap, sizeof *t->counts);
    }
    t->ends[t->n_documents] = t->text.len;
    t->counts[t->n_documents++] = t->n_open;
    t->n_sentences += t->n_open;
    t->n_open = 0;
    return 0;
}

static int add_line(struct text_shards *t, const struct buf *line, struct err *err)
{
    if (line->len == 0 || unicode_is_blank(t->unicode, line->data, line->len))
        return end_document(t, err);
    if (t->n_open == UINT32_MAX)
        return err_set(err, ERR_LIMIT, "document of more than %lu sentences",
                       (unsigned long)UINT32_MAX);
    t->n_open++;
    if (scratch_put(&t->text, line->data, line->len, err) < 0)
        return -1;
    return scratch_put(&t->text, "\n", 1, err);
}

int text_shards_add(struct text_shards *t, const char *path, struct err *err)
{
    char *const paths[] = {(char *)(uintptr_t)path};
    struct lines lines = {0};
    int rc = lines_open(&lines, paths, 1, NEWLINE_LF, MAX_LINE, err);

    while (rc == 0 && (rc = lines_next(&lines, err)) > 0) {
        rc = add_line(t, &lines.line, err);
        if (rc < 0)
            lines_err(&lines, err);
    }
    lines_close(&lines);
    return rc < 0 ? -1 : end_document(t, err);
}

static int write_documents(struct sink *sink, const struct text_shards *t,
                           const struct balance_shard *shard, struct err *err)
{
    const char *text = t->text.bytes;

    for (size_t i = 0; i < shard->n_documents; i++) {
        const size_t d = shard->documents[i];
        const uint64_t begin = d ? t->ends[d - 1] : 0;

        if (sink_write(sink, text + begin, (size_t)(t->ends[d] - begin), err) < 0)
            return -1;
    }
    return sink_commit(sink, err);
}

static int write_shard(const struct text_shards *t, struct stage *stage, const char *prefix,
                       size_t i, struct err *err)
{
    const size_t n_training = t->balance.n_training;
    const bool test = i >= n_training;
    char sha256[HASH_HEX_SIZE];
    struct buf name = {0};
    struct sink sink = {0};
    char *path;
    int rc = -1;

    buf_printf(&name, "%s_%s_%zu.txt", prefix, test ? "test" : "training",
               test ? i - n_training : i);
    path = stage_path(stage, name.data, err);
    if (path && sink_open(&sink, path, err) == 0 &&
        write_documents(&sink, t, &t->balance.shards[i], err) == 0)
        rc = sha256_of_file(sha256, NULL, path, err);
    if (rc == 0)
        stage_add(stage, name.data, (int64_t)t->balance.shards[i].n_sentences, sha256);
    sink_close(&sink);
    free(path);
    buf_release(&name);
    return rc;
}

int text_shards_write(struct text_shards *t, struct stage *stage, const char *prefix,
                      size_t n_training, size_t n_test, double test_fraction, struct err *err)
{
    if (scratch_map(&t->text, err) < 0 || balance_make(&t->balance, t->counts, t->n_documents,
                                                       n_training, n_test, test_fraction, err) < 0)
        return -1;
    for (size_t i = 0; i < n_training + n_test; i++)
        if (write_shard(t, stage, prefix, i, err) < 0)
            return -1;
    return 0;
}

bool text_shards_is_name(const char *prefix, const char *name)
{
    return pretrain_name_ends(prefix, name, "training", ".txt") ||
           pretrain_name_ends(prefix, name, "test", ".txt");
}

void text_shards_close(struct text_shards *t)
{
    scratch_close(&t->text);
    unicode_close(t->unicode);
    balance_release(&t->balance);
    free(t->ends);
    free(t->counts);
    *t = (struct text_shards){0};
}

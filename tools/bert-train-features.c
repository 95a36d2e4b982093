/* bert-train-features.c -- a name from all that matters, then: there and whole, or made now. */
#include "bert-train-features.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/sink.h"
#include "glue/features.h"
#include "squad/conversion.h"

enum {
    RULES_VERSION = 1, /* to be raised when the same options make other features */
    DIGITS = 16,
    MAX_SUM_FILE = 4096
};

/* Whether the first bytes are those of an HDF5 file. */
static bool is_hdf5(const char *path)
{
    static const unsigned char mark[] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    unsigned char start[sizeof mark];
    FILE *file = fopen(path, "rb");
    const bool is = file && fread(start, 1, sizeof start, file) == sizeof start &&
                    !memcmp(start, mark, sizeof mark);

    if (file)
        fclose(file);
    return is;
}

/* ---- names ---- */

static int name_features(char **path, const struct features_plan *p, const char *data,
                         struct err *err)
{
    char of_data[HASH_HEX_SIZE], of_vocab[HASH_HEX_SIZE], key[HASH_HEX_SIZE];
    struct buf text = {0};
    char *base;
    int64_t n_bytes;

    if (!p->vocab)
        return err_set(err, ERR_USAGE, "'%s' is no file of features: making them needs --vocab",
                       data);
    if (p->heads == HEADS_CLASSES && !p->task)
        return err_set(err, ERR_USAGE, "'%s' is no file of features: making them needs --task",
                       data);
    if (sha256_of_file(of_data, &n_bytes, data, err) < 0 ||
        sha256_of_file(of_vocab, &n_bytes, p->vocab, err) < 0)
        return -1;
    buf_printf(&text, "%d %s %s %s %d %" PRId64, RULES_VERSION, of_data, of_vocab, p->rules,
               p->cased, p->seq_length);
    if (p->heads == HEADS_SPANS)
        buf_printf(&text, " %" PRId64 " %" PRId64 " %d %d", p->doc_stride, p->max_query_length,
                   p->version_2, p->first_answer);
    else
        buf_printf(&text, " %s %s", p->task, p->set ? p->set : "auto");
    sha256_of(key, text.data, text.len);
    text.len = 0;
    base = file_base(data);
    buf_printf(&text, "%s_%.*s.hdf5", base, DIGITS, key);
    if (p->folder) {
        *path = file_join(p->folder, text.data);
    } else {
        char *whole = mem_text(data);

        whole[strlen(data) - strlen(base)] = '\0';
        *path = *whole ? file_join(whole, text.data) : mem_text(text.data);
        free(whole);
    }
    free(base);
    buf_release(&text);
    return 0;
}

/* ---- checksums ---- */

/* As sha256sum writes and checks them. */
static int save_sum(const char *path, struct err *err)
{
    char *sum_path = file_beside(path, ".sha256");
    char *base = file_base(path);
    char hex[HASH_HEX_SIZE];
    struct sink out = {0};
    struct buf line = {0};
    int64_t n_bytes;
    int rc = sha256_of_file(hex, &n_bytes, path, err);

    buf_printf(&line, "%s  %s\n", hex, base);
    if (rc == 0 && (sink_open(&out, sum_path, err) < 0 ||
                    sink_write(&out, line.data, line.len, err) < 0 || sink_commit(&out, err) < 0))
        rc = -1;
    sink_close(&out);
    buf_release(&line);
    free(base);
    free(sum_path);
    return rc;
}

static bool is_as_written(const char *path)
{
    char *sum_path = file_beside(path, ".sha256");
    char hex[HASH_HEX_SIZE];
    struct buf line = {0};
    struct err ignored = {0};
    int64_t n_bytes;
    const bool is = file_exists(path) && file_read(&line, sum_path, MAX_SUM_FILE, &ignored) == 0 &&
                    sha256_of_file(hex, &n_bytes, path, &ignored) == 0 &&
                    line.len >= HASH_HEX_SIZE && !strncmp(line.data, hex, HASH_HEX_SIZE - 1);

    buf_release(&line);
    free(sum_path);
    return is;
}

/* ---- making ---- */

static void say_skipped(void *context, const char *id)
{
    log_warn(context, "question '%s' is skipped: its answer is not in the context", id);
}

static int make_spans(const char *path, const struct features_plan *p, const char *data,
                      const struct tokenizer *t, struct log *log, struct err *err)
{
    const struct conversion_options o = {
        .passage =
            {
                .seq_length = (size_t)p->seq_length,
                .doc_stride = (size_t)p->doc_stride,
                .max_query_length = (size_t)p->max_query_length,
                .training = true,
                .version_2 = p->version_2,
                .first_answer = p->first_answer,
            },
        .n_threads = (size_t)p->threads,
        .context = log,
        .skipped = say_skipped,
    };
    struct conversion_counts counts;

    if (conversion_run(&counts, path, data, t, &o, err) < 0)
        return -1;
    log_say(log, "'%s': %" PRIu64 " questions, %" PRIu64 " windows, %" PRIu64 " skipped", data,
            counts.n_questions, counts.n_windows, counts.n_skipped);
    return 0;
}

static int make_classes(const char *path, const struct features_plan *p, const char *data,
                        const struct tokenizer *t, struct log *log, struct err *err)
{
    struct glue_features_options o = {.language = "zh",
                                      .tokenizer = t,
                                      .seq_length = (size_t)p->seq_length,
                                      .n_threads = (size_t)p->threads};
    struct glue_features_summary s;

    o.task = glue_task_find(p->task, err);
    if (!o.task || (p->set && !(o.form = glue_form_of(o.task, p->set, err))) ||
        glue_features_write(&s, path, &o, data, err) < 0)
        return -1;
    if (s.n_short)
        log_warn(log, "'%s': %" PRIu64 " lines have too few columns and were left out", data,
                 s.n_short);
    log_say(log, "'%s': %" PRIu64 " examples, %" PRIu64 " cut to %" PRId64 " tokens", data,
            s.n_rows, s.n_cut, p->seq_length);
    return 0;
}

static int make(const char *path, const struct features_plan *p, const char *data, struct log *log,
                struct err *err)
{
    const struct tokenizer_options how = {.cased = p->cased, .rules = p->rules};
    struct tokenizer *t = tokenizer_open(p->vocab, &how, err);
    int rc = -1;

    if (t)
        rc = p->heads == HEADS_SPANS ? make_spans(path, p, data, t, log, err)
                                     : make_classes(path, p, data, t, log, err);
    tokenizer_close(t);
    return rc == 0 ? save_sum(path, err) : -1;
}

int features_of(char **path, bool *made, const struct features_plan *plan, const char *data,
                struct log *log, struct err *err)
{
    *path = NULL;
    *made = false;
    if (!file_exists(data) || file_is_folder(data) || is_hdf5(data)) {
        *path = mem_text(data);
        return 0;
    }
    if ((plan->folder && file_make_folder(plan->folder, err) < 0) ||
        name_features(path, plan, data, err) < 0)
        return -1;
    *made = true;
    if (is_as_written(*path)) {
        log_say(log, "'%s': features in '%s'", data, *path);
        return 0;
    }
    if (file_exists(*path))
        log_warn(log, "'%s' is not as it was written: made again", *path);
    return make(*path, plan, data, log, err);
}

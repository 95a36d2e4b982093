/* bert-predict-fill-mask.c -- sentences with [MASK] -> the words that may stand there.
 *
 *   line --WordPiece around each [MASK]--> ids --> batch --encoder, masked-LM head--> logits (K, V)
 *     --softmax, best of each row--> text or JSON, a block for each line */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/lines.h"
#include "base/mem.h"
#include "base/sink.h"
#include "bert-predict.h"
#include "model/masked_head.h"
#include "progress.h"

enum { MAX_LINE = 16 << 20, MAX_TOP = 1000 };

static const char MASK[] = "[MASK]";

struct args {
    struct predict_options model;
    const char *output;
    int64_t top;
    bool json, interactive;
};

/* One of the best words for a masked place. */
struct guess {
    int32_t id;
    double probability;
};

struct run {
    const struct args *a;
    struct predict_model model;
    struct masked_head *head;
    struct sink out;
    struct progress progress;
    size_t n_words;        /* of the vocabulary: a padded model has more */
    struct buf texts;      /* the lines of the batch, a zero byte after each */
    size_t *n_masks;       /* (sequences of the batch) */
    struct guess *guesses; /* (K, top) */
    uint64_t n_without;    /* lines that had no [MASK] */
    int32_t *ids;          /* of one line */
    size_t cap;
    /* of the rows being judged */
    const float *logits;
    size_t first;
};

/* The ids of a line (n bytes and a zero), masked places included; returns how many. */
static size_t encode(size_t *n_masks, struct run *r, const char *line, size_t n)
{
    const struct tokens_header *h = tokenizer_header(r->model.tokenizer);
    size_t n_ids = 0;

    *n_masks = 0;
    for (const char *end = line + n;;) {
        const char *mask = strstr(line, MASK);
        const int32_t *ids;
        size_t n_more;

        tokenizer_encode(&ids, &n_more, r->model.tokenizer, r->model.scratch, line,
                         (size_t)((mask ? mask : end) - line));
        if (n_ids + n_more + 3 > r->cap) {
            r->cap = mem_grow(r->cap, n_ids + n_more + 3);
            r->ids = mem_resize(r->ids, r->cap, sizeof *r->ids);
        }
        if (n_ids == 0)
            r->ids[n_ids++] = h->cls;
        if (n_more)
            memcpy(r->ids + n_ids, ids, n_more * sizeof *ids);
        n_ids += n_more;
        if (!mask)
            break;
        r->ids[n_ids++] = h->mask;
        ++*n_masks;
        line = mask + strlen(MASK);
    }
    r->ids[n_ids++] = h->sep;
    return n_ids;
}

static void add_line(struct run *r, const char *line, size_t n, size_t n_ids, size_t n_masks)
{
    struct batch *b = &r->model.batch;
    const int32_t mask = tokenizer_header(r->model.tokenizer)->mask;

    for (size_t i = 0; n_masks && i < n_ids; i++)
        if (r->ids[i] == mask)
            b->masked_at[b->n_masked++] = (int32_t)(b->n_tokens + i);
    r->n_masks[b->n_sequences] = n_masks;
    predict_put(&r->model, r->ids, n_ids, n_ids);
    buf_put(&r->texts, line, n);
    buf_put_byte(&r->texts, '\0');
    r->n_without += n_masks == 0;
}

/* The best words of one row, best first; equal ones in the order of their ids. */
static void judge(void *context, size_t item)
{
    struct run *r = context;
    const size_t top = (size_t)r->a->top;
    const float *logits = r->logits + item * r->model.config.vocab_size;
    struct guess *best = r->guesses + (r->first + item) * top;
    double sum = 0;
    float largest = logits[0];
    size_t n = 0;

    for (size_t i = 1; i < r->n_words; i++)
        largest = logits[i] > largest ? logits[i] : largest;
    for (size_t i = 0; i < r->n_words; i++)
        sum += exp((double)logits[i] - largest);
    for (size_t i = 0; i < r->n_words; i++) {
        size_t at;

        if (n == top && logits[i] <= logits[best[n - 1].id])
            continue;
        n += n < top;
        for (at = n - 1; at > 0 && logits[best[at - 1].id] < logits[i]; at--)
            best[at] = best[at - 1];
        best[at].id = (int32_t)i;
    }
    for (size_t i = 0; i < n; i++)
        best[i].probability = exp((double)logits[best[i].id] - largest) / sum;
}

static void print_text(struct buf *out, const struct run *r, const char *text, size_t n_masks,
                       const struct guess *guesses)
{
    const size_t top = (size_t)r->a->top;

    if (!r->a->interactive)
        buf_printf(out, "%s\n", text);
    for (size_t i = 0; i < n_masks; i++) {
        if (n_masks > 1)
            buf_printf(out, "  [MASK] %zu\n", i + 1);
        for (size_t j = 0; j < top; j++)
            buf_printf(out, "  %.4f  %s\n", guesses[i * top + j].probability,
                       tokenizer_token(r->model.tokenizer, guesses[i * top + j].id));
    }
}

static void print_json(struct buf *out, const struct run *r, const char *text, size_t n_masks,
                       const struct guess *guesses)
{
    const size_t top = (size_t)r->a->top;

    buf_put_text(out, "{\"text\": ");
    json_write_text(out, text, strlen(text));
    buf_put_text(out, ", \"masks\": [");
    for (size_t i = 0; i < n_masks * top; i++) {
        const struct guess *g = &guesses[i];
        const char *token = tokenizer_token(r->model.tokenizer, g->id);

        buf_put_text(out, i % top ? ", " : i ? "], [" : "[");
        buf_put_text(out, "{\"token\": ");
        json_write_text(out, token, strlen(token));
        buf_printf(out, ", \"id\": %d, \"probability\": %.7g}", (int)g->id, g->probability);
    }
    buf_put_text(out, n_masks ? "]]}\n" : "]}\n");
}

/* Computes the batch, prints its lines and empties it. */
static int flush(struct run *r, struct err *err)
{
    struct batch *b = &r->model.batch;
    const char *text = r->texts.data;
    struct guess *guesses;
    struct buf text_out = {0};
    int rc;

    if (b->n_sequences == 0)
        return 0;
    r->guesses = guesses = mem_array(b->n_masked + 1, (size_t)r->a->top * sizeof *guesses);
    if (b->n_masked) {
        const float *out = predict_forward(&r->model);

        for (size_t n = 0; r->first + n < b->n_masked;) {
            r->first += n;
            n = masked_head_logits(&r->logits, r->head, r->model.params, out, b, r->first);
            team_run(r->model.team, n, judge, r);
        }
        r->first = 0;
    }
    for (size_t i = 0; i < b->n_sequences; i++) {
        (r->a->json ? print_json : print_text)(&text_out, r, text, r->n_masks[i], guesses);
        guesses += r->n_masks[i] * (size_t)r->a->top;
        text += strlen(text) + 1;
    }
    rc = sink_write(&r->out, text_out.data, text_out.len, err);
    if (r->a->interactive)
        fflush(r->out.file);
    buf_release(&text_out);
    buf_clear(&r->texts);
    batch_clear(b);
    free(r->guesses);
    return rc;
}

static int take_line(struct run *r, const char *line, size_t n, struct err *err)
{
    const size_t len = strnlen(line, n); /* a zero byte ends it */
    size_t n_masks;
    const size_t n_ids = encode(&n_masks, r, line, len);

    if (n_ids > r->model.config.max_positions)
        return err_set(err, ERR_LIMIT, "%zu tokens, but the model knows %zu positions", n_ids,
                       r->model.config.max_positions);
    if (!predict_has_room(&r->model, n_ids) && flush(r, err) < 0)
        return -1;
    add_line(r, line, len, n_ids, n_masks);
    return 0;
}

static int read_lines(struct run *r, char *const *paths, size_t n_paths, struct err *err)
{
    struct lines in = {0};
    int more = lines_open(&in, paths, n_paths, NEWLINE_UNIVERSAL, MAX_LINE, err);

    while (more >= 0 && (more = lines_next(&in, err)) > 0) {
        if (take_line(r, in.line.data ? in.line.data : "", in.line.len, err) < 0)
            more = lines_err(&in, err);
        progress_at(&r->progress, lines_taken(&in));
    }
    lines_close(&in);
    return more < 0 ? -1 : flush(r, err);
}

/* A line that cannot be answered is said, and the next one asked for. */
static int converse(const struct tool *tool, struct run *r, struct err *err)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    int rc = 0;

    while (rc == 0) {
        struct err wrong = {0};

        fprintf(stderr, "> ");
        n = getline(&line, &cap, stdin);
        if (n < 0)
            break;
        if (n > 0 && line[n - 1] == '\n')
            line[--n] = '\0';
        if (n == 0)
            continue;
        if (take_line(r, line, (size_t)n, &wrong) < 0)
            cli_warn(tool, "%s", wrong.text);
        else if (r->n_without)
            cli_warn(tool, "there is no %s in the line", MASK);
        r->n_without = 0;
        rc = flush(r, err);
    }
    fprintf(stderr, "\n");
    free(line);
    return rc;
}

static int run(const struct tool *tool, struct args *a, char *const *paths, size_t n_paths,
               struct err *err)
{
    struct run r = {.a = a};
    int rc = -1;

    if (n_paths == 0 && isatty(STDIN_FILENO))
        a->interactive = true;
    progress_open(&r.progress, tool->name, PROGRESS_BYTES, 0, a->model.quiet || a->interactive);
    if (predict_open(&r.model, &a->model, err) < 0 ||
        predict_open_tokenizer(&r.model, &a->model, tool, err) < 0 ||
        predict_load(&r.model, &a->model, HEADS_PRETRAINING, err) < 0 ||
        predict_needs(&r.model, "cls.predictions.", "masked-LM head", err) < 0 ||
        sink_open(&r.out, a->output, err) < 0)
        goto out;
    r.n_words = (size_t)tokenizer_header(r.model.tokenizer)->vocab_size;
    if ((size_t)a->top > r.n_words)
        a->top = (int64_t)r.n_words;
    r.head = masked_head_open(&r.model.config, &r.model.list, r.model.max_tokens, r.model.team);
    r.n_masks = mem_array(r.model.max_tokens, sizeof *r.n_masks);
    if ((a->interactive ? converse(tool, &r, err) : read_lines(&r, paths, n_paths, err)) < 0)
        goto out;
    if (r.n_without)
        cli_warn(tool, "%llu lines have no %s", (unsigned long long)r.n_without, MASK);
    rc = sink_commit(&r.out, err);
out:
    progress_close(&r.progress);
    sink_close(&r.out);
    masked_head_close(r.head);
    predict_close(&r.model);
    buf_release(&r.texts);
    free(r.n_masks);
    free(r.ids);
    return rc;
}

int fill_mask_main(int argc, char **argv)
{
    struct args a = {.model = PREDICT_DEFAULTS, .top = 5};
    const struct opt opts[] = {
        PREDICT_MODEL_OPTIONS(&a.model),
        OPT_INT('k', "top", &a.top, 1, MAX_TOP, "how many words for each place", .alias = "top_k"),
        OPT_FLAG(0, "json", &a.json,
                 "a line of JSON for each line: {\"text\": ..., \"masks\": [[{\"token\": ..., "
                 "\"id\": ..., \"probability\": ...}, ...], ...]}"),
        OPT_FLAG('i', "interactive", &a.interactive,
                 "ask for lines and answer each at once; so without it when standard input is a "
                 "terminal"),
        OPT_TEXT('o', "output", &a.output, "FILE", "where to write; standard output when missing",
                 .alias = "output_file"),
        OPT_END,
    };
    const struct tool tool = {
        .name = "bert-predict fill-mask",
        .operands = "[FILE]...",
        .summary = "say what may stand at [MASK]",
        .opts = opts,
        .details =
            "Reads sentences, one a line, with [MASK] at one or more places, and writes for each "
            "place the most probable tokens of the vocabulary with their probabilities. A token "
            "that begins with ## goes on with the word before it. Places of one line are filled "
            "independently of each other.\n\n"
            "The model needs a masked-LM head, as pretraining leaves it.\n\n"
            "The output is the same for any number of threads. With --precision bf16 the encoder "
            "multiplies bf16 numbers; the masked-LM head stays in fp32.",
        .examples = "bert-predict --task fill-mask --model run/ckpt_1000\n"
                    "bert-predict fill-mask --model run/ckpt_1000 --top 1 --json sentences.txt",
    };
    struct err err = {0};
    const int first = cli_parse(&tool, argc, argv); /* --help and usage errors end here */

    return cli_finish(&tool, run(&tool, &a, argv + first, (size_t)(argc - first), &err), &err);
}

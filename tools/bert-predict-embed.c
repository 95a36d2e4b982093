/* bert-predict-embed.c -- sentences -> vectors, of whole sentences or of every token.
 *
 *   line "a" or "a ||| b" --WordPiece, [CLS] [SEP]--> ids --> batch --encoder--> layers (T, H)
 *     --mean, first or all tokens--> text, JSON or HDF5, in the order of the lines
 *
 * Vectors of all tokens are written as extract_features.py of google-research/bert writes them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/lines.h"
#include "base/mem.h"
#include "base/sink.h"
#include "bert-predict.h"
#include "progress.h"
#include "squad/python_json.h"
#include "store/h5_writer.h"
#include "text/pair.h"
#include "text/unicode.h"

enum { MAX_LINE = 16 << 20, MAX_LAYERS = 64, EXTRACT_LENGTH = 128 };

enum pooling { POOL_MEAN, POOL_FIRST, POOL_NONE };

struct args {
    struct predict_options model;
    const char *output, *pooling, *layers;
    int64_t seq_length;
    bool json;
};

struct run {
    enum pooling pooling;
    bool json;
    struct predict_model model;
    struct unicode *unicode;
    struct pair_options cut;
    long layers[MAX_LAYERS]; /* as given: 0 is the first, -1 the last */
    size_t n_layers;
    struct sink out;
    struct h5_writer *file; /* or NULL: text to `out` */
    int set;
    struct progress progress;
    uint64_t n_rows; /* of finished batches */
    uint64_t n_cut;
    struct span *spans; /* of both texts */
    size_t n_spans, cap_spans;
    struct pair pair;
    int32_t *ids; /* (pair.cap) */
    /* of the batch being written */
    const float *last; /* (T, H) output of the last layer */
    float *vectors;    /* (S, n_layers H) unless POOL_NONE */
    struct buf *texts; /* (S) */
};

/* "-1,-2": layers from the last, or from the first with 0 and up. */
static int parse_layers(struct run *r, const char *text, struct err *err)
{
    const long L = (long)r->model.config.n_layers;

    for (const char *at = text;; at++) {
        char *end;
        const long layer = strtol(at, &end, 10);

        if (end == at || (*end && *end != ',') || layer < -L || layer >= L)
            return err_set(err, ERR_USAGE, "--layers wants numbers from %ld to %ld, not '%s'", -L,
                           L - 1, text);
        if (r->n_layers == MAX_LAYERS)
            return err_set(err, ERR_USAGE, "--layers takes %d numbers at most", MAX_LAYERS);
        r->layers[r->n_layers++] = layer;
        at = end;
        if (!*at)
            return 0;
    }
}

static const float *layer_output(const struct run *r, size_t i)
{
    const long L = (long)r->model.config.n_layers;

    if (r->model.halves)
        return r->last;
    return encoder_layer_output(r->model.encoder,
                                (size_t)(r->layers[i] < 0 ? r->layers[i] + L : r->layers[i]));
}

/* The last " ||| " of a line of n bytes, or NULL. */
static const char *border(const char *line, size_t n)
{
    static const char bar[] = " ||| ";
    const size_t len = sizeof bar - 1;

    for (size_t at = n < len ? 0 : n - len + 1; at-- > 0;)
        if (!memcmp(line + at, bar, len))
            return line + at;
    return NULL;
}

static size_t add_text(struct run *r, const char *text, size_t n)
{
    const int32_t *ids;
    size_t n_ids;

    tokenizer_encode(&ids, &n_ids, r->model.tokenizer, r->model.scratch, text, n);
    if (r->n_spans + n_ids > r->cap_spans) {
        r->cap_spans = mem_grow(r->cap_spans, r->n_spans + n_ids);
        r->spans = mem_resize(r->spans, r->cap_spans, sizeof *r->spans);
    }
    for (size_t i = 0; i < n_ids; i++)
        r->spans[r->n_spans++] = (struct span){.id = ids[i]};
    return n_ids;
}

/* r->pair and r->ids: what the model reads. */
static void encode(struct run *r, const char *line, size_t n)
{
    const char *second;
    size_t n_a, n_b = 0;

    unicode_strip(&line, &n, r->unicode);
    second = border(line, n);
    r->n_spans = 0;
    n_a = add_text(r, line, second ? (size_t)(second - line) : n);
    if (second)
        n_b = add_text(r, second + 5, (size_t)(line + n - second) - 5);
    pair_make(&r->pair, tokenizer_header(r->model.tokenizer), &r->cut, r->spans, n_a,
              n_b ? r->spans + n_a : NULL, n_b);
    r->n_cut += n_a + n_b + (n_b ? 3 : 2) > r->cut.max_len;
    r->ids = mem_resize(r->ids, r->pair.n, sizeof *r->ids);
    for (size_t i = 0; i < r->pair.n; i++)
        r->ids[i] = r->pair.items[i].id;
}

/* How many tokens of it are segment 0. */
static size_t first_segment(const struct pair *p)
{
    size_t n = 0;

    while (n < p->n && p->segments[n] == 0)
        n++;
    return n;
}

/* repr(round(x, 6)) of Python: at least one digit behind the point, and 1.2e-05 for 0.000012. */
static void put_rounded(struct buf *out, float x)
{
    char text[64];
    char *end = text + snprintf(text, sizeof text, "%.6f", (double)x) - 1;
    const char *digits = text + (text[0] == '-');
    const char *first;

    while (*end == '0' && end[-1] != '.')
        *end-- = '\0';
    first = digits + strspn(digits, "0.");
    if (*first && strncmp(digits, "0.0000", 6) == 0)
        buf_printf(out, "%.*s%c%s%se-0%d", (int)(digits - text), text, first[0],
                   first[1] ? "." : "", first + 1, (int)(first - digits) - 1);
    else
        buf_put_text(out, text);
}

static void put_values(struct buf *out, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_put_text(out, ", ");
        put_rounded(out, x[i]);
    }
}

/* A sequence as extract_features.py writes it. */
static void put_tokens(struct buf *out, const struct run *r, size_t item)
{
    const struct batch *b = &r->model.batch;
    const size_t H = r->model.config.hidden_size;
    const char *token;

    buf_printf(out, "{\"linex_index\": %" PRIu64 ", \"features\": [", r->n_rows + item);
    for (size_t t = b->starts[item]; t < b->starts[item + 1]; t++) {
        buf_put_text(out, t == b->starts[item] ? "{\"token\": " : ", {\"token\": ");
        token = tokenizer_token(r->model.tokenizer, b->ids[t]);
        python_json_text(out, token, strlen(token));
        buf_put_text(out, ", \"layers\": [");
        for (size_t i = 0; i < r->n_layers; i++) {
            buf_printf(out, "%s{\"index\": %ld, \"values\": [", i ? ", " : "", r->layers[i]);
            put_values(out, layer_output(r, i) + t * H, H);
            buf_put_text(out, "]}");
        }
        buf_put_text(out, "]}");
    }
    buf_put_text(out, "]}\n");
}

/* The vector of a sequence: its layers side by side. */
static void pool(float *to, const struct run *r, size_t item)
{
    const struct batch *b = &r->model.batch;
    const size_t H = r->model.config.hidden_size;
    const size_t first = b->starts[item];
    const size_t n = r->pooling == POOL_MEAN ? b->starts[item + 1] - first : 1;

    for (size_t i = 0; i < r->n_layers; i++, to += H) {
        const float *x = layer_output(r, i) + first * H;

        for (size_t j = 0; j < H; j++) {
            double sum = 0;

            for (size_t t = 0; t < n; t++)
                sum += x[t * H + j];
            to[j] = (float)(sum / (double)n);
        }
    }
}

static void write_sequence(void *context, size_t item)
{
    struct run *r = context;
    const size_t width = r->n_layers * r->model.config.hidden_size;
    float *vector;
    struct buf *out = &r->texts[item];

    if (r->pooling == POOL_NONE) {
        put_tokens(out, r, item);
        return;
    }
    vector = r->vectors + item * width;
    pool(vector, r, item);
    if (r->file)
        return;
    if (r->json)
        buf_printf(out, "{\"index\": %" PRIu64 ", \"vector\": [", r->n_rows + item);
    for (size_t i = 0; i < width; i++)
        buf_printf(out, "%s%.9g", i == 0 ? "" : r->json ? ", " : " ", (double)vector[i]);
    buf_put_text(out, r->json ? "]}\n" : "\n");
}

/* Computes the batch, writes its sequences and empties it. */
static int flush(struct run *r, struct err *err)
{
    const size_t n = r->model.batch.n_sequences;
    int rc = 0;

    if (n == 0)
        return 0;
    r->last = predict_forward(&r->model);
    r->texts = mem_array(n, sizeof *r->texts);
    if (r->pooling != POOL_NONE)
        r->vectors = mem_array(n * r->n_layers, r->model.config.hidden_size * sizeof(float));
    team_run(r->model.team, n, write_sequence, r);
    if (r->file)
        rc = h5_append(r->file, r->set, r->vectors, n, err);
    for (size_t i = 0; i < n; i++) {
        if (!r->file && rc == 0)
            rc = sink_write(&r->out, r->texts[i].data, r->texts[i].len, err);
        buf_release(&r->texts[i]);
    }
    free(r->texts);
    free(r->vectors);
    r->n_rows += n;
    batch_clear(&r->model.batch);
    return rc;
}

static int take_lines(struct run *r, char *const *paths, size_t n_paths, struct err *err)
{
    struct lines in = {0};
    int more = lines_open(&in, paths, n_paths, NEWLINE_LF, MAX_LINE, err);

    while (more >= 0 && (more = lines_next(&in, err)) > 0) {
        encode(r, in.line.data ? in.line.data : "", in.line.len);
        if (!predict_has_room(&r->model, r->pair.n) && flush(r, err) < 0)
            more = -1;
        else
            predict_put(&r->model, r->ids, r->pair.n, first_segment(&r->pair));
        progress_at(&r->progress, lines_taken(&in));
    }
    lines_close(&in);
    return more < 0 ? -1 : flush(r, err);
}

static bool is_hdf5(const char *path)
{
    const size_t n = path ? strlen(path) : 0;

    return (n > 5 && !strcmp(path + n - 5, ".hdf5")) || (n > 3 && !strcmp(path + n - 3, ".h5"));
}

/* What the options mean together. */
static int settle(struct run *r, const struct args *a, struct err *err)
{
    const size_t most = r->model.config.max_positions;
    const bool tokens =
        strcmp(a->pooling, "auto") == 0 ? a->json && a->layers : strcmp(a->pooling, "none") == 0;

    r->json = a->json;
    r->pooling = tokens ? POOL_NONE : strcmp(a->pooling, "cls") == 0 ? POOL_FIRST : POOL_MEAN;
    if (tokens && !a->json)
        return err_set(err, ERR_USAGE, "--pooling none, a vector for each token, needs --json");
    if (a->json && is_hdf5(a->output))
        return err_set(err, ERR_USAGE, "--json does not go into an HDF5 file");
    if (parse_layers(r, a->layers ? a->layers : tokens ? "-1,-2,-3,-4" : "-1", err) < 0)
        return -1;
    if (r->model.halves && (r->n_layers > 1 || r->layers[0] != -1))
        return err_set(err, ERR_USAGE, "--precision bf16 has the last layer only: --layers -1");
    if ((size_t)a->seq_length > most)
        return err_set(err, ERR_USAGE, "--seq-length %" PRId64 ": the model knows %zu positions",
                       a->seq_length, most);
    r->cut.max_len = (size_t)a->seq_length;
    if (a->seq_length == 0)
        r->cut.max_len = tokens && most > EXTRACT_LENGTH ? EXTRACT_LENGTH : most;
    return r->cut.max_len < 3 ? err_set(err, ERR_LIMIT, "the model knows %zu positions", most) : 0;
}

static int open_output(struct run *r, const struct args *a, struct err *err)
{
    const size_t width = r->n_layers * r->model.config.hidden_size;

    if (!is_hdf5(a->output))
        return sink_open(&r->out, a->output, err);
    if (sink_open_part(&r->out, a->output, err) < 0)
        return -1;
    r->file = h5_create(r->out.part, err);
    if (!r->file || h5_put_text(r->file, "format", "bertline embeddings", err) < 0 ||
        h5_put_int(r->file, "version", 1, err) < 0 ||
        h5_put_text(r->file, "pooling", r->pooling == POOL_MEAN ? "mean" : "cls", err) < 0 ||
        h5_put_text(r->file, "layers", a->layers ? a->layers : "-1", err) < 0)
        return -1;
    r->set = h5_add(r->file, "embeddings", H5_FLOAT32, width, err);
    return r->set < 0 ? -1 : 0;
}

static int finish_output(struct run *r, struct err *err)
{
    if (r->file &&
        (h5_put_int(r->file, "rows", (int64_t)r->n_rows, err) < 0 || h5_finish(r->file, err) < 0))
        return -1;
    return sink_commit(&r->out, err);
}

static int run(const struct tool *tool, const struct args *a, char *const *paths, size_t n_paths,
               struct err *err)
{
    struct run r = {0};
    int rc = -1;

    progress_open(&r.progress, tool->name, PROGRESS_BYTES, 0, a->model.quiet);
    if (predict_open(&r.model, &a->model, err) < 0 ||
        predict_open_tokenizer(&r.model, &a->model, tool, err) < 0 ||
        predict_load(&r.model, &a->model, HEADS_PRETRAINING, err) < 0 || settle(&r, a, err) < 0 ||
        open_output(&r, a, err) < 0)
        goto out;
    r.unicode = unicode_open();
    if (take_lines(&r, paths, n_paths, err) < 0 || finish_output(&r, err) < 0)
        goto out;
    if (r.n_cut && !a->model.quiet)
        cli_warn(tool, "%" PRIu64 " lines were cut to %zu tokens", r.n_cut, r.cut.max_len);
    rc = 0;
out:
    progress_close(&r.progress);
    h5_discard(r.file);
    sink_close(&r.out);
    unicode_close(r.unicode);
    pair_release(&r.pair);
    predict_close(&r.model);
    free(r.spans);
    free(r.ids);
    return rc;
}

int embed_main(int argc, char **argv)
{
    struct args a = {.model = PREDICT_DEFAULTS, .pooling = "auto"};
    const struct opt opts[] = {
        PREDICT_MODEL_OPTIONS(&a.model),
        OPT_CHOICE(0, "rules", &a.model.rules, "hf|google|hf-fast", "whose tokenizer to equal"),
        OPT_CHOICE(0, "pooling", &a.pooling, "auto|mean|cls|none",
                   "the mean of all tokens, the token [CLS], or a vector for each token; auto is "
                   "none with both --layers and --json, else mean"),
        OPT_TEXT(0, "layers", &a.layers, "N,...",
                 "whose outputs, side by side: 0 is the first layer, -1 the last "
                 "(default -1; with --pooling none -1,-2,-3,-4)"),
        OPT_INT('s', "seq-length", &a.seq_length, 0, 1 << 20,
                "cut longer lines, the longer text of a pair first; 0 = 128 with a vector for each "
                "token, else all the model takes",
                .alias = "max_seq_length"),
        OPT_FLAG(0, "json", &a.json, "a line of JSON for each line"),
        OPT_TEXT('o', "output", &a.output, "FILE",
                 "where to write, as HDF5 when it ends in .hdf5 or .h5; standard output when "
                 "missing",
                 .alias = "output_file"),
        OPT_NOTE_VALUE("batch-size", "batches are counted in tokens here, see --batch-tokens"),
        OPT_END,
    };
    const struct tool tool = {
        .name = "bert-predict embed",
        .operands = "[FILE]...",
        .summary = "turn sentences into vectors",
        .opts = opts,
        .details =
            "Reads sentences, one a line; ' ||| ' parts a line into a pair. Writes one vector for "
            "each line: numbers with a space between, with --json {\"index\": ..., \"vector\": "
            "[...]}, or the table 'embeddings' of an HDF5 file.\n\n"
            "--layers and --json together write the vectors of every token as extract_features.py "
            "of google-research/bert writes them, to the byte where the numbers are the same: "
            "values are rounded to six digits.\n\n"
            "The output is the same for any number of threads.",
        .examples =
            "bert-predict --task embed --model run/ckpt_1000 sentences.txt > vectors.txt\n"
            "bert-predict embed --model run/ckpt_1000 --pooling cls -o v.hdf5 sentences.txt\n"
            "bert-predict embed --model run/ckpt_1000 --layers -1,-2 --json sentences.txt",
    };
    struct err err = {0};
    int first;

    a.model.rules = "google";             /* as the original */
    first = cli_parse(&tool, argc, argv); /* --help and usage errors end here */
    return cli_finish(&tool, run(&tool, &a, argv + first, (size_t)(argc - first), &err), &err);
}

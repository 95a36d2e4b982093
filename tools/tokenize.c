/* tokenize.c -- sentences -> WordPiece ids.
 *
 *   lines --read--> batch of whole lines --encode, in parallel--> bytes --in order--> stdout
 *
 * A line is encoded on its own, so batches can be cut anywhere between lines. Only documents span
 * lines: a batch of the token stream starts in a document or not, which the writer alone knows, so
 * workers write a mark for every border and the writer leaves out those of empty documents. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/lines.h"
#include "base/mem.h"
#include "base/parallel.h"
#include "base/sink.h"
#include "cli.h"
#include "progress.h"
#include "text/pair.h"
#include "text/token_lines.h"
#include "text/tokenizer.h"
#include "text/tokens.h"
#include "text/unicode.h"

enum {
    BATCH_SIZE = 1 << 17,
    PART_SIZE = 1 << 14 /* of text that is encoded at once: its ids stay near */
};

enum form { FORM_STREAM, FORM_IDS, FORM_TEXT, FORM_JSON, FORM_DECODED };

struct args {
    const char *vocab;
    const char *rules;
    const char *output;
    bool cased, lower_case;
    bool ids, text, json, decode;
    bool pairs, pad;
    int64_t max_length;
    int64_t max_line; /* MiB */
    int64_t cache;    /* MiB */
    bool quiet;
    int64_t n_threads;
};

struct worker {
    struct tokenizer_scratch *scratch;
    struct span *spans; /* (n_spans) of a pair */
    size_t n_spans, cap_spans;
    struct pair pair;
    int32_t *ids; /* of a pair, or to decode */
    size_t cap_ids;
    uint64_t n_invalid; /* lines that are not UTF-8 */
};

struct run {
    enum form form;
    bool pairs;
    struct pair_options pair_options;
    struct tokenizer *tokenizer;
    struct token_lines printer;
    struct worker *workers; /* (n_workers) */
    size_t n_workers;
    struct lines in;
    struct sink out;
    struct tokens_writer writer;
    uint64_t n_lines; /* read so far */
    bool in_document; /* the stream has sentences that no document end follows yet */
    struct progress progress;
};

/* What a batch of the token stream says of itself, before its bytes. */
struct summary {
    uint64_t n_documents, n_sentences, n_ids;
    bool border_first; /* a border comes before the first sentence */
    bool open;         /* sentences come after the last document end */
};

/* Whole lines, each with a line feed after it. */
static int read_batch(void *context, struct buf *in, struct err *err)
{
    struct run *r = context;
    const uint64_t first = r->n_lines;
    const int rc = lines_fill(&r->in, in, BATCH_SIZE, err);

    if (r->form == FORM_DECODED && in->len > 0) { /* the batch ends with its number, for messages */
        for (const char *p = in->data; (p = memchr(p, '\n', in->len - (size_t)(p - in->data)));)
            p++, r->n_lines++;
        buf_put(in, &first, sizeof first);
    }

    progress_at(&r->progress, lines_taken(&r->in));
    return rc;
}

static void put_line(struct buf *out, struct summary *s, const struct run *r,
                     struct tokenizer_scratch *scratch, const char *line, size_t len)
{
    const int64_t vocab_size = tokenizer_header(r->tokenizer)->vocab_size;
    const size_t sentence = out->len;
    size_t n_ids = 0;

    for (size_t at = 0, take; at < len; at += take) {
        const int32_t *ids;
        size_t n;

        take = tokenizer_cut(line + at, len - at, PART_SIZE);
        tokenizer_encode(&ids, &n, r->tokenizer, scratch, line + at, take);
        if (n_ids == 0 && n > 0)
            tokens_encode_sentence(out, ids, n, vocab_size);
        else if (n > 0)
            tokens_encode_more(out, sentence, ids, n, vocab_size);
        n_ids += n;
    }
    if (n_ids > 0) {
        s->n_sentences++;
        s->n_ids += n_ids;
        s->open = true;
    } else if (tokenizer_is_blank(r->tokenizer, line, len)) {
        if (s->open) {
            tokens_encode_document_end(out);
            s->n_documents++;
        } else if (s->n_sentences == 0) {
            s->border_first = true;
        }
        s->open = false;
    }
}

static void keep_spans(struct worker *w, const struct span *spans, size_t n)
{
    if (w->n_spans + n > w->cap_spans) {
        w->cap_spans = mem_grow(w->cap_spans, w->n_spans + n);
        w->spans = mem_resize(w->spans, w->cap_spans, sizeof *w->spans);
    }
    if (n > 0)
        memcpy(w->spans + w->n_spans, spans, n * sizeof *spans);
    w->n_spans += n;
}

static void print_ids(struct buf *out, const struct run *r, const int32_t *ids, size_t n)
{
    if (r->form == FORM_IDS)
        token_lines_ids(out, &r->printer, ids, n);
    else
        token_lines_text(out, &r->printer, ids, n);
}

/* One or two sentences, separated by the first tab, with special tokens. */
static void print_pair(struct buf *out, const struct run *r, struct worker *w, const char *line,
                       size_t len)
{
    const char *tab = memchr(line, '\t', len);
    const size_t n_first = tab ? (size_t)(tab - line) : len;
    const size_t second = n_first + 1;
    const struct span *spans;
    size_t n_a, n_b = 0;

    tokenizer_encode_spans(&spans, &n_a, r->tokenizer, w->scratch, line, n_first);
    keep_spans(w, spans, n_a);
    if (tab) {
        tokenizer_encode_spans(&spans, &n_b, r->tokenizer, w->scratch, line + second, len - second);
        keep_spans(w, spans, n_b);
        for (size_t i = n_a; i < w->n_spans; i++) {
            w->spans[i].start += second;
            w->spans[i].end += second;
        }
    }
    pair_make(&w->pair, tokenizer_header(r->tokenizer), &r->pair_options, w->spans, n_a,
              tab ? w->spans + n_a : NULL, n_b);
    w->n_spans = 0;
    if (r->form == FORM_JSON) {
        token_lines_json_pair(out, r->tokenizer, &w->pair);
        return;
    }
    w->ids = mem_resize(w->ids, w->pair.n + 1, sizeof *w->ids);
    for (size_t i = 0; i < w->pair.n; i++)
        w->ids[i] = w->pair.items[i].id;
    w->ids[w->pair.n] = TOKENIZER_LINE_END;
    print_ids(out, r, w->ids, w->pair.n + 1);
}

static void print_json(struct buf *out, const struct run *r, struct worker *w, const char *line,
                       size_t len)
{
    const struct span *spans;
    size_t n;

    tokenizer_encode_spans(&spans, &n, r->tokenizer, w->scratch, line, len);
    token_lines_json(out, r->tokenizer, spans, n);
}

/* A line of ids back to text. */
static int decode_line(struct buf *out, const struct run *r, struct worker *w, const char *line,
                       size_t len, struct err *err)
{
    size_t n;

    if (token_lines_parse(&w->ids, &w->cap_ids, &n, line, len,
                          tokenizer_header(r->tokenizer)->vocab_size, err) < 0)
        return -1;
    tokenizer_decode(out, r->tokenizer, w->ids, n);
    buf_put_byte(out, '\n');
    return 0;
}

static uint64_t count_invalid_lines(const char *line, const char *end)
{
    uint64_t n = 0;
    unsigned char high = 0;

    for (const char *p = line; p < end; p++)
        high |= (unsigned char)*p;
    if (high < 0x80) /* the usual batch of English is ASCII throughout */
        return 0;
    while (line < end) {
        const char *line_end = memchr(line, '\n', (size_t)(end - line));
        const size_t len = (size_t)(line_end - line);

        n += unicode_valid(line, len) < len;
        line = line_end + 1;
    }
    return n;
}

/* Ids or tokens of all lines, without looking for their ends. */
static void print_lines(struct buf *out, const struct run *r, struct worker *w,
                        const struct buf *in)
{
    bool invalid = false;

    for (size_t at = 0, take; at < in->len; at += take) {
        const int32_t *ids;
        size_t n;

        take = tokenizer_cut(in->data + at, in->len - at, PART_SIZE);
        tokenizer_encode_lines(&ids, &n, r->tokenizer, w->scratch, in->data + at, take);
        invalid = invalid || tokenizer_met_invalid(w->scratch);
        print_ids(out, r, ids, n);
    }
    if (invalid)
        w->n_invalid += count_invalid_lines(in->data, in->data + in->len);
}

static int encode_batch(void *context, size_t worker, struct buf *out, struct buf *in,
                        struct err *err)
{
    const struct run *r = context;
    struct worker *w = &r->workers[worker];
    struct summary s = {0};
    uint64_t n_lines = 0; /* before the one being worked on, in all inputs */

    if ((r->form == FORM_IDS || r->form == FORM_TEXT) && !r->pairs) {
        print_lines(out, r, w, in);
        return 0;
    }
    if (r->form == FORM_DECODED) {
        in->len -= sizeof n_lines;
        memcpy(&n_lines, in->data + in->len, sizeof n_lines);
    }

    w->n_invalid += count_invalid_lines(in->data, in->data + in->len);
    if (r->form == FORM_STREAM)
        buf_put(out, &s, sizeof s);
    for (const char *line = in->data, *end = in->data + in->len; line < end;) {
        const char *line_end = memchr(line, '\n', (size_t)(end - line));
        const size_t len = (size_t)(line_end - line);

        if (r->form == FORM_STREAM)
            put_line(out, &s, r, w->scratch, line, len);
        else if (r->pairs)
            print_pair(out, r, w, line, len);
        else if (r->form == FORM_JSON)
            print_json(out, r, w, line, len);
        else if (decode_line(out, r, w, line, len, err) < 0)
            return err_in(err, "line %llu", (unsigned long long)n_lines + 1);
        line = line_end + 1;
        n_lines++;
    }
    if (r->form == FORM_STREAM)
        memcpy(out->data, &s, sizeof s);
    return 0;
}

static int end_document(struct run *r, struct err *err)
{
    struct buf mark = {0};
    int rc = 0;

    if (r->in_document) {
        tokens_encode_document_end(&mark);
        rc = tokens_write(&r->writer, mark.data, mark.len, 1, 0, 0, err);
        buf_release(&mark);
    }
    r->in_document = false;
    return rc;
}

static int write_batch(void *context, const struct buf *out, struct err *err)
{
    struct run *r = context;
    struct summary s;

    if (r->form != FORM_STREAM)
        return sink_write(&r->out, out->data, out->len, err);
    memcpy(&s, out->data, sizeof s);
    if (s.border_first && end_document(r, err) < 0)
        return -1;
    if (s.n_sentences > 0)
        r->in_document = s.open;
    return tokens_write(&r->writer, out->data + sizeof s, out->len - sizeof s, s.n_documents,
                        s.n_sentences, s.n_ids, err);
}

static int check_args(const struct args *a, char *const *paths, size_t n_paths, struct err *err)
{
    const bool to_stdout = !a->output || strcmp(a->output, "-") == 0;

    if (a->cased && a->lower_case)
        return err_set(err, ERR_USAGE, "--cased and --do-lower-case contradict each other");
    if (a->ids + a->text + a->json + a->decode > 1)
        return err_set(err, ERR_USAGE, "--ids, --text, --json and --decode exclude each other");
    if (a->pairs && !a->ids && !a->text && !a->json)
        return err_set(err, ERR_USAGE, "--pairs needs --ids, --text or --json");
    if (!a->pairs && (a->max_length > 0 || a->pad))
        return err_set(err, ERR_USAGE, "--max-length and --pad need --pairs");
    if (a->max_length == 1 || a->max_length == 2)
        return err_set(err, ERR_USAGE, "--max-length %d leaves no room beside [CLS] and two [SEP]",
                       (int)a->max_length);
    if (a->pad && a->max_length == 0)
        return err_set(err, ERR_USAGE, "--pad needs --max-length");
    if (!a->ids && !a->text && !a->json && !a->decode && to_stdout && isatty(STDOUT_FILENO))
        return err_set(err, ERR_USAGE,
                       "the token stream is binary and standard output a terminal: "
                       "redirect it, or use --output, --ids or --text");
    if (a->output && file_is_same(a->output, a->vocab))
        return err_set(err, ERR_USAGE, "'%s' is a file to be read", a->output);
    return file_spare(a->output, paths, n_paths, err);
}

static void warn_of_invalid(const struct tool *tool, const struct run *r)
{
    uint64_t n = 0;

    for (size_t i = 0; i < r->n_workers; i++)
        n += r->workers[i].n_invalid;
    if (n > 0)
        cli_warn(tool, "%llu lines are not valid UTF-8: their wrong bytes were skipped",
                 (unsigned long long)n);
}

static int run(const struct tool *tool, const struct args *a, char *const *paths, size_t n_paths,
               struct err *err)
{
    const struct tokenizer_options options = {.cased = a->cased, .rules = a->rules};
    struct run r = {.form = a->ids      ? FORM_IDS
                            : a->text   ? FORM_TEXT
                            : a->json   ? FORM_JSON
                            : a->decode ? FORM_DECODED
                                        : FORM_STREAM,
                    .pairs = a->pairs,
                    .pair_options = {.max_len = (size_t)a->max_length, .pad = a->pad}};
    const struct parallel work = {.context = &r,
                                  .n_threads = parallel_threads((size_t)a->n_threads),
                                  .read = read_batch,
                                  .work = encode_batch,
                                  .write = write_batch};
    int rc = -1;

    if (check_args(a, paths, n_paths, err) < 0)
        return -1;
    r.n_workers = work.n_threads;
    r.workers = mem_array(r.n_workers, sizeof *r.workers);
    for (size_t i = 0; i < r.n_workers; i++)
        r.workers[i].scratch = tokenizer_scratch_sized((size_t)a->cache << 20);
    progress_open(&r.progress, "tokenize", PROGRESS_BYTES, 0, a->quiet);
    r.tokenizer = tokenizer_open(a->vocab, &options, err);
    if (!r.tokenizer ||
        lines_open(&r.in, paths, n_paths, r.form == FORM_STREAM ? NEWLINE_UNIVERSAL : NEWLINE_LF,
                   (size_t)a->max_line << 20, err) < 0 ||
        sink_open(&r.out, a->output, err) < 0)
        goto out;
    if (r.form == FORM_IDS || r.form == FORM_TEXT)
        token_lines_prepare(&r.printer, r.tokenizer);
    if (r.form == FORM_STREAM &&
        tokens_begin(&r.writer, &r.out, tokenizer_header(r.tokenizer), err) < 0)
        goto out;
    if (parallel_map(&work, err) < 0)
        goto out;
    if (r.form == FORM_STREAM && (end_document(&r, err) < 0 || tokens_end(&r.writer, err) < 0))
        goto out;
    if (!a->quiet)
        warn_of_invalid(tool, &r);
    rc = sink_commit(&r.out, err);
out:
    progress_close(&r.progress);
    tokens_writer_release(&r.writer);
    sink_close(&r.out);
    lines_close(&r.in);
    for (size_t i = 0; i < r.n_workers; i++) {
        tokenizer_scratch_close(r.workers[i].scratch);
        pair_release(&r.workers[i].pair);
        free(r.workers[i].spans);
        free(r.workers[i].ids);
    }
    free(r.workers);
    token_lines_release(&r.printer);
    tokenizer_close(r.tokenizer);
    return rc;
}

int main(int argc, char **argv)
{
    struct args a = {.rules = "hf", .max_line = 2048, .cache = 8};
    const struct opt opts[] = {
        OPT_NEED('v', "vocab", &a.vocab, "FILE",
                 "WordPiece vocabulary: one token a line, the id is the line number from 0",
                 .alias = "vocab_file"),
        OPT_FLAG('c', "cased", &a.cased, "keep case and accents (the default lowers both)"),
        OPT_FLAG(0, "do-lower-case", &a.lower_case,
                 "lower-case and take accents away: the default, said aloud", .alias = "uncased"),
        OPT_CHOICE(0, "rules", &a.rules, "hf|google|hf-fast", "whose tokenizer to equal"),
        OPT_FLAG('i', "ids", &a.ids, "write decimal ids, one line for each input line"),
        OPT_FLAG(0, "text", &a.text, "write tokens, one line for each input line"),
        OPT_FLAG(
            0, "json", &a.json,
            "write {\"ids\": [...], \"tokens\": [...], \"offsets\": [[start, end], ...]}, one for "
            "each input line; offsets are bytes of it"),
        OPT_FLAG(0, "pairs", &a.pairs,
                 "lines are one sentence or two with a tab between; write [CLS] A [SEP] B [SEP]"),
        OPT_INT(
            0, "max-length", &a.max_length, 0, 1 << 20,
            "with --pairs: cut the longer sentence until all fits into this many ids; 0 = never",
            .alias = "max_seq_length"),
        OPT_FLAG(0, "pad", &a.pad, "with --max-length: fill up with [PAD]"),
        OPT_FLAG(0, "decode", &a.decode, "the other way: lines of ids to lines of text"),
        OPT_INT(0, "max-line", &a.max_line, 1, 1 << 20,
                "refuse longer lines, in MiB; memory grows with the longest line only"),
        OPT_INT(0, "cache", &a.cache, 1, 1 << 10, "MiB a thread for words met before"),
        OPT_TEXT('o', "output", &a.output, "FILE", "where to write; standard output when missing",
                 .alias = "output_file"),
        OPT_THREADS(&a.n_threads),
        OPT_QUIET(&a.quiet),
        OPT_END,
    };
    const struct tool tool = {
        .name = "tokenize",
        .operands = "[FILE]...",
        .summary = "turn sentences into WordPiece ids",
        .opts = opts,
        .details =
            "Reads UTF-8 text, one sentence a line, an empty line between documents; compressed "
            "files and URLs as well. Bytes that are not UTF-8 are skipped, with a warning.\n\n"
            "The default output is a token stream for make-pretrain: binary, with all that is to "
            "be known of the vocabulary in its header and a checksum in its end mark. For it, "
            "lines end at \\n, \\r or \\r\\n; a line of white space is the border of a document; a "
            "line of which no token is left adds nothing; empty documents vanish. As for the "
            "original, the end of a file is no border: several files are one text.\n\n"
            "With --ids, --text and --json each input line, ended by \\n only, gives exactly one "
            "output line, an empty one when there are no tokens. [CLS] and [SEP] are not added.\n\n"
            "--pairs cuts as the originals do: ids go from the end of the longer sentence, of the "
            "second when they are equal. With --json it adds segments and mask. --decode joins "
            "pieces, leaves out [PAD], [CLS] and [SEP], and cannot bring back case, accents and "
            "white space that encoding took away.\n\n"
            "Rules hf are those of the PyTorch BERT of NVIDIA and Habana (pytorch-pretrained-BERT) "
            "on Python 3.11, Unicode 14: control, private and unassigned characters are removed, "
            "words of more than 100 characters are [UNK], and [UNK], [SEP], [PAD], [CLS], [MASK] "
            "stay whole between white space. Rules google are those of google-research/bert: "
            "private and unassigned characters stay, words may have 200 characters, nothing is "
            "special. Rules hf-fast are those of the Rust tokenizers: special tokens are found "
            "even inside words, sigma has one form, categories are those of Unicode 8.\n\n"
            "Memory: a few MiB, --cache for each thread, and two to four times the longest line; "
            "ten "
            "times where it is one word, and more than twenty with --json and --pairs.\n\n"
            "The output is the same for any number of threads.",
        .examples = "tokenize --vocab vocab.txt sentences.txt > tokens\n"
                    "zstdcat wiki.txt.zst | tokenize --vocab vocab.txt --output wiki.tokens\n"
                    "tokenize --vocab vocab.txt --cased --ids < lines.txt\n"
                    "tokenize --vocab vocab.txt --pairs --max-length 128 --pad --ids pairs.tsv",
    };
    struct err err = {0};
    const int first = cli_parse(&tool, argc, argv); /* --help and usage errors end here */

    mem_keep_freed();
    return cli_finish(&tool, run(&tool, &a, argv + first, (size_t)(argc - first), &err), &err);
}

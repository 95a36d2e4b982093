/* cli.h -- one table of options a tool: it is parsed, printed as help, man page and completion.
 *
 *     const struct opt opts[] = {
 *         OPT_NEED('v', "vocab", &a.vocab, "FILE", "WordPiece vocabulary, one token a line"),
 *         OPT_INT('m', "max-tokens", &a.max_tokens, 1, 65536, "refuse longer sentences"),
 *         OPT_FLAG(0, "cased", &a.cased, "keep case and accents", .alias = "keep_case"),
 *         OPT_END
 *     };
 *
 * The defaults are what the variables hold when cli_parse() is called; --help shows them. Every
 * macro takes after the help text designated members, of which `.alias` (names of the original
 * programs, separated by blanks) is the usual one. Dashes and underscores are the same everywhere. */
#ifndef TOOLS_CLI_H
#define TOOLS_CLI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum opt_kind {
    OPT_KIND_END,
    OPT_KIND_FLAG,   /* bool *: --name */
    OPT_KIND_SWITCH, /* bool *: --name true|false, as the originals have them */
    OPT_KIND_INT,    /* int64_t *, lo..hi */
    OPT_KIND_REAL,   /* double *, lo..hi */
    OPT_KIND_BYTES,  /* uint64_t *: 4096, 64K, 512M, 2G */
    OPT_KIND_TEXT,   /* const char ** */
    OPT_KIND_CHOICE, /* const char **, one of `choices` */
    OPT_KIND_NOTE,   /* accepted for the sake of old commands: prints `help` as a note when used */
    OPT_KIND_NOTE_VALUE /* the same with a value that is not used */
};

struct opt {
    enum opt_kind kind;
    char letter; /* 0 = none */
    bool needed;
    bool hidden_default; /* --help does not show the default */
    const char *name;
    union {
        bool *flag;
        int64_t *integer;
        double *real;
        uint64_t *bytes;
        const char **text;
    } to;
    const char *value;   /* what --help calls the value: FILE, N */
    const char *choices; /* "hf|google" */
    double lo, hi;
    const char *help;
    const char *alias; /* further names, separated by blanks */
};

/* clang-format off */
#define OPT_FLAG(l, n, v, ...) \
    { .kind = OPT_KIND_FLAG, .letter = (l), .name = (n), .to.flag = (v), .help = __VA_ARGS__ }
#define OPT_SWITCH(l, n, v, ...) \
    { .kind = OPT_KIND_SWITCH, .letter = (l), .name = (n), .to.flag = (v), \
      .value = "true|false", .help = __VA_ARGS__ }
#define OPT_INT(l, n, v, min, max, ...) \
    { .kind = OPT_KIND_INT, .letter = (l), .name = (n), .to.integer = (v), .value = "N", \
      .lo = (double)(min), .hi = (double)(max), .help = __VA_ARGS__ }
#define OPT_REAL(l, n, v, min, max, ...) \
    { .kind = OPT_KIND_REAL, .letter = (l), .name = (n), .to.real = (v), .value = "X", \
      .lo = (min), .hi = (max), .help = __VA_ARGS__ }
#define OPT_BYTES(l, n, v, ...) \
    { .kind = OPT_KIND_BYTES, .letter = (l), .name = (n), .to.bytes = (v), .value = "SIZE", \
      .help = __VA_ARGS__ }
#define OPT_TEXT(l, n, v, what, ...) \
    { .kind = OPT_KIND_TEXT, .letter = (l), .name = (n), .to.text = (v), .value = (what), \
      .help = __VA_ARGS__ }
#define OPT_NEED(l, n, v, what, ...) \
    { .kind = OPT_KIND_TEXT, .letter = (l), .name = (n), .to.text = (v), .value = (what), \
      .needed = true, .help = __VA_ARGS__ }
#define OPT_CHOICE(l, n, v, list, ...) \
    { .kind = OPT_KIND_CHOICE, .letter = (l), .name = (n), .to.text = (v), .value = (list), \
      .choices = (list), .help = __VA_ARGS__ }
/* Options that only mean something on an accelerator: parsed, said to be without effect. */
#define OPT_NOTE(n, ...) \
    { .kind = OPT_KIND_NOTE, .name = (n), .help = __VA_ARGS__ }
#define OPT_NOTE_VALUE(n, ...) \
    { .kind = OPT_KIND_NOTE_VALUE, .name = (n), .value = "X", .help = __VA_ARGS__ }
#define OPT_END { .kind = OPT_KIND_END }

/* clang-format on */

struct tool {
    const char *name;     /* "tokenize", or "bert-train pretrain" */
    const char *operands; /* "[FILE]...", "" when there are none */
    const char *summary;  /* "turn sentences into WordPiece ids" */
    const struct opt *opts;
    const char *details;  /* paragraphs for --help and the man page, separated by empty lines */
    const char *examples; /* one command a line, may be NULL */
};

/* Options every tool has; cli_parse() adds --help and --version itself. */
#define OPT_THREADS(v)                                                                             \
    OPT_INT('t', "threads", v, 0, 1024, "threads to use, 0 = all cores", .alias = "n_processes")
#define OPT_QUIET(v)                                                                               \
    OPT_FLAG('q', "quiet", v, "no progress, no summary", .alias = "disable_progress_bar")

/* Fills the variables of the table. Ends the program after --help, --help=man, --help=bash and
 * --version (status 0) and on a usage error (status 2, with the nearest known name). Options and
 * operands may mix; "--" ends the options. Returns the index of the first operand in argv, whose
 * operands it has moved to the end; argv[argc] stays NULL. */
int cli_parse(const struct tool *tool, int argc, char **argv);

/* The exit status for rc: 0, or 1 with the message of *err on stderr (2 for ERR_USAGE). */
int cli_finish(const struct tool *tool, int rc, const struct err *err);

/* "NAME: warning: ..." on stderr. */
void cli_warn(const struct tool *tool, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The table as a JSON text {"option": value, ...} of its present values, for provenance in outputs;
 * threads, quiet and paths of outputs are left out by the caller through `without` (names separated
 * by blanks). Free it. */
char *cli_options_json(const struct tool *tool, const char *without);

#endif

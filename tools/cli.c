/* cli.c -- the option table, parsed. What --help and its kin print from it is in cli_pages.c. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "cli_pages.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, MAX_NAME = 64 };

static void say(const struct tool *tool, const char *format, va_list args)
{
    fprintf(stderr, "%s: ", tool->name);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
}

static void usage_error(const struct tool *tool, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));

static void usage_error(const struct tool *tool, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(tool, format, args);
    va_end(args);
    fprintf(stderr, "try '%s --help'\n", tool->name);
    exit(EXIT_USAGE);
}

static char same_dash(char c)
{
    return c == '_' ? '-' : c;
}

/* Whether the n bytes at `given` are `name`, dashes and underscores alike. */
static bool is_name(const char *name, size_t name_len, const char *given, size_t n)
{
    if (name_len != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (same_dash(name[i]) != same_dash(given[i]))
            return false;
    return true;
}

static bool is_alias(const char *aliases, const char *given, size_t n)
{
    while (aliases && *aliases) {
        const size_t len = strcspn(aliases, " ");

        if (is_name(aliases, len, given, n))
            return true;
        aliases += len + strspn(aliases + len, " ");
    }
    return false;
}

static const struct opt *find_option(const struct tool *tool, const char *given, size_t n)
{
    for (const struct opt *o = tool->opts; o->kind != OPT_KIND_END; o++)
        if (is_name(o->name, strlen(o->name), given, n) || is_alias(o->alias, given, n))
            return o;
    return NULL;
}

static const struct opt *find_letter(const struct tool *tool, char letter)
{
    for (const struct opt *o = tool->opts; o->kind != OPT_KIND_END; o++)
        if (o->letter == letter)
            return o;
    return NULL;
}

/* Levenshtein distance of two names of at most MAX_NAME bytes. */
static size_t distance(const char *a, size_t n, const char *b, size_t m)
{
    size_t row[MAX_NAME + 1];

    if (n > MAX_NAME || m > MAX_NAME)
        return MAX_NAME;
    for (size_t j = 0; j <= m; j++)
        row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t corner = row[0];

        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            const size_t change = corner + (same_dash(a[i - 1]) != same_dash(b[j - 1]));
            const size_t shorter = 1 + (row[j] < row[j - 1] ? row[j] : row[j - 1]);

            corner = row[j];
            row[j] = change < shorter ? change : shorter;
        }
    }
    return row[m];
}

static void unknown_option(const struct tool *tool, const char *given, size_t n)
{
    const struct opt *nearest = NULL;
    size_t best = n / 2 + 1;

    for (const struct opt *o = tool->opts; o->kind != OPT_KIND_END; o++) {
        const size_t d = distance(given, n, o->name, strlen(o->name));

        if (d < best) {
            best = d;
            nearest = o;
        }
    }
    if (nearest)
        usage_error(tool, "unknown option '--%.*s', did you mean '--%s'?", (int)n, given,
                    nearest->name);
    usage_error(tool, "unknown option '--%.*s'", (int)n, given);
}

static bool takes_value(const struct opt *o)
{
    return o->kind != OPT_KIND_FLAG && o->kind != OPT_KIND_NOTE;
}

static void bad_value(const struct tool *tool, const struct opt *o, const char *value,
                      const char *wanted)
{
    usage_error(tool, "--%s wants %s, not '%s'", o->name, wanted, value);
}

static double parse_number(const struct tool *tool, const struct opt *o, const char *value)
{
    char wanted[96];
    char *end;
    double x;

    snprintf(wanted, sizeof wanted, "a number from %.15g to %.15g", o->lo, o->hi);
    errno = 0;
    x = strtod(value, &end);
    if (end == value || *end || !isfinite(x) || x < o->lo || x > o->hi)
        bad_value(tool, o, value, wanted);
    return x;
}

/* Whole numbers may be written as the originals print theirs: 7038, 7038.0. */
static int64_t parse_integer(const struct tool *tool, const struct opt *o, const char *value)
{
    const double x = parse_number(tool, o, value);
    char *end;
    long long exact;

    errno = 0;
    exact = strtoll(value, &end, 10);
    if (!*end && !errno)
        return exact;
    if (x != floor(x) || fabs(x) > 9007199254740992.0)
        bad_value(tool, o, value, "a whole number");
    return (int64_t)x;
}

static uint64_t parse_bytes(const struct tool *tool, const struct opt *o, const char *value)
{
    static const char units[] = "KMGT";
    char *end;
    double x = strtod(value, &end);
    const char *unit = *end ? strchr(units, *end >= 'a' ? *end - 32 : *end) : NULL;

    if (unit) {
        for (const char *u = units; u <= unit; u++)
            x *= 1024;
        end++;
        if (*end == 'i')
            end++;
        if (*end == 'B')
            end++;
    }
    if (end == value || *end || !(x >= 1) || x > 1e18)
        bad_value(tool, o, value, "a size such as 512M or 4G");
    return (uint64_t)x;
}

static bool parse_switch(const struct tool *tool, const struct opt *o, const char *value)
{
    static const char *const words[][2] = {
        {"true", "false"}, {"True", "False"}, {"1", "0"}, {"yes", "no"}};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!strcmp(value, words[i][0]))
            return true;
        if (!strcmp(value, words[i][1]))
            return false;
    }
    bad_value(tool, o, value, "true or false");
    return false;
}

static const char *parse_choice(const struct tool *tool, const struct opt *o, const char *value)
{
    const size_t n = strlen(value);

    for (const char *c = o->choices; *c; c += strcspn(c, "|"), c += *c == '|') {
        if (strcspn(c, "|") == n && !strncmp(c, value, n))
            return value;
    }
    bad_value(tool, o, value, o->choices);
    return NULL;
}

static void set_option(const struct tool *tool, const struct opt *o, const char *value)
{
    switch (o->kind) {
    case OPT_KIND_FLAG:
        *o->to.flag = true;
        break;
    case OPT_KIND_SWITCH:
        *o->to.flag = parse_switch(tool, o, value);
        break;
    case OPT_KIND_INT:
        *o->to.integer = parse_integer(tool, o, value);
        break;
    case OPT_KIND_REAL:
        *o->to.real = parse_number(tool, o, value);
        break;
    case OPT_KIND_BYTES:
        *o->to.bytes = parse_bytes(tool, o, value);
        break;
    case OPT_KIND_TEXT:
        *o->to.text = value;
        break;
    case OPT_KIND_CHOICE:
        *o->to.text = parse_choice(tool, o, value);
        break;
    case OPT_KIND_NOTE: /* said where its name is known as it was given */
    case OPT_KIND_NOTE_VALUE:
    case OPT_KIND_END:
        break;
    }
}

static void page_options(const struct tool *tool, const char *given, size_t n, const char *value)
{
    const bool version = is_name("version", 7, given, n);

    if (!version && !is_name("help", 4, given, n))
        return;
    if (version)
        cli_print_version(tool);
    else if (!value)
        cli_print_help(tool);
    else if (!strcmp(value, "man"))
        cli_print_man(tool);
    else if (!strcmp(value, "bash"))
        cli_print_bash(tool);
    else
        usage_error(tool, "--help wants man or bash, not '%s'", value);
    if (fflush(stdout) != 0)
        exit(EXIT_FAILED);
    exit(0);
}

/* "--name", "--name=value" or "--name value"; returns how many words were used. */
static int parse_long(const struct tool *tool, char **words, bool *seen)
{
    const char *given = words[0] + 2;
    const size_t n = strcspn(given, "=");
    const char *value = given[n] == '=' ? given + n + 1 : NULL;
    const struct opt *o;
    int used = 1;

    o = find_option(tool, given, n);
    /* --version of a tool that has an option of that name is a page only without a value. */
    if (!o || (!value && !words[1]))
        page_options(tool, given, n, value);
    if (!o) {
        unknown_option(tool, given, n);
        return used;
    }
    if (takes_value(o) && !value) {
        value = words[1];
        if (!value)
            usage_error(tool, "--%s wants a value: %s", o->name, o->value);
        used = 2;
    } else if (o->kind == OPT_KIND_FLAG && value) {
        *o->to.flag = parse_switch(tool, o, value);
        seen[o - tool->opts] = true;
        return used;
    }
    if (o->kind == OPT_KIND_NOTE || o->kind == OPT_KIND_NOTE_VALUE)
        fprintf(stderr, "%s: note: --%.*s has no effect here: %s\n", tool->name, (int)n, given,
                o->help);
    set_option(tool, o, value);
    seen[o - tool->opts] = true;
    return used;
}

/* "-x", "-xyz", "-xVALUE" or "-x VALUE"; returns how many words were used. */
static int parse_letters(const struct tool *tool, char **words, bool *seen)
{
    for (const char *c = words[0] + 1; *c; c++) {
        const struct opt *o = *c == 'h' ? NULL : find_letter(tool, *c);

        if (*c == 'h')
            page_options(tool, "help", 4, NULL);
        if (!o)
            usage_error(tool, "unknown option '-%c'", *c);
        seen[o - tool->opts] = true;
        if (!takes_value(o)) {
            set_option(tool, o, NULL);
            continue;
        }
        if (c[1]) {
            set_option(tool, o, c + 1);
            return 1;
        }
        if (!words[1])
            usage_error(tool, "-%c wants a value: %s", *c, o->value);
        set_option(tool, o, words[1]);
        return 2;
    }
    return 1;
}

static size_t count_options(const struct tool *tool)
{
    size_t n = 0;

    while (tool->opts[n].kind != OPT_KIND_END)
        n++;
    return n;
}

static void check_needed(const struct tool *tool, const bool *seen)
{
    for (const struct opt *o = tool->opts; o->kind != OPT_KIND_END; o++)
        if (o->needed && !seen[o - tool->opts])
            usage_error(tool, "--%s %s is needed: %s", o->name, o->value, o->help);
}

/* A standard stream that the caller closed stays one that fails: else the next file to be opened would
 * get its number, and messages would go into an output. */
static void keep_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd ? O_RDONLY : O_WRONLY) < 0)
            exit(EXIT_FAILED);
    }
}

int cli_parse(const struct tool *tool, int argc, char **argv)
{
    char **operands = mem_array((size_t)argc + 1, sizeof *operands);
    bool *seen = mem_array(count_options(tool) + 1, sizeof *seen);
    int n_operands = 0;
    int at = 1;

    keep_standard_streams();
    while (at < argc) {
        const char *word = argv[at];

        if (!strcmp(word, "--")) {
            for (at++; at < argc; at++)
                operands[n_operands++] = argv[at];
        } else if (!strncmp(word, "--", 2)) {
            at += parse_long(tool, argv + at, seen);
        } else if (word[0] == '-' && word[1]) {
            at += parse_letters(tool, argv + at, seen);
        } else {
            operands[n_operands++] = argv[at++];
        }
    }
    check_needed(tool, seen);
    if (n_operands && !*tool->operands)
        usage_error(tool, "unexpected '%s': no operands are taken", operands[0]);
    memcpy(argv + argc - n_operands, operands, (size_t)n_operands * sizeof *operands);
    free(seen);
    free(operands);
    return argc - n_operands;
}

int cli_finish(const struct tool *tool, int rc, const struct err *err)
{
    if (rc == 0 && fflush(stdout) != 0) {
        fprintf(stderr, "%s: cannot write 'standard output': %s\n", tool->name, strerror(errno));
        return EXIT_FAILED;
    }
    if (rc == 0)
        return 0;
    fprintf(stderr, "%s: %s\n", tool->name, err->text);
    if (err->kind != ERR_USAGE)
        return EXIT_FAILED;
    fprintf(stderr, "try '%s --help'\n", tool->name);
    return EXIT_USAGE;
}

void cli_warn(const struct tool *tool, const char *format, ...)
{
    va_list args;

    fprintf(stderr, "%s: warning: ", tool->name);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

char *cli_options_json(const struct tool *tool, const char *without)
{
    struct json *map = json_new_map();
    struct buf text = {0};

    for (const struct opt *o = tool->opts; o->kind != OPT_KIND_END; o++) {
        if (is_alias(without, o->name, strlen(o->name)))
            continue;
        switch (o->kind) {
        case OPT_KIND_FLAG:
        case OPT_KIND_SWITCH:
            json_put_bool(map, o->name, *o->to.flag);
            break;
        case OPT_KIND_INT:
            json_put_int(map, o->name, *o->to.integer);
            break;
        case OPT_KIND_REAL:
            json_put_real(map, o->name, *o->to.real);
            break;
        case OPT_KIND_BYTES:
            json_put_int(map, o->name, (int64_t)*o->to.bytes);
            break;
        case OPT_KIND_TEXT:
        case OPT_KIND_CHOICE:
            if (*o->to.text)
                json_put_text(map, o->name, *o->to.text);
            break;
        default:
            break;
        }
    }
    json_write(&text, map, JSON_LINE);
    json_release(map);
    return text.data;
}

/* cli_pages.c -- help, man page and completion: three prints of one table. */
#include "cli_pages.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { HELP_COLUMN = 30, HELP_WIDTH = 96 };

static void print_bytes(uint64_t bytes)
{
    static const char units[] = "\0KMGT";
    size_t i = 0;

    while (i < 4 && bytes && bytes % 1024 == 0) {
        bytes /= 1024;
        i++;
    }
    printf("%" PRIu64, bytes);
    if (units[i])
        putchar(units[i]);
}

/* Prints the default after `before` and before `after`; nothing where there is none to tell. */
static void print_default(const struct opt *o, const char *before, const char *after)
{
    if (o->needed || o->hidden_default)
        return;
    switch (o->kind) {
    case OPT_KIND_SWITCH:
        printf("%s%s%s", before, *o->to.flag ? "true" : "false", after);
        break;
    case OPT_KIND_INT:
        printf("%s%" PRId64 "%s", before, *o->to.integer, after);
        break;
    case OPT_KIND_REAL:
        printf("%s%.15g%s", before, *o->to.real, after);
        break;
    case OPT_KIND_BYTES:
        printf("%s", before);
        print_bytes(*o->to.bytes);
        printf("%s", after);
        break;
    case OPT_KIND_TEXT:
    case OPT_KIND_CHOICE:
        if (*o->to.text)
            printf("%s%s%s", before, *o->to.text, after);
        break;
    default:
        break;
    }
}

/* Words of `text` wrapped between the columns; `at` is the column we stand in. */
static void print_wrapped(const char *text, int at, int indent)
{
    while (*text) {
        const size_t n = strcspn(text, " ");

        if (at > indent && at + (int)n + 1 > HELP_WIDTH) {
            printf("\n%*s", indent, "");
            at = indent;
        } else if (at > indent) {
            putchar(' ');
            at++;
        }
        printf("%.*s", (int)n, text);
        at += (int)n;
        text += n + strspn(text + n, " ");
    }
}

static void print_option(char letter, const char *name, const char *value, const char *help)
{
    int at = printf("  %c%c%s --%s", letter ? '-' : ' ', letter ? letter : ' ', letter ? "," : " ",
                    name);

    if (value)
        at += printf(" %s", value);
    if (at >= HELP_COLUMN) {
        putchar('\n');
        at = 0;
    }
    printf("%*s", HELP_COLUMN - at, "");
    print_wrapped(help, HELP_COLUMN, HELP_COLUMN);
}

static bool is_note(const struct opt *o)
{
    return o->kind == OPT_KIND_NOTE || o->kind == OPT_KIND_NOTE_VALUE;
}

static void print_options(const struct tool *tool)
{
    bool notes = false;

    puts("\nOptions:");
    for (const struct opt *o = tool->opts; o->kind != OPT_KIND_END; o++) {
        notes = notes || is_note(o);
        if (is_note(o))
            continue;
        print_option(o->letter, o->name, o->value, o->help);
        print_default(o, " [", "]");
        if (o->needed)
            printf(" (needed)");
        putchar('\n');
        if (o->alias)
            printf("%*s(also --%s)\n", HELP_COLUMN, "", o->alias);
    }
    print_option(0, "help", "[=man|bash]", "this text, a man page or a bash completion");
    putchar('\n');
    print_option(0, "version", NULL, "name and version");
    putchar('\n');
    if (!notes)
        return;
    puts("\nAccepted from commands of the original programs, without effect here:");
    for (const struct opt *o = tool->opts; o->kind != OPT_KIND_END; o++) {
        if (!is_note(o))
            continue;
        print_option(0, o->name, o->value, o->help);
        putchar('\n');
    }
}

void cli_print_help(const struct tool *tool)
{
    printf("Usage: %s [OPTION]...%s%s\n\n%s -- %s\n", tool->name, *tool->operands ? " " : "",
           tool->operands, tool->name, tool->summary);
    if (tool->details) {
        putchar('\n');
        for (const char *p = tool->details; *p;) {
            const char *end = strchr(p, '\n');
            char line[2048];

            snprintf(line, sizeof line, "%.*s", end ? (int)(end - p) : (int)strlen(p), p);
            print_wrapped(line, 0, 0);
            putchar('\n');
            p = end ? end + 1 : p + strlen(p);
        }
    }
    print_options(tool);
    if (tool->examples) {
        puts("\nExamples:");
        for (const char *p = tool->examples; *p;) {
            const size_t n = strcspn(p, "\n");

            printf("  %.*s\n", (int)n, p);
            p += n + (p[n] == '\n');
        }
    }
    puts("\nExit status: 0 done, 1 failed, 2 wrong usage.\n"
         "Dashes and underscores in option names are the same.");
}

/* Text with what roff would take for itself escaped. */
static void print_roff(const char *text)
{
    bool line_start = true;

    for (; *text; text++) {
        if (line_start && (*text == '.' || *text == '\''))
            fputs("\\&", stdout);
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            putchar(*text);
        line_start = *text == '\n';
    }
}

static void print_roff_option(const struct opt *o)
{
    puts(".TP");
    if (o->letter)
        printf("\\fB\\-%c\\fR, ", o->letter);
    fputs("\\fB\\-\\-", stdout);
    print_roff(o->name);
    fputs("\\fR", stdout);
    if (o->value) {
        fputs(" \\fI", stdout);
        print_roff(o->value);
        fputs("\\fR", stdout);
    }
    putchar('\n');
    if (is_note(o))
        fputs("Accepted without effect: ", stdout);
    print_roff(o->help);
    putchar('.');
    print_default(o, " Default: ", ".");
    if (o->alias) {
        fputs(" Also \\fB\\-\\-", stdout);
        print_roff(o->alias);
        fputs("\\fR.", stdout);
    }
    putchar('\n');
}

void cli_print_man(const struct tool *tool)
{
    printf(".TH \"%s\" 1 \"\" \"bertline %s\" \"bertline\"\n", tool->name, BERTLINE_VERSION);
    fputs(".SH NAME\n", stdout);
    print_roff(tool->name);
    fputs(" \\- ", stdout);
    print_roff(tool->summary);
    printf("\n.SH SYNOPSIS\n.B %s\n[\\fIOPTION\\fR]... ", tool->name);
    print_roff(tool->operands);
    puts("\n.SH DESCRIPTION");
    print_roff(tool->details ? tool->details : tool->summary);
    puts("\n.SH OPTIONS");
    for (const struct opt *o = tool->opts; o->kind != OPT_KIND_END; o++)
        print_roff_option(o);
    puts(".TP\n\\fB\\-\\-help\\fR[=\\fIman\\fR|\\fIbash\\fR]\nHelp, this page, or a bash "
         "completion.");
    puts(".TP\n\\fB\\-\\-version\\fR\nName and version.");
    if (tool->examples) {
        puts(".SH EXAMPLES\n.nf");
        print_roff(tool->examples);
        puts("\n.fi");
    }
    puts(".SH EXIT STATUS\n0 done, 1 failed, 2 wrong usage.");
}

/* Completion for "PROGRAM" or "PROGRAM COMMAND": option names, choices, else file names. */
void cli_print_bash(const struct tool *tool)
{
    char function[128] = "_bertline_";
    const size_t program = strcspn(tool->name, " ");
    size_t n = strlen(function);

    for (const char *c = tool->name; *c && n + 1 < sizeof function; c++)
        function[n++] = *c == '-' || *c == ' ' ? '_' : *c;
    function[n] = '\0';
    printf("%s()\n{\n    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}\n"
           "    case $before in\n",
           function);
    for (const struct opt *o = tool->opts; o->kind != OPT_KIND_END; o++) {
        const char *list = o->kind == OPT_KIND_CHOICE   ? o->choices
                           : o->kind == OPT_KIND_SWITCH ? "true|false"
                                                        : NULL;

        if (!list)
            continue;
        printf("    --%s) COMPREPLY=($(compgen -W '", o->name);
        for (const char *c = list; *c; c++)
            putchar(*c == '|' ? ' ' : *c);
        printf("' -- \"$word\")); return ;;\n");
    }
    printf("    esac\n    if [[ $word == -* ]]; then\n        COMPREPLY=($(compgen -W '");
    for (const struct opt *o = tool->opts; o->kind != OPT_KIND_END; o++)
        printf("--%s ", o->name);
    printf("--help --version' -- \"$word\"))\n    else\n"
           "        COMPREPLY=($(compgen -f -- \"$word\"))\n    fi\n}\n"
           "complete -o filenames -F %s %.*s\n",
           function, (int)program, tool->name);
}

void cli_print_version(const struct tool *tool)
{
    printf("%s (bertline) %s\n", tool->name, BERTLINE_VERSION);
}

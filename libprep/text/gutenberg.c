/* gutenberg.c -- header and footer are found by their marker lines, among the first and the last
 * lines only: a book may quote them. */
#include "text/gutenberg.h"

#include <string.h>
#include <strings.h>

enum {
    HEADER_LINES = 1200, /* with the small print of the nineties, some 400 */
    MAX_MARKER = 400,    /* bytes, when a marker goes on in the next lines */
    MAX_CREDIT = 1200
};

/* The line without blanks and asterisks in front. */
static const char *bare(const char *line, const char *end)
{
    while (line < end && (*line == ' ' || *line == '*' || *line == '\t' || *line == '\r'))
        line++;
    return line;
}

static bool begins(const char *line, const char *end, const char *with)
{
    const size_t n = strlen(with);

    return (size_t)(end - line) >= n && strncasecmp(line, with, n) == 0;
}

static bool has(const char *line, const char *end, const char *what)
{
    const size_t n = strlen(what);

    for (; (size_t)(end - line) >= n; line++) {
        if (strncasecmp(line, what, n) == 0)
            return true;
    }
    return false;
}

/* The last line of a header. */
static bool is_start(const char *line, const char *end)
{
    const bool starred = line < end && *line == '*';

    line = bare(line, end);
    if (begins(line, end, "START OF TH") && has(line, end, "PROJECT GUTENBERG"))
        return true;
    if (begins(line, end, "START OF PROJECT GUTENBERG"))
        return true;
    /* The small print of 1991 to 2003 ends so. */
    return starred && begins(line, end, "END") && has(line, end, "THE SMALL PRINT");
}

/* The first line of a footer. */
static bool is_end(const char *line, const char *end)
{
    static const char *const forms[] = {"END OF THE PROJECT GUTENBERG",
                                        "END OF THIS PROJECT GUTENBERG",
                                        "END OF PROJECT GUTENBERG",
                                        "END OF THIS IS COPYRIGHTED PROJECT GUTENBERG",
                                        "THE PROJECT GUTENBERG ETEXT OF THE END OF",
                                        "ENDE DIESES PROJEKT GUTENBERG",
                                        "ENDE DIESES PROJECT GUTENBERG",
                                        "FIN DE PROJECT GUTENBERG",
                                        "FIN DU PROJECT GUTENBERG"};
    const bool starred = line < end && *line == '*';

    line = bare(line, end);
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (begins(line, end, forms[i]))
            return true;
    }
    /* Where the small print stands behind the book. */
    return starred && begins(line, end, "START") && has(line, end, "THE SMALL PRINT");
}

static const char *line_end(const char *line, const char *end)
{
    const char *lf = memchr(line, '\n', (size_t)(end - line));

    return lf ? lf : end;
}

/* A marker "*** START ..." may go on until the next "***". */
static const char *after_marker(const char *line, const char *end)
{
    const char *stop = line_end(line, end);
    const char *limit = end - line > MAX_MARKER ? line + MAX_MARKER : end;
    const char *last = stop;

    while (last > line && (last[-1] == '\r' || last[-1] == ' '))
        last--;
    if (!begins(line, end, "***") || last[-1] == '*')
        return stop < end ? stop + 1 : end;
    for (const char *p = stop; p + 3 <= limit; p++) {
        if (memcmp(p, "\n\n", 2) == 0)
            break;
        if (memcmp(p, "***", 3) == 0) {
            stop = line_end(p, end);
            break;
        }
    }
    return stop < end ? stop + 1 : end;
}

static void find_title(struct gutenberg *g, const char *text, const char *end)
{
    for (const char *line = text; line < end; line = line_end(line, end) + 1) {
        const char *stop = line_end(line, end);

        if (!begins(line, stop, "Title:"))
            continue;
        line += strlen("Title:");
        while (line < stop && *line == ' ')
            line++;
        while (stop > line && (stop[-1] == ' ' || stop[-1] == '\r'))
            stop--;
        g->title = (size_t)(line - text);
        g->title_len = (size_t)(stop - line);
        return;
    }
}

struct gutenberg gutenberg_find(const char *text, size_t len)
{
    struct gutenberg g = {.to = len};
    const char *end = text + len, *line = text;

    for (int i = 0; i < HEADER_LINES && line < end; i++) {
        const char *stop = line_end(line, end);

        if (is_start(line, stop)) {
            g.found = true;
            g.from = (size_t)(after_marker(line, end) - text);
        }
        line = stop < end ? stop + 1 : end;
    }
    if (g.found)
        find_title(&g, text, text + g.from);
    /* The first footer counts, as what follows it is licence; it is in the last lines, or the header
     * said that there will be one. */
    for (line = text + g.from; line < end;) {
        const char *stop = line_end(line, end);
        const char c = *line | 0x20;

        if ((c == 'e' || c == 'f' || c == 't' || *line == '*' || *line == ' ') &&
            is_end(line, stop)) {
            g.found = true;
            g.to = (size_t)(line - text);
            break;
        }
        line = stop < end ? stop + 1 : end;
    }
    return g;
}

bool gutenberg_is_credit(const char *text, size_t len)
{
    static const char *const forms[] = {"Produced by ",
                                        "E-text prepared by ",
                                        "Etext prepared by ",
                                        "This etext was ",
                                        "This e-text was ",
                                        "This eBook was produced",
                                        "This ebook was ",
                                        "Transcribed from ",
                                        "Transcribed by ",
                                        "Prepared by ",
                                        "Scanned and proofed by",
                                        "Scanned by ",
                                        "Credits: ",
                                        "HTML version by ",
                                        "[Transcriber's note",
                                        "[Transcriber\xe2\x80\x99s note",
                                        "Transcriber's note",
                                        "Text file produced by "};

    for (size_t i = 0; len < MAX_CREDIT && i < sizeof forms / sizeof forms[0]; i++) {
        if (begins(text, text + len, forms[i]))
            return true;
    }
    return false;
}

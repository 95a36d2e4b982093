/* links.c -- the words of a link. */
#include "wiki/links.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static void trim(const char **text, size_t *n)
{
    while (*n && ((*text)[0] == ' ' || (*text)[0] == '\n')) {
        (*text)++;
        (*n)--;
    }
    while (*n && ((*text)[*n - 1] == ' ' || (*text)[*n - 1] == '\n'))
        (*n)--;
}

/* [[a:Name (what)|]]: the label is "Name"; also before a comma. */
static void put_pipe_trick(struct buf *to, const char *target, size_t n, size_t prefix)
{
    const char *end;

    target += prefix;
    n -= prefix;
    trim(&target, &n);
    end = n && target[n - 1] == ')' ? memchr(target, '(', n) : memchr(target, ',', n);
    if (end && end > target)
        n = (size_t)(end - target);
    trim(&target, &n);
    buf_put(to, target, n);
}

void links_internal(struct buf *to, const struct site *site, const char *target, size_t n_target,
                    const char *label, size_t n_label)
{
    bool shown = false; /* a ':' before the target shows what would be hidden */
    size_t prefix;
    enum site_link kind;

    trim(&target, &n_target);
    if (n_target && target[0] == ':') {
        shown = true;
        target++;
        n_target--;
        trim(&target, &n_target);
    }
    kind = site_link_of(site, target, n_target, &prefix);
    if (!shown &&
        (kind == SITE_LINK_FILE || kind == SITE_LINK_CATEGORY || kind == SITE_LINK_LANGUAGE))
        return;
    if (!label) {
        /* The page's name: readers do not need "wikt:" nor underscores. */
        const size_t skip = kind == SITE_LINK_PROJECT || kind == SITE_LINK_LANGUAGE ? prefix : 0;
        const size_t from = to->len;
        buf_put(to, target + skip, n_target - skip);
        for (size_t i = from; i < to->len; i++) {
            if (to->data[i] == '_')
                to->data[i] = ' ';
        }
    } else if (n_label == 0) {
        put_pipe_trick(to, target, n_target, prefix);
    } else {
        buf_put(to, label, n_label);
    }
}

size_t links_scheme(const char *text, size_t n)
{
    static const char *const schemes[] = {
        "http://", "https://", "//",        "ftp://",    "ftps://", "mailto:", "news:",
        "irc://",  "ircs://",  "gopher://", "telnet://", "nntp://", "svn://",  "git://",
        "ssh://",  "sftp://",  "tel:",      "magnet:",   "geo:",    "urn:",    "worldwind://"};

    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        const size_t len = strlen(schemes[i]);
        if (n > len && (text[0] | 32) == (schemes[i][0] | 32) &&
            strncasecmp(text, schemes[i], len) == 0)
            return len;
    }
    return 0;
}

void links_external(struct buf *to, const char *text, size_t n)
{
    size_t at = 0;

    while (at < n && text[at] != ' ')
        at++;
    while (at < n && text[at] == ' ')
        at++;
    buf_put(to, text + at, n - at);
}

/* One of "zh-hans:text" in a list with ';' between: its text and how much we want it, 0 = plain. */
static int read_variant(const char **text, size_t *n)
{
    static const char *const wanted[] = {"zh-hans", "zh-cn",   "zh-sg",   "zh",
                                         "sr-ec",   "sr-cyrl", "zh-hant", "zh-tw"};
    const char *colon = memchr(*text, ':', *n);
    const char *code = *text;
    size_t len;

    if (!colon)
        return 0;
    len = (size_t)(colon - code);
    trim(&code, &len);
    *n -= (size_t)(colon + 1 - *text);
    *text = colon + 1;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        if (strlen(wanted[i]) == len && strncasecmp(wanted[i], code, len) == 0)
            return 100 - (int)i;
    }
    return 1;
}

void links_variant(struct buf *to, const char *text, size_t n)
{
    const char *bar = memchr(text, '|', n);
    const char *best = NULL;
    size_t n_best = 0;
    int best_rank = -1;

    if (bar) { /* flags: H defines a rule, T a title, '-' removes one: not text */
        for (const char *p = text; p < bar; p++) {
            if (strchr("HT-", *p))
                return;
        }
        n -= (size_t)(bar + 1 - text);
        text = bar + 1;
    }
    while (n) {
        const char *end = memchr(text, ';', n);
        const size_t len = end ? (size_t)(end - text) : n;
        const char *part = text;
        size_t n_part = len;
        const int rank = read_variant(&part, &n_part);
        if (rank == 0 && !best) { /* no codes: one text for all variants, ';' and all */
            best = text;
            n_best = n;
            break;
        }
        if (rank > best_rank) {
            best_rank = rank;
            best = part;
            n_best = n_part;
        }
        n -= end ? len + 1 : len;
        text += end ? len + 1 : len;
    }
    if (best) {
        trim(&best, &n_best);
        buf_put(to, best, n_best);
    }
}

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

/* The last part of a picture's link is its caption, unless it is one of the words for size and
 * place, which differ with the language but have no blanks. */
static void put_caption(struct buf *to, const char *label, size_t n)
{
    trim(&label, &n);
    if (n < 12 || (!memchr(label, ' ', n) && (unsigned char)label[0] < 0xe0) ||
        strncasecmp(label, "alt=", 4) == 0 || strncasecmp(label, "link=", 5) == 0)
        return;
    buf_put(to, "\n\n", 2);
    buf_put(to, label, n);
    buf_put(to, "\n\n", 2);
}

enum account_class links_internal(struct buf *to, const struct context *page, const char *target,
                                  size_t n_target, const char *label, size_t n_label)
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
    kind = site_link_of(page->site, target, n_target, &prefix);
    if (!shown && kind == SITE_LINK_FILE) {
        if (page->options->captions && label)
            put_caption(to, label, n_label);
        return LOST_FILE;
    }
    if (!shown && (kind == SITE_LINK_CATEGORY || kind == SITE_LINK_LANGUAGE))
        return LOST_CATEGORY;
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
    return LOST_LINK;
}

size_t links_scheme(const char *text, size_t n)
{
    static const char *const schemes[] = {
        "http://", "https://", "//",        "ftp://",    "ftps://", "mailto:", "news:",
        "irc://",  "ircs://",  "gopher://", "telnet://", "nntp://", "svn://",  "git://",
        "ssh://",  "sftp://",  "tel:",      "magnet:",   "geo:",    "urn:",    "worldwind://"};

    if (n < 3 || !strchr("h/fmnigtsuwHFMNIGTSUW", text[0]) || !text[0])
        return 0;
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

/* What is shown where the wanted variant is missing, nearest first; the first of each line is the
 * variant itself. The last lines are used when none is asked for. */
static const char *const fallbacks[] = {
    " zh-cn zh-hans zh-sg zh-my zh ",
    " zh-hans zh-cn zh-sg zh-my zh ",
    " zh-sg zh-my zh-hans zh-cn zh ",
    " zh-my zh-sg zh-hans zh-cn zh ",
    " zh-tw zh-hant zh-hk zh-mo zh ",
    " zh-hant zh-tw zh-hk zh-mo zh ",
    " zh-hk zh-mo zh-hant zh-tw zh ",
    " zh-mo zh-hk zh-hant zh-tw zh ",
    " sr-ec sr-cyrl sr-cyrl-ekavsk sr ",
    " sr-cyrl sr-ec sr-cyrl-ekavsk sr ",
    " sr-el sr-latn sr-latn-ekavsk sr ",
    " sr-latn sr-el sr-latn-ekavsk sr ",
    " gan-hans gan ",
    " gan-hant gan ",
};
static const char any_variant[] = " zh-hans zh-cn zh-sg zh sr-ec sr-cyrl zh-hant zh-tw ";

static const char *wanted_variants(const char *variant)
{
    if (!variant)
        return any_variant;
    for (size_t i = 0; i < sizeof fallbacks / sizeof fallbacks[0]; i++) {
        const size_t n = strlen(variant);
        if (strncasecmp(fallbacks[i] + 1, variant, n) == 0 && fallbacks[i][1 + n] == ' ')
            return fallbacks[i];
    }
    return NULL; /* it stands for itself alone */
}

/* How much we want the variant `code`: 1 = not. */
static int rank_of(const char *variant, const char *code, size_t len)
{
    const char *wanted = wanted_variants(variant);
    int rank = 100;

    if (!wanted)
        return variant && strlen(variant) == len && strncasecmp(variant, code, len) == 0 ? 100 : 1;
    for (const char *p = wanted + 1; *p; rank--) {
        const size_t n = strcspn(p, " ");
        if (n == len && strncasecmp(p, code, len) == 0)
            return rank;
        p += n + 1;
    }
    return 1;
}

/* A code of a variant: "zh-hans", "sr-ec", "kk-cyrl", "zh". */
static bool is_code(const char *code, size_t len)
{
    if (len < 2 || len > 12)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!((code[i] | 32) >= 'a' && (code[i] | 32) <= 'z') && code[i] != '-')
            return false;
    }
    return true;
}

/* One of "zh-hans:text" or "from=>zh-hans:text" in a list with ';' between: its text and how much
 * we want it, 0 = plain. */
static int read_variant(const char **text, size_t *n, const char *variant)
{
    const char *colon = memchr(*text, ':', *n), *code = *text;
    size_t len;

    if (!colon)
        return 0;
    for (const char *p = *text; p + 1 < colon; p++) {
        if (p[0] == '=' && p[1] == '>')
            code = p + 2;
    }
    len = (size_t)(colon - code);
    trim(&code, &len);
    if (!is_code(code, len))
        return 0;
    *n -= (size_t)(colon + 1 - *text);
    *text = colon + 1;
    return rank_of(variant, code, len);
}

void links_variant(struct buf *to, const struct context *page, const char *text, size_t n)
{
    const char *bar = memchr(text, '|', n);
    const char *best = NULL;
    size_t n_best = 0;
    int best_rank = -1;

    if (bar) { /* flags: H defines a rule, T a title, '-' removes one: not text */
        for (const char *p = text; p < bar; p++) {
            const bool alone = (p == text || p[-1] == ';') && (p + 1 == bar || p[1] == ';');
            if (alone && *p && strchr("HT-", *p))
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
        const int rank = read_variant(&part, &n_part, page->options->variant);
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

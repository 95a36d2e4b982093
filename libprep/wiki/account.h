/* account.h -- what became of each character of a page's wikitext.
 *
 * Every pass enters what it takes away at the place where it does so; what no pass has entered at
 * the end is LOST_MARKUP (quote marks, list signs, entities, blanks), so the classes and the text
 * that stays add up to the whole. */
#ifndef WIKI_ACCOUNT_H
#define WIKI_ACCOUNT_H

#include <stddef.h>
#include <stdint.h>

enum account_class {
    LOST_COMMENT,
    LOST_REFERENCE,
    LOST_TAG,    /* HTML tags without what they enclose */
    LOST_HIDDEN, /* what HTML hides, and what is meant for other pages */
    LOST_MEDIA,  /* galleries, maps, scores, time lines */
    LOST_MATH,
    LOST_CODE,
    LOST_TEMPLATE_UNKNOWN, /* not in our table: worth a look */
    LOST_TEMPLATE_SILENT,  /* known to say nothing in the text: boxes, sources, notes */
    LOST_TEMPLATE_MARKUP, /* of those that are rendered: names, signs, arguments that do not show */
    LOST_FILE,
    LOST_CATEGORY, /* and links to other languages */
    LOST_LINK,     /* targets and brackets of links whose label stays */
    LOST_VARIANT,  /* of other scripts and regions */
    LOST_TABLE,
    LOST_SECTION, /* sections left out by name */
    LOST_HEADING, /* with nothing under them */
    LOST_LIST,
    LOST_LINE_BREAK,
    LOST_MARKUP,
    ACCOUNT_CLASSES
};

struct account {
    uint64_t wikitext; /* characters of all pages that went through */
    uint64_t text;     /* of them, those that stay */
    uint64_t added;    /* characters of the output that no page has: units in words, conversions */
    uint64_t lost[ACCOUNT_CLASSES];
};

/* For reports: "template_unknown". */
const char *account_name(enum account_class c);

/* Characters of UTF-8. */
uint64_t account_code_points(const char *text, size_t n);

/* Characters other than line breaks and our own marks. */
uint64_t account_chars(const char *text, size_t n);

void account_lose(struct account *a, enum account_class c, const char *text, size_t n);

/* `before` characters were replaced by `after`: the difference is lost, or added. */
void account_replace(struct account *a, enum account_class c, uint64_t before, uint64_t after);

/* Ends a page: `text` is the page as it came, `out` what was made of it. Enters line breaks, what
 * stays and, for the rest, LOST_MARKUP; adds all to *total and empties *page. */
void account_close(struct account *total, struct account *page, const char *text, size_t n,
                   const char *out, size_t n_out);

void account_add(struct account *to, const struct account *from);

#endif

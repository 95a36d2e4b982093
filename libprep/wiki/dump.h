/* dump.h -- the pages of a MediaWiki XML export, one after the other.
 *
 * Any export version; compressed or not; a file, a pipe or a URL (base/source.h). With several
 * revisions of a page the last one counts. */
#ifndef WIKI_DUMP_H
#define WIKI_DUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "wiki/site.h"

enum {
    DUMP_MAX_TITLE = 4096,
    DUMP_MAX_TEXT = 64 << 20, /* of one page; MediaWiki allows 2 MiB */
    DUMP_MAX_DEPTH = 32,      /* of elements; an export has 6 */
    DUMP_MAX_TAG = 1 << 20    /* bytes of one tag, comment or other XML token */
};

struct dump_page {
    const char *title; /* zero-terminated, without newlines */
    int64_t id;
    int ns;               /* number of the namespace; found by the title where the dump has none */
    bool redirect;        /* the dump says so, or the text does */
    bool wikitext;        /* false for scripts, style sheets and other models */
    int year, month, day; /* of the revision; 0 = the dump does not say */
    bool oversize;        /* the text was longer than DUMP_MAX_TEXT and was left out */
    const char *text;
    size_t len;
};

struct dump;

/* path as in source_open(), threads as in source_open_threads(). NULL with err. */
struct dump *dump_open(const char *path, struct err *err);
struct dump *dump_open_threads(const char *path, size_t n_threads, struct err *err);

/* Parses everything with expat, also what goes past it otherwise: the plain twin, for tests. Before
 * the first dump_next(). */
void dump_use_expat_alone(struct dump *d);

/* The next page; its strings live until the next call. Returns 1 with a page, 0 at the end of the
 * dump, -1 with err, which names file and byte (of the XML). A dump that is cut off gives every page that is
 * whole before the error. */
int dump_next(struct dump *d, struct dump_page *page, struct err *err);

/* What the dump says of its wiki; complete, and unchanging, once dump_next() has
 * given a page. */
const struct site *dump_site(const struct dump *d);

uint64_t dump_taken(const struct dump *d); /* as source_taken() */
uint64_t dump_total(const struct dump *d);
void dump_close(struct dump *d); /* NULL is fine */

#endif

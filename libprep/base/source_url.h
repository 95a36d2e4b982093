/* source_url.h -- the bytes of an http(s) URL, pulled; the only user of libcurl.
 *
 * A connection that breaks is taken up again where it broke (Range, with If-Range so that only the
 * same file is continued), a few times, with growing pauses. */
#ifndef BASE_SOURCE_URL_H
#define BASE_SOURCE_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

bool source_url_is(const char *path); /* begins with http:// or https:// */

struct source_url_options {
    uint64_t from;         /* the first byte wanted */
    const char *validator; /* source_url_validator() of the bytes before it; NULL = any will do */
    int n_retries;         /* in a row without progress */
    int pause_ms;          /* before the first; each further one waits twice as long */
};

struct source_url_options source_url_defaults(void);

struct source_url;

/* Connects and waits for the first bytes; an answer without the file (404, 304, ...) is ERR_IO. o == NULL
 * stands for the defaults. NULL with err. */
struct source_url *source_url_open(const char *url, const struct source_url_options *o,
                                   struct err *err);

/* Which byte comes first: o->from, or 0 when the server has another file by now or cannot start in
 * the middle. */
uint64_t source_url_start(const struct source_url *u);

/* How many bytes the whole file has, 0 = the server did not say. */
uint64_t source_url_total(const struct source_url *u);

/* What names this version of the file (ETag or Last-Modified), "" when the server names none. */
const char *source_url_validator(const struct source_url *u);

/* Up to n bytes: how many, 0 at the end, -1 with err; fewer than promised is an error. */
int64_t source_url_read(struct source_url *u, void *to, size_t n, struct err *err);

void source_url_close(struct source_url *u); /* NULL is fine */

#endif

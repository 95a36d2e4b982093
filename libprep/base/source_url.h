/* source_url.h -- the bytes of an http(s) URL, pulled; the only user of libcurl. */
#ifndef BASE_SOURCE_URL_H
#define BASE_SOURCE_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

bool source_url_is(const char *path); /* begins with http:// or https:// */

struct source_url;

/* Connects and waits for the first bytes; an answer that is not 2xx is ERR_IO. NULL with err. */
struct source_url *source_url_open(const char *url, struct err *err);

/* How many bytes the server promised, 0 = it did not say. */
uint64_t source_url_total(const struct source_url *u);

/* Up to n bytes: how many, 0 at the end, -1 with err; fewer than promised is an error. */
int64_t source_url_read(struct source_url *u, void *to, size_t n, struct err *err);

void source_url_close(struct source_url *u); /* NULL is fine */

#endif

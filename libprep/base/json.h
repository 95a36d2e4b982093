/* json.h -- JSON documents: read with limits, built, and written the same way every time.
 *
 * A value belongs to the tree it was put into; json_release() frees a root with all below it. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct json; /* a value of any kind */

enum json_kind {
    JSON_KIND_NULL,
    JSON_KIND_BOOL,
    JSON_KIND_INT,
    JSON_KIND_REAL,
    JSON_KIND_TEXT,
    JSON_KIND_LIST,
    JSON_KIND_MAP
};

/* NULL with err (line and column) for anything that is not one JSON value (RFC 8259, UTF-8, no
 * duplicate keys; a byte order mark in front is passed over). json_load() refuses files over `max` bytes. */
struct json *json_parse(const char *text, size_t len, struct err *err);
struct json *json_load(const char *path, size_t max, struct err *err);
void json_release(struct json *root); /* NULL is fine */

enum json_kind json_kind_of(const struct json *v);
size_t json_count(const struct json *v);                           /* items or members, else 0 */
struct json *json_item(const struct json *list, size_t i);         /* NULL when there is none */
struct json *json_member(const struct json *map, const char *key); /* NULL when there is none */

/* Takes a member out of the map; the caller's now. NULL when there is none. */
struct json *json_take(struct json *map, const char *key);

/* Calls visit for each member in the order of the file; stops at the first non-zero result, which
 * it returns. */
int json_each(const struct json *map,
              int (*visit)(void *context, const char *key, const struct json *value),
              void *context);

/* The value when it is of that kind (an integer counts as a real), else the fallback. */
bool json_bool_or(const struct json *v, bool fallback);
int64_t json_int_or(const struct json *v, int64_t fallback);
double json_real_or(const struct json *v, double fallback);
const char *json_text_or(const struct json *v, const char *fallback); /* lives in the tree */

/* Bytes of a text, which may hold zero bytes; 0 for other kinds. */
size_t json_text_len(const struct json *v);

struct json *json_new_map(void);
struct json *json_new_list(void);

/* Into a map. Keys keep the order in which they were put. */
void json_put(struct json *map, const char *key, struct json *value); /* takes the value */
void json_put_null(struct json *map, const char *key);
void json_put_bool(struct json *map, const char *key, bool value);
void json_put_int(struct json *map, const char *key, int64_t value);
void json_put_real(struct json *map, const char *key, double value);
void json_put_text(struct json *map, const char *key, const char *value);

/* At the end of a list. */
void json_push(struct json *list, struct json *value); /* takes the value */
void json_push_int(struct json *list, int64_t value);
void json_push_real(struct json *list, double value);
void json_push_text(struct json *list, const char *value);

enum json_style {
    JSON_LINE,     /* one line, ", " and ": " between, as Python's json.dumps */
    JSON_INDENTED, /* two blanks a level, keys as put, newline at the end */
    JSON_SORTED    /* the same with sorted keys */
};

/* Reals are written by json_write_real(). */
void json_write(struct buf *to, const struct json *v, enum json_style style);

/* json_write() to a file that appears only when whole. */
int json_save(const struct json *v, const char *path, enum json_style style, struct err *err);

/* A JSON string with its quotes, for writers of single lines: UTF-8 as it is, the rest escaped. Each
 * byte of what is no UTF-8 becomes U+FFFD, so that it is JSON whatever the text. */
void json_write_text(struct buf *to, const char *text, size_t len);

/* A finite number as repr() of Python has it: the fewest digits that read back to the same double,
 * with a decimal point or an exponent. */
void json_write_real(struct buf *to, double value);

#endif

/* json_view.h -- JSON to be read once: a flat list of values and one block of text, instead of a block
 * of memory for everything, as json.h has it.
 *
 *   {"a": [1, "x"], "b": 2}
 *   map span 7 | "a" | list span 3 | 1 | "x" | "b" | 2       each value is followed by what it holds
 *
 * Takes what json_parse() takes and refuses what it refuses, with its message. */
#ifndef BASE_JSON_VIEW_H
#define BASE_JSON_VIEW_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"

enum { JSON_VIEW_MAX = 1 << 30 }; /* bytes */

struct json_node {
    enum json_kind kind;
    uint32_t span;  /* nodes from this one to the next one beside it */
    uint32_t count; /* items or members; bytes of a text */
    union {
        int64_t value;    /* of an integer, or 1 for true */
        const char *text; /* (count), then a zero byte; lives in the view */
    };
};

/* All-zero is empty. */
struct json_view {
    struct json_node *nodes; /* (n_nodes), the first is the whole */
    size_t n_nodes, cap;
    char *texts;
};

/* n bytes, which may go afterwards. -1 with err, and nothing to release. */
int json_view_parse(struct json_view *v, const char *json, size_t n, struct err *err);
void json_view_release(struct json_view *v);

/* The value beside this one; for the last of a list or map it is not to be looked at. */
const struct json_node *json_node_next(const struct json_node *node);

/* The value of a member; NULL when there is none. */
const struct json_node *json_node_member(const struct json_node *map, const char *key);

#endif

/* json.c -- jansson's tree behind our names; the writer is ours, for the shortest reals. */
#include "base/json.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/sink.h"

enum { PARSE_FLAGS = JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL };

static json_t *inside(const struct json *v)
{
    return (json_t *)(uintptr_t)v;
}

static struct json *outside(json_t *v)
{
    return (struct json *)v;
}

struct json *json_parse(const char *text, size_t len, struct err *err)
{
    const size_t mark = len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0; /* some editors' */
    json_error_t why;
    json_t *v = json_loadb(text + mark, len - mark, PARSE_FLAGS, &why);

    if (!v)
        err_set(err, ERR_FORMAT, "line %d, column %d: %s", why.line, why.column, why.text);
    return outside(v);
}

struct json *json_load(const char *path, size_t max, struct err *err)
{
    struct buf content = {0};
    struct json *v = NULL;

    if (file_read(&content, path, max, err) == 0) {
        v = json_parse(content.data ? content.data : "", content.len, err);
        if (!v)
            err_in(err, "%s", path);
    }
    buf_release(&content);
    return v;
}

void json_release(struct json *root)
{
    json_decref(inside(root));
}

enum json_kind json_kind_of(const struct json *v)
{
    switch (json_typeof(inside(v))) {
    case JSON_OBJECT:
        return JSON_KIND_MAP;
    case JSON_ARRAY:
        return JSON_KIND_LIST;
    case JSON_STRING:
        return JSON_KIND_TEXT;
    case JSON_INTEGER:
        return JSON_KIND_INT;
    case JSON_REAL:
        return JSON_KIND_REAL;
    case JSON_TRUE:
    case JSON_FALSE:
        return JSON_KIND_BOOL;
    case JSON_NULL:
        break;
    }
    return JSON_KIND_NULL;
}

size_t json_count(const struct json *v)
{
    const json_t *j = inside(v);

    return json_is_array(j) ? json_array_size(j) : json_object_size(j);
}

struct json *json_item(const struct json *list, size_t i)
{
    return outside(json_array_get(inside(list), i));
}

struct json *json_member(const struct json *map, const char *key)
{
    return outside(json_object_get(inside(map), key));
}

struct json *json_take(struct json *map, const char *key)
{
    json_t *value = json_incref(json_object_get(inside(map), key));

    if (value)
        json_object_del(inside(map), key);
    return outside(value);
}

int json_each(const struct json *map,
              int (*visit)(void *context, const char *key, const struct json *value), void *context)
{
    const char *key;
    json_t *value;
    int rc;

    json_object_foreach(inside(map), key, value)
    {
        rc = visit(context, key, outside(value));
        if (rc)
            return rc;
    }
    return 0;
}

bool json_bool_or(const struct json *v, bool fallback)
{
    return json_is_boolean(inside(v)) ? json_is_true(inside(v)) : fallback;
}

int64_t json_int_or(const struct json *v, int64_t fallback)
{
    return json_is_integer(inside(v)) ? json_integer_value(inside(v)) : fallback;
}

double json_real_or(const struct json *v, double fallback)
{
    return json_is_number(inside(v)) ? json_number_value(inside(v)) : fallback;
}

const char *json_text_or(const struct json *v, const char *fallback)
{
    return json_is_string(inside(v)) ? json_string_value(inside(v)) : fallback;
}

size_t json_text_len(const struct json *v)
{
    return json_string_length(inside(v));
}

struct json *json_new_map(void)
{
    return outside(json_object());
}

struct json *json_new_list(void)
{
    return outside(json_array());
}

void json_put(struct json *map, const char *key, struct json *value)
{
    json_object_set_new(inside(map), key, inside(value));
}

void json_put_null(struct json *map, const char *key)
{
    json_object_set_new(inside(map), key, json_null());
}

void json_put_bool(struct json *map, const char *key, bool value)
{
    json_object_set_new(inside(map), key, json_boolean(value));
}

void json_put_int(struct json *map, const char *key, int64_t value)
{
    json_object_set_new(inside(map), key, json_integer(value));
}

/* What is not a number has no JSON form: null. */
static json_t *new_real(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

void json_put_real(struct json *map, const char *key, double value)
{
    json_object_set_new(inside(map), key, new_real(value));
}

void json_put_text(struct json *map, const char *key, const char *value)
{
    json_object_set_new(inside(map), key, json_string_nocheck(value));
}

void json_push(struct json *list, struct json *value)
{
    json_array_append_new(inside(list), inside(value));
}

void json_push_int(struct json *list, int64_t value)
{
    json_array_append_new(inside(list), json_integer(value));
}

void json_push_real(struct json *list, double value)
{
    json_array_append_new(inside(list), new_real(value));
}

void json_push_text(struct json *list, const char *value)
{
    json_array_append_new(inside(list), json_string_nocheck(value));
}

/* Bytes of the code point at text; 0 when it is not valid UTF-8 (RFC 3629). */
static size_t utf8_length(const char *text, size_t len)
{
    const unsigned char *b = (const unsigned char *)text;
    const size_t n = b[0] < 0xc2 ? 0 : b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : b[0] < 0xf5 ? 4 : 0;
    const unsigned char low = b[0] == 0xe0 ? 0xa0 : b[0] == 0xf0 ? 0x90 : 0x80;
    const unsigned char high = b[0] == 0xed ? 0x9f : b[0] == 0xf4 ? 0x8f : 0xbf;

    if (n == 0 || n > len || b[1] < low || b[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++)
        if ((b[i] & 0xc0) != 0x80)
            return 0;
    return n;
}

void json_write_text(struct buf *to, const char *text, size_t len)
{
    size_t n;

    buf_put_byte(to, '"');
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)text[i];

        if (c == '"' || c == '\\')
            buf_printf(to, "\\%c", c);
        else if (c == '\n')
            buf_put_text(to, "\\n");
        else if (c == '\t')
            buf_put_text(to, "\\t");
        else if (c == '\r')
            buf_put_text(to, "\\r");
        else if (c < 0x20)
            buf_printf(to, "\\u%04x", c);
        else if (c < 0x80)
            buf_put_byte(to, (char)c);
        else if ((n = utf8_length(text + i, len - i)) > 0) {
            buf_put(to, text + i, n);
            i += n - 1;
        } else {
            buf_put_text(to, "\xef\xbf\xbd");
        }
    }
    buf_put_byte(to, '"');
}

/* Where repr() goes over to an exponent: values of 1e16 and more, or below 1e-4. */
enum { REAL_SIZE = 40, MAX_POINT = 16, MIN_POINT = -3 };

/* The shortest digits "d.ddde+xx" that read back. What 15 digits can hold has no shorter form than
 * these without their zeros at the end. */
static void shortest(char text[REAL_SIZE], double value)
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, REAL_SIZE, "%.*e", digits - 1, value);
        if (strtod(text, NULL) == value)
            return;
    }
}

static void put_zeros(struct buf *to, int n)
{
    for (int i = 0; i < n; i++)
        buf_put_byte(to, '0');
}

void json_write_real(struct buf *to, double value)
{
    char text[REAL_SIZE];
    char digits[REAL_SIZE];
    const char *at = text;
    char *exponent;
    int n = 0;
    int point; /* digits in front of the decimal point */

    shortest(text, value);
    if (*at == '-')
        buf_put_byte(to, *at++);
    exponent = strchr(text, 'e');
    point = 1 + (int)strtol(exponent + 1, NULL, 10);
    digits[n++] = *at++;
    for (; at < exponent; at++)
        if (*at != '.')
            digits[n++] = *at;
    while (n > 1 && digits[n - 1] == '0')
        n--;
    if (point > MAX_POINT || point < MIN_POINT) {
        buf_put_byte(to, digits[0]);
        if (n > 1)
            buf_put_byte(to, '.');
        buf_put(to, digits + 1, (size_t)n - 1);
        buf_printf(to, "e%+03d", point - 1);
    } else if (point <= 0) {
        buf_put_text(to, "0.");
        put_zeros(to, -point);
        buf_put(to, digits, (size_t)n);
    } else if (n <= point) {
        buf_put(to, digits, (size_t)n);
        put_zeros(to, point - n);
        buf_put_text(to, ".0");
    } else {
        buf_put(to, digits, (size_t)point);
        buf_put_byte(to, '.');
        buf_put(to, digits + point, (size_t)(n - point));
    }
}

static void write_break(struct buf *to, enum json_style style, int depth)
{
    if (style == JSON_LINE)
        return;
    buf_put_byte(to, '\n');
    for (int i = 0; i < depth; i++)
        buf_put_text(to, "  ");
}

static void write_value(struct buf *to, const json_t *v, enum json_style style, int depth);

static int compare_keys(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void write_map(struct buf *to, json_t *map, enum json_style style, int depth)
{
    const size_t n = json_object_size(map);
    const char **keys = mem_array(n, sizeof *keys);
    const char *key;
    json_t *value;
    size_t i = 0;

    json_object_foreach(map, key, value)
    {
        keys[i++] = key;
    }
    if (style == JSON_SORTED)
        qsort(keys, n, sizeof *keys, compare_keys);
    buf_put_byte(to, '{');
    for (i = 0; i < n; i++) {
        if (i)
            buf_put_text(to, style == JSON_LINE ? ", " : ",");
        write_break(to, style, depth + 1);
        json_write_text(to, keys[i], strlen(keys[i]));
        buf_put_text(to, ": ");
        write_value(to, json_object_get(map, keys[i]), style, depth + 1);
    }
    if (n)
        write_break(to, style, depth);
    buf_put_byte(to, '}');
    free(keys);
}

static void write_list(struct buf *to, const json_t *list, enum json_style style, int depth)
{
    const size_t n = json_array_size(list);

    buf_put_byte(to, '[');
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_put_text(to, style == JSON_LINE ? ", " : ",");
        write_break(to, style, depth + 1);
        write_value(to, json_array_get(list, i), style, depth + 1);
    }
    if (n)
        write_break(to, style, depth);
    buf_put_byte(to, ']');
}

static void write_value(struct buf *to, const json_t *v, enum json_style style, int depth)
{
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        write_map(to, (json_t *)(uintptr_t)v, style, depth);
        break;
    case JSON_ARRAY:
        write_list(to, v, style, depth);
        break;
    case JSON_STRING:
        json_write_text(to, json_string_value(v), json_string_length(v));
        break;
    case JSON_INTEGER:
        buf_printf(to, "%lld", (long long)json_integer_value(v));
        break;
    case JSON_REAL:
        json_write_real(to, json_real_value(v));
        break;
    case JSON_TRUE:
        buf_put_text(to, "true");
        break;
    case JSON_FALSE:
        buf_put_text(to, "false");
        break;
    case JSON_NULL:
        buf_put_text(to, "null");
        break;
    }
}

void json_write(struct buf *to, const struct json *v, enum json_style style)
{
    write_value(to, inside(v), style, 0);
    if (style != JSON_LINE)
        buf_put_byte(to, '\n');
}

int json_save(const struct json *v, const char *path, enum json_style style, struct err *err)
{
    struct buf text = {0};
    struct sink to = {0};
    int rc = -1;

    json_write(&text, v, style);
    if (sink_open(&to, path, err) < 0)
        goto out;
    if (sink_write(&to, text.data, text.len, err) < 0)
        goto out;
    rc = sink_commit(&to, err);
out:
    sink_close(&to);
    buf_release(&text);
    return rc;
}

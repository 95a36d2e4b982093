/* list_mark.c -- marks of lists, and which comes after which. */
#include "text/list_mark.h"

#include <string.h>

static unsigned roman_value(const char *text, size_t len)
{
    static const char *const numbers[] = {"i",  "ii", "iii", "iv",  "v",    "vi",  "vii", "viii",
                                          "ix", "x",  "xi",  "xii", "xiii", "xiv", "xv"};

    for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (strlen(numbers[i]) == len && memcmp(numbers[i], text, len) == 0)
            return i + 1;
    }
    return 0;
}

struct list_mark list_mark_read(const char *t, size_t n, size_t at, const struct list_mark *after)
{
    struct list_mark m = {0};
    size_t i = at, from, len = 0;

    if (i < n && t[i] == '(')
        m.before = t[i++];
    from = i;
    while (i < n && i - from < 5 &&
           ((t[i] >= '0' && t[i] <= '9') || (t[i] >= 'a' && t[i] <= 'z') ||
            (t[i] >= 'A' && t[i] <= 'Z')))
        i++;
    len = i - from;
    if (len == 0 || len > 4 || i >= n || (t[i] != '.' && t[i] != ')'))
        return (struct list_mark){0};
    m.after = t[i++];
    if (m.after == '.' && i < n && t[i] == ')') {
        m.after = ':';
        i++;
    }
    if ((m.before && m.after != ')') || (i < n && t[i] != ' '))
        return (struct list_mark){0};
    m.len = i - at;
    if (t[from] >= '0' && t[from] <= '9') {
        for (size_t k = from; k < from + len; k++) {
            if (t[k] < '0' || t[k] > '9')
                return (struct list_mark){0};
            m.value = m.value * 10 + (unsigned)(t[k] - '0');
        }
        m.kind = len <= 3 ? LIST_MARK_DIGITS : LIST_MARK_NONE;
        return m;
    }
    m.value = roman_value(t + from, len);
    if (m.value &&
        (len > 1 || !after || (after->kind == LIST_MARK_ROMANS && m.value == after->value + 1)) &&
        !(after && after->kind == LIST_MARK_LETTERS)) {
        m.kind = LIST_MARK_ROMANS;
        return m;
    }
    if (len == 1) {
        m.kind = LIST_MARK_LETTERS;
        m.value = (unsigned char)t[from];
        return m;
    }
    return (struct list_mark){0};
}

bool list_mark_follows(const struct list_mark *m, const struct list_mark *before)
{
    return m->kind == before->kind && m->value == before->value + 1 &&
           m->before == before->before && m->after == before->after;
}

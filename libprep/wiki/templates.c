/* templates.c -- {{...}} -> its words.
 *
 * The table (template_table.h) is indexed once: whole names sorted, names with a '*' in their order
 * and by their first byte. */
#include "wiki/templates.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "wiki/template_places.h"
#include "wiki/template_table.h"

enum { NAME_MAX_LEN = 120 };

struct name {
    const char *text; /* in a row's list of names */
    uint32_t len;
    const struct template_row *row;
};

struct templates {
    struct name *names; /* (n_names) sorted, whole names */
    size_t n_names;
    struct name *patterns; /* (n_patterns) names with a '*', in the order of the table */
    size_t n_patterns;
    struct name *functions; /* (n_functions) sorted */
    size_t n_functions;
};

static int compare_names(const void *a, const void *b)
{
    const struct name *x = a, *y = b;
    const int order = memcmp(x->text, y->text, x->len < y->len ? x->len : y->len);

    return order ? order : (x->len > y->len) - (x->len < y->len);
}

static void add_name(struct name **list, size_t *n, const char *text, size_t len,
                     const struct template_row *row)
{
    *list = mem_resize(*list, *n + 1, sizeof **list);
    (*list)[(*n)++] = (struct name){.text = text, .len = (uint32_t)len, .row = row};
}

/* Equal names in the order of the table. */
static int compare_entries(const void *a, const void *b)
{
    const struct name *x = a, *y = b;
    const int order = compare_names(a, b);

    return order ? order : (x->row > y->row) - (x->row < y->row);
}

/* Sorts, and of equal names keeps the one that stands first in the table. */
static void sort_names(struct name *list, size_t *n)
{
    size_t kept = 0;

    qsort(list, *n, sizeof *list, compare_entries);
    for (size_t i = 0; i < *n; i++) {
        if (!kept || compare_names(&list[kept - 1], &list[i]) != 0)
            list[kept++] = list[i];
    }
    *n = kept;
}

static void index_row(struct templates *t, const struct template_row *row, bool function)
{
    for (const char *p = row->names; *p;) {
        const char *bar = strchr(p, '|');
        const size_t len = bar ? (size_t)(bar - p) : strlen(p);
        if (function)
            add_name(&t->functions, &t->n_functions, p, len, row);
        else if (len > 1 && memchr(p, '*', len))
            add_name(&t->patterns, &t->n_patterns, p, len, row);
        else
            add_name(&t->names, &t->n_names, p, len, row);
        p += bar ? len + 1 : len;
    }
}

struct templates *templates_open(void)
{
    struct templates *t = mem_alloc(sizeof *t);

    for (const struct template_row *row = template_functions; row->names; row++)
        index_row(t, row, true);
    for (const struct template_row *row = template_rows; row->names; row++)
        index_row(t, row, false);
    sort_names(t->names, &t->n_names);
    sort_names(t->functions, &t->n_functions);
    return t;
}

void templates_close(struct templates *t)
{
    if (!t)
        return;
    free(t->names);
    free(t->patterns);
    free(t->functions);
    free(t);
}

static const struct template_row *find_name(const struct name *list, size_t n, const char *text,
                                            size_t len)
{
    const struct name key = {.text = text, .len = (uint32_t)len};
    const struct name *found = n ? bsearch(&key, list, n, sizeof *list, compare_names) : NULL;

    return found ? found->row : NULL;
}

/* Whether a name fits "prefix*", "*suffix" or "prefix*suffix". */
static bool fits(const struct name *pattern, const char *text, size_t len)
{
    const char *star = memchr(pattern->text, '*', pattern->len);
    const size_t before = (size_t)(star - pattern->text);
    const size_t after = pattern->len - before - 1;

    return len >= before + after && memcmp(text, pattern->text, before) == 0 &&
           memcmp(text + len - after, star + 1, after) == 0;
}

static const struct template_row *find_row(const struct templates *t, const char *text, size_t len)
{
    const struct template_row *row = find_name(t->names, t->n_names, text, len);

    for (size_t i = 0; !row && i < t->n_patterns; i++) {
        if (fits(&t->patterns[i], text, len))
            row = t->patterns[i].row;
    }
    return row;
}

/* Puts the value that "$1" or "${a|b}" at pattern stands for; returns the byte after it. */
static const char *put_variable(struct buf *to, bool *empty, const char *pattern,
                                const struct template_call *call)
{
    char name[32];
    const char *value = "";
    size_t len = 0;

    pattern++;
    if (*pattern != '{') {
        name[0] = *pattern;
        name[1] = 0;
        value = template_value(&len, call, name);
        pattern++;
    } else {
        for (pattern++; *pattern != '}'; pattern += *pattern == '|') {
            size_t n = 0;
            for (; *pattern != '|' && *pattern != '}' && n + 1 < sizeof name; pattern++)
                name[n++] = *pattern;
            name[n] = 0;
            if (!len && n)
                value = template_value(&len, call, name);
        }
        pattern++;
    }
    buf_put(to, value, len);
    *empty = *empty || len == 0;
    return pattern;
}

static void put_pattern(struct buf *to, const char *pattern, const struct template_call *call)
{
    size_t group = 0; /* where the output of an optional group starts */
    bool empty = false;

    while (*pattern) {
        if (*pattern == '[') {
            group = to->len;
            empty = false;
            pattern++;
        } else if (*pattern == ']') {
            if (empty)
                to->len = group;
            pattern++;
        } else if (*pattern == '$' && strchr("$()", pattern[1])) {
            buf_put_byte(to, pattern[1] == '(' ? '[' : pattern[1] == ')' ? ']' : '$');
            pattern += 2;
        } else if (*pattern == '$') {
            pattern = put_variable(to, &empty, pattern, call);
        } else {
            buf_put_byte(to, *pattern++);
        }
    }
}

static enum template_result render_row(struct buf *to, const struct template_row *row,
                                       const struct template_call *call)
{
    if (row->render)
        return row->render(to, call, row->pattern) ? TEMPLATE_RENDERED : TEMPLATE_DROPPED;
    if (!row->pattern[0])
        return TEMPLATE_DROPPED;
    put_pattern(to, row->pattern, call);
    return TEMPLATE_RENDERED;
}

/* {{name:first|...}}: NULL when name is no parser function, else its row; the call then has `first`
 * as its first argument. */
static const struct template_row *find_function(const struct templates *t,
                                                struct template_call *call, char *folded)
{
    const char *colon = memchr(call->name, ':', call->name_len);
    const struct template_row *row;
    struct template_arg *first;
    size_t len;

    if (!colon || (size_t)(colon - call->name) > NAME_MAX_LEN / 2)
        return NULL;
    len = site_fold(folded, NAME_MAX_LEN, call->name, (size_t)(colon - call->name));
    row = find_name(t->functions, t->n_functions, folded, len);
    if (!row)
        return NULL;
    first = --call->args;
    call->n_args++;
    *first = (struct template_arg){.value = colon + 1,
                                   .len = call->name_len - (size_t)(colon + 1 - call->name)};
    while (first->len && (first->value[0] == ' ' || first->value[0] == '\n')) {
        first->value++;
        first->len--;
    }
    return row;
}

/* {{20e}}, {{1re}}: an ordinal number in French or a number of its own, shown as it is. */
static bool is_own_name(const char *name, size_t n)
{
    static const char endings[] = " e re er nd nde ème ° th st rd ";
    const size_t digits = n < 6 ? strspn(name, "0123456789") : 0;
    char padded[12] = " ";

    if (!digits || digits == n || n - digits > 5)
        return false;
    memcpy(padded + 1, name + digits, n - digits);
    memcpy(padded + 1 + n - digits, " ", 2);
    return strstr(endings, padded) != NULL;
}

enum template_result templates_render(struct buf *to, struct template_call *call)
{
    const struct templates *t = call->page->templates;
    const size_t before = to->len;
    char folded[NAME_MAX_LEN + 4];
    const struct template_row *row = find_function(t, call, folded);
    size_t len, prefix;

    if (row)
        return render_row(to, row, call);
    if (site_namespace_of(call->page->site, call->name, call->name_len, &prefix) == SITE_TEMPLATE) {
        call->name += prefix;
        call->name_len -= prefix;
    }
    if (call->name_len > NAME_MAX_LEN)
        return TEMPLATE_UNKNOWN;
    if (!call->n_args && places_country(to, call)) /* before {{esp}}, which is no {{ESP}} */
        return to->len > before ? TEMPLATE_RENDERED : TEMPLATE_DROPPED;
    len = site_fold(folded, NAME_MAX_LEN, call->name, call->name_len);
    row = len ? find_row(t, folded, len) : NULL;
    if (!row && is_own_name(folded, len)) {
        buf_put(to, folded, len);
        return TEMPLATE_RENDERED;
    }
    if (!row && places_country(to, call))
        return to->len > before ? TEMPLATE_RENDERED : TEMPLATE_DROPPED;
    if (!row)
        return len ? TEMPLATE_UNKNOWN : TEMPLATE_DROPPED;
    call->written = call->name;
    call->written_len = call->name_len;
    call->name = folded;
    call->name_len = len;
    return render_row(to, row, call);
}

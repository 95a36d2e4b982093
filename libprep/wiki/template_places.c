/* template_places.c -- flags and codes of countries. */
#include "wiki/template_places.h"

#include <string.h>

#include "wiki/context.h"
#include "wiki/countries.h"

static bool holds(const char *text, size_t n, const char *word, size_t len)
{
    for (size_t i = 0; len && i + len <= n; i++) {
        if (text[i] == word[0] && memcmp(text + i, word, len) == 0)
            return true;
    }
    return false;
}

/* The name of the first argument: of the country when it is a code or a name of one, else the
 * argument itself. */
static const char *name_of(size_t *len, const struct template_call *call)
{
    const char *language = call->page->site->language;
    size_t n;
    const char *text = template_value(&n, call, "name"), *name;

    if (!n)
        text = template_positional(&n, call, 1);
    name = countries_of_code(len, text, n, language);
    if (!name)
        name = countries_of_name(len, text, n, language);
    if (!name) {
        *len = n;
        name = text;
    }
    return name;
}

bool template_flag(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t len;
    const char *name = name_of(&len, call);

    (void)parameter;
    buf_put(to, name, len);
    return len > 0;
}

bool template_flag_icon(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t len;
    const char *name = name_of(&len, call);

    (void)parameter;
    if (!len || memchr(name, '.', len) || holds(call->after, call->n_after, name, len) ||
        holds(call->before, call->n_before, name, len))
        return false;
    buf_put(to, name, len);
    return true;
}

/* Wikis that name the templates of flags by the country in their language: {{Франция}}. */
static bool has_flags_by_name(const char *language)
{
    return language && (strcmp(language, "ru") == 0 || strcmp(language, "fr") == 0);
}

bool places_country(struct buf *to, const struct template_call *call)
{
    const char *language = call->page->site->language;
    size_t len, n_place;
    const char *name = countries_of_code(&len, call->name, call->name_len, language);
    const char *place = template_value(&n_place, call, "Ziel");

    if (!name && has_flags_by_name(language))
        name = countries_of_name(&len, call->name, call->name_len, language);
    if (name && n_place)
        buf_put(to, place, n_place);
    else if (name && !call->n_args) /* {{FRA|#}} is the flag alone */
        buf_put(to, name, len);
    return name != NULL;
}

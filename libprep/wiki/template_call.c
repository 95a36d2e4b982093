/* template_call.c -- the arguments of a call by name and by number. */
#include "wiki/template_call.h"

#include <stdlib.h>
#include <string.h>

const char *template_positional(size_t *len, const struct template_call *call, size_t k)
{
    size_t seen = 0;
    char name[24];
    size_t n_name = 0;

    for (size_t v = k; v; v /= 10)
        n_name++;
    for (size_t v = k, i = n_name; i; v /= 10)
        name[--i] = (char)('0' + v % 10);
    *len = 0;
    for (size_t i = 0; i < call->n_args; i++) {
        const struct template_arg *a = &call->args[i];
        if (a->name ? a->name_len == n_name && memcmp(a->name, name, n_name) == 0 : ++seen == k) {
            *len = a->len;
            return a->value;
        }
    }
    return "";
}

const char *template_value(size_t *len, const struct template_call *call, const char *name)
{
    const size_t n_name = strlen(name);

    if (name[0] >= '1' && name[0] <= '9')
        return template_positional(len, call, (size_t)atoi(name));
    *len = 0;
    for (size_t i = 0; i < call->n_args; i++) {
        const struct template_arg *a = &call->args[i];
        if (a->name && a->name_len == n_name && memcmp(a->name, name, n_name) == 0) {
            *len = a->len;
            return a->value;
        }
    }
    return "";
}

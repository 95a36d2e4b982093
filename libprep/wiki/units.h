/* units.h -- units of measurement: their names, symbols and sizes. */
#ifndef WIKI_UNITS_H
#define WIKI_UNITS_H

#include <stdbool.h>
#include <stddef.h>

struct unit {
    const char *codes;  /* how templates name it, ' ' between; "\1" stands for a blank in a code */
    const char *symbol; /* "km2" */
    const char *one, *many; /* in words, British; NULL: only the symbol is used */
    char kind;              /* only units of one kind convert */
    double scale;           /* in the base unit of its kind */
    double offset;          /* value * scale + offset = base: temperatures */
    const char *other;      /* code of the unit into which it converts by default; "" = none */
};

/* NULL when the code is not known. */
const struct unit *units_find(const char *code, size_t n);

double units_convert(double value, const struct unit *from, const struct unit *to);

/* Whether the unit is one of temperature: degrees round otherwise than lengths. */
bool units_is_temperature(const struct unit *u);

#endif

/* template_convert.c -- {{convert|...}}.
 *
 * The number of digits of a result follows from those of the number that was given: as many places
 * as the unit's size takes away, and at least two significant ones (the rule of Module:Convert). */
#include "wiki/template_convert.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wiki/units.h"

enum { MAX_VALUES = 8, MAX_RESULTS = 3, MAX_PLACES = 12 };

/* Words of a range: {{convert|5|to|10|km}}. */
struct range {
    const char *code, *shown, *adjective;
    const char *result; /* in the brackets */
};

/* clang-format off */
static const struct range ranges[] = {
    {"-", "–", "–", "–"}, {"–", "–", "–", "–"}, {"to", " to ", "-to-", " to "}, {"to(-)", " to ", "-to-", "–"},
    {"and", " and ", "-and-", " and "}, {"or", " or ", "-or-", " or "}, {"by", " by ", "-by-", " by "},
    {"x", " by ", "-by-", " × "}, {"×", " × ", "×", " × "}, {"xx", " × ", "×", " × "}, {"*", " × ", "×", " × "},
    {"+/-", " ± ", "±", " ± "}, {"±", " ± ", "±", " ± "}, {"and(-)", " and ", "-and-", "–"}, {",", ", ", ", ", ", "},
    {"to about", " to about ", " to about ", " to about "}, {"- to", " to ", "-to-", " to "}
};
/* clang-format on */
enum { N_RANGES = sizeof ranges / sizeof ranges[0] };

struct number {
    const char *text;
    size_t len;
    double value;
    int places; /* after the point; negative for zeros at the end */
    bool known; /* it is a number */
};

struct quantity {
    struct number values[MAX_VALUES];
    const struct range *between[MAX_VALUES]; /* after each value */
    size_t n_values;
    const struct unit *unit;
    const char *code; /* of the unit, as written */
    size_t n_code;
    struct number minor; /* the inches of feet, the pounds of stone */
    const struct unit *minor_unit;
};

struct style {
    bool symbols_in, symbols_out;
    bool adjective; /* "5-mile" */
    bool american;
    bool flip;
    bool result_only;
    const char *open, *close; /* around the result */
    const char *middle;       /* "-long" after the unit */
    size_t n_middle;
    int places; /* -99 = by the rule */
    int digits; /* significant ones, 0 = by the rule */
    int step;   /* round to multiples, 0 = not */
};

static bool same(const char *text, size_t len, const char *word)
{
    return strlen(word) == len && memcmp(text, word, len) == 0;
}

static const struct range *find_range(const char *text, size_t len)
{
    for (size_t i = 0; i < N_RANGES; i++) {
        if (same(text, len, ranges[i].code))
            return &ranges[i];
    }
    return NULL;
}

static bool option_is(const struct template_call *call, const char *name, const char *value)
{
    size_t len;
    const char *text = template_value(&len, call, name);

    return same(text, len, value);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "1,234.5", "-3", "2+3/4", "7/8" */
static struct number read_number(const char *text, size_t len)
{
    struct number n = {.text = text, .len = len};
    double sign = 1, whole = 0, part = 0, unit = 1;
    size_t at = 0, zeros = 0, digits = 0;
    bool point = false;

    if (at < len && text[at] == '-') {
        sign = -1;
        at++;
    } else if (len - at > 3 && memcmp(text + at, "\xe2\x88\x92", 3) == 0) {
        sign = -1;
        at += 3;
    }
    for (; at < len && (is_digit(text[at]) || text[at] == ',' || (text[at] == '.' && !point));
         at++) {
        if (text[at] == '.')
            point = true;
        if (!is_digit(text[at]))
            continue;
        digits++;
        zeros = text[at] == '0' ? zeros + 1 : 0;
        whole = whole * 10 + (text[at] - '0');
        unit *= point ? 10 : 1;
        n.places += point;
    }
    whole /= unit;
    if (!point)
        n.places = -(int)zeros;
    if (digits && at < len && (text[at] == '+' || text[at] == '/' || text[at] == ' ')) {
        char *end, copy[32];
        const bool mixed = text[at] != '/';
        const size_t from = mixed ? at + 1 : 0;
        double above, below;
        if (len - from >= sizeof copy)
            return n;
        memcpy(copy, text + from, len - from);
        copy[len - from] = 0;
        above = strtod(copy, &end);
        while (*end == '/')
            end++;
        below = strtod(end, &end);
        if (*end || below <= 0)
            return n;
        part = above / below;
        whole = mixed ? whole : 0;
        n.places = below >= 10 ? 2 : 1;
        at = len;
    }
    n.known = digits > 0 && at == len;
    n.value = sign * (whole + part);
    return n;
}

/* The number as written, with separators, "3 1/4" and a true minus. */
static void put_given(struct buf *to, const struct number *n)
{
    size_t digits = 0, at = 0;

    if (n->len > 1 && n->text[0] == '-') {
        buf_put_text(to, "−");
        at = 1;
    }
    while (at + digits < n->len && is_digit(n->text[at + digits]))
        digits++;
    for (size_t i = 0; i < digits; i++) {
        buf_put_byte(to, n->text[at + i]);
        if ((digits - i) % 3 == 1 && i + 1 < digits && digits > 3)
            buf_put_byte(to, ',');
    }
    for (at += digits; at < n->len; at++) {
        if (n->text[at] == '+')
            buf_put_byte(to, ' ');
        else if (n->text[at] != '/' || n->text[at - 1] != '/')
            buf_put_byte(to, n->text[at]);
    }
}

/* A computed number with so many places; negative ones round to tens and more. */
static void put_computed(struct buf *to, double value, int places)
{
    char digits[64];
    const double unit = pow(10, places);
    double rounded = places < 0 ? round(value * unit) / unit : value;
    size_t whole;

    if (!(fabs(rounded) < 1e15)) {
        buf_printf(to, "%.3g", rounded);
        return;
    }
    snprintf(digits, sizeof digits, "%.*f", places > 0 ? places : 0, fabs(rounded));
    if (rounded < 0 && strspn(digits, "0.") != strlen(digits))
        buf_put_text(to, "−");
    whole = strspn(digits, "0123456789");
    for (size_t i = 0; i < whole; i++) {
        buf_put_byte(to, digits[i]);
        if ((whole - i) % 3 == 1 && i + 1 < whole && whole > 3)
            buf_put_byte(to, ',');
    }
    buf_put_text(to, digits + whole);
}

/* How many places the result has. */
static int places_of(const struct number *from, double value, const struct unit *unit,
                     double result, const struct style *style)
{
    const double size = fabs(result);
    double adjust = 0;
    int least, places;

    if (style->places != -99)
        return style->places;
    if (size == 0 || value == 0)
        return 0;
    if (style->digits)
        return style->digits - 1 - (int)floor(log10(size) + 1e-14);
    if (units_is_temperature(unit)) {
        const double kelvin = fabs(value * unit->scale + unit->offset);
        least = kelvin < 1e-8 ? 2 : 2 - (int)floor(log10(kelvin) + 1e-14);
    } else {
        adjust = log10(fabs(value) / size) + log10(2);
        least = 1 - (int)floor(log10(size) + 1e-14);
    }
    places = (int)floor(from->places + adjust);
    places = places > least ? places : least;
    return places < -MAX_PLACES ? -MAX_PLACES : places > MAX_PLACES ? MAX_PLACES : places;
}

/* American spelling: "kilometers", "liters". */
static void put_word(struct buf *to, const char *word, bool american)
{
    const size_t from = to->len;

    buf_put_text(to, word);
    for (size_t i = from; american && i + 3 <= to->len; i++) {
        if (memcmp(to->data + i, "tre", 3) == 0 && i > from && strchr("ei", to->data[i - 1])) {
            to->data[i + 1] = 'e';
            to->data[i + 2] = 'r';
        }
    }
}

static void put_unit(struct buf *to, const struct unit *unit, bool symbol, bool one, bool adjective,
                     bool american)
{
    symbol = symbol || !unit->one;
    if (adjective && !symbol)
        buf_put_byte(to, '-');
    else if (unit->symbol[0] != '/' || !symbol)
        buf_put_byte(to, ' ');
    if (symbol)
        buf_put_text(to, unit->symbol);
    else
        put_word(to, one || adjective ? unit->one : unit->many, american);
}

static void put_quantity(struct buf *to, const struct quantity *q, const struct style *style)
{
    const struct number *last = &q->values[q->n_values - 1];
    const bool one =
        q->n_values == 1 && ((last->known && fabs(last->value) == 1) ||
                             (memchr(last->text, '/', last->len) && fabs(last->value) < 1));

    for (size_t i = 0; i < q->n_values; i++) {
        put_given(to, &q->values[i]);
        if (!q->between[i])
            continue;
        if (strcmp(q->between[i]->code, "x") == 0 && style->symbols_in) {
            put_unit(to, q->unit, true, false, false, false);
            buf_put_text(to, " × ");
        } else {
            buf_put_text(to, style->adjective ? q->between[i]->adjective : q->between[i]->shown);
        }
    }
    put_unit(to, q->unit, style->symbols_in, one, style->adjective, style->american);
    if (q->minor_unit) {
        buf_put_byte(to, style->adjective && !style->symbols_in ? '-' : ' ');
        put_given(to, &q->minor);
        put_unit(to, q->minor_unit, style->symbols_in, q->minor.value == 1, style->adjective,
                 style->american);
    }
    buf_put(to, style->middle, style->n_middle);
}

/* "5 ft 11 in", "11 st 4 lb": to the next whole of the smaller unit. */
static void put_pair(struct buf *to, double value, const char *large, const char *small, int per)
{
    const double total = round(fabs(value) * per);
    const double whole = floor(total / per), rest = total - whole * per;

    if (value < 0)
        buf_put_text(to, "−");
    if (whole > 0) {
        put_computed(to, whole, 0);
        buf_printf(to, " %s", large);
    }
    if (rest > 0 || whole == 0)
        buf_printf(to, "%s%.0f %s", whole > 0 ? " " : "", rest, small);
}

static double value_of(const struct quantity *q, size_t i)
{
    double value = q->values[i].value;

    if (q->minor_unit)
        value += (value < 0 ? -1 : 1) * units_convert(q->minor.value, q->minor_unit, q->unit);
    return value;
}

/* The values of a range have the same number of places, that of the most exact one. */
static int range_places(const struct quantity *q, const struct unit *unit,
                        const struct style *style)
{
    int most = -MAX_PLACES;

    for (size_t i = 0; i < q->n_values; i++) {
        const double value = value_of(q, i), result = units_convert(value, q->unit, unit);
        struct number given = q->values[i];
        int places;
        if (q->minor_unit) /* the small unit tells how exact it is: inches, to the centimetre */
            given.places = q->minor.places > 0 ? q->minor.places : 0;
        if (q->minor_unit && q->unit->kind == 'L' && result != 0)
            given.places += (int)ceil(2 + log10(unit->scale) - log10(fabs(value / result)));
        places = places_of(&given, value, q->unit, result, style);
        most = places > most ? places : most;
    }
    return most;
}

static bool put_result(struct buf *to, const struct quantity *q, const char *code, size_t n_code,
                       const struct style *style)
{
    const bool feet = same(code, n_code, "ftin"), stone = same(code, n_code, "stlb");
    const struct unit *unit = feet    ? units_find("ft", 2)
                              : stone ? units_find("st", 2)
                                      : units_find(code, n_code);
    double result = 0;
    int places;

    if (!unit || unit->kind != q->unit->kind)
        return false;
    places = range_places(q, unit, style);
    for (size_t i = 0; i < q->n_values; i++) {
        const double value = value_of(q, i);
        const struct range *between = i + 1 < q->n_values ? q->between[i] : NULL;
        result = units_convert(value, q->unit, unit);
        if (i > 0 && strncmp(q->between[i - 1]->shown, " ±", 3) == 0)
            result = value * q->unit->scale / unit->scale; /* a tolerance has no zero point */
        if (feet)
            put_pair(to, result, "ft", "in", 12);
        else if (stone)
            put_pair(to, result, "st", "lb", 14);
        else if (style->step)
            put_computed(to, round(result / style->step) * style->step, 0);
        else
            put_computed(to, result, places);
        if (between && strcmp(between->code, "x") == 0 && !feet && !stone)
            put_unit(to, unit, true, false, false, false);
        if (between)
            buf_put_text(to, between->result);
    }
    if (!feet && !stone)
        put_unit(to, unit, style->symbols_out, q->n_values == 1 && fabs(result) == 1, false,
                 style->american);
    return true;
}

/* Results in one or more units: "mi", "mi nmi", "mi+nmi". Returns whether there is one. */
static bool put_results(struct buf *to, const struct quantity *q, const char *codes, size_t n,
                        const struct style *style)
{
    const size_t from = to->len;
    size_t at = 0;

    if (put_result(to, q, codes, n, style)) /* a code may hold a blank: "sq mi" */
        return true;
    for (size_t k = 0; at < n && k < MAX_RESULTS; k++) {
        size_t len = 0, longer;
        const size_t before = to->len;
        while (at + len < n && codes[at + len] != ' ' && codes[at + len] != '+')
            len++;
        for (longer = len + 1; at + longer < n && codes[at + longer] != ' '; longer++)
            continue;
        if (at + longer <= n && units_find(codes + at, longer)) /* "L/100 km mpgus" */
            len = longer;
        if (to->len > from)
            buf_put_text(to, "; ");
        if (!put_result(to, q, codes + at, len, style))
            to->len = before;
        at += len + 1;
    }
    return to->len > from;
}

static void read_style(struct style *style, const struct template_call *call)
{
    const bool short_form = same(call->name, call->name_len, "cvt");
    const bool words = option_is(call, "abbr", "off") || option_is(call, "abbr", "none");
    const bool instead = option_is(call, "disp", "or");
    size_t len;
    const char *text;

    *style = (struct style){.open = " (", .close = ")", .middle = "", .places = -99};
    style->symbols_in = option_is(call, "abbr", "on") || option_is(call, "abbr", "in") ||
                        option_is(call, "abbr", "~") || (short_form && !words);
    style->symbols_out = !words && !option_is(call, "abbr", "in") && !(instead && !short_form);
    style->adjective = option_is(call, "adj", "on") || option_is(call, "adj", "mid") ||
                       option_is(call, "adj", "1");
    style->american = option_is(call, "sp", "us") || option_is(call, "sp", "US");
    style->flip = option_is(call, "order", "flip") || option_is(call, "disp", "flip");
    style->result_only = option_is(call, "disp", "out") || option_is(call, "disp", "output only") ||
                         option_is(call, "disp", "number") ||
                         option_is(call, "disp", "output number only");
    if (instead) {
        style->open = " or ";
        style->close = "";
    } else if (option_is(call, "disp", "sqbr")) {
        style->open = " [";
        style->close = "]";
    } else if (option_is(call, "disp", "comma")) {
        style->open = ", ";
        style->close = "";
    }
    text = template_value(&len, call, "sigfig");
    if (len == 1 && text[0] >= '1' && text[0] <= '9')
        style->digits = text[0] - '0';
    text = template_value(&len, call, "round");
    if (len && len < 4)
        style->step = same(text, len, "5")    ? 5
                      : same(text, len, "10") ? 10
                      : same(text, len, "25") ? 25
                      : same(text, len, "50") ? 50
                                              : 0;
}

/* Values with the words between them, and the unit. Returns the place of the argument after the
 * unit, 0 when this is no quantity. */
static size_t read_quantity(struct quantity *q, const struct template_call *call)
{
    size_t at = 1, len;
    const char *text;

    *q = (struct quantity){0};
    do {
        text = template_positional(&len, call, at++);
        if (!len)
            return 0;
        q->values[q->n_values] = read_number(text, len);
        text = template_positional(&len, call, at);
        q->between[q->n_values] = find_range(text, len);
    } while (q->between[q->n_values++] && at++ && q->n_values < MAX_VALUES);
    q->between[q->n_values - 1] = NULL;
    q->code = template_positional(&q->n_code, call, at++);
    q->unit = units_find(q->code, q->n_code);
    text = template_positional(&len, call, at);
    if (q->n_values == 1 && q->unit && len && is_digit(text[0])) {
        const struct number minor = read_number(text, len);
        const struct unit *unit;
        text = template_positional(&len, call, at + 1);
        unit = units_find(text, len);
        if (unit && minor.known && unit->kind == q->unit->kind && unit->scale < q->unit->scale) {
            q->minor = minor;
            q->minor_unit = unit;
            at += 2;
        }
    }
    return at;
}

/* What follows the unit: units of the results, the number of places, "-long". */
static void read_rest(struct style *style, const char **codes, size_t *n_codes,
                      const struct quantity *q, const struct template_call *call, size_t at)
{
    *codes = q->unit->other;
    *n_codes = strlen(q->unit->other);
    for (size_t k = 0; k < 3; k++, at++) {
        size_t len;
        const char *text = template_positional(&len, call, at);
        const struct number n = read_number(text, len);
        if (len && n.known && n.value > -9 && n.value < 9)
            style->places = (int)n.value;
        else if (len && option_is(call, "adj", "mid") && k > 0)
            style->middle = text, style->n_middle = len;
        else if (len && k == 0)
            *codes = text, *n_codes = len;
    }
}

bool template_convert(struct buf *to, const struct template_call *call, const char *parameter)
{
    struct quantity q;
    struct style style;
    struct buf result = {0};
    const char *codes;
    size_t n_codes;
    const size_t at = read_quantity(&q, call);
    bool known = at > 0;

    (void)parameter;
    if (!at) {
        const char *text = template_positional(&n_codes, call, 1);
        buf_put(to, text, n_codes);
        return n_codes > 0;
    }
    read_style(&style, call);
    if (!q.unit) { /* the number and what was written for the unit */
        const struct unit plain = {.symbol = ""};
        q.unit = &plain;
        put_quantity(to, &q, &style);
        buf_put(to, q.code, q.n_code);
        return true;
    }
    for (size_t i = 0; i < q.n_values; i++)
        known = known && q.values[i].known;
    read_rest(&style, &codes, &n_codes, &q, call, at);
    known = known && put_results(&result, &q, codes, n_codes, &style);
    if (known && (style.result_only || style.flip))
        buf_put(to, result.data, result.len);
    else
        put_quantity(to, &q, &style);
    if (known && !style.result_only) {
        buf_put_text(to, style.open);
        if (style.flip) {
            style.adjective = false;
            style.symbols_in = true;
            put_quantity(to, &q, &style);
        } else {
            buf_put(to, result.data, result.len);
        }
        buf_put_text(to, style.close);
    }
    buf_release(&result);
    return true;
}

bool template_density(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t len[5];
    const char *text[5];
    struct buf figure = {0}, codes = {0};
    struct template_arg args[3];
    struct template_call convert = {.name = "cvt", .name_len = 3, .args = args, .page = call->page};
    double people, area;
    int places;

    for (size_t i = 1; i < 5; i++)
        text[i] = template_positional(&len[i], call, i);
    text[0] = template_value(&len[0], call, "prec");
    people = read_number(text[1], len[1]).value;
    area = read_number(text[2], len[2]).value;
    if (area <= 0 || !len[3])
        return false;
    places = len[0] ? (int)read_number(text[0], len[0]).value : people / area < 10;
    put_computed(&figure, people / area, places < 0 ? 0 : places > 3 ? 3 : places);
    buf_printf(&codes, "/%.*s/%.*s", (int)len[3], text[3], (int)len[4], text[4]);
    args[0] = (struct template_arg){.value = figure.data, .len = figure.len};
    args[1] = (struct template_arg){.value = codes.data, .len = len[3] + 1};
    args[2] = (struct template_arg){.value = codes.data + len[3] + 1, .len = len[4] + 1};
    convert.n_args = len[4] ? 3 : 2;
    template_convert(to, &convert, parameter);
    buf_release(&figure);
    buf_release(&codes);
    return true;
}

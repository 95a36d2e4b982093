/* template_units.c -- numbers with their units. */
#include "wiki/template_units.h"

#include <string.h>

struct unit {
    const char *code;
    const char *one, *many; /* NULL: the code is all there is */
    const char *symbol;     /* NULL: the code */
};

/* clang-format off */
static const struct unit units[] = {
    {"km", "kilometre", "kilometres", NULL}, {"m", "metre", "metres", NULL},
    {"cm", "centimetre", "centimetres", NULL}, {"mm", "millimetre", "millimetres", NULL},
    {"um", "micrometre", "micrometres", "μm"}, {"nm", "nanometre", "nanometres", NULL},
    {"mi", "mile", "miles", NULL}, {"ft", "foot", "feet", NULL}, {"foot", "foot", "feet", "ft"},
    {"in", "inch", "inches", NULL}, {"yd", "yard", "yards", NULL},
    {"nmi", "nautical mile", "nautical miles", NULL}, {"fathom", "fathom", "fathoms", NULL},
    {"furlong", "furlong", "furlongs", NULL}, {"ly", "light-year", "light-years", NULL},
    {"AU", "astronomical unit", "astronomical units", "au"}, {"pc", "parsec", "parsecs", NULL},
    {"m2", "square metre", "square metres", "m2"}, {"sqm", "square metre", "square metres", "m2"},
    {"km2", "square kilometre", "square kilometres", "km2"}, {"cm2", "square centimetre", "square centimetres", "cm2"},
    {"sqkm", "square kilometre", "square kilometres", "km2"}, {"sqmi", "square mile", "square miles", "sq mi"},
    {"mi2", "square mile", "square miles", "sq mi"}, {"sqft", "square foot", "square feet", "sq ft"},
    {"ft2", "square foot", "square feet", "sq ft"}, {"sqyd", "square yard", "square yards", "sq yd"},
    {"sqin", "square inch", "square inches", "sq in"}, {"ha", "hectare", "hectares", NULL},
    {"acre", "acre", "acres", NULL}, {"acres", "acre", "acres", "acres"},
    {"m3", "cubic metre", "cubic metres", "m3"}, {"km3", "cubic kilometre", "cubic kilometres", "km3"},
    {"cm3", "cubic centimetre", "cubic centimetres", "cm3"}, {"cuft", "cubic foot", "cubic feet", "cu ft"},
    {"cumi", "cubic mile", "cubic miles", "cu mi"}, {"cuin", "cubic inch", "cubic inches", "cu in"},
    {"cuyd", "cubic yard", "cubic yards", "cu yd"}, {"cc", "cubic centimetre", "cubic centimetres", "cc"},
    {"L", "litre", "litres", NULL}, {"l", "litre", "litres", NULL}, {"ml", "millilitre", "millilitres", NULL},
    {"mL", "millilitre", "millilitres", NULL}, {"USgal", "US gallon", "US gallons", "US gal"},
    {"impgal", "imperial gallon", "imperial gallons", "imp gal"}, {"usgal", "US gallon", "US gallons", "US gal"},
    {"oilbbl", "barrel", "barrels", "bbl"}, {"pint", "pint", "pints", "pt"},
    {"kg", "kilogram", "kilograms", NULL}, {"g", "gram", "grams", NULL}, {"mg", "milligram", "milligrams", NULL},
    {"t", "tonne", "tonnes", NULL}, {"tonne", "tonne", "tonnes", "t"}, {"MT", "metric ton", "metric tons", "t"},
    {"LT", "long ton", "long tons", "long tons"}, {"ST", "short ton", "short tons", "short tons"},
    {"lb", "pound", "pounds", NULL}, {"lbs", "pound", "pounds", "lb"}, {"oz", "ounce", "ounces", NULL},
    {"st", "stone", "stone", NULL}, {"ozt", "troy ounce", "troy ounces", NULL},
    {"km/h", "kilometre per hour", "kilometres per hour", NULL}, {"kph", "kilometre per hour", "kilometres per hour", "km/h"},
    {"kmh", "kilometre per hour", "kilometres per hour", "km/h"},
    {"mph", "mile per hour", "miles per hour", NULL}, {"m/s", "metre per second", "metres per second", NULL},
    {"km/s", "kilometre per second", "kilometres per second", NULL},
    {"ft/s", "foot per second", "feet per second", NULL}, {"kn", "knot", "knots", NULL}, {"knot", "knot", "knots", "kn"},
    {"C", NULL, NULL, "°C"}, {"F", NULL, NULL, "°F"}, {"K", NULL, NULL, "K"}, {"C-change", NULL, NULL, "°C"}, {"F-change", NULL, NULL, "°F"},
    {"hp", "horsepower", "horsepower", NULL}, {"bhp", "brake horsepower", "brake horsepower", NULL},
    {"shp", "shaft horsepower", "shaft horsepower", NULL}, {"PS", "metric horsepower", "metric horsepower", NULL},
    {"kW", "kilowatt", "kilowatts", NULL}, {"MW", "megawatt", "megawatts", NULL}, {"W", "watt", "watts", NULL},
    {"kWh", "kilowatt-hour", "kilowatt-hours", NULL}, {"J", "joule", "joules", NULL}, {"kJ", "kilojoule", "kilojoules", NULL},
    {"kcal", "kilocalorie", "kilocalories", NULL}, {"Pa", "pascal", "pascals", NULL},
    {"kPa", "kilopascal", "kilopascals", NULL}, {"MPa", "megapascal", "megapascals", NULL},
    {"bar", "bar", "bars", NULL}, {"atm", "standard atmosphere", "standard atmospheres", NULL},
    {"psi", "pound per square inch", "pounds per square inch", NULL}, {"N", "newton", "newtons", NULL},
    {"kN", "kilonewton", "kilonewtons", NULL}, {"Nm", "newton-metre", "newton-metres", "N⋅m"},
    {"/km2", "per square kilometre", "per square kilometre", "/km2"}, {"/sqkm", "per square kilometre", "per square kilometre", "/km2"},
    {"/sqmi", "per square mile", "per square mile", "/sq mi"},
    {"PD/sqkm", "inhabitant per square kilometre", "inhabitants per square kilometre", "/km2"},
    {"m3/s", "cubic metre per second", "cubic metres per second", NULL},
    {"cuft/s", "cubic foot per second", "cubic feet per second", "cu ft/s"},
    {"g/cm3", "gram per cubic centimetre", "grams per cubic centimetre", NULL},
    {"deg", "degree", "degrees", "°"}, {"hand", "hand", "hands", NULL}, {"Hz", "hertz", "hertz", NULL}
};

/* Words of a range: {{convert|5|to|10|km}}. */
static const struct { const char *code, *shown, *adjective; } ranges[] = {
    {"-", "–", "–"}, {"–", "–", "–"}, {"to", " to ", "-to-"}, {"to(-)", " to ", "-to-"}, {"and", " and ", "-and-"},
    {"or", " or ", "-or-"}, {"by", " by ", "-by-"}, {"x", " by ", "-by-"}, {"×", " × ", "×"}, {"xx", " × ", "×"}, {"*", " × ", "×"},
    {"+/-", " ± ", "±"}, {"±", " ± ", "±"}, {"and(-)", " and ", "-and-"}, {",", ", ", ", "}, {"to about", " to about ", " to about "}
};
/* clang-format on */
enum { N_RANGES = sizeof ranges / sizeof ranges[0] };

static bool same(const char *text, size_t len, const char *word)
{
    return strlen(word) == len && memcmp(text, word, len) == 0;
}

static const struct unit *find_unit(const char *code, size_t len)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (same(code, len, units[i].code))
            return &units[i];
    }
    return NULL;
}

static size_t find_range(const char *text, size_t len)
{
    size_t i = 0;

    while (i < N_RANGES && !same(text, len, ranges[i].code))
        i++;
    return i;
}

static bool option_is(const struct template_call *call, const char *name, const char *value)
{
    size_t len;
    const char *text = template_value(&len, call, name);

    return same(text, len, value);
}

/* A number, with "3+1/4" as "3 1/4" and a true minus. */
static void put_number(struct buf *to, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '+' && i > 0)
            buf_put_byte(to, ' ');
        else if (text[i] == '-' && i == 0 && len > 1)
            buf_put_text(to, "−");
        else if (text[i] == '/' && i + 1 < len && text[i + 1] == '/')
            continue;
        else
            buf_put_byte(to, text[i]);
    }
}

/* American spelling: "kilometers", "liters". */
static void put_unit_word(struct buf *to, const char *word, bool american)
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

struct style {
    bool symbols;
    bool adjective; /* "5-mile" */
    bool american;
};

static void put_unit(struct buf *to, const char *code, size_t len, bool one, struct style style)
{
    const struct unit *unit = find_unit(code, len);
    const bool symbol = style.symbols || !unit || !unit->one;

    if (style.adjective && !symbol)
        buf_put_byte(to, '-');
    else if (!(unit && symbol && unit->symbol && unit->symbol[0] == '/'))
        buf_put_byte(to, ' ');
    if (symbol && unit && unit->symbol)
        buf_put_text(to, unit->symbol);
    else if (symbol)
        buf_put(to, code, len);
    else
        put_unit_word(to, one || style.adjective ? unit->one : unit->many, style.american);
}

bool template_convert(struct buf *to, const struct template_call *call, const char *parameter)
{
    const bool short_form = same(call->name, call->name_len, "cvt");
    const struct style style = {
        .symbols = option_is(call, "abbr", "on") || option_is(call, "abbr", "in") ||
                   option_is(call, "abbr", "~") || (short_form && !option_is(call, "abbr", "off")),
        .adjective = option_is(call, "adj", "on") || option_is(call, "adj", "mid"),
        .american = option_is(call, "sp", "us")};
    size_t at = 1, n_number, n_next, range;
    const char *number = template_positional(&n_number, call, at);
    const char *next = template_positional(&n_next, call, at + 1);

    (void)parameter;
    if (!n_number)
        return false;
    put_number(to, number, n_number);
    while ((range = find_range(next, n_next)) < N_RANGES) {
        buf_put_text(to, style.adjective ? ranges[range].adjective : ranges[range].shown);
        number = template_positional(&n_number, call, at + 2);
        put_number(to, number, n_number);
        at += 2;
        next = template_positional(&n_next, call, at + 1);
    }
    if (!n_next)
        return true;
    put_unit(to, next, n_next, at == 1 && same(number, n_number, "1"), style);
    /* {{convert|6|ft|2|in}}: a second number is a smaller unit of the same quantity. */
    number = template_positional(&n_number, call, at + 2);
    next = template_positional(&n_next, call, at + 3);
    if (at == 1 && n_number && n_next && number[0] >= '0' && number[0] <= '9' &&
        find_unit(next, n_next)) {
        buf_put_byte(to, style.adjective && !style.symbols ? '-' : ' ');
        put_number(to, number, n_number);
        put_unit(to, next, n_next, same(number, n_number, "1"), style);
    }
    return true;
}

bool template_val(struct buf *to, const struct template_call *call, const char *parameter)
{
    static const char *const names[] = {"u", "ul", "up", "upl"};
    size_t len;
    const char *text = template_positional(&len, call, 1);
    const size_t from = to->len;

    (void)parameter;
    buf_put(to, text, len);
    text = template_positional(&len, call, 2);
    if (len) {
        buf_put_text(to, "±");
        buf_put(to, text, len);
    }
    text = template_value(&len, call, "e");
    if (len) {
        buf_put_text(to, to->len > from ? "×10^" : "10^");
        buf_put(to, text, len);
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        text = template_value(&len, call, names[i]);
        if (!len)
            continue;
        buf_put_byte(to, i < 2 ? ' ' : '/');
        buf_put(to, text, len);
    }
    return to->len > from;
}

bool template_unit(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t len;
    const char *text = template_positional(&len, call, 1);
    bool word = true; /* a unit is followed by its power, a digit */

    (void)parameter;
    buf_put(to, text, len);
    for (size_t i = 2; i <= 6; i++) {
        text = template_positional(&len, call, i);
        word = len && ((text[0] < '0' || text[0] > '9') && text[0] != '-');
        if (word)
            buf_put_byte(to, ' ');
        if (len)
            buf_put(to, text, len);
    }
    return true;
}

bool template_fraction(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t n[3];
    const char *part[3];

    (void)parameter;
    for (size_t i = 0; i < 3; i++)
        part[i] = template_positional(&n[i], call, i + 1);
    if (!n[0])
        return false;
    if (!n[1])
        buf_put_text(to, "1/");
    buf_put(to, part[0], n[0]);
    if (n[1]) {
        buf_put_byte(to, n[2] ? ' ' : '/');
        buf_put(to, part[1], n[1]);
    }
    if (n[2]) {
        buf_put_byte(to, '/');
        buf_put(to, part[2], n[2]);
    }
    return true;
}

bool template_ordinal(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t len;
    const char *text = template_positional(&len, call, 1);
    const char *suffix = "th";

    (void)parameter;
    if (!len)
        return false;
    if (len < 2 || text[len - 2] != '1')
        suffix = text[len - 1] == '1'   ? "st"
                 : text[len - 1] == '2' ? "nd"
                 : text[len - 1] == '3' ? "rd"
                                        : "th";
    buf_put(to, text, len);
    buf_put_text(to, suffix);
    return true;
}

bool template_height(struct buf *to, const struct template_call *call, const char *parameter)
{
    static const char *const names[] = {"m", "cm", "ft", "in"};
    const size_t from = to->len;
    size_t len;
    const char *text = template_positional(&len, call, 1);

    (void)parameter;
    if (len) { /* {{Höhe|3776|JP}} */
        buf_put(to, text, len);
        buf_put_text(to, " m");
        return true;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        text = template_value(&len, call, names[i]);
        if (!len)
            continue;
        if (to->len > from)
            buf_put_byte(to, ' ');
        buf_put(to, text, len);
        buf_put_byte(to, ' ');
        buf_put_text(to, names[i]);
    }
    return to->len > from;
}

bool template_gauge(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t len;
    const char *text = template_positional(&len, call, 1);

    (void)parameter;
    for (size_t i = 0; i < len; i++) {
        const bool letter = (text[i] | 32) >= 'a' && (text[i] | 32) <= 'z';
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (i > 0 && letter && text[i - 1] >= '0' && text[i - 1] <= '9')
            buf_put_byte(to, ' ');
        if (i > 0 && digit && (text[i - 1] | 32) >= 'a' && (text[i - 1] | 32) <= 'z')
            buf_put_byte(to, ' ');
        buf_put_byte(to, text[i]);
    }
    if (len && text[len - 1] >= '0' && text[len - 1] <= '9')
        buf_put_text(to, " mm");
    return len > 0;
}

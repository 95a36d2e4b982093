/* units.c -- units of measurement.
 *
 * Sizes are the exact definitions (international yard and pound of 1959, US liquid and imperial
 * gallon, BIPM's SI brochure). Kinds: L length, A area, V volume, M mass, T temperature, D
 * difference of temperatures, S speed, P power, E energy, p pressure, F force, d density of people, R
 * flow, Q torque, t time, r density of mass, f use of fuel. */
#include "wiki/units.h"

#include <string.h>

#define FOOT 0.3048
#define MILE 1609.344
#define POUND 0.45359237
#define GALLON_US 3.785411784e-3
#define GALLON_IMP 4.54609e-3
#define GRAVITY 9.80665
#define LITRES_OF_MPG                                                                              \
    (1e5 / MILE * GALLON_US / 1e-3) /* a car that does one mile a US gallon: L/100 km */

/* clang-format off */
static const struct unit units[] = {
    {"km kilometre kilometres kilometer kilometers", "km", "kilometre", "kilometres", 'L', 1000, 0, "mi"},
    {"m metre metres meter meters", "m", "metre", "metres", 'L', 1, 0, "ftin"},
    {"cm", "cm", "centimetre", "centimetres", 'L', 0.01, 0, "in"},
    {"dm", "dm", "decimetre", "decimetres", 'L', 0.1, 0, "in"},
    {"mm", "mm", "millimetre", "millimetres", 'L', 0.001, 0, "in"},
    {"um μm µm", "μm", "micrometre", "micrometres", 'L', 1e-6, 0, "in"},
    {"nm", "nm", "nanometre", "nanometres", 'L', 1e-9, 0, "in"},
    {"Å angstrom", "Å", "ångström", "ångströms", 'L', 1e-10, 0, "in"},
    {"mi mile miles", "mi", "mile", "miles", 'L', MILE, 0, "km"},
    {"ft foot feet '", "ft", "foot", "feet", 'L', FOOT, 0, "m"},
    {"in inch inches \"", "in", "inch", "inches", 'L', FOOT / 12, 0, "mm"},
    {"yd yard yards", "yd", "yard", "yards", 'L', 3 * FOOT, 0, "m"},
    {"nmi NM", "nmi", "nautical mile", "nautical miles", 'L', 1852, 0, "km"},
    {"fathom", "fathom", "fathom", "fathoms", 'L', 6 * FOOT, 0, "m"},
    {"furlong", "furlong", "furlong", "furlongs", 'L', 660 * FOOT, 0, "m"},
    {"chain", "chain", "chain", "chains", 'L', 66 * FOOT, 0, "m"},
    {"rod", "rod", "rod", "rods", 'L', 16.5 * FOOT, 0, "m"},
    {"hand", "h", "hand", "hands", 'L', FOOT / 3, 0, "cm"},
    {"league", "league", "league", "leagues", 'L', 3 * MILE, 0, "km"},
    {"ly", "ly", "light-year", "light-years", 'L', 9.4607304725808e15, 0, "pc"},
    {"pc", "pc", "parsec", "parsecs", 'L', 3.0856775814913673e16, 0, "ly"},
    {"AU au", "AU", "astronomical unit", "astronomical units", 'L', 149597870700.0, 0, "km"},
    {"km2 sqkm km²", "km2", "square kilometre", "square kilometres", 'A', 1e6, 0, "sqmi"},
    {"m2 sqm m²", "m2", "square metre", "square metres", 'A', 1, 0, "sqft"},
    {"cm2 sqcm", "cm2", "square centimetre", "square centimetres", 'A', 1e-4, 0, "sqin"},
    {"mm2 sqmm", "mm2", "square millimetre", "square millimetres", 'A', 1e-6, 0, "sqin"},
    {"ha hectare", "ha", "hectare", "hectares", 'A', 1e4, 0, "acre"},
    {"acre acres", "acres", "acre", "acres", 'A', 43560 * FOOT * FOOT, 0, "ha"},
    {"sqmi mi2 sq\1mi", "sq mi", "square mile", "square miles", 'A', MILE * MILE, 0, "km2"},
    {"sqft ft2 sq\1ft", "sq ft", "square foot", "square feet", 'A', FOOT * FOOT, 0, "m2"},
    {"sqyd yd2", "sq yd", "square yard", "square yards", 'A', 9 * FOOT * FOOT, 0, "m2"},
    {"sqin in2", "sq in", "square inch", "square inches", 'A', FOOT * FOOT / 144, 0, "cm2"},
    {"sqnmi", "sq nmi", "square nautical mile", "square nautical miles", 'A', 1852.0 * 1852, 0, "km2"},
    {"km3", "km3", "cubic kilometre", "cubic kilometres", 'V', 1e9, 0, "cumi"},
    {"m3 cum", "m3", "cubic metre", "cubic metres", 'V', 1, 0, "cuft"},
    {"cc", "cc", "cubic centimetre", "cubic centimetres", 'V', 1e-6, 0, "cuin"},
    {"cm3", "cm3", "cubic centimetre", "cubic centimetres", 'V', 1e-6, 0, "cuin"},
    {"mm3", "mm3", "cubic millimetre", "cubic millimetres", 'V', 1e-9, 0, "cuin"},
    {"cumi mi3", "cu mi", "cubic mile", "cubic miles", 'V', MILE * MILE * MILE, 0, "km3"},
    {"cuft ft3 cu\1ft", "cu ft", "cubic foot", "cubic feet", 'V', FOOT * FOOT * FOOT, 0, "m3"},
    {"cuyd yd3", "cu yd", "cubic yard", "cubic yards", 'V', 27 * FOOT * FOOT * FOOT, 0, "m3"},
    {"cuin in3 CID CI", "cu in", "cubic inch", "cubic inches", 'V', FOOT * FOOT * FOOT / 1728, 0, "cm3"},
    {"acre·ft acreft acre·foot acre-ft", "acre⋅ft", "acre-foot", "acre-feet", 'V', 43560 * FOOT * FOOT * FOOT, 0, "m3"},
    {"L l litre liter litres liters", "L", "litre", "litres", 'V', 1e-3, 0, "USgal"},
    {"ml mL", "ml", "millilitre", "millilitres", 'V', 1e-6, 0, "USoz"},
    {"cl cL", "cl", "centilitre", "centilitres", 'V', 1e-5, 0, "USoz"},
    {"hl hL", "hl", "hectolitre", "hectolitres", 'V', 0.1, 0, "USgal"},
    {"Ml ML", "ML", "megalitre", "megalitres", 'V', 1000, 0, "cuft"},
    {"Gl GL", "GL", "gigalitre", "gigalitres", 'V', 1e6, 0, "cuft"},
    {"USgal usgal U.S.gal gal", "US gal", "US gallon", "US gallons", 'V', GALLON_US, 0, "L"},
    {"impgal", "imp gal", "imperial gallon", "imperial gallons", 'V', GALLON_IMP, 0, "L"},
    {"USqt usqt", "US qt", "US quart", "US quarts", 'V', GALLON_US / 4, 0, "L"},
    {"USpt uspt", "US pt", "US pint", "US pints", 'V', GALLON_US / 8, 0, "L"},
    {"imppt pint pt", "imp pt", "imperial pint", "imperial pints", 'V', GALLON_IMP / 8, 0, "L"},
    {"USoz usoz USfloz", "US fl oz", "US fluid ounce", "US fluid ounces", 'V', GALLON_US / 128, 0, "ml"},
    {"impoz impfloz", "imp fl oz", "imperial fluid ounce", "imperial fluid ounces", 'V', GALLON_IMP / 160, 0, "ml"},
    {"oilbbl bbl", "bbl", "barrel", "barrels", 'V', 42 * GALLON_US, 0, "m3"},
    {"kg kilogram", "kg", "kilogram", "kilograms", 'M', 1, 0, "lb"},
    {"g gram", "g", "gram", "grams", 'M', 1e-3, 0, "oz"},
    {"mg", "mg", "milligram", "milligrams", 'M', 1e-6, 0, "gr"},
    {"t tonne tonnes metric\1ton", "t", "tonne", "tonnes", 'M', 1000, 0, "LT"},
    {"MT Mt", "t", "metric ton", "metric tons", 'M', 1000, 0, "LT"},
    {"LT long\1ton", "long tons", "long ton", "long tons", 'M', 2240 * POUND, 0, "t"},
    {"ST short\1ton", "short tons", "short ton", "short tons", 'M', 2000 * POUND, 0, "t"},
    {"lb lbs pound pounds", "lb", "pound", "pounds", 'M', POUND, 0, "kg"},
    {"oz ounce", "oz", "ounce", "ounces", 'M', POUND / 16, 0, "g"},
    {"gr grain", "gr", "grain", "grains", 'M', POUND / 7000, 0, "g"},
    {"st stone", "st", "stone", "stone", 'M', 14 * POUND, 0, "kg"},
    {"ozt troy\1ounce", "ozt", "troy ounce", "troy ounces", 'M', 0.0311034768, 0, "g"},
    {"carat", "carats", "carat", "carats", 'M', 2e-4, 0, "g"},
    {"C °C Celsius degC", "°C", NULL, NULL, 'T', 1, 273.15, "F"},
    {"F °F Fahrenheit degF", "°F", NULL, NULL, 'T', 5.0 / 9, 459.67 * 5 / 9, "C"},
    {"K kelvin", "K", NULL, NULL, 'T', 1, 0, "C"},
    {"C-change", "°C", NULL, NULL, 'D', 1, 0, "F-change"},
    {"F-change", "°F", NULL, NULL, 'D', 5.0 / 9, 0, "C-change"},
    {"km/h kph kmh km/hr", "km/h", "kilometre per hour", "kilometres per hour", 'S', 1 / 3.6, 0, "mph"},
    {"m/s ms-1", "m/s", "metre per second", "metres per second", 'S', 1, 0, "ft/s"},
    {"km/s", "km/s", "kilometre per second", "kilometres per second", 'S', 1000, 0, "mi/s"},
    {"mph mi/h", "mph", "mile per hour", "miles per hour", 'S', MILE / 3600, 0, "km/h"},
    {"mi/s", "mi/s", "mile per second", "miles per second", 'S', MILE, 0, "km/s"},
    {"ft/s", "ft/s", "foot per second", "feet per second", 'S', FOOT, 0, "m/s"},
    {"ft/min", "ft/min", "foot per minute", "feet per minute", 'S', FOOT / 60, 0, "m/min"},
    {"m/min", "m/min", "metre per minute", "metres per minute", 'S', 1.0 / 60, 0, "ft/min"},
    {"kn knot knots kt", "kn", "knot", "knots", 'S', 1852.0 / 3600, 0, "km/h"},
    {"hp bhp_", "hp", "horsepower", "horsepower", 'P', 745.69987158227022, 0, "kW"},
    {"bhp", "bhp", "brake horsepower", "brake horsepower", 'P', 745.69987158227022, 0, "kW"},
    {"shp", "shp", "shaft horsepower", "shaft horsepower", 'P', 745.69987158227022, 0, "kW"},
    {"ihp", "ihp", "indicated horsepower", "indicated horsepower", 'P', 745.69987158227022, 0, "kW"},
    {"PS metric\1hp", "PS", "metric horsepower", "metric horsepower", 'P', 735.49875, 0, "kW"},
    {"W", "W", "watt", "watts", 'P', 1, 0, "hp"}, {"kW", "kW", "kilowatt", "kilowatts", 'P', 1e3, 0, "hp"},
    {"MW", "MW", "megawatt", "megawatts", 'P', 1e6, 0, "hp"}, {"GW", "GW", "gigawatt", "gigawatts", 'P', 1e9, 0, "hp"},
    {"J", "J", "joule", "joules", 'E', 1, 0, "ftlbf"}, {"kJ", "kJ", "kilojoule", "kilojoules", 'E', 1e3, 0, "kcal"},
    {"MJ", "MJ", "megajoule", "megajoules", 'E', 1e6, 0, "kWh"}, {"kWh kW.h kW·h", "kWh", "kilowatt-hour", "kilowatt-hours", 'E', 3.6e6, 0, "MJ"},
    {"kcal Cal", "kcal", "kilocalorie", "kilocalories", 'E', 4184, 0, "kJ"}, {"cal", "cal", "calorie", "calories", 'E', 4.184, 0, "J"},
    {"BTU Btu", "BTU", "British thermal unit", "British thermal units", 'E', 1055.05585262, 0, "kJ"},
    {"TJ", "TJ", "terajoule", "terajoules", 'E', 1e12, 0, "ktTNT"}, {"ktTNT ktonTNT", "kt", "kiloton of TNT", "kilotons of TNT", 'E', 4.184e12, 0, "TJ"},
    {"MtTNT MtonTNT", "Mt", "megaton of TNT", "megatons of TNT", 'E', 4.184e15, 0, "PJ"}, {"PJ", "PJ", "petajoule", "petajoules", 'E', 1e15, 0, ""},
    {"ftlbf ft.lbf ft·lbf", "ft⋅lbf", "foot-pound", "foot-pounds", 'E', FOOT * POUND * GRAVITY, 0, "J"},
    {"Pa", "Pa", "pascal", "pascals", 'p', 1, 0, "psi"}, {"hPa", "hPa", "hectopascal", "hectopascals", 'p', 100, 0, "inHg"},
    {"kPa", "kPa", "kilopascal", "kilopascals", 'p', 1e3, 0, "psi"}, {"MPa", "MPa", "megapascal", "megapascals", 'p', 1e6, 0, "psi"},
    {"GPa", "GPa", "gigapascal", "gigapascals", 'p', 1e9, 0, "psi"},
    {"mbar mb", "mbar", "millibar", "millibars", 'p', 100, 0, "inHg"}, {"bar", "bar", "bar", "bars", 'p', 1e5, 0, "psi"},
    {"atm", "atm", "standard atmosphere", "standard atmospheres", 'p', 101325, 0, "kPa"},
    {"psi", "psi", "pound per square inch", "pounds per square inch", 'p', 6894.757293168361, 0, "kPa"},
    {"inHg", "inHg", "inch of mercury", "inches of mercury", 'p', 3386.388640341, 0, "hPa"},
    {"mmHg Torr", "mmHg", "millimetre of mercury", "millimetres of mercury", 'p', 133.322387415, 0, "kPa"},
    {"N", "N", "newton", "newtons", 'F', 1, 0, "lbf"}, {"kN", "kN", "kilonewton", "kilonewtons", 'F', 1e3, 0, "lbf"},
    {"MN", "MN", "meganewton", "meganewtons", 'F', 1e6, 0, "lbf"},
    {"lbf", "lbf", "pound-force", "pounds-force", 'F', POUND * GRAVITY, 0, "N"}, {"kgf", "kgf", "kilogram-force", "kilograms-force", 'F', GRAVITY, 0, "lbf"},
    {"Nm N.m N·m", "N⋅m", "newton-metre", "newton-metres", 'Q', 1, 0, "lbft"},
    {"lbft lbfft lb.ft lb·ft ft.lb", "lb⋅ft", "pound-foot", "pound-feet", 'Q', FOOT * POUND * GRAVITY, 0, "Nm"},
    {"/km2 /sqkm PD/km2 PD/sqkm", "/km2", "inhabitant per square kilometre", "inhabitants per square kilometre", 'd', 1e-6, 0, "/sqmi"},
    {"/sqmi PD/sqmi PD/mi2", "/sq mi", "inhabitant per square mile", "inhabitants per square mile", 'd', 1 / (MILE * MILE), 0, "/km2"},
    {"/ha PD/ha", "/ha", "per hectare", "per hectare", 'd', 1e-4, 0, "/acre"}, {"/acre PD/acre", "/acre", "per acre", "per acre", 'd', 1 / (43560 * FOOT * FOOT), 0, "/ha"},
    {"m3/s cumecs", "m3/s", "cubic metre per second", "cubic metres per second", 'R', 1, 0, "cuft/s"},
    {"cuft/s ft3/s", "cu ft/s", "cubic foot per second", "cubic feet per second", 'R', FOOT * FOOT * FOOT, 0, "m3/s"},
    {"L/s l/s", "L/s", "litre per second", "litres per second", 'R', 1e-3, 0, "cuft/s"},
    {"kg/m3", "kg/m3", "kilogram per cubic metre", "kilograms per cubic metre", 'r', 1, 0, "lb/cuft"},
    {"g/cm3", "g/cm3", "gram per cubic centimetre", "grams per cubic centimetre", 'r', 1e3, 0, "lb/cuin"},
    {"lb/cuft lb/ft3", "lb/cu ft", "pound per cubic foot", "pounds per cubic foot", 'r', POUND / (FOOT * FOOT * FOOT), 0, "kg/m3"},
    {"lb/cuin lb/in3", "lb/cu in", "pound per cubic inch", "pounds per cubic inch", 'r', POUND * 1728 / (FOOT * FOOT * FOOT), 0, "g/cm3"},
    {"Hz", "Hz", "hertz", "hertz", 'z', 1, 0, ""}, {"kHz", "kHz", "kilohertz", "kilohertz", 'z', 1e3, 0, "m"},
    {"MHz", "MHz", "megahertz", "megahertz", 'z', 1e6, 0, ""}, {"GHz", "GHz", "gigahertz", "gigahertz", 'z', 1e9, 0, ""},
    {"deg °", "°", "degree", "degrees", 'a', 1, 0, ""},
    {"mpgus mpgUS mpgu.s.", "mpg‑US", "mile per US gallon", "miles per US gallon", 'f', 1, 0, "L/100km mpgimp"},
    {"mpgimp mpgImp", "mpg‑imp", "mile per imperial gallon", "miles per imperial gallon", 'f', GALLON_US / GALLON_IMP, 0, "L/100km mpgus"},
    {"L/100km L/100\1km", "L/100 km", "litre per 100 kilometres", "litres per 100 kilometres", 'f', LITRES_OF_MPG, 0, "mpgimp mpgus"},
};
/* clang-format on */

const struct unit *units_find(const char *code, size_t n)
{
    char wanted[24];

    if (!n || n + 1 > sizeof wanted)
        return NULL;
    for (size_t i = 0; i < n; i++)
        wanted[i] = code[i] == ' ' ? '\1' : code[i];
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        for (const char *p = units[i].codes; *p; p += *p == ' ') {
            const size_t len = strcspn(p, " ");
            if (len == n && memcmp(p, wanted, n) == 0)
                return &units[i];
            p += len;
        }
    }
    return NULL;
}

/* Litres for a way are not a way for litres: the smaller the better. */
static bool is_inverse(const struct unit *u)
{
    return u->kind == 'f' && u->symbol[0] == 'L';
}

double units_convert(double value, const struct unit *from, const struct unit *to)
{
    if (is_inverse(from) || is_inverse(to)) {
        const double base = is_inverse(from) ? from->scale / value : value * from->scale;
        return is_inverse(to) ? to->scale / base : base / to->scale;
    }
    return (value * from->scale + from->offset - to->offset) / to->scale;
}

bool units_is_temperature(const struct unit *u)
{
    return u->kind == 'T';
}

/* template_expression.c -- arithmetic as in MediaWiki: one function, climbing by precedence. */
#include "wiki/template_expression.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    const char *at, *end;
    int depth;
    bool wrong;
};

struct binary {
    const char *sign;
    int rank;
    double (*apply)(double a, double b);
};

static double add(double a, double b)
{
    return a + b;
}
static double subtract(double a, double b)
{
    return a - b;
}
static double multiply(double a, double b)
{
    return a * b;
}
static double divide(double a, double b)
{
    return b != 0 ? a / b : NAN;
}
static double rest(double a, double b)
{
    return fabs(b) >= 1 ? fmod(trunc(a), trunc(b)) : NAN;
}
static double rest_real(double a, double b)
{
    return b != 0 ? fmod(a, b) : NAN;
}
static double times_ten(double a, double b)
{
    return a * pow(10, b);
}
static double equal(double a, double b)
{
    return a == b;
}
static double unequal(double a, double b)
{
    return a != b;
}
static double less(double a, double b)
{
    return a < b;
}
static double more(double a, double b)
{
    return a > b;
}
static double less_equal(double a, double b)
{
    return a <= b;
}
static double more_equal(double a, double b)
{
    return a >= b;
}
static double both(double a, double b)
{
    return a != 0 && b != 0;
}
static double either(double a, double b)
{
    return a != 0 || b != 0;
}

static double round_to(double a, double b)
{
    const double unit = pow(10, trunc(b));

    if (!isfinite(unit) || unit == 0 || fabs(b) > 16)
        return a;
    /* Halves that binary fractions miss by a hair are halves. */
    return copysign(floor(fabs(a) * unit * (1 + 1e-15) + 0.5) / unit, a);
}

/* Longer signs before their beginnings. */
static const struct binary binaries[] = {
    {"<>", 4, unequal},     {"!=", 4, unequal},
    {"<=", 4, less_equal},  {">=", 4, more_equal},
    {"<", 4, less},         {">", 4, more},
    {"=", 4, equal},        {"+", 6, add},
    {"-", 6, subtract},     {"*", 7, multiply},
    {"/", 7, divide},       {"div", 7, divide},
    {"fmod", 7, rest_real}, {"mod", 7, rest},
    {"^", 8, pow},          {"e", 10, times_ten},
    {"round", 5, round_to}, {"and", 3, both},
    {"or", 2, either},      {"\xe2\x88\x92", 6, subtract},
};

struct unary {
    const char *name;
    double (*apply)(double a);
};

static double negate(double a)
{
    return -a;
}
static double same(double a)
{
    return a;
}
static double is_zero(double a)
{
    return a == 0;
}

static const struct unary unaries[] = {
    {"-", negate},    {"+", same},      {"\xe2\x88\x92", negate},
    {"not", is_zero}, {"abs", fabs},    {"ceil", ceil},
    {"floor", floor}, {"trunc", trunc}, {"exp", exp},
    {"ln", log},      {"sin", sin},     {"cos", cos},
    {"tan", tan},     {"asin", asin},   {"acos", acos},
    {"atan", atan},   {"sqrt", sqrt},
};

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void skip_blanks(struct reader *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\t'))
        r->at++;
}

/* Whether the sign is next; a word must end where it ends. */
static bool is_next(const struct reader *r, const char *sign)
{
    const size_t n = strlen(sign);

    for (size_t i = 0; i < n; i++) {
        if (r->at + i >= r->end)
            return false;
        if (r->at[i] != sign[i] &&
            !(r->at[i] >= 'A' && r->at[i] <= 'Z' && r->at[i] + 32 == sign[i]))
            return false;
    }
    return !is_letter(sign[0]) || r->at + n >= r->end || !is_letter(r->at[n]);
}

static double read_number(struct reader *r)
{
    char digits[64];
    size_t n = 0;

    while (r->at < r->end && n + 1 < sizeof digits &&
           ((*r->at >= '0' && *r->at <= '9') || *r->at == '.'))
        digits[n++] = *r->at++;
    digits[n] = 0;
    r->wrong = r->wrong || n == 0 || strcmp(digits, ".") == 0;
    return strtod(digits, NULL);
}

static double read_expression(struct reader *r, int rank);

static double read_operand(struct reader *r)
{
    double value;

    skip_blanks(r);
    if (r->at < r->end && *r->at == '(') {
        r->at++;
        value = read_expression(r, 0);
        skip_blanks(r);
        if (r->at < r->end && *r->at == ')')
            r->at++;
        return value;
    }
    for (size_t i = 0; i < sizeof unaries / sizeof unaries[0]; i++) {
        if (!is_next(r, unaries[i].name))
            continue;
        r->at += strlen(unaries[i].name);
        return unaries[i].apply(read_expression(r, 9));
    }
    if (is_next(r, "pi")) {
        r->at += 2;
        return 3.14159265358979323846;
    }
    if (is_next(r, "e")) {
        r->at++;
        return 2.71828182845904523536;
    }
    return read_number(r);
}

/* Reads operands and operators that bind more strongly than `rank`. */
static double read_expression(struct reader *r, int rank)
{
    double value;

    if (++r->depth > EXPRESSION_MAX_DEPTH) {
        r->wrong = true;
        return 0;
    }
    value = read_operand(r);
    while (!r->wrong) {
        const struct binary *found = NULL;
        skip_blanks(r);
        for (size_t i = 0; i < sizeof binaries / sizeof binaries[0] && !found; i++) {
            if (is_next(r, binaries[i].sign))
                found = &binaries[i];
        }
        if (!found || found->rank <= rank)
            break;
        r->at += strlen(found->sign);
        value = found->apply(value, read_expression(r, found->rank));
        r->wrong = r->wrong || !isfinite(value);
    }
    r->depth--;
    return value;
}

int expression_value(double *value, const char *text, size_t n)
{
    struct reader r = {.at = text, .end = text + n};

    *value = 0;
    skip_blanks(&r);
    if (r.at == r.end)
        return 0;
    if (n > EXPRESSION_MAX_LEN)
        return -1;
    *value = read_expression(&r, 0);
    skip_blanks(&r);
    return r.wrong || r.at != r.end || !isfinite(*value) ? -1 : 0;
}

void expression_put(struct buf *to, double value)
{
    char text[64];

    if (value == 0)
        value = 0; /* no "-0" */
    snprintf(text, sizeof text, fabs(value) < 1e15 && fabs(value) >= 1e-4 ? "%.14g" : "%.14G",
             value);
    buf_put_text(to, text);
}

/* template_dates.c -- dates. */
#include "wiki/template_dates.h"

#include <string.h>

static const char *const months[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};

struct field {
    const char *text;
    size_t len;
};

/* The value of a number of one or two digits, 0 for anything else. */
static unsigned small_number(struct field f)
{
    unsigned value = 0;

    if (f.len > 2)
        return 0;
    for (size_t i = 0; i < f.len; i++) {
        if (f.text[i] < '0' || f.text[i] > '9')
            return 0;
        value = value * 10 + (unsigned)(f.text[i] - '0');
    }
    return value;
}

static void put_day(struct buf *to, struct field day)
{
    const size_t zero = day.len == 2 && day.text[0] == '0';

    buf_put(to, day.text + zero, day.len - zero);
}

static void put_month(struct buf *to, struct field month)
{
    const unsigned number = small_number(month);

    if (number >= 1 && number <= 12)
        buf_put_text(to, months[number - 1]);
    else
        buf_put(to, month.text, month.len);
}

static bool has_flag(const struct template_call *call, const char *name)
{
    size_t len;
    const char *value = template_value(&len, call, name);

    return len && value[0] != 'n' && value[0] != '0';
}

static bool is_year(struct field f)
{
    if (f.len < 3 || f.len > 4)
        return false;
    for (size_t i = 0; i < f.len; i++) {
        if (f.text[i] < '0' || f.text[i] > '9')
            return false;
    }
    return true;
}

static void put_date(struct buf *to, struct field year, struct field month, struct field day,
                     bool day_first)
{
    if (month.len && day.len && day_first) {
        put_day(to, day);
        buf_put_byte(to, ' ');
        put_month(to, month);
        buf_put_byte(to, ' ');
    } else if (month.len) {
        put_month(to, month);
        buf_put_byte(to, ' ');
        if (day.len) {
            put_day(to, day);
            buf_put_text(to, ", ");
        }
    }
    buf_put(to, year.text, year.len);
}

bool template_date(struct buf *to, const struct template_call *call, const char *parameter)
{
    struct field f[3];

    (void)parameter;
    for (size_t i = 0; i < 3; i++)
        f[i].text = template_positional(&f[i].len, call, i + 1);
    if (!f[0].len)
        return false;
    if (is_year(f[0]) && (!f[1].len || small_number(f[1]) || f[1].len > 2)) {
        const bool plain = f[1].len && !small_number(f[1]) && f[1].len < 3;
        put_date(to, f[0], f[1], f[2], has_flag(call, "df") || plain);
        return true;
    }
    /* Day, month, year, as most languages have it; or a date as a text. */
    for (size_t i = 0; i < 3; i++) {
        if (i > 0 && f[i].len && (i == 2 ? !is_year(f[i]) : small_number(f[0]) == 0))
            break;
        if (i > 0 && f[i].len)
            buf_put_byte(to, ' ');
        if (i == 1)
            put_month(to, f[i]);
        else
            buf_put(to, f[i].text, f[i].len);
    }
    return true;
}

bool template_as_of(struct buf *to, const struct template_call *call, const char *parameter)
{
    struct field alt, f[3];
    const bool lower = has_flag(call, "lc");

    (void)parameter;
    alt.text = template_value(&alt.len, call, "alt");
    if (alt.len) {
        buf_put(to, alt.text, alt.len);
        return true;
    }
    for (size_t i = 0; i < 3; i++)
        f[i].text = template_positional(&f[i].len, call, i + 1);
    if (!f[0].len)
        return false;
    if (has_flag(call, "since"))
        buf_put_text(to, lower ? "since " : "Since ");
    else
        buf_put_text(to, lower ? "as of " : "As of ");
    put_date(to, f[0], f[1], f[2], !has_flag(call, "mf") || has_flag(call, "df"));
    return true;
}

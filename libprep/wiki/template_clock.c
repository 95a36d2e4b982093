/* template_clock.c -- dates in words out of dates in figures. */
#include "wiki/template_clock.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "wiki/context.h"

struct moment {
    int year, month, day; /* month and day from 1; 0 = not given */
};

static const char *const months[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};
static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                   "Thursday", "Friday", "Saturday"};

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return lengths[month - 1] + (month == 2 && is_leap(year));
}

/* 0 = Sunday (Sakamoto's formula). */
static int week_day(struct moment m)
{
    static const int shift[] = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
    const int year = m.month < 3 ? m.year - 1 : m.year;

    return (year + year / 4 - year / 100 + year / 400 + shift[m.month - 1] + m.day) % 7;
}

static int year_day(struct moment m)
{
    int day = m.day;

    for (int k = 1; k < m.month; k++)
        day += month_days(m.year, k);
    return day;
}

static int month_of(const char *word, size_t n)
{
    for (int k = 0; k < 12; k++) {
        const size_t len = strlen(months[k]);
        if (n >= 3 && n <= len && strncasecmp(word, months[k], n) == 0)
            return k + 1;
    }
    return 0;
}

/* A number in the text: three and more digits are a year, the others day and month by what is there
 * already. */
static bool take_number(struct moment *m, int *loose, const char *text, size_t n)
{
    int value = 0;

    if (n > 4)
        return false;
    for (size_t i = 0; i < n; i++)
        value = value * 10 + (text[i] - '0');
    if (n >= 3)
        m->year = value;
    else if (m->year && !m->month)
        m->month = value; /* 2010-05-03 */
    else if (!m->day)
        m->day = value;
    else
        *loose = value;
    return true;
}

/* "20100503", perhaps with a time after it, as the wiki itself writes time stamps. */
static bool is_compact(const char *text, size_t n)
{
    if (n != 8 && n != 14)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
    }
    return true;
}

/* "2010-05-03", "3 May 2010", "May 3, 2010", "May 2010", "20100503", "2010". */
static bool read_moment(struct moment *m, const char *text, size_t n)
{
    int loose = 0;

    *m = (struct moment){0};
    if (is_compact(text, n)) {
        char digits[9];
        memcpy(digits, text, 8);
        digits[8] = 0;
        return sscanf(digits, "%4d%2d%2d", &m->year, &m->month, &m->day) == 3 && m->month >= 1 &&
               m->month <= 12 && m->day >= 1 && m->day <= 31;
    }
    for (size_t i = 0; i < n;) {
        size_t len = 0;
        if (text[i] >= '0' && text[i] <= '9') {
            while (i + len < n && text[i + len] >= '0' && text[i + len] <= '9')
                len++;
            if (!take_number(m, &loose, text + i, len))
                return false;
        } else if ((text[i] | 32) >= 'a' && (text[i] | 32) <= 'z') {
            while (i + len < n && (text[i + len] | 32) >= 'a' && (text[i + len] | 32) <= 'z')
                len++;
            if (!m->month)
                m->month = month_of(text + i, len);
            if (!m->month)
                return false;
        } else if (strchr(" ,-./", text[i])) {
            len = 1;
        } else {
            return false;
        }
        i += len;
    }
    return m->year > 0 && m->year < 10000 && m->month <= 12 && m->day <= 31 && !loose;
}

static struct moment now_of(const struct template_call *call)
{
    return (struct moment){
        .year = call->page->year, .month = call->page->month, .day = call->page->day};
}

/* One letter of PHP's date(); false for those of the clock, which a day does not have. */
static bool put_part(struct buf *to, char letter, struct moment m)
{
    const int day = week_day(m);

    switch (letter) {
    case 'Y':
        buf_printf(to, "%d", m.year);
        break;
    case 'y':
        buf_printf(to, "%02d", m.year % 100);
        break;
    case 'F':
        buf_put_text(to, months[m.month - 1]);
        break;
    case 'M':
        buf_put(to, months[m.month - 1], 3);
        break;
    case 'm':
        buf_printf(to, "%02d", m.month);
        break;
    case 'n':
        buf_printf(to, "%d", m.month);
        break;
    case 'd':
        buf_printf(to, "%02d", m.day);
        break;
    case 'j':
        buf_printf(to, "%d", m.day);
        break;
    case 'l':
        buf_put_text(to, days[day]);
        break;
    case 'D':
        buf_put(to, days[day], 3);
        break;
    case 'w':
        buf_printf(to, "%d", day);
        break;
    case 'N':
        buf_printf(to, "%d", day ? day : 7);
        break;
    case 'z':
        buf_printf(to, "%d", year_day(m) - 1);
        break;
    case 't':
        buf_printf(to, "%d", month_days(m.year, m.month));
        break;
    case 'L':
        buf_printf(to, "%d", is_leap(m.year));
        break;
    default:
        return false;
    }
    return true;
}

static bool put_format(struct buf *to, const char *format, size_t n, struct moment m)
{
    const size_t from = to->len;

    for (size_t i = 0; i < n; i++) {
        if (format[i] == '"') {
            for (i++; i < n && format[i] != '"'; i++)
                buf_put_byte(to, format[i]);
        } else if (format[i] == '\\' && i + 1 < n) {
            buf_put_byte(to, format[++i]);
        } else if (format[i] == 'x' &&
                   i + 1 < n) { /* xg: the month's genitive; xn: plain figures */
            if (format[++i] == 'g')
                buf_put_text(to, months[m.month - 1]);
        } else if ((format[i] | 32) >= 'a' && (format[i] | 32) <= 'z') {
            if (!put_part(to, format[i], m)) {
                to->len = from;
                return false;
            }
        } else {
            buf_put_byte(to, format[i]);
        }
    }
    return true;
}

bool template_time(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t n_format, n;
    const char *format = template_positional(&n_format, call, 1);
    const char *text = template_positional(&n, call, 2);
    struct moment m = now_of(call);

    (void)parameter;
    if (n && !(n == 3 && strncasecmp(text, "now", 3) == 0) && !read_moment(&m, text, n))
        return false;
    m.month = m.month ? m.month : 1;
    m.day = m.day ? m.day : 1;
    return m.year > 0 && put_format(to, format, n_format, m);
}

bool template_current(struct buf *to, const struct template_call *call, const char *parameter)
{
    const struct moment m = now_of(call);

    return m.year > 0 && put_format(to, parameter, strlen(parameter), m);
}

bool template_any_date(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t n;
    const char *text = template_positional(&n, call, 1);
    struct moment m;

    (void)parameter;
    if (!read_moment(&m, text, n)) {
        buf_put(to, text, n);
        return n > 0;
    }
    if (m.day && m.month)
        buf_printf(to, "%d ", m.day);
    if (m.month)
        buf_printf(to, "%s ", months[m.month - 1]);
    buf_printf(to, "%d", m.year);
    return true;
}

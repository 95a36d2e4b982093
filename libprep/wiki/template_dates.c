/* template_dates.c -- dates and ages. */
#include "wiki/template_dates.h"

#include <string.h>

#include "wiki/context.h"

/* How a language writes a date: its months, and what stands around them. */
struct calendar {
    const char *language;
    const char *after_day, *after_month;
    const char *months[12];
};

/* clang-format off */
static const struct calendar calendars[] = {
    {"en", " ", " ", {"January", "February", "March", "April", "May", "June", "July", "August",
     "September", "October", "November", "December"}},
    {"de", ". ", " ", {"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August",
     "September", "Oktober", "November", "Dezember"}},
    {"fr", " ", " ", {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août",
     "septembre", "octobre", "novembre", "décembre"}},
    {"es", " de ", " de ", {"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto",
     "septiembre", "octubre", "noviembre", "diciembre"}},
    {"pt", " de ", " de ", {"janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto",
     "setembro", "outubro", "novembro", "dezembro"}},
    {"it", " ", " ", {"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto",
     "settembre", "ottobre", "novembre", "dicembre"}},
    {"nl", " ", " ", {"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus",
     "september", "oktober", "november", "december"}},
    {"ru", " ", " ", {"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа",
     "сентября", "октября", "ноября", "декабря"}},
    {"uk", " ", " ", {"січня", "лютого", "березня", "квітня", "травня", "червня", "липня", "серпня",
     "вересня", "жовтня", "листопада", "грудня"}},
    {"pl", " ", " ", {"stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia",
     "września", "października", "listopada", "grudnia"}},
    {"sv", " ", " ", {"januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti",
     "september", "oktober", "november", "december"}},
    {"tr", " ", " ", {"Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran", "Temmuz", "Ağustos",
     "Eylül", "Ekim", "Kasım", "Aralık"}},
};
/* clang-format on */

static const struct calendar *calendar_of(const struct template_call *call)
{
    const char *language = call->page->site->language;

    for (size_t i = 1; language && i < sizeof calendars / sizeof calendars[0]; i++) {
        if (strcmp(language, calendars[i].language) == 0)
            return &calendars[i];
    }
    return &calendars[0];
}

static bool is_language(const struct template_call *call, const char *language)
{
    const char *have = call->page->site->language;

    return have && strcmp(have, language) == 0;
}

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

/* The first of a month is "1er" in French. */
static void put_first(struct buf *to, const struct template_call *call, struct field day)
{
    put_day(to, day);
    if (small_number(day) == 1 && is_language(call, "fr"))
        buf_put_text(to, "er");
}

static void put_month(struct buf *to, const struct template_call *call, struct field month)
{
    const unsigned number = small_number(month);

    if (number >= 1 && number <= 12)
        buf_put_text(to, calendar_of(call)->months[number - 1]);
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

/* 1815年12月10日 */
static void put_east_asian(struct buf *to, struct field year, struct field month, struct field day,
                           const char *const signs[3])
{
    buf_put(to, year.text, year.len);
    buf_put_text(to, signs[0]);
    if (month.len) {
        put_day(to, month);
        buf_put_text(to, signs[1]);
    }
    if (month.len && day.len) {
        put_day(to, day);
        buf_put_text(to, signs[2]);
    }
}

static void put_date(struct buf *to, const struct template_call *call, struct field year,
                     struct field month, struct field day, bool day_first)
{
    static const char *const han[3] = {"年", "月", "日"}, *const hangul[3] = {"년 ", "월 ", "일"};
    const struct calendar *c = calendar_of(call);

    if (small_number(month) && (is_language(call, "ja") || is_language(call, "zh"))) {
        put_east_asian(to, year, month, day, han);
        return;
    }
    if (small_number(month) && is_language(call, "ko")) {
        put_east_asian(to, year, month, day, hangul);
        return;
    }
    if (month.len && day.len && (day_first || c != &calendars[0])) {
        put_first(to, call, day);
        buf_put_text(to, c->after_day);
        put_month(to, call, month);
        buf_put_text(to, c->after_month);
    } else if (month.len) {
        put_month(to, call, month);
        buf_put_byte(to, ' ');
        if (day.len) {
            put_day(to, day);
            buf_put_text(to, ", ");
        }
    }
    buf_put(to, year.text, year.len);
}

/* Day, month and year when they are one argument: "29 9 2019", "1 janvier 2016". */
static void part_fields(struct field f[3])
{
    const char *text = f[0].text;
    size_t n = f[0].len;
    struct field part[3] = {{0}};

    if (!n || f[1].len)
        return;
    for (size_t i = 0; i < 3; i++) {
        const char *end = i < 2 ? memchr(text, ' ', n) : NULL;
        part[i] = (struct field){text, end ? (size_t)(end - text) : n};
        if (i < 2 && !end)
            return;
        text += part[i].len + 1;
        n -= part[i].len + (i < 2);
    }
    if (small_number(part[0]) && is_year(part[2]))
        memcpy(f, part, sizeof part);
}

bool template_date(struct buf *to, const struct template_call *call, const char *parameter)
{
    struct field f[3];

    (void)parameter;
    for (size_t i = 0; i < 3; i++)
        f[i].text = template_positional(&f[i].len, call, i + 1);
    part_fields(f);
    if (!f[0].len)
        return false;
    if (is_year(f[0]) && (!f[1].len || small_number(f[1]) || f[1].len > 2)) {
        const bool plain = f[1].len && !small_number(f[1]) && f[1].len < 3;
        put_date(to, call, f[0], f[1], f[2], has_flag(call, "df") || plain);
        return true;
    }
    if (small_number(f[0]) && f[1].len && is_year(f[2])) {
        put_date(to, call, f[2], f[1], f[0], true);
        return true;
    }
    /* Day, month, year, as most languages have it; or a date as a text. */
    for (size_t i = 0; i < 3; i++) {
        if (i > 0 && f[i].len && (i == 2 ? !is_year(f[i]) : small_number(f[0]) == 0))
            break;
        if (i > 0 && f[i].len)
            buf_put_byte(to, ' ');
        if (i == 1)
            put_month(to, call, f[i]);
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
    put_date(to, call, f[0], f[1], f[2], !has_flag(call, "mf") || has_flag(call, "df"));
    return true;
}

/* A day in figures; month and day 0 where they are missing. */
struct date {
    int year, month, day;
};

static int number_at(const struct template_call *call, size_t k)
{
    size_t len;
    const char *text = template_positional(&len, call, k);
    int value = 0;

    if (len == 0 || len > 4)
        return 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return 0;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

static struct date date_at(const struct template_call *call, size_t k)
{
    return (struct date){number_at(call, k), number_at(call, k + 1), number_at(call, k + 2)};
}

static struct date today_of(const struct template_call *call)
{
    return (struct date){call->page->year, call->page->month, call->page->day};
}

/* Whole years between; -1 when they cannot be told. */
static int years_between(struct date from, struct date to)
{
    if (!from.year || !to.year || !from.month || !to.month || to.year < from.year)
        return -1;
    return to.year - from.year -
           (to.month < from.month || (to.month == from.month && to.day < from.day));
}

bool template_born(struct buf *to, const struct template_call *call, const char *parameter)
{
    const int years = years_between(date_at(call, 1), today_of(call));

    if (!template_date(to, call, NULL))
        return false;
    if (years >= 0 && years < 130 && parameter[0] == 'a')
        buf_printf(to, " (age %d)", years);
    else if (years >= 0 && parameter[0] == 'y')
        buf_printf(to, " (%d %s ago)", years, years == 1 ? "year" : "years");
    return true;
}

bool template_died(struct buf *to, const struct template_call *call, const char *parameter)
{
    const int years = years_between(date_at(call, 4), date_at(call, 1));

    (void)parameter;
    if (!template_date(to, call, NULL))
        return false;
    if (years >= 0 && years < 130)
        buf_printf(to, " (aged %d)", years);
    return true;
}

bool template_year_and_age(struct buf *to, const struct template_call *call, const char *parameter)
{
    const bool dead = parameter[0] == 'd';
    const int first = number_at(call, 1), second = number_at(call, 2);
    const int years = dead ? first - second : call->page->year - first;

    if (!first)
        return false;
    buf_printf(to, "%d", first);
    if (years > 0 && years < 130 && (dead ? second : call->page->year))
        buf_printf(to, " (age%s %d–%d)", dead ? "d" : "", years - 1, years);
    return true;
}

bool template_age(struct buf *to, const struct template_call *call, const char *parameter)
{
    const struct date end = number_at(call, 4) ? date_at(call, 4) : today_of(call);
    const int years = years_between(date_at(call, 1), end);

    (void)parameter;
    if (years >= 0)
        buf_printf(to, "%d", years);
    return years >= 0;
}

bool template_decade(struct buf *to, const struct template_call *call, const char *parameter)
{
    const int year = number_at(call, 1);

    (void)parameter;
    if (year)
        buf_printf(to, "%ds", year / 10 * 10);
    return year > 0;
}

/* Year, month and day that start at argument k. */
static void put_date_at(struct buf *to, const struct template_call *call, size_t k)
{
    struct field f[3];

    for (size_t i = 0; i < 3; i++)
        f[i].text = template_positional(&f[i].len, call, k + i);
    put_date(to, call, f[0], f[1], f[2], true);
}

bool template_japanese_life(struct buf *to, const struct template_call *call, const char *parameter)
{
    const bool dead = parameter[0] == 'd';
    const struct date end = dead ? date_at(call, 4) : today_of(call);
    const int years = years_between(date_at(call, 1), end);

    if (!number_at(call, dead ? 4 : 1))
        return false;
    put_date_at(to, call, dead ? 4 : 1);
    if (years >= 0 && years < 130)
        buf_printf(to, "（%d歳%s）", years, dead ? "没" : "");
    return true;
}

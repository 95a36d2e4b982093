/* line_ends.c -- signs that were the last of their line. */
#include "text/line_ends.h"

#include <string.h>

enum { MAX_GREETING = 24, MAX_ADDRESS = 128, MAX_SCHEME = 8, MAX_DATE = 10 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_letter(char c)
{
    return is_upper(c) || (c >= 'a' && c <= 'z');
}

/* Whether a blank stands at `at`, and a capital after it. */
static bool capital_follows(const char *text, size_t n, size_t at)
{
    return at + 1 < n && text[at] == ' ' && is_upper(text[at + 1]);
}

static bool ends_with(const char *text, size_t n, const char *word)
{
    const size_t len = strlen(word);

    return n >= len && memcmp(text + n - len, word, len) == 0;
}

/* "Best regards, Jane" */
static bool is_greeting(const char *text, size_t n)
{
    static const char *const words[] = {"egards", "incerely", "aithfully"};

    for (size_t i = 0; n <= MAX_GREETING && i < sizeof words / sizeof words[0]; i++) {
        if (ends_with(text, n, words[i]))
            return true;
    }
    return false;
}

/* "<a@b.org>": `at` is its last byte. */
static bool is_address(const char *text, size_t start, size_t at)
{
    bool mail = false;

    for (size_t i = at; i > start && at - i < MAX_ADDRESS;) {
        i--;
        if (text[i] == ' ' || text[i] == '>')
            return false;
        if (text[i] == '<')
            return mail;
        mail = mail || text[i] == '@';
    }
    return false;
}

/* The end of " PM" in "08/16/2000 12:05 PM", whose first colon is at `at`; 0 for anything else. */
static size_t stamp_end(const char *text, size_t n, size_t start, size_t at)
{
    size_t end = at + 3, from, n_slashes = 0;

    if (at < start + 5 || end > n || !is_digit(text[at - 1]) || !is_digit(text[at - 2]) ||
        text[at - 3] != ' ' || !is_digit(text[at + 1]) || !is_digit(text[at + 2]))
        return 0;
    for (from = at - 3; from > start && at - 3 - from < MAX_DATE; from--) {
        const char c = text[from - 1];
        if (!is_digit(c) && c != '/')
            break;
        n_slashes += c == '/';
    }
    if (n_slashes != 2)
        return 0;
    if (end + 2 < n && text[end] == ':' && is_digit(text[end + 1]) && is_digit(text[end + 2]))
        end += 3;
    if (end + 4 >= n || text[end] != ' ' || (text[end + 1] != 'A' && text[end + 1] != 'P') ||
        text[end + 2] != 'M' || text[end + 3] != ' ')
        return 0;
    return is_letter(text[end + 4]) ? end + 3 : 0;
}

/* The end of ":-)" or ";)" before a capital. */
static size_t face_end(const char *text, size_t n, size_t start, size_t at)
{
    size_t end = at + 1;

    if (at <= start || text[at - 1] != ' ')
        return 0;
    end += end < n && text[end] == '-';
    if (end >= n || !strchr(")(D", text[end]) || !text[end])
        return 0;
    return capital_follows(text, n, end + 1) ? end + 1 : 0;
}

size_t line_ends_after(const char *text, size_t n, size_t start, size_t at)
{
    size_t end;

    switch (text[at]) {
    case ',':
        return capital_follows(text, n, at + 1) && is_greeting(text + start, at - start) ? at + 1
                                                                                         : 0;
    case '>':
        return at + 2 < n && text[at + 1] == ' ' && text[at + 2] != '<' &&
                       is_address(text, start, at)
                   ? at + 1
                   : 0;
    case ':':
        end = stamp_end(text, n, start, at);
        return end ? end : face_end(text, n, start, at);
    default:
        return face_end(text, n, start, at);
    }
}

bool line_ends_link(size_t *from, size_t *to, const char *text, size_t n, size_t start, size_t at)
{
    *from = *to = at;
    if (n - at < 4 || text[at + 1] != '/' || text[at + 2] != '/')
        return false;
    while (*from > start && at - *from < MAX_SCHEME && is_letter(text[*from - 1]))
        --*from;
    if (*from == at)
        return false;
    while (*to < n && text[*to] != ' ')
        ++*to;
    return true;
}

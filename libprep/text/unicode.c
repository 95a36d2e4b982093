/* unicode.c -- UTF-8, lower case and decompositions, all from the table that unicode_generate.c makes. */
#include "text/unicode.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "text/unicode_table.h"

enum { HANGUL_FIRST = 0xAC00, DOTTED_I = 0x130, SIGMA = 0x3A3 };

struct unicode *unicode_open(void)
{
    struct unicode *u = mem_alloc(sizeof *u);

    *u = (struct unicode){
        .page = unicode_table_page, .points = unicode_table_points, .pool = unicode_table_pool};
    return u;
}

void unicode_close(struct unicode *u)
{
    free(u);
}

static bool is_tail(unsigned char byte)
{
    return (byte & 0xC0) == 0x80;
}

/* One code point of n >= 1 bytes: its length, or 0 when invalid; then *skip is how many bytes to
 * leave out: the longest beginning of a valid sequence, at least one (Unicode 3.9, CPython). */
static size_t decode_one(int32_t *point, size_t *skip, const unsigned char *s, size_t n)
{
    const unsigned char lead = s[0];
    unsigned char low = 0x80, high = 0xBF; /* what the second byte may be */
    size_t len;

    *skip = 1;
    if (lead < 0x80) {
        *point = lead;
        return 1;
    }
    if (lead < 0xC2 || lead > 0xF4)
        return 0;
    len = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (lead == 0xE0)
        low = 0xA0; /* shorter forms exist */
    else if (lead == 0xED)
        high = 0x9F; /* surrogates */
    else if (lead == 0xF0)
        low = 0x90;
    else if (lead == 0xF4)
        high = 0x8F; /* beyond U+10FFFF */
    if (n < 2 || s[1] < low || s[1] > high)
        return 0;
    *point = ((lead & (0xFF >> (len + 1))) << 6) | (s[1] & 0x3F);
    for (size_t i = 2; i < len; i++) {
        *skip = i;
        if (i >= n || !is_tail(s[i]))
            return 0;
        *point = (*point << 6) | (s[i] & 0x3F);
    }
    return len;
}

size_t unicode_decode_starts(int32_t *to, size_t *starts, const char *bytes, size_t n)
{
    const unsigned char *s = (const unsigned char *)bytes;
    size_t n_points = 0;
    size_t skip;

    for (size_t i = 0; i < n;) {
        const size_t len = decode_one(&to[n_points], &skip, s + i, n - i);

        starts[n_points] = i;
        n_points += len > 0;
        i += len ? len : skip;
    }
    return n_points;
}

size_t unicode_decode(int32_t *to, const char *bytes, size_t n)
{
    const unsigned char *s = (const unsigned char *)bytes;
    size_t n_points = 0;
    size_t skip;

    for (size_t i = 0; i < n;) {
        if (s[i] < 0x80) {
            to[n_points++] = s[i++];
            continue;
        }
        const size_t len = decode_one(&to[n_points], &skip, s + i, n - i);

        n_points += len > 0;
        i += len ? len : skip;
    }
    return n_points;
}

/* The first byte at or after i that is not ASCII, found eight at a time; n when there is none. */
static size_t skip_ascii(const unsigned char *s, size_t i, size_t n)
{
    uint64_t word;

    for (; n - i >= sizeof word; i += sizeof word) {
        memcpy(&word, s + i, sizeof word);
        if (word & UINT64_C(0x8080808080808080))
            break;
    }
    while (i < n && s[i] < 0x80)
        i++;
    return i;
}

size_t unicode_valid(const char *bytes, size_t n)
{
    const unsigned char *s = (const unsigned char *)bytes;
    int32_t point;
    size_t skip;

    for (size_t i = skip_ascii(s, 0, n); i < n; i = s[i] < 0x80 ? skip_ascii(s, i, n) : i) {
        const size_t len = decode_one(&point, &skip, s + i, n - i);

        if (len == 0)
            return i;
        i += len;
        if (i == n)
            break;
    }
    return n;
}

size_t unicode_encode(char *to, int32_t point)
{
    unsigned char *t = (unsigned char *)to;

    if (point < 0x80) {
        t[0] = (unsigned char)point;
        return 1;
    }
    if (point < 0x800) {
        t[0] = (unsigned char)(0xC0 | point >> 6);
        t[1] = (unsigned char)(0x80 | (point & 0x3F));
        return 2;
    }
    if (point < 0x10000) {
        t[0] = (unsigned char)(0xE0 | point >> 12);
        t[1] = (unsigned char)(0x80 | (point >> 6 & 0x3F));
        t[2] = (unsigned char)(0x80 | (point & 0x3F));
        return 3;
    }
    t[0] = (unsigned char)(0xF0 | point >> 18);
    t[1] = (unsigned char)(0x80 | (point >> 12 & 0x3F));
    t[2] = (unsigned char)(0x80 | (point >> 6 & 0x3F));
    t[3] = (unsigned char)(0x80 | (point & 0x3F));
    return 4;
}

/* Whether the sigma at `at` ends a word (SpecialCasing.txt, Final_Sigma; CPython skips everything
 * that is ignorable first, even when it is cased as well). */
static bool is_final(const struct unicode *u, const int32_t *points, size_t n, size_t at)
{
    size_t i = at;

    do {
        if (i == 0)
            return false;
        i--;
    } while (unicode_at(u, points[i])->flags & UNICODE_IGNORABLE);
    if (!(unicode_at(u, points[i])->flags & UNICODE_CASED))
        return false;
    for (i = at + 1; i < n && (unicode_at(u, points[i])->flags & UNICODE_IGNORABLE);)
        i++;
    return i == n || !(unicode_at(u, points[i])->flags & UNICODE_CASED);
}

size_t unicode_lower_max(const int32_t *points, size_t n)
{
    size_t n_dotted = 0;

    for (size_t i = 0; i < n; i++)
        n_dotted += points[i] == DOTTED_I;
    return n + n_dotted;
}

size_t unicode_lower(int32_t *to, const struct unicode *u, const int32_t *points, size_t n)
{
    size_t at = 0;

    for (size_t i = 0; i < n; i++) {
        if (points[i] == SIGMA) {
            to[at++] = is_final(u, points, n, i) ? 0x3C2 : 0x3C3;
        } else if (points[i] == DOTTED_I) { /* the only one whose lower case has two code points */
            to[at++] = 'i';
            to[at++] = 0x307;
        } else {
            to[at++] = points[i] + unicode_at(u, points[i])->to_lower;
        }
    }
    return at;
}

size_t unicode_nfd_max(const struct unicode *u, const int32_t *points, size_t n)
{
    size_t sum = 0;

    for (size_t i = 0; i < n; i++) {
        const struct unicode_point *p = unicode_at(u, points[i]);

        sum += p->flags & UNICODE_HANGUL ? 3 : p->n_nfd ? p->n_nfd : 1;
    }
    return sum;
}

/* Unicode 3.12: leading consonant, vowel and perhaps a trailing consonant. */
static size_t decompose_hangul(int32_t *to, int32_t point)
{
    const int32_t s = point - HANGUL_FIRST;

    to[0] = 0x1100 + s / 588;
    to[1] = 0x1161 + s % 588 / 28;
    to[2] = 0x11A7 + s % 28;
    return s % 28 ? 3 : 2;
}

struct ordered {
    int32_t point;
    size_t from;
};

/* Sorts a run of n code points of combining class > 0 by class, keeping equals in order: insertion
 * for what text holds, counting for the long runs of a hostile one. `from` may be NULL. */
static void order_run(const struct unicode *u, int32_t *run, size_t *from, size_t n)
{
    enum { INSERTION_MAX = 24 };

    if (n > INSERTION_MAX) {
        size_t start[257] = {0};
        struct ordered *sorted = mem_array(n, sizeof *sorted);

        for (size_t i = 0; i < n; i++)
            start[unicode_at(u, run[i])->order + 1]++;
        for (size_t i = 1; i < 257; i++)
            start[i] += start[i - 1];
        for (size_t i = 0; i < n; i++)
            sorted[start[unicode_at(u, run[i])->order]++] =
                (struct ordered){run[i], from ? from[i] : 0};
        for (size_t i = 0; i < n; i++) {
            run[i] = sorted[i].point;
            if (from)
                from[i] = sorted[i].from;
        }
        free(sorted);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        const struct ordered moved = {run[i], from ? from[i] : 0};
        const uint8_t order = unicode_at(u, moved.point)->order;
        size_t j = i;

        for (; j > 0 && unicode_at(u, run[j - 1])->order > order; j--) {
            run[j] = run[j - 1];
            if (from)
                from[j] = from[j - 1];
        }
        run[j] = moved.point;
        if (from)
            from[j] = moved.from;
    }
}

size_t unicode_nfd_from(int32_t *to, size_t *from, const struct unicode *u, const int32_t *points,
                        size_t n)
{
    size_t len = 0;
    size_t run = 0; /* where the combining marks at the end begin */

    for (size_t i = 0; i < n; i++) {
        const struct unicode_point *p = unicode_at(u, points[i]);
        const size_t first = len;

        if (p->flags & UNICODE_HANGUL) {
            len += decompose_hangul(to + len, points[i]);
        } else if (p->n_nfd) {
            memcpy(to + len, u->pool + p->nfd, p->n_nfd * sizeof *to);
            len += p->n_nfd;
        } else {
            to[len++] = points[i];
        }
        for (size_t j = first; from && j < len; j++)
            from[j] = i;
    }
    for (size_t i = 0; i <= len; i++)
        if (i == len || unicode_at(u, to[i])->order == 0) {
            if (i > run + 1)
                order_run(u, to + run, from ? from + run : NULL, i - run);
            run = i + 1;
        }
    return len;
}

size_t unicode_nfd(int32_t *to, const struct unicode *u, const int32_t *points, size_t n)
{
    return unicode_nfd_from(to, NULL, u, points, n);
}

/* Whether n >= 1 bytes begin with a code point that is no space; and whether they end with one. */
static bool begins_dark(const struct unicode *u, const unsigned char *s, size_t n, bool whole)
{
    int32_t point;
    size_t skip;
    const size_t len = decode_one(&point, &skip, s, n);

    return len && (!whole || len == n) && !(unicode_at(u, point)->flags & UNICODE_SPACE);
}

static bool ends_dark(const struct unicode *u, const unsigned char *s, size_t n)
{
    size_t at = n - 1;

    while (at > 0 && n - at < 4 && is_tail(s[at]))
        at--;
    return begins_dark(u, s + at, n - at, true);
}

void unicode_strip(const char **text, size_t *n, const struct unicode *u)
{
    const unsigned char *s = (const unsigned char *)*text;
    size_t first = *n; /* of the first code point that is no space */
    size_t end = 0;    /* of the last such code point */
    int32_t point;
    size_t skip;

    if (*n > 0 && begins_dark(u, s, *n, false) && ends_dark(u, s, *n))
        return;
    for (size_t i = 0; i < *n;) {
        const size_t len = decode_one(&point, &skip, s + i, *n - i);

        if (len && !(unicode_at(u, point)->flags & UNICODE_SPACE)) {
            if (first == *n)
                first = i;
            end = i + len;
        }
        i += len ? len : skip;
    }
    *text += end ? first : 0;
    *n = end ? end - first : 0;
}

bool unicode_is_blank(const struct unicode *u, const char *text, size_t n)
{
    const unsigned char *s = (const unsigned char *)text;
    int32_t point;
    size_t skip;

    for (size_t i = 0; i < n;) {
        const size_t len = decode_one(&point, &skip, s + i, n - i);

        if (len && !(unicode_at(u, point)->flags & UNICODE_SPACE))
            return false;
        i += len ? len : skip;
    }
    return true;
}

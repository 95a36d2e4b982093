/* repeats.c -- one pass over a window marks where something may begin, in a loop that compilers
 * turn into vector instructions; then only the marked places are looked at. */
#include "base/repeats.h"

#include <stdbool.h>
#include <string.h>

enum mark { MARK_RUN = 1, MARK_LANDMARK = 2 };

enum {
    WORD = sizeof(uint64_t),
    TAIL = 8,      /* no repeat begins in the last bytes: a word can be read at every mark */
    LANDMARK = 31, /* of the sum of a landmark, none of these bits is set: one place of 32 */
    RARE_LANDMARK = 127,
    ENOUGH = 16, /* landmarks to judge a window by */
    RARE = 16    /* one of so many repeats something, or fewer */
};

static uint64_t word_at(const uint8_t *bytes)
{
    uint64_t word;

    memcpy(&word, bytes, sizeof word);
    return word;
}

void repeats_begin(struct repeats *r, const uint8_t *bytes, size_t n)
{
    r->bytes = bytes;
    r->n = n;
    r->at = r->window = r->window_end = 0;
    r->n_landmarks = r->n_met = 0;
    r->landmark_bits = LANDMARK;
    memset(r->places, 0, sizeof r->places);
}

/* How rare landmarks have to be in the next window, as far as this one tells. */
static void judge_window(struct repeats *r)
{
    if (r->n_landmarks >= ENOUGH)
        r->landmark_bits = r->n_met * RARE <= r->n_landmarks ? RARE_LANDMARK : LANDMARK;
    r->n_landmarks = r->n_met = 0;
}

/* The window that begins at `from`, 1 or more. */
static void mark_window(struct repeats *r, size_t from)
{
    const uint8_t *b = r->bytes + from;
    const size_t end = r->n > TAIL ? r->n - TAIL : 0;
    size_t n = end > from ? end - from : 0;
    uint8_t bits;

    if (n > REPEATS_WINDOW - WORD)
        n = REPEATS_WINDOW - WORD;
    judge_window(r);
    bits = r->landmark_bits;
    for (size_t i = 0; i < n; i++) {
        const uint8_t run = (b[i] == b[i - 1]) & (b[i + 1] == b[i]) & (b[i + 2] == b[i + 1]) &
                            (b[i + 3] == b[i + 2]);
        const uint8_t sum = (uint8_t)(b[i] + 2 * b[i + 1] + 4 * b[i + 2] + 4 * b[i + 3]);

        r->marks[i] = (uint8_t)(run | ((sum & bits) == 0) << 1);
    }
    memset(r->marks + n, 0, WORD);
    r->window = from;
    r->window_end = from + n;
}

/* The first marked place at `from` or behind it, the end of the window when there is none. */
static size_t next_mark(const struct repeats *r, size_t from)
{
    const uint8_t *marks = r->marks - r->window;

    for (; from < r->window_end; from += WORD) {
        const uint64_t word = word_at(marks + from);

        if (word) {
            while (!marks[from])
                from++;
            return from;
        }
    }
    return r->window_end;
}

/* How many bytes from `at` on are as those from `from` on. */
static size_t same_bytes(const struct repeats *r, size_t at, size_t from)
{
    size_t n = 0;

    for (; at + n + WORD <= r->n; n += WORD)
        if (word_at(r->bytes + at + n) != word_at(r->bytes + from + n))
            break;
    while (at + n < r->n && r->bytes[at + n] == r->bytes[from + n])
        n++;
    return n;
}

/* Whether the landmark at `at` was seen before; it is remembered. */
static bool seen_before(size_t *from, struct repeats *r, size_t at)
{
    const uint64_t word = word_at(r->bytes + at);
    uint32_t *place = &r->places[word * 0x9E3779B97F4A7C15u >> 52];

    bool met;

    *from = *place;
    *place = (uint32_t)at + 1;
    met = *from && at - --*from <= REPEATS_REACH && word_at(r->bytes + *from) == word;
    r->n_landmarks++;
    r->n_met += met;
    return met;
}

int repeats_next(struct repeat *found, struct repeats *r, size_t limit)
{
    const size_t start = r->at;
    size_t at = start ? start : 1;

    if (start == r->n)
        return 0;
    *found = (struct repeat){0};
    while (at < r->n && at - start < limit) {
        size_t from;

        if (at >= r->window_end) {
            mark_window(r, at);
            if (r->window_end == at) /* only the tail is left */
                break;
        }
        at = next_mark(r, at);
        if (at == r->window_end || at - start >= limit)
            continue;
        if (r->marks[at - r->window] & MARK_RUN) {
            from = at - 1;
        } else if (!seen_before(&from, r, at)) {
            at++;
            continue;
        }
        while (at > start && from > 0 && r->bytes[at - 1] == r->bytes[from - 1])
            at--, from--;
        found->n_before = (uint32_t)(at - start);
        found->length = (uint32_t)same_bytes(r, at, from);
        found->distance = (uint32_t)(at - from);
        r->at = at + found->length;
        return 1;
    }
    if (at >= r->window_end && r->window_end + TAIL >= r->n)
        at = r->n;
    if (at - start > limit)
        at = start + limit;
    found->n_before = (uint32_t)(at - start);
    r->at = at;
    return 1;
}

/* hyphens.c -- the forms asked for are few: they are hashed, and the words of the book looked up. */
#include "text/hyphens.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { MAX_WORD = 64, FORMS = 2, JOINED = 0, KEPT = 1 };

struct hyphen {
    size_t at[FORMS]; /* in `words` */
    size_t len[FORMS];
    bool seen[FORMS];
};

/* Letters, apostrophes and hyphens inside words; all that is not ASCII counts as letters. */
static bool in_word(char c)
{
    const unsigned char u = (unsigned char)c;

    return (unsigned)((u | 0x20) - 'a') < 26 || u >= 0x80;
}

static uint64_t hash_of(const char *word, size_t len)
{
    uint64_t h = 14695981039346656037u; /* FNV-1a */

    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)word[i]) * 1099511628211u;
    return h ^ h >> 29;
}

void hyphens_add(struct hyphens *h, const char *text, size_t len, size_t end, size_t next)
{
    struct hyphen place = {{0}, {0}, {false}};
    size_t from = end - 1, to = next;

    while (from > 0 && end - from < MAX_WORD && in_word(text[from - 1]))
        from--;
    while (to < len && to - next < MAX_WORD && in_word(text[to]))
        to++;
    for (size_t form = 0; form < FORMS; form++) {
        place.at[form] = h->words.len;
        buf_put(&h->words, text + from, end - from - (form == JOINED ? 1 : 0));
        buf_put(&h->words, text + next, to - next);
        place.len[form] = h->words.len - place.at[form];
    }
    if (h->n == h->cap) {
        h->cap = mem_grow(h->cap, h->n + 1);
        h->places = mem_resize(h->places, h->cap, sizeof *h->places);
    }
    h->places[h->n++] = place;
}

/* The slot of the form, or the empty one where it would be. */
static size_t slot_of(const struct hyphens *h, const char *word, size_t len)
{
    size_t slot = (size_t)hash_of(word, len) & (h->n_slots - 1);

    for (; h->slots[slot]; slot = (slot + 1) & (h->n_slots - 1)) {
        const size_t id = h->slots[slot] - 1;
        const struct hyphen *place = &h->places[id / FORMS];

        if (place->len[id % FORMS] == len &&
            !memcmp(h->words.data + place->at[id % FORMS], word, len))
            break;
    }
    return slot;
}

static void fill_slots(struct hyphens *h)
{
    free(h->slots);
    h->n_slots = 64;
    while (h->n_slots < 4 * FORMS * h->n)
        h->n_slots *= 2;
    h->slots = mem_array(h->n_slots, sizeof *h->slots);
    for (size_t id = 0; id < FORMS * h->n; id++) {
        const struct hyphen *place = &h->places[id / FORMS];
        const size_t slot =
            slot_of(h, h->words.data + place->at[id % FORMS], place->len[id % FORMS]);

        if (!h->slots[slot])
            h->slots[slot] = (uint32_t)id + 1;
    }
}

static void look_up(struct hyphens *h, const char *word, size_t len)
{
    const uint32_t id = h->slots[slot_of(h, word, len)];

    if (id)
        h->places[(id - 1) / FORMS].seen[(id - 1) % FORMS] = true;
}

/* Words with hyphens inside are one; "con-" at a line end is none. */
static void look_up_all(struct hyphens *h, const char *text, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t from = i, n_hyphens = 0;

        while (i < len && (in_word(text[i]) ||
                           (text[i] == '-' && i > from && i + 1 < len && in_word(text[i + 1])))) {
            n_hyphens += text[i] == '-';
            i++;
        }
        if (i > from && n_hyphens <= 1 && !(i < len && text[i] == '-'))
            look_up(h, text + from, i - from);
        i += i == from;
    }
}

/* A form that several places share is counted at the first of them. */
static bool seen(const struct hyphens *h, size_t i, size_t form)
{
    const struct hyphen *place = &h->places[i];
    const uint32_t id = h->slots[slot_of(h, h->words.data + place->at[form], place->len[form])];

    return id && h->places[(id - 1) / FORMS].seen[(id - 1) % FORMS];
}

void hyphens_decide(struct hyphens *h, const char *text, size_t len)
{
    if (!h->n)
        return;
    fill_slots(h);
    look_up_all(h, text, len);
    for (size_t i = 0; i < h->n; i++) {
        const bool joined = seen(h, i, JOINED), kept = seen(h, i, KEPT);

        h->n_joined += joined && !kept;
        h->n_kept += kept && !joined;
    }
}

bool hyphens_joined(const struct hyphens *h, size_t i)
{
    const bool joined = seen(h, i, JOINED), kept = seen(h, i, KEPT);

    return joined == kept ? h->n_joined > h->n_kept : joined;
}

void hyphens_clear(struct hyphens *h)
{
    buf_clear(&h->words);
    h->n = h->n_joined = h->n_kept = 0;
}

void hyphens_release(struct hyphens *h)
{
    buf_release(&h->words);
    free(h->places);
    free(h->slots);
    *h = (struct hyphens){0};
}

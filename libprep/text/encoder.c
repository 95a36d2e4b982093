/* encoder.c -- pieces of text that fit the first-level cache, each cut where no word is. */
#include "text/encoder.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "text/word_cache.h"

enum {
    PIECE = 4096, /* bytes of text at once */
    N_BLOCKS = PIECE / BYTE_MASKS_BLOCK,
    MARGIN = 64, /* bytes after the text that can be read */
    TOKENS_AHEAD = 48
};

/* What a code point does; no bit = it goes on with the word as it is. */
enum kind {
    KIND_SPACE = 1 << 0,
    KIND_ALONE = 1 << 1,   /* punctuation, ideographs */
    KIND_CHANGES = 1 << 2, /* it is dropped or folded: the word goes through basic_split() */
    KIND_SIGMA = 1 << 3,   /* what it becomes depends on the part it is in */
    KIND_BRACKET = 1 << 4  /* a special token may begin */
};

/* A token of ASCII, found but not yet looked up. */
struct token {
    struct word_key key; /* of its first bytes when it is longer */
    struct word_cache_short *pair;
    const char *word; /* in encoder_scratch.folded */
    size_t len;
};

struct encoder_scratch {
    struct basic basic;
    struct word_cache cache;
    const struct byte_masks_plan *plan; /* of the encoder: with line feeds or without */
    bool invalid;                       /* there were bytes that are not UTF-8 */
    int32_t *ids;                       /* (n_ids) */
    size_t n_ids, cap_ids;
    char folded[PIECE + MARGIN]; /* the piece in lower case, spaces behind it */
    struct byte_masks masks[N_BLOCKS + 1];
    struct token tokens[TOKENS_AHEAD + BYTE_MASKS_BLOCK];
};

static uint8_t kind_of(const struct encoder *e, int32_t point)
{
    const unsigned flags = unicode_at(e->unicode, point)->flags;
    const struct basic_rules *rules = e->rules;

    if (flags & rules->drop)
        return KIND_CHANGES;
    if (flags & UNICODE_SPACE)
        return KIND_SPACE;
    if (point == '[' && rules->specials != BASIC_SPECIALS_NOWHERE)
        return KIND_ALONE | KIND_BRACKET;
    if (flags & (rules->cjk | rules->punctuation))
        return flags & UNICODE_FOLDS && !e->cased ? KIND_ALONE | KIND_CHANGES : KIND_ALONE;
    if (e->cased || !(flags & UNICODE_FOLDS))
        return 0;
    return point == 0x3A3 && !rules->lower_last ? KIND_CHANGES | KIND_SIGMA : KIND_CHANGES;
}

void encoder_init(struct encoder *e, const struct unicode *u, const struct basic_rules *rules,
                  const struct wordpiece *w, bool cased)
{
    *e = (struct encoder){.unicode = u, .rules = rules, .wordpiece = w, .cased = cased};
    e->kinds = mem_array(ENCODER_BMP, sizeof *e->kinds);
    for (int32_t point = 0; point < ENCODER_BMP; point++)
        e->kinds[point] = kind_of(e, point);
    for (int32_t c = 0; c < 128; c++) {
        const unsigned kind = e->kinds[c] & ~(unsigned)KIND_CHANGES;
        const bool letter = (c >= 'A' && c <= 'Z') || !(e->kinds[c] & KIND_CHANGES);

        e->masks.class_of[c] = kind & KIND_BRACKET || !letter ? BYTE_HARD
                               : kind & KIND_SPACE            ? 0
                               : kind & KIND_ALONE            ? BYTE_ALONE
                                                              : BYTE_WORD;
    }
    e->masks.lower = !cased;
    e->line_masks = e->masks;
    e->line_masks.class_of['\n'] = BYTE_ALONE;
    byte_masks_prepare(&e->masks);
    byte_masks_prepare(&e->line_masks);
}

void encoder_release(struct encoder *e)
{
    free(e->kinds);
    *e = (struct encoder){0};
}

struct encoder_scratch *encoder_scratch_open(size_t cache)
{
    struct encoder_scratch *s = mem_alloc(sizeof *s);

    word_cache_init(&s->cache, cache);
    return s;
}

void encoder_scratch_close(struct encoder_scratch *s)
{
    if (!s)
        return;
    word_cache_release(&s->cache);
    basic_release(&s->basic);
    free(s->ids);
    free(s);
}

void encoder_scratch_clear(struct encoder_scratch *s)
{
    word_cache_clear(&s->cache);
}

static void reserve_ids(struct encoder_scratch *s, size_t n)
{
    if (s->cap_ids - s->n_ids < n) {
        s->cap_ids = mem_grow(s->cap_ids, s->n_ids + n);
        s->ids = mem_resize(s->ids, s->cap_ids, sizeof *s->ids);
    }
}

/* Room for all that a piece can give without being reserved again: a word of the cache has at most
 * three ids a byte, and the copy of a slot may write a few more. */
static void reserve_piece(struct encoder_scratch *s, size_t n)
{
    reserve_ids(s, 3 * n + WORD_CACHE_LONG_IDS + 1);
}

/* The plain way; afterwards there is room for a piece again. Whether all of it was UTF-8. */
static bool encode_plainly(const struct encoder *e, struct encoder_scratch *s, const char *text,
                           size_t n)
{
    const struct basic *b = &s->basic;
    const bool valid = unicode_valid(text, n) == n;

    s->invalid = s->invalid || !valid;
    basic_split(&s->basic, e->unicode, e->rules, e->cased, text, n);
    for (size_t i = 0; i < b->n_words; i++) {
        const struct basic_word *w = &b->words[i];

        reserve_ids(s, w->len);
        s->n_ids += wordpiece_encode(s->ids + s->n_ids, e->wordpiece, b->text.data + w->at, w->len,
                                     w->n_points);
    }
    reserve_piece(s, PIECE);
    return valid;
}

/* A word that is not in the cache. `kinds` are those of its code points together. One with wrong
 * bytes is not kept there, so that they are met each time. */
__attribute__((noinline)) static void encode_new_word(const struct encoder *e,
                                                      struct encoder_scratch *s, const char *word,
                                                      size_t len, unsigned kinds)
{
    const size_t before = s->n_ids;

    if (kinds & KIND_CHANGES) {
        if (!encode_plainly(e, s, word, len))
            return;
    } else if (*word == '\n') {
        s->ids[s->n_ids++] = ENCODER_LINE_END;
    } else {
        size_t n_points = 0;

        for (size_t i = 0; i < len; i++)
            n_points += ((unsigned char)word[i] & 0xC0) != 0x80;
        s->n_ids += wordpiece_encode(s->ids + before, e->wordpiece, word, len, n_points);
    }
    word_cache_put(&s->cache, word, len, s->ids + before, s->n_ids - before);
}

/* MARGIN bytes after the word can be read; there is room for its ids. */
static inline void encode_word(const struct encoder *e, struct encoder_scratch *s, const char *word,
                               size_t len, unsigned kinds)
{
    size_t n;

    if (word_cache_get(s->ids + s->n_ids, &n, &s->cache, word, len))
        s->n_ids += n;
    else
        encode_new_word(e, s, word, len, kinds);
}

/* How many ones follow each other from bit `at` on, up to `end`. */
static inline size_t run_length(const struct byte_masks *masks, size_t at, size_t end)
{
    const size_t block = at / 64, shift = at % 64;
    const uint64_t low = masks[block].more >> shift;
    const uint64_t high = masks[block + 1].more << 1 << (63 - shift);
    const uint64_t gap = ~(low | high);
    size_t n;

    if (gap)
        return (size_t)__builtin_ctzll(gap);
    for (n = 64; at + n < end && masks[(at + n) / 64].more >> (at + n) % 64 & 1;)
        n++;
    return n;
}

static inline void prepare(struct token *t, const struct encoder_scratch *s, size_t at, size_t len)
{
    t->word = s->folded + at;
    t->len = len;
    t->key = word_cache_key(t->word, len < WORD_CACHE_SHORT ? len : WORD_CACHE_SHORT);
    t->pair = word_cache_pair(&s->cache, t->key);
    __builtin_prefetch(t->pair);
}

/* Cuts the tokens that begin in a block at the bits of `starts`; returns how many. Only the last of
 * them may go on in the next block. */
static size_t prepare_block(struct token *tokens, const struct encoder_scratch *s, size_t block,
                            uint64_t starts, size_t to)
{
    const uint64_t more = s->masks[block].more >> 1;
    size_t n = 0;
    size_t at;

    if (!starts)
        return 0;
    for (uint64_t next; (next = starts & (starts - 1)) != 0; starts = next) {
        const size_t i = (size_t)__builtin_ctzll(starts);

        prepare(&tokens[n++], s, block * 64 + i, 1 + (size_t)__builtin_ctzll(~(more >> i)));
    }
    at = block * 64 + (size_t)__builtin_ctzll(starts);
    prepare(&tokens[n++], s, at, 1 + run_length(s->masks, at + 1, to));
    return n;
}

static void encode_prepared(const struct encoder *e, struct encoder_scratch *s, size_t n)
{
    int32_t *ids = s->ids + s->n_ids;

    for (const struct token *t = s->tokens; t < s->tokens + n; t++) {
        if (t->len <= WORD_CACHE_SHORT && word_cache_find(t->pair, t->key)) {
            ids += word_cache_copy(ids, t->pair);
        } else {
            s->n_ids = (size_t)(ids - s->ids);
            encode_word(e, s, t->word, t->len, 0);
            ids = s->ids + s->n_ids;
        }
    }
    s->n_ids = (size_t)(ids - s->ids);
}

/* The tokens of s->folded that begin in [from, to), all of them ASCII and not hard. Several blocks of
 * them are cut first and looked up then, so that the slots are on their way from memory meanwhile. */
static void encode_tokens(const struct encoder *e, struct encoder_scratch *s, size_t from,
                          size_t to)
{
    size_t n = 0;

    for (size_t block = from / 64; block * 64 < to; block++) {
        uint64_t starts = s->masks[block].starts;

        if (block * 64 < from)
            starts &= ~UINT64_C(0) << from % 64;
        if (to - block * 64 < 64)
            starts &= (UINT64_C(1) << (to - block * 64)) - 1;
        n += prepare_block(s->tokens + n, s, block, starts, to);
        if (n > TOKENS_AHEAD) {
            encode_prepared(e, s, n);
            n = 0;
        }
    }
    encode_prepared(e, s, n);
}

static inline bool is_tail(char byte)
{
    return ((unsigned char)byte & 0xC0) == 0x80;
}

/* The kind of the code point at `s` and its length; a wrong byte is one that is dropped. Up to three
 * bytes after it are looked at. */
static inline unsigned kind_at(size_t *len, const struct encoder *e, const char *s)
{
    const unsigned lead = (unsigned char)s[0];
    int32_t point;

    *len = 1;
    if (lead < 0x80)
        return e->kinds[lead];
    if (lead >= 0xC2 && lead < 0xE0 && is_tail(s[1])) {
        *len = 2;
        return e->kinds[(lead & 0x1F) << 6 | (s[1] & 0x3F)];
    }
    if (lead >= 0xE0 && lead < 0xF0 && is_tail(s[1]) && is_tail(s[2])) {
        point = (int32_t)((lead & 0x0F) << 12) | (s[1] & 0x3F) << 6 | (s[2] & 0x3F);
        if (point >= 0x800 && (point < 0xD800 || point > 0xDFFF)) {
            *len = 3;
            return e->kinds[point];
        }
    }
    if (lead >= 0xF0 && lead < 0xF5 && is_tail(s[1]) && is_tail(s[2]) && is_tail(s[3])) {
        point = (int32_t)((lead & 0x07) << 18) | (s[1] & 0x3F) << 12 | (s[2] & 0x3F) << 6 |
                (s[3] & 0x3F);
        if (point >= ENCODER_BMP && point < UNICODE_END) {
            *len = 4;
            return kind_of(e, point);
        }
    }
    return KIND_CHANGES;
}

static inline bool is_separator(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* How long the part is that begins the n bytes, up to white space of ASCII. */
static size_t part_length(const char *text, size_t n)
{
    size_t len = 0;

    while (len < n && !is_separator(text[len]))
        len++;
    return len;
}

/* Whether the n >= 1 bytes begin with the name of a special token once the code points with a flag of
 * `drop` are left out; then its length in bytes, else 0. */
static size_t special_length(const struct encoder *e, const char *text, size_t n, unsigned drop)
{
    enum { LONGEST = 6 };
    int32_t points[LONGEST];
    size_t ends[LONGEST];
    size_t n_points = 0;
    size_t special;

    for (size_t at = 0; at < n && n_points < LONGEST;) {
        char padded[4] = {0};
        int32_t decoded[4];
        size_t len;

        memcpy(padded, text + at, n - at < sizeof padded ? n - at : sizeof padded);
        kind_at(&len, e, padded);
        at += len;
        if (unicode_decode(decoded, padded, len) == 0 ||
            unicode_at(e->unicode, decoded[0])->flags & drop)
            continue;
        if (decoded[0] >= 0x80) /* no name goes on like this */
            break;
        points[n_points] = decoded[0];
        ends[n_points++] = at;
    }
    special = basic_special(points, n_points);
    return special ? ends[special - 1] : 0;
}

/* Where the text of a part is: `folded` is a copy that may have lower case. */
struct part {
    const char *text;   /* (n_ahead) */
    const char *folded; /* (n), and MARGIN bytes behind it can be read */
    size_t n;
    size_t n_ahead;
    bool whole; /* all of it; else more comes behind, and nothing in it needs the whole */
};

/* Puts the ids of a special token anywhere in a word; returns its length, 0 when there is none. */
static size_t encode_special(const struct encoder *e, struct encoder_scratch *s, const char *text,
                             size_t n)
{
    const size_t len = special_length(e, text, n, 0);

    if (len > 0)
        encode_plainly(e, s, text, len);
    return len;
}

/* Whether the code point at p->text + at makes the whole part one for the plain way. */
static bool needs_whole(const struct encoder *e, const struct part *p, size_t at, unsigned kind)
{
    if (!p->whole)
        return false;
    return kind & KIND_SIGMA ||
           (kind & KIND_BRACKET && e->rules->specials == BASIC_SPECIALS_ALONE &&
            special_length(e, p->text + at, p->n - at, e->rules->drop) > 0);
}

/* Puts the ids of the part that p begins with, up to white space of ASCII or p->n; returns how many
 * bytes that were. When more comes behind p->n, the word that lies across is left. */
static size_t encode_part(const struct encoder *e, struct encoder_scratch *s, const struct part *p)
{
    const char *const f = p->folded;
    const size_t before = s->n_ids;
    size_t word = 0; /* where the word that is open begins */
    unsigned kinds = 0;

    for (size_t at = 0, len; at < p->n; at += len) {
        const unsigned kind = kind_at(&len, e, f + at);
        size_t special = 0;

        if (!(kind & (KIND_SPACE | KIND_ALONE | KIND_SIGMA))) {
            kinds |= kind;
            continue;
        }
        if (kind & (KIND_SIGMA | KIND_BRACKET) && needs_whole(e, p, at, kind)) {
            const size_t end = part_length(p->text, p->n);

            s->n_ids = before;
            encode_plainly(e, s, p->text, end);
            return end;
        }
        if (at > word)
            encode_word(e, s, f + word, at - word, kinds);
        if (is_separator(f[at]))
            return at;
        if (kind & KIND_BRACKET && e->rules->specials == BASIC_SPECIALS_ANYWHERE)
            special = encode_special(e, s, p->text + at, p->n_ahead - at);
        if (special > 0)
            len = special;
        else if (kind & KIND_ALONE)
            encode_word(e, s, f + at, len, kind);
        word = at + len;
        kinds = 0;
    }
    if (p->whole && p->n > word) {
        encode_word(e, s, f + word, p->n - word, kinds);
        word = p->n;
    }
    return word;
}

/* The first hard byte at or after `at`, n when there is none. */
static size_t next_hard(const struct byte_masks *masks, size_t at, size_t n)
{
    size_t block = at / 64;
    uint64_t bits;

    if (at >= n)
        return n;
    for (bits = masks[block].hard & ~UINT64_C(0) << at % 64; !bits;) {
        if (++block * 64 >= n)
            return n;
        bits = masks[block].hard;
    }
    return block * 64 + (size_t)__builtin_ctzll(bits);
}

/* Fills s->folded and s->masks from n <= PIECE bytes. */
static void look_at(struct encoder_scratch *s, const char *text, size_t n)
{
    const size_t n_blocks = (n + BYTE_MASKS_BLOCK - 1) / BYTE_MASKS_BLOCK;

    s->plan->run(s->folded, s->masks, text, n, s->plan);
    s->masks[n_blocks] = (struct byte_masks){0};
    memset(s->folded + n_blocks * BYTE_MASKS_BLOCK, ' ', MARGIN);
    reserve_piece(s, n);
}

/* A piece that begins and ends at white space. */
static void encode_piece(const struct encoder *e, struct encoder_scratch *s, const char *text,
                         size_t n)
{
    look_at(s, text, n);
    for (size_t at = 0; at < n;) {
        size_t part = next_hard(s->masks, at, n);

        while (part > at && part < n && !is_separator(s->folded[part - 1]))
            part--;
        encode_tokens(e, s, at, part);
        at = part;
        if (at < n)
            at += encode_part(e, s,
                              &(struct part){.text = text + at,
                                             .folded = s->folded + at,
                                             .n = n - at,
                                             .n_ahead = n - at,
                                             .whole = true});
    }
}

/* Whether a part holds what makes it one for the plain way. */
static bool has_context(const struct encoder *e, const char *text, size_t n)
{
    const bool sigma = e->kinds[0x3A3] & KIND_SIGMA;

    if (sigma)
        for (size_t at = 0; at + 1 < n; at++)
            if (text[at] == '\xCE' && text[at + 1] == '\xA3')
                return true;
    if (e->rules->specials == BASIC_SPECIALS_ALONE)
        for (const char *p = text; (p = memchr(p, '[', n - (size_t)(p - text))) != NULL; p++)
            if (special_length(e, p, n - (size_t)(p - text), e->rules->drop) > 0)
                return true;
    return false;
}

/* A part of more than PIECE bytes, as Chinese has them: cut at punctuation and ideographs. */
static void encode_long_part(const struct encoder *e, struct encoder_scratch *s, const char *text,
                             size_t n)
{
    size_t at = 0;

    if (has_context(e, text, n)) {
        encode_plainly(e, s, text, n);
        return;
    }
    while (at < n) {
        const size_t take = n - at < PIECE ? n - at : PIECE;
        const struct part p = {.text = text + at,
                               .folded = s->folded,
                               .n = take,
                               .n_ahead = n - at,
                               .whole = take == n - at};
        size_t done;

        look_at(s, text + at, take);
        done = encode_part(e, s, &p);
        if (done == 0) { /* a word longer than a piece */
            encode_plainly(e, s, text + at, n - at);
            return;
        }
        at += done;
    }
}

size_t encoder_cut(const char *text, size_t n, size_t most)
{
    size_t take = n < most ? n : most;

    if (take == n)
        return n;
    while (take > 0 && !is_separator(text[take - 1]))
        take--;
    return take ? take : most + part_length(text + most, n - most);
}

static void run(const int32_t **ids, size_t *n_ids, const struct encoder *e,
                struct encoder_scratch *s, const char *text, size_t n)
{
    s->n_ids = 0;
    s->invalid = false;
    for (size_t at = 0; at < n;) {
        const size_t take = n - at <= PIECE ? n - at : encoder_cut(text + at, n - at, PIECE);

        if (take <= PIECE)
            encode_piece(e, s, text + at, take);
        else
            encode_long_part(e, s, text + at, take);
        at += take;
    }
    *ids = s->ids;
    *n_ids = s->n_ids;
}

void encoder_run(const int32_t **ids, size_t *n_ids, const struct encoder *e,
                 struct encoder_scratch *s, const char *text, size_t n)
{
    s->plan = &e->masks;
    run(ids, n_ids, e, s, text, n);
}

void encoder_run_lines(const int32_t **ids, size_t *n_ids, const struct encoder *e,
                       struct encoder_scratch *s, const char *text, size_t n)
{
    s->plan = &e->line_masks;
    run(ids, n_ids, e, s, text, n);
}

bool encoder_met_invalid(const struct encoder_scratch *s)
{
    return s->invalid;
}

void encoder_run_plain(const int32_t **ids, size_t *n_ids, const struct encoder *e,
                       struct encoder_scratch *s, const char *text, size_t n)
{
    s->n_ids = 0;
    s->invalid = false;
    encode_plainly(e, s, text, n);
    *ids = s->ids;
    *n_ids = s->n_ids;
}

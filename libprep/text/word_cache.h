/* word_cache.h -- words met before and their ids, in fixed memory.
 *
 *      word of 1 to 16 bytes --hash--> two slots of 32 bytes, one line: the word, up to 3 ids
 *      word of up to 32      --hash--> two slots of 64 bytes: the word, up to 7 ids
 *
 * A pair of slots holds the last two words that fell on it, the later one first: text is made of few
 * words, and one that is lost is only worked out anew. Keys are filled up with zero bytes; a zero byte is removed from every text, so
 * "x" and "x" with zero bytes behind have the same ids and may share a slot. */
#ifndef TEXT_WORD_CACHE_H
#define TEXT_WORD_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    WORD_CACHE_SHORT = 16,
    WORD_CACHE_LONG = 32,
    WORD_CACHE_SHORT_IDS = 3,
    WORD_CACHE_LONG_IDS = 7
};

struct word_cache_short {
    uint64_t key[2];
    int32_t ids[WORD_CACHE_SHORT_IDS + 1]; /* the last of them is how many */
};

struct word_cache_long {
    uint64_t key[4];
    int32_t ids[WORD_CACHE_LONG_IDS + 1]; /* the last of them is how many */
};

struct word_cache {
    struct word_cache_short *shorts; /* (1 << bits) */
    struct word_cache_long *longs;   /* (1 << bits - 2) */
    unsigned bits;
    void *block; /* both, as allocated */
};

/* About n bytes, at least 64 KiB; empty. */
void word_cache_init(struct word_cache *c, size_t n);
void word_cache_clear(struct word_cache *c);
void word_cache_release(struct word_cache *c);

/* Remembers the ids, unless the word or they are too many. */
void word_cache_put(struct word_cache *c, const char *word, size_t len, const int32_t *ids,
                    size_t n);

/* word_cache_get() for words that are long or have many ids. */
bool word_cache_get_long(int32_t *to, size_t *n, struct word_cache *c, const char *word,
                         size_t len);

static inline size_t word_cache_hash(uint64_t a, uint64_t b, unsigned bits)
{
    return (size_t)((a * UINT64_C(0x9E3779B97F4A7C15) + b * UINT64_C(0xC2B2AE3D27D4EB4F)) >>
                    (64 - bits));
}

/* A word of up to WORD_CACHE_SHORT bytes, of which that many can be read, as two numbers. */
struct word_key {
    uint64_t a, b;
};

static inline struct word_key word_cache_key(const char *word, size_t len)
{
    static const unsigned char ones[48] = {255, 255, 255, 255, 255, 255, 255, 255,
                                           255, 255, 255, 255, 255, 255, 255, 255};
    struct word_key key, mask;

    memcpy(&key, word, sizeof key);
    memcpy(&mask, ones + WORD_CACHE_SHORT - len, sizeof mask);
    return (struct word_key){key.a & mask.a, key.b & mask.b};
}

/* The pair where it is if it is in the cache. */
static inline struct word_cache_short *word_cache_pair(const struct word_cache *c,
                                                       struct word_key key)
{
    return &c->shorts[2 * word_cache_hash(key.a, key.b, c->bits - 1)];
}

static inline bool word_cache_is(const struct word_cache_short *slot, struct word_key key)
{
    return ((slot->key[0] ^ key.a) | (slot->key[1] ^ key.b)) == 0;
}

/* Whether the word is the first of its pair, where it is moved to when it is the second. */
static inline bool word_cache_find(struct word_cache_short *pair, struct word_key key)
{
    struct word_cache_short first;

    if (word_cache_is(&pair[0], key))
        return true;
    if (!word_cache_is(&pair[1], key))
        return false;
    first = pair[0];
    pair[0] = pair[1];
    pair[1] = first;
    return true;
}

/* Writes the ids of the slot at `to`, which has room for one more than it can hold; returns how
 * many. */
static inline size_t word_cache_copy(int32_t *to, const struct word_cache_short *slot)
{
    memcpy(to, slot->ids, sizeof slot->ids);
    return (size_t)slot->ids[WORD_CACHE_SHORT_IDS];
}

/* Writes the ids of the word at `to`, which has room for WORD_CACHE_LONG_IDS + 1, and how many into
 * *n; false when the word is not there. WORD_CACHE_LONG bytes of `word` can be read. */
static inline bool word_cache_get(int32_t *to, size_t *n, struct word_cache *c, const char *word,
                                  size_t len)
{
    if (len <= WORD_CACHE_SHORT) {
        const struct word_key key = word_cache_key(word, len);
        struct word_cache_short *pair = word_cache_pair(c, key);

        if (word_cache_find(pair, key)) {
            *n = word_cache_copy(to, pair);
            return true;
        }
    }
    return len <= WORD_CACHE_LONG && word_cache_get_long(to, n, c, word, len);
}

#endif

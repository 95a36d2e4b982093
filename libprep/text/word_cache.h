/* word_cache.h -- words met before and their ids, in fixed memory.
 *
 *      word of 1 to 16 bytes --hash--> slot of 32 bytes: the word, up to 3 ids
 *      word of up to 32      --hash--> slot of 64 bytes: the word, up to 7 ids
 *
 * A slot holds the last word that fell on it: text is made of few words, and one that is lost is
 * only worked out anew. Keys are filled up with zero bytes; a zero byte is removed from every text, so
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
    int32_t ids[WORD_CACHE_SHORT_IDS];
    uint32_t n;
};

struct word_cache_long {
    uint64_t key[4];
    int32_t ids[WORD_CACHE_LONG_IDS];
    uint32_t n;
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

/* Where it is if it is in the cache. */
static inline const struct word_cache_short *word_cache_slot(const struct word_cache *c,
                                                             struct word_key key)
{
    return &c->shorts[word_cache_hash(key.a, key.b, c->bits)];
}

static inline bool word_cache_is(const struct word_cache_short *slot, struct word_key key)
{
    return ((slot->key[0] ^ key.a) | (slot->key[1] ^ key.b)) == 0;
}

/* Writes the ids of the word at `to`, which has room for WORD_CACHE_LONG_IDS + 1, and how many into
 * *n; false when the word is not there. WORD_CACHE_LONG bytes of `word` can be read. */
static inline bool word_cache_get(int32_t *to, size_t *n, const struct word_cache *c,
                                  const char *word, size_t len)
{
    uint64_t key[4] = {0};
    const struct word_cache_long *slot;

    if (len <= WORD_CACHE_SHORT) {
        const struct word_key k = word_cache_key(word, len);
        const struct word_cache_short *s = word_cache_slot(c, k);

        if (word_cache_is(s, k)) {
            memcpy(to, s->ids, sizeof s->ids);
            *n = s->n;
            return true;
        }
    }
    if (len > WORD_CACHE_LONG)
        return false;
    memcpy(key, word, len);
    slot = &c->longs[word_cache_hash(key[0] ^ key[2], key[1] ^ key[3], c->bits - 2)];
    if (memcmp(slot->key, key, sizeof key) != 0)
        return false;
    memcpy(to, slot->ids, sizeof slot->ids);
    *n = slot->n;
    return true;
}

#endif

/* word_cache.c -- one block for both tables, in huge pages where the system gives them: they are asked
 * for before the first touch, because afterwards small ones are there already. The system gives memory
 * as zeros when it is touched, so a short text costs little. */
#define _DEFAULT_SOURCE /* madvise */
#include "text/word_cache.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "base/mem.h"

enum { HUGE_PAGE = 2 << 20, MIN_BITS = 10, MAX_BITS = 28 };

static size_t bytes_of(unsigned bits)
{
    return ((size_t)1 << bits) * sizeof(struct word_cache_short) +
           ((size_t)1 << (bits - 2)) * sizeof(struct word_cache_long);
}

void word_cache_init(struct word_cache *c, size_t n)
{
    const uintptr_t last = HUGE_PAGE - 1;
    char *block;

    for (c->bits = MIN_BITS; c->bits < MAX_BITS && bytes_of(c->bits + 1) <= n;)
        c->bits++;
    c->block = mem_alloc(bytes_of(c->bits) + last); /* of this size it comes untouched */
    block = (char *)c->block + (-(uintptr_t)c->block & last);
    (void)madvise(block, bytes_of(c->bits), MADV_HUGEPAGE);
    c->shorts = (struct word_cache_short *)(void *)block;
    c->longs = (struct word_cache_long *)(void *)(c->shorts + ((size_t)1 << c->bits));
}

void word_cache_clear(struct word_cache *c)
{
    memset(c->shorts, 0, bytes_of(c->bits));
}

void word_cache_release(struct word_cache *c)
{
    free(c->block);
    *c = (struct word_cache){0};
}

static struct word_cache_long *long_pair(const struct word_cache *c, const uint64_t key[4])
{
    return &c->longs[2 * word_cache_hash(key[0] ^ key[2], key[1] ^ key[3], c->bits - 3)];
}

bool word_cache_get_long(int32_t *to, size_t *n, struct word_cache *c, const char *word, size_t len)
{
    uint64_t key[4] = {0};
    struct word_cache_long *pair;

    memcpy(key, word, len);
    pair = long_pair(c, key);
    if (memcmp(pair[0].key, key, sizeof key) != 0) {
        const struct word_cache_long first = pair[0];

        if (memcmp(pair[1].key, key, sizeof key) != 0)
            return false;
        pair[0] = pair[1];
        pair[1] = first;
    }
    memcpy(to, pair->ids, sizeof pair->ids);
    *n = (size_t)pair->ids[WORD_CACHE_LONG_IDS];
    return true;
}

void word_cache_put(struct word_cache *c, const char *word, size_t len, const int32_t *ids,
                    size_t n)
{
    uint64_t key[4] = {0};

    if (len > WORD_CACHE_LONG || n > WORD_CACHE_LONG_IDS)
        return;
    memcpy(key, word, len);
    if (len <= WORD_CACHE_SHORT && n <= WORD_CACHE_SHORT_IDS) {
        struct word_cache_short *pair = word_cache_pair(c, (struct word_key){key[0], key[1]});

        pair[1] = pair[0];
        memcpy(pair->key, key, sizeof pair->key);
        memcpy(pair->ids, ids, n * sizeof *ids);
        pair->ids[WORD_CACHE_SHORT_IDS] = (int32_t)n;
    } else {
        struct word_cache_long *pair = long_pair(c, key);

        pair[1] = pair[0];
        memcpy(pair->key, key, sizeof pair->key);
        memcpy(pair->ids, ids, n * sizeof *ids);
        pair->ids[WORD_CACHE_LONG_IDS] = (int32_t)n;
    }
}

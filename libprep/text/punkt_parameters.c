/* punkt_parameters.c -- the four tables of a parameter file, in one hash table. */
#include "text/punkt_parameters.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"

/* FNV-1a: the words are short. */
static uint32_t hash_of(const char *word, size_t n)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < n; i++)
        hash = (hash ^ (unsigned char)word[i]) * 16777619u;
    return hash;
}

/* The slot of a word, or the free one where it belongs. */
static struct punkt_slot *slot_of(const struct punkt_parameters *p, const char *word, size_t n,
                                  uint32_t hash)
{
    for (size_t at = hash;; at++) {
        struct punkt_slot *s = &p->slots[at & (p->n_slots - 1)];

        if (s->len == 0 ||
            (s->hash == hash && s->len == n && memcmp(p->keys.data + s->key, word, n) == 0))
            return s;
    }
}

static void grow(struct punkt_parameters *p)
{
    struct punkt_slot *old = p->slots;
    const size_t n_old = p->n_slots;

    p->n_slots = n_old ? 2 * n_old : 1024;
    p->slots = mem_array(p->n_slots, sizeof *p->slots);
    for (size_t i = 0; i < n_old; i++) {
        if (old[i].len)
            *slot_of(p, p->keys.data + old[i].key, old[i].len, old[i].hash) = old[i];
    }
    free(old);
}

static void add(struct punkt_parameters *p, const char *word, size_t n, unsigned marks)
{
    const uint32_t hash = hash_of(word, n);
    struct punkt_slot *s;

    if (2 * (p->n + 1) > p->n_slots)
        grow(p);
    s = slot_of(p, word, n, hash);
    if (s->len == 0) {
        *s = (struct punkt_slot){.hash = hash, .key = (uint32_t)p->keys.len, .len = (uint16_t)n};
        buf_put(&p->keys, word, n);
        p->n++;
    }
    s->marks |= (uint16_t)marks;
}

/* One member of the file on its way into the table. */
struct member {
    struct punkt_parameters *to;
    const char *name;
    unsigned mark; /* 0 = the values are the marks */
    struct err *err;
};

static int take_word(void *context, const char *word, const struct json *value)
{
    const struct member *m = context;
    const size_t n = strlen(word);
    const int64_t number = json_int_or(value, -1);
    const char *comma = m->mark == PUNKT_COLLOCATION ? strchr(word, ',') : NULL;

    if (n == 0 || n > PUNKT_MAX_WORD)
        return err_set(m->err, ERR_LIMIT, "a word in '%s' has %zu bytes, not 1 to %d", m->name, n,
                       PUNKT_MAX_WORD);
    if (number < 0 || number > PUNKT_CONTEXTS)
        return err_set(m->err, ERR_FORMAT, "'%s' of '%s' is no number from 0 to %d", word, m->name,
                       PUNKT_CONTEXTS);
    if (m->mark == PUNKT_COLLOCATION && !comma)
        return err_set(m->err, ERR_FORMAT, "'%s' of '%s' has no comma between two words", word,
                       m->name);
    if (number == 0)
        return 0;
    add(m->to, word, n, m->mark ? m->mark : (unsigned)number);
    /* Every beginning before a comma, because words may hold commas themselves. */
    for (; comma; comma = strchr(comma + 1, ',')) {
        if (comma > word)
            add(m->to, word, (size_t)(comma - word), PUNKT_FIRST);
    }
    return 0;
}

int punkt_parameters_load(struct punkt_parameters *p, const char *path, struct err *err)
{
    const struct member members[] = {{p, "AbbrevTypes", PUNKT_ABBREVIATION, err},
                                     {p, "Collocations", PUNKT_COLLOCATION, err},
                                     {p, "SentStarters", PUNKT_STARTER, err},
                                     {p, "OrthoContext", 0, err}};
    struct json *root = json_load(path, PUNKT_MAX_FILE, err);
    int rc = root ? 0 : -1;

    *p = (struct punkt_parameters){0};
    grow(p);
    for (size_t i = 0; rc == 0 && i < sizeof members / sizeof members[0]; i++) {
        struct member m = members[i];
        const struct json *map = json_member(root, m.name);

        if (!map || json_kind_of(map) != JSON_KIND_MAP)
            rc = err_set(err, ERR_FORMAT, "no member '%s' that is an object", m.name);
        else
            rc = json_each(map, take_word, &m);
        if (rc < 0)
            err_in(err, "%s", path);
    }
    json_release(root);
    return rc;
}

unsigned punkt_parameters_marks(const struct punkt_parameters *p, const char *word, size_t n)
{
    return n == 0 || n > 2 * PUNKT_MAX_WORD ? 0 : slot_of(p, word, n, hash_of(word, n))->marks;
}

void punkt_parameters_release(struct punkt_parameters *p)
{
    free(p->slots);
    buf_release(&p->keys);
    *p = (struct punkt_parameters){0};
}

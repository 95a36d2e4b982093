/* corpus.c -- three temporary files that only grow, then three mapped arrays. */
#include "instance/corpus.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { SUM_BLOCK = 1 << 12 }; /* numbers hashed at once */

int corpus_open(struct corpus *c, const char *folder, int64_t vocab_size, struct err *err)
{
    const uint64_t zero = 0;

    *c = (struct corpus){.id_bytes = vocab_size <= UINT16_MAX + 1 ? 2 : 4};
    if (scratch_open(&c->ids, folder, err) < 0 || scratch_open(&c->sentences, folder, err) < 0 ||
        scratch_open(&c->documents, folder, err) < 0)
        return -1;
    if (scratch_put(&c->sentences, &zero, sizeof zero, err) < 0 ||
        scratch_put(&c->documents, &zero, sizeof zero, err) < 0)
        return -1;
    return 0;
}

int corpus_add_sentence(struct corpus *c, const int32_t *ids, size_t n, struct err *err)
{
    const void *bytes = ids;

    assert(n > 0);
    if (n > UINT32_MAX)
        return err_set(err, ERR_LIMIT, "sentence of %zu ids is too long", n);
    if (c->id_bytes == 2) {
        uint16_t *to;

        buf_clear(&c->narrow);
        to = (uint16_t *)(void *)buf_reserve(&c->narrow, n * sizeof *to);
        for (size_t i = 0; i < n; i++)
            to[i] = (uint16_t)ids[i];
        bytes = to;
    }
    c->n_ids += n;
    c->n_sentences++;
    if (scratch_put(&c->ids, bytes, n * c->id_bytes, err) < 0)
        return -1;
    return scratch_put(&c->sentences, &c->n_ids, sizeof c->n_ids, err);
}

int corpus_end_document(struct corpus *c, struct err *err)
{
    if (c->n_closed == c->n_sentences)
        return 0;
    c->n_closed = c->n_sentences;
    c->n_documents++;
    return scratch_put(&c->documents, &c->n_sentences, sizeof c->n_sentences, err);
}

int corpus_seal(struct corpus *c, struct err *err)
{
    if (corpus_end_document(c, err) < 0)
        return -1;
    if (scratch_map(&c->ids, err) < 0 || scratch_map(&c->sentences, err) < 0)
        return -1;
    return scratch_map(&c->documents, err);
}

size_t corpus_document(const uint64_t **bounds, const struct corpus *c, size_t d)
{
    const uint64_t *documents = c->documents.bytes;
    const uint64_t *sentences = c->sentences.bytes;

    assert(d < c->n_documents);
    *bounds = sentences + documents[d];
    return (size_t)(documents[d + 1] - documents[d]);
}

void corpus_copy(int32_t *ids, const struct corpus *c, uint64_t at, size_t n)
{
    if (c->id_bytes == 2) {
        const uint16_t *from = (const uint16_t *)c->ids.bytes + at;

        for (size_t i = 0; i < n; i++)
            ids[i] = from[i];
    } else if (n) {
        memcpy(ids, (const int32_t *)c->ids.bytes + at, n * sizeof *ids);
    }
}

/* Numbers on their way into a checksum, little-endian. */
struct summing {
    struct sha256 *sha;
    unsigned char bytes[SUM_BLOCK * 4];
    size_t n;
};

static void sum_number(struct summing *s, uint32_t number)
{
    unsigned char *to = s->bytes + 4 * s->n++;

    for (int i = 0; i < 4; i++)
        to[i] = (unsigned char)(number >> (8 * i));
    if (s->n == SUM_BLOCK) {
        sha256_add(s->sha, s->bytes, sizeof s->bytes);
        s->n = 0;
    }
}

void corpus_sum(struct corpus *c)
{
    struct summing *s = mem_alloc(sizeof *s);

    s->sha = sha256_open();
    for (size_t d = 0; d < c->n_documents; d++) {
        const uint64_t *bounds;
        const size_t n = corpus_document(&bounds, c, d);

        for (size_t i = 0; i < n; i++) {
            sum_number(s, (uint32_t)(bounds[i + 1] - bounds[i]));
            for (uint64_t at = bounds[i]; at < bounds[i + 1]; at++)
                sum_number(s, c->id_bytes == 2 ? ((const uint16_t *)c->ids.bytes)[at]
                                               : ((const uint32_t *)c->ids.bytes)[at]);
        }
        sum_number(s, 0);
    }
    sha256_add(s->sha, s->bytes, 4 * s->n);
    sha256_end(s->sha, c->sha256);
    free(s);
}

uint64_t corpus_hash(const struct corpus *c, size_t d, uint64_t seed)
{
    const uint64_t *bounds;
    const size_t n = corpus_document(&bounds, c, d);
    const char *ids = c->ids.bytes;

    return xxh3_of(ids + bounds[0] * c->id_bytes, (size_t)(bounds[n] - bounds[0]) * c->id_bytes,
                   seed);
}

void corpus_close(struct corpus *c)
{
    buf_release(&c->narrow);
    scratch_close(&c->ids);
    scratch_close(&c->sentences);
    scratch_close(&c->documents);
    *c = (struct corpus){0};
}

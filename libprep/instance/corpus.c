/* corpus.c -- three temporary files that only grow, then three mapped arrays. */
#include "instance/corpus.h"

#include <assert.h>
#include <string.h>

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
    c->sum = sha256_open();
    return 0;
}

/* For the checksum: the same bytes whatever the width and the machine. */
static void add_to_sum(struct corpus *c, const int32_t *ids, size_t n)
{
    buf_clear(&c->narrow);
    buf_put_u32(&c->narrow, (uint32_t)n);
    for (size_t i = 0; i < n; i++)
        buf_put_u32(&c->narrow, (uint32_t)ids[i]);
    sha256_add(c->sum, c->narrow.data, c->narrow.len);
}

int corpus_add_sentence(struct corpus *c, const int32_t *ids, size_t n, struct err *err)
{
    const void *bytes = ids;

    assert(n > 0);
    if (n > UINT32_MAX)
        return err_set(err, ERR_LIMIT, "sentence of %zu ids is too long", n);
    add_to_sum(c, ids, n);
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
    add_to_sum(c, NULL, 0);
    c->n_closed = c->n_sentences;
    c->n_documents++;
    return scratch_put(&c->documents, &c->n_sentences, sizeof c->n_sentences, err);
}

int corpus_seal(struct corpus *c, struct err *err)
{
    if (corpus_end_document(c, err) < 0)
        return -1;
    sha256_end(c->sum, c->sha256);
    c->sum = NULL;
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
    char unused[HASH_HEX_SIZE];

    if (c->sum)
        sha256_end(c->sum, unused);
    buf_release(&c->narrow);
    scratch_close(&c->ids);
    scratch_close(&c->sentences);
    scratch_close(&c->documents);
    *c = (struct corpus){0};
}

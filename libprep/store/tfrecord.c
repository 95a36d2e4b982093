/* tfrecord.c -- the few protocol buffer fields that an Example has, written and read by hand. */
#include "store/tfrecord.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/crc32c.h"
#include "base/mem.h"
#include "base/sink.h"

enum {
    HEAD_SIZE = 12, /* length and its CRC */
    TAIL_SIZE = 4,
    MAX_RECORD = 64 << 20,
    /* protobuf: field number << 3 | wire type; all of ours are length-delimited */
    BYTES = 2,
    EXAMPLE_FEATURES = 1 << 3 | BYTES,
    FEATURES_FEATURE = 1 << 3 | BYTES, /* a map: entries of key and value */
    ENTRY_KEY = 1 << 3 | BYTES,
    ENTRY_VALUE = 2 << 3 | BYTES,
    FEATURE_FLOATS = 2 << 3 | BYTES,
    FEATURE_INTS = 3 << 3 | BYTES,
    LIST_VALUE = 1 << 3 | BYTES /* packed */
};

/* ---- writing ---- */

struct tfrecord_writer {
    struct sink sink;
    struct crc32c crc;
    size_t seq_length;
    size_t max_predictions;
    struct buf values; /* of one feature */
    struct buf example;
    struct buf record;
};

struct tfrecord_writer *tfrecord_create(const char *path, size_t seq_length, size_t max_predictions,
                                        struct err *err)
{
    struct tfrecord_writer *w = mem_alloc(sizeof *w);

    w->seq_length = seq_length;
    w->max_predictions = max_predictions;
    crc32c_init(&w->crc);
    if (sink_open(&w->sink, path, err) == 0)
        return w;
    tfrecord_discard(w);
    return NULL;
}

static void put_varint(struct buf *b, uint64_t value)
{
    for (; value >= 128; value >>= 7)
        buf_put_byte(b, (char)(value | 128));
    buf_put_byte(b, (char)value);
}

static size_t varint_size(uint64_t value)
{
    size_t n = 1;

    for (; value >= 128; value >>= 7)
        n++;
    return n;
}

/* Size of a length-delimited field that holds n bytes. */
static size_t field_size(size_t n)
{
    return 1 + varint_size(n) + n;
}

static void put_head(struct buf *b, int field, size_t n)
{
    buf_put_byte(b, (char)field);
    put_varint(b, n);
}

/* Adds the packed list in w->values to the example as the feature `name`. */
static void end_feature(struct tfrecord_writer *w, const char *name, int kind)
{
    const size_t list = field_size(w->values.len);
    const size_t feature = field_size(list);
    const size_t entry = field_size(strlen(name)) + field_size(feature);

    put_head(&w->example, FEATURES_FEATURE, entry);
    put_head(&w->example, ENTRY_KEY, strlen(name));
    buf_put_text(&w->example, name);
    put_head(&w->example, ENTRY_VALUE, feature);
    put_head(&w->example, kind, list);
    put_head(&w->example, LIST_VALUE, w->values.len);
    buf_put(&w->example, w->values.data, w->values.len);
    buf_clear(&w->values);
}

/* n values, then zeros up to `width`. */
static void put_ints(struct tfrecord_writer *w, const char *name, const int32_t *values, size_t n,
                     size_t width)
{
    for (size_t i = 0; i < n; i++)
        put_varint(&w->values, (uint64_t)(int64_t)values[i]);
    for (size_t i = n; i < width; i++)
        buf_put_byte(&w->values, 0);
    end_feature(w, name, FEATURE_INTS);
}

/* Zeros, but ones in [begin, end). */
static void put_flags(struct tfrecord_writer *w, const char *name, size_t begin, size_t end,
                      size_t width)
{
    for (size_t i = 0; i < width; i++)
        buf_put_byte(&w->values, i >= begin && i < end);
    end_feature(w, name, FEATURE_INTS);
}

static void put_weights(struct tfrecord_writer *w, const char *name, size_t n, size_t width)
{
    static const char one[4] = {0, 0, (char)0x80, 0x3f}; /* 1.0f, little-endian */
    static const char zero[4] = {0};

    for (size_t i = 0; i < width; i++)
        buf_put(&w->values, i < n ? one : zero, sizeof one);
    end_feature(w, name, FEATURE_FLOATS);
}

int tfrecord_put(struct tfrecord_writer *w, const struct sequence *s, struct err *err)
{
    const size_t T = w->seq_length;
    const size_t P = w->max_predictions;
    struct buf *r = &w->record;

    if (s->n_ids > T || s->n_masked > P)
        return err_set(err, ERR_LIMIT, "%s: %zu tokens, %zu masked, where %zu and %zu fit",
                       w->sink.path, s->n_ids, s->n_masked, T, P);
    buf_clear(&w->example);
    put_ints(w, "input_ids", s->ids, s->n_ids, T);
    put_flags(w, "input_mask", 0, s->n_ids, T);
    put_flags(w, "segment_ids", s->n_first, s->n_ids, T);
    put_ints(w, "masked_lm_positions", s->masked_at, s->n_masked, P);
    put_ints(w, "masked_lm_ids", s->masked_ids, s->n_masked, P);
    put_weights(w, "masked_lm_weights", s->n_masked, P);
    put_ints(w, "next_sentence_labels", &s->next_label, 1, 1);

    buf_clear(r);
    buf_put_u64(r, field_size(w->example.len));
    buf_put_u32(r, crc32c_masked(&w->crc, r->data, sizeof(uint64_t)));
    put_head(r, EXAMPLE_FEATURES, w->example.len);
    buf_put(r, w->example.data, w->example.len);
    buf_put_u32(r, crc32c_masked(&w->crc, r->data + HEAD_SIZE, r->len - HEAD_SIZE));
    return sink_write(&w->sink, r->data, r->len, err);
}

int tfrecord_finish(struct tfrecord_writer *w, struct err *err)
{
    return sink_finish(&w->sink, err);
}

void tfrecord_discard(struct tfrecord_writer *w)
{
    if (!w)
        return;
    sink_close(&w->sink);
    buf_release(&w->values);
    buf_release(&w->example);
    buf_release(&w->record);
    free(w);
}

/* ---- checking ---- */

/* Bytes being taken apart; `bad` once they end too early. */
struct slice {
    const unsigned char *at;
    const unsigned char *end;
    bool bad;
};

static uint64_t take_varint(struct slice *s)
{
    uint64_t value = 0;

    for (int shift = 0; shift < 64 && s->at < s->end; shift += 7) {
        const unsigned char byte = *s->at++;

        value |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return value;
    }
    s->bad = true;
    return 0;
}

/* The next field, which has to be length-delimited, and its content. False at the end. */
static bool take_field(struct slice *content, int *field, struct slice *s)
{
    uint64_t n;

    if (s->bad || s->at == s->end)
        return false;
    *field = *s->at++;
    n = take_varint(s);
    s->bad = s->bad || (*field & 7) != BYTES || n > (uint64_t)(s->end - s->at);
    if (s->bad)
        return false;
    *content = (struct slice){.at = s->at, .end = s->at + n};
    s->at += n;
    return true;
}

/* What a check wants to know of one Example. */
struct found {
    size_t n_ids;
    size_t n_masked;
    int64_t label;
    unsigned n_features;
};

static bool is_key(const struct slice *key, const char *name)
{
    const size_t n = strlen(name);

    return (size_t)(key->end - key->at) == n && !memcmp(key->at, name, n);
}

static void note_values(struct found *f, const struct slice *key, int kind, struct slice values)
{
    f->n_features++;
    if (kind == FEATURE_INTS && is_key(key, "input_mask")) {
        while (values.at < values.end && !values.bad)
            f->n_ids += take_varint(&values) == 1;
    } else if (kind == FEATURE_INTS && is_key(key, "next_sentence_labels")) {
        f->label = (int64_t)take_varint(&values);
    } else if (kind == FEATURE_FLOATS && is_key(key, "masked_lm_weights")) {
        for (; values.end - values.at >= 4; values.at += 4)
            f->n_masked += values.at[3] != 0;
    }
}

static bool read_entry(struct found *f, struct slice entry)
{
    struct slice key = {0};
    struct slice value = {0};
    struct slice part;
    int field;
    int kind;

    while (take_field(&part, &field, &entry)) {
        if (field == ENTRY_KEY)
            key = part;
        else if (field == ENTRY_VALUE)
            value = part;
    }
    if (entry.bad || !key.at || !take_field(&part, &kind, &value))
        return false;
    value = part;
    if (!take_field(&part, &field, &value) || field != LIST_VALUE)
        return false;
    note_values(f, &key, kind, part);
    return true;
}

static bool read_example(struct found *f, const char *bytes, size_t n)
{
    enum { N_FEATURES = 7 };
    const unsigned char *at = (const unsigned char *)bytes;
    struct slice example = {.at = at, .end = at + n};
    struct slice features;
    struct slice entry;
    int field;

    *f = (struct found){0};
    if (!take_field(&features, &field, &example) || field != EXAMPLE_FEATURES)
        return false;
    while (take_field(&entry, &field, &features))
        if (field != FEATURES_FEATURE || !read_entry(f, entry))
            return false;
    return !features.bad && f->n_features == N_FEATURES;
}

static uint64_t get_le(const char *bytes, size_t n)
{
    uint64_t value = 0;

    for (size_t i = n; i-- > 0;)
        value = value << 8 | (unsigned char)bytes[i];
    return value;
}

/* Reads the next record into `record`. 1 with one, 0 at the end of the file, -1 with err. */
static int read_record(struct buf *record, FILE *file, const struct crc32c *crc, struct err *err)
{
    char head[HEAD_SIZE];
    const size_t got = fread(head, 1, sizeof head, file);
    uint64_t n;

    if (got == 0 && !ferror(file))
        return 0;
    if (got != sizeof head)
        return err_set(err, ERR_FORMAT, "cut short");
    n = get_le(head, 8);
    if (get_le(head + 8, 4) != crc32c_masked(crc, head, 8))
        return err_set(err, ERR_FORMAT, "checksum of its length does not fit");
    if (n > MAX_RECORD)
        return err_set(err, ERR_LIMIT, "has %llu bytes, at most %d can be read",
                       (unsigned long long)n, MAX_RECORD);
    buf_clear(record);
    buf_reserve(record, (size_t)n + TAIL_SIZE);
    if (fread(record->data, 1, (size_t)n + TAIL_SIZE, file) != n + TAIL_SIZE)
        return err_set(err, ERR_FORMAT, "cut short");
    if (get_le(record->data + n, 4) != crc32c_masked(crc, record->data, (size_t)n))
        return err_set(err, ERR_FORMAT, "checksum does not fit");
    record->len = (size_t)n;
    return 1;
}

int tfrecord_check(const char *path,
                   void (*record)(void *context, size_t n_ids, size_t n_masked, int64_t label),
                   void *context, struct err *err)
{
    FILE *file = fopen(path, "rb");
    struct buf bytes = {0};
    struct crc32c crc;
    long long number = 0;
    int rc;

    if (!file)
        return err_errno(err, "cannot open '%s'", path);
    crc32c_init(&crc);
    while ((rc = read_record(&bytes, file, &crc, err)) > 0) {
        struct found found;

        if (!read_example(&found, bytes.data, bytes.len)) {
            rc = err_set(err, ERR_FORMAT, "is no Example of the seven features");
            break;
        }
        record(context, found.n_ids, found.n_masked, found.label);
        number++;
    }
    if (rc < 0)
        err_in(err, "%s: record %lld", path, number);
    buf_release(&bytes);
    fclose(file);
    return rc;
}

/* histogram.c -- counts by length. */
#include "pack/histogram.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { MAX_FILE = 16 << 20 };

/* Far more than any corpus has, and products with a length stay within 64 bits. */
#define MAX_SEQUENCES ((int64_t)1 << 40)

void histogram_init(struct histogram *h, size_t max_len)
{
    *h =
        (struct histogram){.max_len = max_len, .counts = mem_array(max_len + 1, sizeof *h->counts)};
}

void histogram_release(struct histogram *h)
{
    free(h->counts);
    *h = (struct histogram){0};
}

void histogram_copy(struct histogram *to, const struct histogram *from)
{
    histogram_init(to, from->max_len);
    memcpy(to->counts, from->counts, (from->max_len + 1) * sizeof *to->counts);
    to->n_sequences = from->n_sequences;
    to->n_tokens = from->n_tokens;
}

int histogram_add(struct histogram *h, int64_t len, int64_t n, struct err *err)
{
    if (n < 0)
        return err_set(err, ERR_FORMAT, "%lld sequences of length %lld", (long long)n,
                       (long long)len);
    if (n == 0)
        return 0;
    if (len < 1 || (uint64_t)len > h->max_len)
        return err_set(err, ERR_FORMAT, "sequence of length %lld does not fit rows of %zu tokens",
                       (long long)len, h->max_len);
    if (n > MAX_SEQUENCES - (int64_t)h->n_sequences)
        return err_set(err, ERR_LIMIT, "more than 2^40 sequences");
    h->counts[len] += (uint64_t)n;
    h->n_sequences += (uint64_t)n;
    h->n_tokens += (uint64_t)n * (uint64_t)len;
    return 0;
}

static int add_list(struct histogram *h, const struct json *root, struct err *err)
{
    const struct json *list = root;

    if (json_kind_of(root) == JSON_KIND_MAP) {
        list = json_member(root, "histogram");
        if (!list)
            list = json_member(root, "counts");
    }
    if (!list || json_kind_of(list) != JSON_KIND_LIST)
        return err_set(err, ERR_FORMAT,
                       "no list of counts, neither alone nor as 'histogram' or 'counts'");
    for (size_t i = 0; i < json_count(list); i++) {
        const struct json *count = json_item(list, i);

        if (json_kind_of(count) != JSON_KIND_INT)
            return err_set(err, ERR_FORMAT, "count of length %zu is not an integer", i);
        if (histogram_add(h, (int64_t)i, json_int_or(count, 0), err) < 0)
            return -1;
    }
    return 0;
}

int histogram_load(struct histogram *h, const char *path, struct err *err)
{
    struct json *root = json_load(path, MAX_FILE, err);
    int rc;

    if (!root)
        return -1;
    rc = add_list(h, root, err);
    if (rc < 0)
        err_in(err, "%s", path);
    json_release(root);
    return rc;
}

struct json *histogram_json(const struct histogram *h)
{
    struct json *list = json_new_list();

    for (size_t i = 0; i <= h->max_len; i++)
        json_push_int(list, (int64_t)h->counts[i]);
    return list;
}

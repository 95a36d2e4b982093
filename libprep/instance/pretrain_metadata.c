/* pretrain_metadata.c -- the tree of schemas/pretrain-metadata.md. No times, no paths: a set made
 * again elsewhere says the same of itself. */
#include "instance/pretrain_metadata.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

static struct json *input_to_json(const struct intake_input *input)
{
    struct json *map = json_new_map();
    char *name = file_base(input->path);

    json_put_text(map, "name", name);
    if (input->sha256[0])
        json_put_text(map, "sha256", input->sha256);
    else
        json_put_null(map, "sha256");
    free(name);
    return map;
}

struct json *pretrain_metadata_corpus(const struct intake *in)
{
    struct json *map = json_new_map();
    struct json *inputs = json_new_list();

    for (size_t i = 0; i < in->n_inputs; i++)
        json_push(inputs, input_to_json(&in->inputs[i]));
    json_put(map, "inputs", inputs);
    json_put_int(map, "documents", (int64_t)in->corpus.n_documents);
    json_put_int(map, "sentences", (int64_t)in->corpus.n_sentences);
    json_put_int(map, "tokens", (int64_t)in->corpus.n_ids);
    json_put_text(map, "sha256", in->corpus.sha256);
    return map;
}

struct json *pretrain_metadata_vocab(const struct tokens_header *vocab)
{
    struct json *map = json_new_map();

    json_put_text(map, "sha256", vocab->vocab_sha256);
    json_put_int(map, "size", vocab->vocab_size);
    json_put_bool(map, "cased", vocab->cased);
    json_put_text(map, "rules", vocab->rules);
    return map;
}

struct json *pretrain_metadata_counts(const struct pretrain_counts *c)
{
    struct json *map = json_new_map();
    struct json *lengths = json_new_list();

    json_put_int(map, "shards", (int64_t)c->shards);
    json_put_int(map, "documents", (int64_t)c->documents);
    json_put_int(map, "sentences", (int64_t)c->sentences);
    json_put_int(map, "instances", (int64_t)c->instances);
    json_put_int(map, "tokens", (int64_t)c->tokens);
    json_put_int(map, "masked", (int64_t)c->masked);
    json_put_int(map, "random_next", (int64_t)c->random_next);
    for (size_t i = 0; i < c->n_lengths; i++)
        json_push_int(lengths, (int64_t)c->lengths[i]);
    json_put(map, "lengths", lengths);
    return map;
}

static uint64_t number_of(const struct json *map, const char *key)
{
    return (uint64_t)json_int_or(json_member(map, key), 0);
}

void pretrain_metadata_add_counts(struct pretrain_counts *c, const struct json *map)
{
    const struct json *lengths = json_member(map, "lengths");

    c->shards += number_of(map, "shards");
    c->documents += number_of(map, "documents");
    c->sentences += number_of(map, "sentences");
    c->instances += number_of(map, "instances");
    c->tokens += number_of(map, "tokens");
    c->masked += number_of(map, "masked");
    c->random_next += number_of(map, "random_next");
    for (size_t i = 0; i < c->n_lengths && i < json_count(lengths); i++)
        c->lengths[i] += (uint64_t)json_int_or(json_item(lengths, i), 0);
}

static struct json *files_to_json(const struct stage *stage)
{
    struct json *list = json_new_list();

    for (size_t i = 0; i < stage->n_files; i++) {
        struct json *map = json_new_map();

        json_put_text(map, "name", stage->files[i].name);
        json_put_int(map, "instances", stage->files[i].n_rows);
        json_put_text(map, "sha256", stage->files[i].sha256);
        json_push(list, map);
    }
    return list;
}

int pretrain_metadata_save(const char *path, const char *options, struct json *vocab,
                           struct json *corpora, const struct pretrain_counts counts[2],
                           const struct stage *stage, struct err *err)
{
    struct json *root = json_new_map();
    struct json *parsed = json_parse(options, strlen(options), err);
    int rc = -1;

    json_put_text(root, "format", "bertline pretraining shards");
    json_put_int(root, "format_version", 1);
    json_put_text(root, "tool", "make-pretrain");
    json_put_text(root, "tool_version", BERTLINE_VERSION);
    if (parsed)
        json_put(root, "options", parsed);
    json_put(root, "vocabulary", vocab);
    json_put(root, "corpora", corpora);
    json_put(root, "training", pretrain_metadata_counts(&counts[0]));
    json_put(root, "test", pretrain_metadata_counts(&counts[1]));
    json_put(root, "files", files_to_json(stage));
    if (parsed)
        rc = json_save(root, path, JSON_INDENTED, err);
    json_release(root);
    return rc;
}

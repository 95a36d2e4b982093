/* metadata.c -- the original's keys with the original's meaning, and ours. */
#include "pack/metadata.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"

enum { TOP_STRATEGIES = 8 };

static struct json *slots_json(const struct pattern *p)
{
    struct json *list = json_new_list();

    /* Rising, as sequences stand in a pack and as the original lists its strategies. */
    for (size_t i = p->n_slots; i-- > 0;)
        json_push_int(list, p->slots[i]);
    return list;
}

static void put_original_keys(struct json *map, const struct plan *plan, const struct histogram *h,
                              uint64_t n_packs)
{
    const double packs = (double)n_packs;
    const double sequences = (double)h->n_sequences;
    const double tokens = (double)h->n_tokens;
    const double T = (double)plan->seq_length;
    struct json *top = json_new_list();

    for (size_t i = 0; i < plan->n_patterns && i < TOP_STRATEGIES; i++)
        json_push(top, slots_json(&plan->patterns[i]));
    json_put_real(map, "avg_seq_per_sample", sequences / packs);
    json_put_real(map, "compression_ratio", 1 - packs / sequences);
    json_put_real(map, "expected_speed_up", sequences / packs);
    json_put_int(map, "new_number_of_samples", (int64_t)n_packs);
    json_put_int(map, "number_of_sequences_dropped", 0);
    json_put_int(map, "number_of_strategies_utilized", (int64_t)plan->n_patterns);
    json_put_int(map, "original_number_of_samples", (int64_t)h->n_sequences);
    json_put_real(map, "packing_efficiency", tokens / (packs * T));
    json_put_int(map, "padding_tokens_original_dataset",
                 (int64_t)(h->n_sequences * plan->seq_length - h->n_tokens));
    json_put_real(map, "padding_tokens_packed_dataset", packs * T - tokens);
    json_put_real(map, "theoretical_speed_up", T * sequences / tokens);
    json_put(map, "top_8_strategies", top);
}

struct json *metadata_of_plan(const struct plan *plan, const struct histogram *h,
                              const char *solver, uint64_t n_packs)
{
    struct json *map = json_new_map();
    struct json *patterns = json_new_list();
    struct json *counts = json_new_list();

    put_original_keys(map, plan, h, n_packs);
    for (size_t i = 0; i < plan->n_patterns; i++) {
        json_push(patterns, slots_json(&plan->patterns[i]));
        json_push_int(counts, (int64_t)plan->patterns[i].count);
    }
    json_put(map, "histogram", histogram_json(h));
    json_put_int(map, "lower_bound", (int64_t)plan->lower_bound);
    json_put_int(map, "above_lower_bound", (int64_t)(n_packs - plan->lower_bound));
    json_put_int(map, "max_sequence_length", (int64_t)plan->seq_length);
    json_put_int(map, "max_sequences_per_pack",
                 (int64_t)(plan->max_sequences ? plan->max_sequences : plan->longest));
    json_put(map, "pattern_counts", counts);
    json_put(map, "patterns", patterns);
    json_put_text(map, "solver", solver);
    return map;
}

/* {"name": .., "rows": .., "sha256": ..} at the end of the list. */
static int push_file(struct json *list, const char *path, int64_t n_rows, struct err *err)
{
    char hex[HASH_HEX_SIZE];
    struct json *map;
    char *name;

    if (sha256_of_file(hex, NULL, path, err) < 0)
        return -1;
    map = json_new_map();
    name = file_base(path);
    json_put_text(map, "name", name);
    json_put_int(map, "rows", n_rows);
    json_put_text(map, "sha256", hex);
    json_push(list, map);
    free(name);
    return 0;
}

struct json *metadata_of_packs(const struct packer *p, struct err *err)
{
    struct json *map =
        metadata_of_plan(&p->plan, &p->histogram, p->options.solver, (uint64_t)p->output.n_rows);
    struct json *inputs = json_new_list();
    struct json *files = json_new_list();
    int rc = 0;

    json_put(map, "inputs", inputs);
    json_put(map, "files", files);
    for (size_t i = 0; i < p->n_inputs && rc == 0; i++)
        rc = push_file(inputs, p->inputs[i], p->input_rows[i], err);
    for (size_t i = 0; i < p->output.n_files && rc == 0; i++)
        rc = push_file(files, p->output.files[i].path, p->output.files[i].n_rows, err);
    if (rc < 0) {
        json_release(map);
        return NULL;
    }
    json_put_int(map, "max_predictions_per_sequence", (int64_t)p->options.max_predictions);
    json_put_int(map, "sequences_of_known_documents", (int64_t)p->output.n_known);
    json_put_int(map, "document_meetings", (int64_t)p->output.n_meetings);
    json_put_int(map, "samples_per_file", (int64_t)p->options.samples_per_file);
    json_put_int(map, "seed", (int64_t)p->options.seed);
    return map;
}

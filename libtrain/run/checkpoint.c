/* checkpoint.c -- write beside, hash, sync, rename; believe nothing when reading back. */
#include "run/checkpoint.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/sink.h"
#include "model/tokenizer_files.h"
#include "model/weights.h"

enum { VERSION = 1, MAX_JSON = 1 << 20, FLOATS_PER_PARAM = 3 };

static const char PREFIX[] = "ckpt_";
static const char PART[] = ".part";
static const char MANIFEST[] = "manifest.json";
static const char FORMAT_STATE[] = "bertline training state";
static const char FORMAT_MANIFEST[] = "bertline checkpoint";

/* What loading reads; the manifest must vouch for these. */
static const char *const needed_files[] = {"model.safetensors", "config.json",
                                           "optimizer.safetensors", "state.json"};

static bool starts_with(const char *text, const char *start)
{
    return !strncmp(text, start, strlen(start));
}

static bool ends_in(const char *text, const char *end)
{
    const size_t n = strlen(text);
    const size_t m = strlen(end);

    return n >= m && !strcmp(text + n - m, end);
}

char *checkpoint_path(const char *output_dir, int64_t number)
{
    char name[64];

    snprintf(name, sizeof name, "%s%" PRId64, PREFIX, number);
    return file_join(output_dir, name);
}

/* ---- state.json ---- */

static struct json *optimizer_to_json(const struct optimizer_settings *o)
{
    struct json *map = json_new_map();

    json_put_real(map, "beta1", o->beta1);
    json_put_real(map, "beta2", o->beta2);
    json_put_real(map, "epsilon", o->eps);
    json_put_real(map, "weight_decay", o->decay);
    json_put_real(map, "max_grad_norm", o->max_norm);
    json_put_real(map, "max_tensor_norm", o->max_tensor_norm);
    json_put_bool(map, "bias_correction", !o->uncorrected);
    return map;
}

/* A list of three numbers for each part. */
static struct json *parts_to_json(const struct checkpoint_part *parts)
{
    struct json *list = json_new_list();

    for (size_t i = 0; i < TASK_PARTS; i++) {
        struct json *part = json_new_list();

        json_push_real(part, parts[i].loss_sum);
        json_push_real(part, parts[i].n_labels);
        json_push_real(part, parts[i].n_right);
        json_push(list, part);
    }
    return list;
}

static void put_choice(struct json *root, const char *key, enum checkpoint_choice choice,
                       const char *yes, const char *no)
{
    if (choice != CHOICE_UNKNOWN)
        json_put_text(root, key, choice == CHOICE_YES ? yes : no);
}

static struct json *state_to_json(const struct checkpoint_state *s)
{
    struct json *root = json_new_map();
    struct json *schedule = json_new_map();
    struct json *batch = json_new_map();
    struct json *data = json_new_map();
    struct json *log = json_new_map();
    struct json *skipped = json_new_map();
    char fingerprint[17];

    snprintf(fingerprint, sizeof fingerprint, "%016" PRIx64, s->data);
    json_put_text(root, "format", FORMAT_STATE);
    json_put_int(root, "version", VERSION);
    json_put_int(root, "number", s->number);
    json_put_int(root, "step", s->step);
    json_put_bool(root, "phase2", s->phase2);
    json_put_int(root, "seed", (int64_t)s->seed);
    json_put_real(schedule, "learning_rate", s->schedule.rate);
    json_put_real(schedule, "warmup_proportion", s->schedule.warmup);
    json_put_int(schedule, "max_steps", s->schedule.n_steps);
    json_put_text(schedule, "kind", schedule_name(s->schedule.kind));
    json_put_real(schedule, "decay_proportion", s->schedule.decay);
    json_put(root, "schedule", schedule);
    json_put_int(batch, "rows_per_step", s->rows_per_step);
    json_put_int(batch, "rows_per_micro_batch", s->rows_per_micro);
    json_put(root, "batch", batch);
    json_put_int(root, "frozen_layers", s->n_frozen);
    put_choice(root, "precision", s->halves, "bf16", "fp32");
    put_choice(root, "loss_average", s->step_averages, "step", "micro");
    json_put_int(data, "position", (int64_t)s->position);
    json_put_text(data, "fingerprint", fingerprint);
    json_put(root, "data", data);
    json_put_real(log, "loss_sum", s->loss_sum);
    json_put_int(log, "n_losses", s->n_losses);
    json_put(log, "parts", parts_to_json(s->parts));
    json_put(root, "log", log);
    json_put_int(skipped, "total", s->n_skipped);
    json_put_int(skipped, "in_a_row", s->n_skipped_in_row);
    json_put_text(root, "optimizer", optimizer_name(s->optimizer.kind));
    json_put(root, "optimizer_settings", optimizer_to_json(&s->optimizer));
    json_put(root, "skipped_steps", skipped);
    if (s->best_number > 0) {
        struct json *best = json_new_map();

        json_put_int(best, "number", s->best_number);
        json_put_real(best, "loss", s->best_loss);
        json_put(root, "best", best);
    }
    return root;
}

/* A number that must be there and not negative. */
static int take_int(int64_t *to, const struct json *map, const char *key, struct err *err)
{
    *to = json_int_or(json_member(map, key), -1);
    if (*to < 0)
        return err_set(err, ERR_FORMAT, "'%s' is missing or not a count", key);
    return 0;
}

static int take_real(double *to, const struct json *map, const char *key, struct err *err)
{
    *to = json_real_or(json_member(map, key), -1);
    if (!(*to >= 0))
        return err_set(err, ERR_FORMAT, "'%s' is missing or not a number", key);
    return 0;
}

static bool is_version_of(const struct json *root, const char *format)
{
    return strcmp(json_text_or(json_member(root, "format"), ""), format) == 0 &&
           json_int_or(json_member(root, "version"), 0) == VERSION;
}

static int take_names(struct checkpoint_state *s, const struct json *root, struct err *err)
{
    const char *optimizer = json_text_or(json_member(root, "optimizer"), "");
    const char *kind = json_text_or(json_member(json_member(root, "schedule"), "kind"), "");

    if (!schedule_find(&s->schedule.kind, kind))
        return err_set(err, ERR_FORMAT, "schedule '%s' is unknown", kind);
    if (!optimizer_find(&s->optimizer.kind, optimizer))
        return err_set(err, ERR_FORMAT, "optimizer '%s' is unknown", optimizer);
    return 0;
}

static int take_optimizer(struct checkpoint_state *s, const struct json *root, struct err *err)
{
    const struct json *map = json_member(root, "optimizer_settings");
    struct optimizer_settings *o = &s->optimizer;

    s->optimizer_known = map != NULL;
    if (!map)
        return 0;
    o->uncorrected = !json_bool_or(json_member(map, "bias_correction"), true);
    if (take_real(&o->beta1, map, "beta1", err) < 0 ||
        take_real(&o->beta2, map, "beta2", err) < 0 ||
        take_real(&o->eps, map, "epsilon", err) < 0 ||
        take_real(&o->decay, map, "weight_decay", err) < 0 ||
        take_real(&o->max_norm, map, "max_grad_norm", err) < 0)
        return -1;
    return take_real(&o->max_tensor_norm, map, "max_tensor_norm", err);
}

/* What the best checkpoint was, where there was one. */
static int take_best(struct checkpoint_state *s, const struct json *root, struct err *err)
{
    const struct json *best = json_member(root, "best");

    s->best_number = 0;
    s->best_loss = 0;
    if (!best)
        return 0;
    if (take_int(&s->best_number, best, "number", err) < 0)
        return -1;
    return take_real(&s->best_loss, best, "loss", err);
}

static int take_choice(enum checkpoint_choice *choice, const struct json *root, const char *key,
                       const char *yes, const char *no, struct err *err)
{
    const struct json *told = json_member(root, key);
    const char *text = json_text_or(told, "");

    *choice = CHOICE_UNKNOWN;
    if (!told)
        return 0;
    if (strcmp(text, yes) != 0 && strcmp(text, no) != 0)
        return err_set(err, ERR_FORMAT, "%s '%s' is unknown", key, text);
    *choice = strcmp(text, yes) == 0 ? CHOICE_YES : CHOICE_NO;
    return 0;
}

/* Older checkpoints do not tell the parts: then their sum counts for nothing either, and the next log
 * line is that of the steps from here on. */
static int take_log(struct checkpoint_state *s, const struct json *log, struct err *err)
{
    const struct json *list = json_member(log, "parts");

    memset(s->parts, 0, sizeof s->parts);
    if (take_real(&s->loss_sum, log, "loss_sum", err) < 0 ||
        take_int(&s->n_losses, log, "n_losses", err) < 0)
        return -1;
    if (!list) {
        s->loss_sum = 0;
        s->n_losses = 0;
        return 0;
    }
    for (size_t i = 0; i < TASK_PARTS; i++) {
        const struct json *part = json_item(list, i);
        struct checkpoint_part *to = &s->parts[i];

        to->loss_sum = json_real_or(json_item(part, 0), -1);
        to->n_labels = json_real_or(json_item(part, 1), -1);
        to->n_right = json_real_or(json_item(part, 2), -1);
        if (!(to->loss_sum >= 0 && to->n_labels >= 0 && to->n_right >= 0))
            return err_set(err, ERR_FORMAT, "'parts' of the log has no three numbers for part %zu",
                           i + 1);
    }
    return 0;
}

static int take_state(struct checkpoint_state *s, const struct json *root, struct err *err)
{
    const struct json *schedule = json_member(root, "schedule");
    const struct json *batch = json_member(root, "batch");
    const struct json *data = json_member(root, "data");
    const struct json *log = json_member(root, "log");
    const struct json *skipped = json_member(root, "skipped_steps");
    const char *fingerprint = json_text_or(json_member(data, "fingerprint"), "");
    int64_t seed, position;
    char *end;

    if (!is_version_of(root, FORMAT_STATE))
        return err_set(err, ERR_FORMAT, "is not version %d of '%s'", VERSION, FORMAT_STATE);
    if (take_int(&s->number, root, "number", err) < 0 ||
        take_int(&s->step, root, "step", err) < 0 || take_int(&seed, root, "seed", err) < 0 ||
        take_real(&s->schedule.rate, schedule, "learning_rate", err) < 0 ||
        take_real(&s->schedule.warmup, schedule, "warmup_proportion", err) < 0 ||
        take_int(&s->schedule.n_steps, schedule, "max_steps", err) < 0 ||
        take_real(&s->schedule.decay, schedule, "decay_proportion", err) < 0 ||
        take_names(s, root, err) < 0 || take_optimizer(s, root, err) < 0 ||
        take_best(s, root, err) < 0 ||
        take_int(&s->rows_per_step, batch, "rows_per_step", err) < 0 ||
        take_int(&s->rows_per_micro, batch, "rows_per_micro_batch", err) < 0 ||
        take_int(&position, data, "position", err) < 0 || take_log(s, log, err) < 0 ||
        take_choice(&s->halves, root, "precision", "bf16", "fp32", err) < 0 ||
        take_choice(&s->step_averages, root, "loss_average", "step", "micro", err) < 0 ||
        take_int(&s->n_skipped, skipped, "total", err) < 0 ||
        take_int(&s->n_skipped_in_row, skipped, "in_a_row", err) < 0)
        return -1;
    errno = 0;
    s->data = strtoull(fingerprint, &end, 16);
    if (errno || *end || end == fingerprint)
        return err_set(err, ERR_FORMAT, "'fingerprint' is missing or not a hash");
    s->phase2 = json_bool_or(json_member(root, "phase2"), false);
    s->seed = (uint64_t)seed;
    s->n_frozen = json_int_or(json_member(root, "frozen_layers"), -1);
    s->position = (uint64_t)position;
    return 0;
}

/* ---- files ---- */

static int save_bytes(const char *folder, const char *name, const struct buf *content,
                      struct err *err)
{
    char *path = file_join(folder, name);
    struct sink out = {0};
    int rc = -1;

    if (sink_open(&out, path, err) == 0 && sink_write(&out, content->data, content->len, err) == 0)
        rc = sink_commit(&out, err);
    sink_close(&out);
    free(path);
    return rc;
}

/* Takes the tree. */
static int save_json(const char *folder, const char *name, struct json *v, struct err *err)
{
    char *path = file_join(folder, name);
    const int rc = json_save(v, path, JSON_INDENTED, err);

    json_release(v);
    free(path);
    return rc;
}

static int save_tensors(const struct checkpoint *c, const char *folder, struct err *err)
{
    const struct weights_arena model[] = {{"", c->params}};
    const struct weights_arena moments[] = {{"exp_avg.", c->m}, {"exp_avg_sq.", c->v}};
    char *model_path = file_join(folder, "model.safetensors");
    char *moments_path = file_join(folder, "optimizer.safetensors");
    int rc = weights_save(model_path, c->list, model, 1, err);

    if (rc == 0)
        rc = weights_save(moments_path, c->list, moments, 2, err);
    free(model_path);
    free(moments_path);
    return rc;
}

static int load_tensors(struct checkpoint *c, const char *folder, struct err *err)
{
    const struct weights_arena model[] = {{"", c->params}};
    const struct weights_arena moments[] = {{"exp_avg.", c->m}, {"exp_avg_sq.", c->v}};
    char *model_path = file_join(folder, "model.safetensors");
    char *moments_path = file_join(folder, "optimizer.safetensors");
    int rc = weights_restore(model_path, c->list, model, 1, err);

    if (rc == 0)
        rc = weights_restore(moments_path, c->list, moments, 2, err);
    free(model_path);
    free(moments_path);
    return rc;
}

static int save_manifest(const char *folder, struct err *err)
{
    struct json *root = json_new_map();
    struct json *files = json_new_map();
    char **names = NULL;
    size_t n = 0;
    int rc = file_list(&names, &n, folder, "", err);

    json_put_text(root, "format", FORMAT_MANIFEST);
    json_put_int(root, "version", VERSION);
    for (size_t i = 0; i < n && rc == 0; i++) {
        char *path = file_join(folder, names[i]);
        char hex[HASH_HEX_SIZE];
        int64_t n_bytes;

        rc = sha256_of_file(hex, &n_bytes, path, err);
        if (rc == 0) {
            struct json *file = json_new_map();

            json_put_int(file, "bytes", n_bytes);
            json_put_text(file, "sha256", hex);
            json_put(files, names[i], file);
        }
        free(path);
    }
    file_free_names(names, n);
    json_put(root, "files", files);
    if (rc < 0) {
        json_release(root);
        return -1;
    }
    return save_json(folder, MANIFEST, root, err);
}

static int fill_folder(const struct checkpoint *c, const char *folder, struct err *err)
{
    if (save_tensors(c, folder, err) < 0 ||
        save_json(folder, "config.json", config_json(c->config), err) < 0 ||
        save_json(folder, "state.json", state_to_json(&c->state), err) < 0)
        return -1;
    if (c->vocab &&
        (save_bytes(folder, "vocab.txt", c->vocab, err) < 0 ||
         save_json(folder, "tokenizer_config.json",
                   tokenizer_files_config(c->cased, c->config->max_positions), err) < 0 ||
         save_json(folder, "special_tokens_map.json", tokenizer_files_special_tokens(), err) < 0))
        return -1;
    if (save_manifest(folder, err) < 0)
        return -1;
    return file_sync_folder(folder, err);
}

/* Better to say so before hours of writing to a full disk; writing checks again. */
static int check_space(const struct checkpoint *c, const char *folder, struct err *err)
{
    const uint64_t need = (uint64_t)c->list->n_params * FLOATS_PER_PARAM * sizeof(float);
    uint64_t have;

    if (file_free_space(&have, folder, err) < 0)
        return -1;
    if (have < need)
        return err_set(err, ERR_IO, "'%s' has %" PRIu64 " bytes free, a checkpoint needs %" PRIu64,
                       folder, have, need);
    return 0;
}

int checkpoint_save(const struct checkpoint *c, const char *output_dir, struct err *err)
{
    char *path = checkpoint_path(output_dir, c->state.number);
    char *part = file_beside(path, PART);
    struct err ignored = {0};
    int rc = -1;

    if (file_remove(part, err) < 0 || file_make_folder(part, err) < 0 ||
        check_space(c, part, err) < 0 || fill_folder(c, part, err) < 0)
        goto out;
    if (file_exists(path) && file_remove(path, err) < 0)
        goto out;
    rc = file_rename(part, path, err);
out:
    if (rc < 0) {
        file_remove(part, &ignored);
        err_in(err, "checkpoint %" PRId64, c->state.number);
    }
    free(part);
    free(path);
    return rc;
}

struct verify_visit {
    const char *folder;
    struct err *err;
};

static int verify_file(void *context, const char *name, const struct json *entry)
{
    const struct verify_visit *v = context;
    const char *want = json_text_or(json_member(entry, "sha256"), "");
    char *path = file_join(v->folder, name);
    char hex[HASH_HEX_SIZE];
    int64_t n_bytes = 0;
    int rc = sha256_of_file(hex, &n_bytes, path, v->err);

    if (rc == 0 && n_bytes != json_int_or(json_member(entry, "bytes"), -1))
        rc = err_set(v->err, ERR_FORMAT, "%s: has %" PRId64 " bytes, not those of the manifest",
                     path, n_bytes);
    if (rc == 0 && strcmp(hex, want) != 0)
        rc = err_set(v->err, ERR_FORMAT, "%s: is not what was written (SHA-256 differs)", path);
    free(path);
    return rc;
}

int checkpoint_verify(const char *folder, struct err *err)
{
    struct verify_visit visit = {folder, err};
    char *path = file_join(folder, MANIFEST);
    struct json *root = json_load(path, MAX_JSON, err);
    const struct json *files = json_member(root, "files");
    int rc = root ? 0 : -1;

    if (rc == 0 && !is_version_of(root, FORMAT_MANIFEST))
        rc = err_set(err, ERR_FORMAT, "%s: is not version %d of '%s'", path, VERSION,
                     FORMAT_MANIFEST);
    for (size_t i = 0; i < sizeof needed_files / sizeof *needed_files && rc == 0; i++)
        if (!json_member(files, needed_files[i]))
            rc = err_set(err, ERR_FORMAT, "%s: does not name '%s'", path, needed_files[i]);
    if (rc == 0)
        rc = json_each(files, verify_file, &visit);
    json_release(root);
    free(path);
    return rc;
}

int checkpoint_load(struct checkpoint *c, const char *folder, struct err *err)
{
    char *path = file_join(folder, "state.json");
    struct json *root = json_load(path, MAX_JSON, err);
    int rc = -1;

    if (root && take_state(&c->state, root, err) < 0)
        err_in(err, "%s", path);
    else if (root)
        rc = load_tensors(c, folder, err);
    json_release(root);
    free(path);
    return rc;
}

int checkpoint_check_config(const char *folder, const struct bert_config *config, struct err *err)
{
    char *path = file_join(folder, "config.json");
    struct bert_config saved;
    char text[512];
    int rc = config_load(&saved, path, err);

    if (rc == 0 && config_differences(text, sizeof text, config, &saved) > 0)
        rc = err_set(err, ERR_USAGE, "%s: the checkpoint is of another model: %s", path, text);
    free(path);
    return rc;
}

/* ---- the folder of checkpoints ---- */

/* -1 unless the name is that of a finished checkpoint of ours. */
static int64_t number_of(const char *name)
{
    int64_t number = 0;
    const char *at = name + strlen(PREFIX);

    if (!starts_with(name, PREFIX) || *at == '\0')
        return -1;
    for (; *at; at++) {
        if (*at < '0' || *at > '9' || number > INT64_MAX / 10 - 1)
            return -1;
        number = number * 10 + (*at - '0');
    }
    return number;
}

static int compare_numbers(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a;
    const int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int list_names(char ***names, size_t *n, const char *output_dir, struct err *err)
{
    *names = NULL;
    *n = 0;
    return file_exists(output_dir) ? file_list(names, n, output_dir, "", err) : 0;
}

int checkpoint_list(int64_t **numbers, size_t *n, const char *output_dir, struct err *err)
{
    char **names;
    size_t n_names;

    *numbers = NULL;
    *n = 0;
    if (list_names(&names, &n_names, output_dir, err) < 0)
        return -1;
    *numbers = mem_array(n_names + 1, sizeof **numbers);
    for (size_t i = 0; i < n_names; i++) {
        char *path = file_join(output_dir, names[i]);

        if (number_of(names[i]) >= 0 && file_is_folder(path))
            (*numbers)[(*n)++] = number_of(names[i]);
        free(path);
    }
    qsort(*numbers, *n, sizeof **numbers, compare_numbers);
    file_free_names(names, n_names);
    return 0;
}

int checkpoint_any(bool *any, const char *output_dir, struct err *err)
{
    char **names;
    size_t n;

    *any = false;
    if (list_names(&names, &n, output_dir, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (starts_with(names[i], "ckpt") && !ends_in(names[i], PART))
            *any = true;
    file_free_names(names, n);
    return 0;
}

int checkpoint_rotate(const char *output_dir, size_t keep, int64_t above, int64_t best,
                      struct err *err)
{
    int64_t *numbers;
    size_t n;
    int rc = 0;

    if (checkpoint_list(&numbers, &n, output_dir, err) < 0)
        return -1;
    for (size_t i = 0; i + keep < n && rc == 0; i++) {
        char *path = checkpoint_path(output_dir, numbers[i]);

        if (numbers[i] > above && numbers[i] != best)
            rc = file_remove(path, err);
        free(path);
    }
    free(numbers);
    return rc;
}

int checkpoint_sweep(const char *output_dir, struct err *err)
{
    char **names;
    size_t n;
    int rc = 0;

    if (list_names(&names, &n, output_dir, err) < 0)
        return -1;
    for (size_t i = 0; i < n && rc == 0; i++) {
        char *path = file_join(output_dir, names[i]);

        if (starts_with(names[i], PREFIX) && ends_in(names[i], PART))
            rc = file_remove(path, err);
        free(path);
    }
    file_free_names(names, n);
    return rc;
}

/* bert-train-pretrain.c -- shards in, checkpoints out: the command line of pretraining.
 *
 * Options are those of run_pretraining.py. This file turns them into the plan of a training (which
 * data, which model, how many rows a step); the training itself is libtrain/run. */
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>

#include "bert-train-pretrain.h"

#include "base/comm.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/parallel.h"
#include "base/team.h"
#include "bert-train-benchmark.h"
#include "bert-train-plan.h"
#include "cli.h"
#include "data/loader.h"
#include "data/stream.h"
#include "model/config.h"
#include "ops/denormals.h"
#include "ops/gemm.h"
#include "run/memory.h"
#include "run/train.h"

enum { MAX_VOCAB_FILE = 64 << 20 };

/* The one thing a signal handler may touch. */
static volatile sig_atomic_t stop_asked;

static void ask_to_stop(int signal_number)
{
    (void)signal_number;
    stop_asked = 1;
}

/* The first signal asks for a checkpoint, the second has its usual effect. */
static void catch_signals(void)
{
    struct sigaction action;

    memset(&action, 0, sizeof action);
    action.sa_handler = ask_to_stop;
    action.sa_flags = (int)SA_RESETHAND | SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
}

/* Everything a run opens. */
struct session {
    const struct pretrain_args *a;
    const struct tool *tool;
    struct comm comm;
    struct team *team;
    struct stream stream;
    struct loader test_loader;
    struct log log;
    struct tensorboard board;
    struct buf vocab;
    char *trace; /* path */
    struct train train;
};

static int check_packing(const struct pretrain_args *a, const struct stream *l, struct err *err)
{
    bool packed;

    if (strcasecmp(a->packed, "auto") == 0)
        return 0;
    packed = strcasecmp(a->packed, "true") == 0;
    if (!packed && strcasecmp(a->packed, "false") != 0)
        return err_set(err, ERR_USAGE, "--enable_packed_data_mode wants true or false, not '%s'",
                       a->packed);
    if (packed != l->shape.packed)
        return err_set(err, ERR_USAGE, "--enable_packed_data_mode is %s, but the shards of '%s' %s",
                       packed ? "true" : "false", l->name,
                       l->shape.packed ? "are packed" : "are not packed");
    return 0;
}

static int open_data(struct session *s, struct err *err)
{
    const struct pretrain_args *a = s->a;

    if (stream_open(&s->stream, a->input_dir, (uint64_t)a->seed, err) < 0 ||
        check_packing(a, &s->stream, err) < 0)
        return -1;
    if (s->stream.shape.seq_length > (size_t)a->max_seq_length)
        return err_set(err, ERR_USAGE,
                       "the rows of '%s' have %zu tokens, more than --max_seq_length %" PRId64,
                       a->input_dir, s->stream.shape.seq_length, a->max_seq_length);
    return 0;
}

static int open_test_data(struct session *s, struct err *err)
{
    const struct pretrain_args *a = s->a;

    if (!a->evaluate && a->eval_interval == 0)
        return 0;
    return loader_open_test(&s->test_loader, a->eval_dir ? a->eval_dir : a->input_dir, !a->eval_dir,
                            err);
}

static size_t count_lines(const struct buf *text)
{
    size_t n = 0;

    for (size_t i = 0; i < text->len; i++)
        n += text->data[i] == '\n';
    return n + (text->len && text->data[text->len - 1] != '\n');
}

static void set_limits(struct session *s, const struct bert_config *config)
{
    const struct loader_limits limits = {.vocab_size = config->vocab_size,
                                         .max_positions = config->max_positions,
                                         .n_types = config->n_types,
                                         .max_predictions = (size_t)s->a->max_predictions};

    stream_limit(&s->stream, &limits);
    loader_limit(&s->test_loader, &limits);
}

/* The line of [MASK] in the vocabulary; -1 when it has none. */
static int32_t mask_of_vocab(const struct buf *vocab)
{
    static const char mask[] = "[MASK]";
    const char *at = (const char *)vocab->data;
    size_t left = vocab->len;

    for (int32_t line = 0; left > 0; line++) {
        const char *end = memchr(at, '\n', left);
        const size_t n = end ? (size_t)(end - at) : left;
        const size_t text = n > 0 && at[n - 1] == '\r' ? n - 1 : n;

        if (text == strlen(mask) && !memcmp(at, mask, text))
            return line;
        if (!end)
            break;
        left -= n + 1;
        at = end + 1;
    }
    return -1;
}

static int plan_masking(struct session *s, const struct bert_config *config, struct err *err)
{
    const struct pretrain_args *a = s->a;
    struct remask r = {.prob = a->mask_prob,
                       .most = (size_t)a->max_predictions,
                       .mask_id = mask_of_vocab(&s->vocab),
                       .vocab_size = (int32_t)config->vocab_size,
                       .seed = (uint64_t)a->seed};

    if (!a->dynamic_masking)
        return 0;
    if (r.mask_id < 0 && stream_find_mask(&r.mask_id, &s->stream, err) < 0)
        return -1;
    if (r.mask_id >= r.vocab_size)
        return err_set(err, ERR_FORMAT,
                       "[MASK] is id %" PRId32 ", not in the model's vocabulary of %" PRId32,
                       r.mask_id, r.vocab_size);
    stream_remask(&s->stream, &r);
    return 0;
}

/* A preset takes its vocabulary size from the data, a file's own size holds. */
static int open_config(struct session *s, struct bert_config *config, struct err *err)
{
    const struct pretrain_args *a = s->a;
    const size_t n_lines = count_lines(&s->vocab);

    if (config_load(config, a->config_file, err) < 0)
        return -1;
    if (config_is_preset(a->config_file)) {
        if (s->stream.vocab_size > 0)
            config->vocab_size = (size_t)s->stream.vocab_size;
        else if (n_lines)
            config->vocab_size = n_lines;
    }
    if (n_lines > config->vocab_size)
        return err_set(err, ERR_FORMAT, "%s: has %zu tokens, the model %zu", a->vocab, n_lines,
                       config->vocab_size);
    set_limits(s, config);
    if (plan_masking(s, config, err) < 0)
        return -1;
    if (a->deterministic)
        config->hidden_dropout = config->attention_dropout = 0;
    return 0;
}

static int open_log(struct session *s, struct err *err)
{
    const struct pretrain_args *a = s->a;
    char *path =
        a->json_summary ? mem_text(a->json_summary) : file_join(a->output_dir, "dllogger.json");
    char *board = file_join(a->output_dir, "worker_0");
    int rc = 0;

    if (s->comm.rank == 0) {
        rc = file_make_folder(a->output_dir, err);
        if (rc == 0)
            rc = log_open(&s->log, path, a->resume, stderr, s->tool->name, a->quiet, err);
        if (rc == 0 && a->tensorboard)
            rc = tensorboard_open(&s->board, board, err);
    }
    free(board);
    free(path);
    return rc;
}

/* Ranks on one machine share its memory; launchers tell how many there are. */
static int ranks_here(void)
{
    const char *text = getenv("OMPI_COMM_WORLD_LOCAL_SIZE");
    const long n = text ? strtol(text, NULL, 10) : 1;

    return n > 0 && n < INT16_MAX ? (int)n : 1;
}

static int check_memory(struct session *s, struct err *err)
{
    const struct memory m = memory_of(&s->train);
    const uint64_t have = memory_available();

    log_say(&s->log, "memory: %.0f MiB (model %.0f, activations %.0f, data %.0f) of %.0f MiB",
            (double)memory_total(&m) / (1 << 20), (double)m.model / (1 << 20),
            (double)m.activations / (1 << 20), (double)m.data / (1 << 20),
            (double)have / (1 << 20));
    return memory_check(&m, ranks_here(), have, err);
}

static void log_start(struct session *s)
{
    const struct train *t = &s->train;
    const struct stream *l = &s->stream;
    struct json *data = json_new_map();
    struct json *config = json_new_list();
    char *options = cli_options_json(s->tool, "threads quiet");

    json_push_text(config, options);
    json_put(data, "Config", config);
    log_parameter(&s->log, data);
    json_put_int(data = json_new_map(), "SEED", s->a->seed);
    log_parameter(&s->log, data);
    json_put_bool(data = json_new_map(), "train_start", true);
    log_parameter(&s->log, data);
    json_put_int(data = json_new_map(), "batch_size_per_pu", (int64_t)t->options.micro_rows);
    log_parameter(&s->log, data);
    json_put_real(data = json_new_map(), "learning_rate", s->a->learning_rate);
    log_parameter(&s->log, data);
    log_say(&s->log,
            "%zu layers of %zu, vocabulary %zu, %.1f M parameters; %" PRIu64
            " %srows of %zu tokens in '%s'",
            t->config.n_layers, t->config.hidden_size, t->config.vocab_size,
            (double)t->list.n_params * 1e-6, l->n_rows, l->shape.packed ? "packed " : "",
            l->shape.seq_length, l->name);
    if (t->options.halves)
        log_say(&s->log, "products of bf16 by %s, the others of fp32 by %s",
                t->options.halves->name, gemm_chosen());
    else if (s->a->autocast || strcmp(s->a->precision, "bf16") == 0)
        log_warn(&s->log, "no instructions here make bf16 faster: computing with fp32 (%s)",
                 gemm_chosen());
    log_say(&s->log, "a step is %zu rows x %zu micro batches x %d ranks; %zu threads",
            t->options.micro_rows, t->options.accumulation, s->comm.size, team_size(s->team));
    free(options);
}

static void log_memory(struct session *s)
{
    struct rusage usage;
    struct json *data = json_new_map();
    char text[64];

    getrusage(RUSAGE_SELF, &usage);
    snprintf(text, sizeof text, "max_memory:%.3fG", (double)usage.ru_maxrss / (1 << 20));
    json_put_text(data, "memory usage", text);
    log_summary(&s->log, data);
    log_say(&s->log, "memory usage: %s", text);
}

static int run(struct session *s, struct err *err)
{
    const struct pretrain_args *a = s->a;
    struct train *t = &s->train;

    if (comm_open(&s->comm, err) < 0 || open_log(s, err) < 0 || open_data(s, err) < 0 ||
        open_test_data(s, err) < 0)
        return -1;
    if (a->vocab && file_read(&s->vocab, a->vocab, MAX_VOCAB_FILE, err) < 0)
        return -1;
    s->trace = file_join(a->profile_dir ? a->profile_dir : a->output_dir, "trace.json");
    if (a->profile_dir && file_make_folder(a->profile_dir, err) < 0)
        return -1;
    if (open_config(s, &t->config, err) < 0 ||
        plan_batch(&t->options, a, &s->stream, s->comm.size, err) < 0 ||
        plan_run(&t->options, a, err) < 0)
        return -1;
    t->options.vocab = a->vocab ? &s->vocab : NULL;
    t->options.stop = &stop_asked;
    t->options.profile_path = s->trace;
    denormals_flush(); /* threads made from now on inherit it */
    s->team = team_open((size_t)a->threads);
    t->stream = &s->stream;
    t->test_loader = &s->test_loader;
    t->comm = &s->comm;
    t->team = s->team;
    t->log = &s->log;
    t->board = &s->board;
    if (check_memory(s, err) < 0 || train_open(t, err) < 0)
        return -1;
    log_start(s);
    catch_signals();
    if (train_run(t, err) < 0)
        return -1;
    if (a->log_memory)
        log_memory(s);
    if (tensorboard_close(&s->board, err) < 0)
        return -1;
    return log_close(&s->log, err);
}

static void close_session(struct session *s)
{
    struct err ignored = {0};

    train_close(&s->train);
    stream_close(&s->stream);
    loader_close(&s->test_loader);
    tensorboard_close(&s->board, &ignored);
    log_close(&s->log, &ignored);
    team_close(s->team);
    buf_release(&s->vocab);
    free(s->trace);
    comm_close(&s->comm);
}

static const char pretrain_details[] =
    "Trains BERT on masked-token and next-sentence prediction. The shards are those of "
    "make-pretrain, of nnlsh-pack, or of the programs these follow; whether they are packed is "
    "seen in the files. Padding is never computed on.\n\n"
    "--train_batch_size counts rows of one rank and one step; a micro batch has train_batch_size / "
    "gradient_accumulation_steps rows. With packed shards the number of micro batches is divided "
    "by the mean number of sequences in a row (avg_seq_per_sample in INPUT_metadata.json, counted "
    "in the shards where that is missing) and rounded. --tokens_per_batch says how many tokens a "
    "step has instead, whatever the rows hold and however many ranks there are. Losses are means "
    "over each micro batch and the mean of these, as in the originals; --loss_average step takes "
    "every masked token of the step alike. Two ranks with accumulation A do what one rank does "
    "with 2 A.\n\n"
    "Every epoch visits every row once, in an order given by the seed alone. The learning rate "
    "rises linearly for warmup_proportion of max_steps, then falls as the schedule says: poly is "
    "the square root of what is left.\n\n"
    "Several folders are mixed row by row in the proportion of their weights; each has epochs of "
    "its own. --dynamic_masking knows from the shards what stood at their masked places and hides "
    "other tokens at every visit; [MASK] is looked up in --vocab or seen in the shards. Rows are "
    "read by a thread of their own while a step is computed.\n\n"
    "A checkpoint is a folder, output_dir/ckpt_STEP, that Hugging Face's from_pretrained reads; it "
    "appears only when it is whole, the newest stay. With --resume_from_checkpoint the newest "
    "whole one is continued, or training starts when there is none yet, so the same command can be "
    "given again after a crash; the result is the same, byte for byte. SIGTERM and SIGINT write a "
    "checkpoint after the current step and end with status 0. A checkpoint of another model or "
    "optimiser is refused.\n\n"
    "--phase2 continues checkpoint phase1_end_step with new data and a new schedule; numbers of "
    "checkpoints go on. --init_checkpoint takes weights only.\n\n"
    "--evaluate and --eval_interval tell losses and accuracies on held-back shards: those of "
    "--eval_dir, or the files of input_dir whose names contain \"test\". The checkpoint that did "
    "best stays. To evaluate only, give --steps_this_run 0 and --init_checkpoint, or resume a "
    "finished training.\n\n"
    "--precision bf16 rounds what is multiplied to 16 bits and packs it for AMX or AVX512-BF16; "
    "sums, "
    "weights, moments, LayerNorms, softmaxes and losses stay fp32, so no loss is scaled. Where "
    "neither makes it faster the training is fp32, and says so. Results have the same bits for any "
    "number of threads; --isa names the instructions where they must not depend on the machine.\n\n"
    "--benchmark measures the peaks of this machine, then ten seconds (or --steps_this_run) of "
    "steps of one micro batch, "
    "and prints tokens and sequences a second, GFLOP/s a core, their share of the peak, the time "
    "of "
    "every operation and memory. It needs --config_file only; without input_dir rows are "
    "max_seq_length random tokens, 15 % of them masked. Padding counts nowhere.\n\n"
    "A step whose loss or gradient is not finite changes no weights; ten in a row end the run.";

static const char pretrain_examples[] =
    "bert-train pretrain --input_dir shards --config_file tiny --output_dir run --max_steps 1000 "
    "--train_batch_size 64 --learning_rate 1e-3 --warmup_proportion 0.1\n"
    "mpirun -n 8 bert-train pretrain --do_train --config_file bert_config.json --input_dir packed "
    "--output_dir run --train_batch_size 8192 --gradient_accumulation_steps 128 --max_steps 7038 "
    "--warmup_proportion 0.2843 --learning_rate 6e-3 --resume_from_checkpoint\n"
    "bert-train pretrain --config_file bert_config.json --input_dir packed_512 --output_dir run "
    "--phase2 --phase1_end_step 7038 --resume_from_checkpoint --train_batch_size 4096 "
    "--gradient_accumulation_steps 512 --max_steps 1563 --warmup_proportion 0.128 "
    "--learning_rate 4e-3";

/* It needs neither data nor a folder for results. */
static bool asks_for_benchmark(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--benchmark") == 0)
            return true;
    return false;
}

int pretrain_main(int argc, char **argv)
{
    struct pretrain_args a = {.packed = "auto",
                              .precision = "fp32",
                              .isa = "auto",
                              .optimizer = "lamb",
                              .schedule = "poly",
                              .loss_average = "micro",
                              .profile_steps = "2:11",
                              .keep = 3,
                              .warmup_steps = -1,
                              .eval_batch_size = 8,
                              .decay_proportion = 0.1,
                              .weight_decay = 0.01,
                              .beta1 = 0.9,
                              .beta2 = 0.999,
                              .epsilon = 1e-6,
                              .max_grad_norm = 1,
                              .mask_prob = 0.15,
                              .train_batch_size = 32,
                              .accumulation = 1,
                              .max_steps = 1000,
                              .steps_this_run = -1,
                              .max_seq_length = 512,
                              .max_predictions = 80,
                              .steps_per_checkpoint = 100,
                              .resume_step = -1,
                              .phase1_end_step = 7038,
                              .seed = 42,
                              .learning_rate = 5e-5,
                              .warmup_proportion = 0.01,
                              .log_freq = 1};
    const bool trains = !asks_for_benchmark(argc, argv);
    const struct opt opts[] = {
        OPT_TEXT(0, "input_dir", &a.input_dir, "DIR",
                 "folder of shards, or several to mix: DIR=WEIGHT,DIR=WEIGHT",
                 .alias = "input_files_dir", .needed = trains),
        OPT_FLAG(0, "dynamic_masking", &a.dynamic_masking,
                 "hide other tokens at each visit of a row, instead of those of the shards"),
        OPT_REAL(0, "mask_prob", &a.mask_prob, 0.0001, 0.9, "share of the tokens to hide so",
                 .alias = "masked_lm_prob"),
        OPT_NEED(0, "config_file", &a.config_file, "FILE",
                 "model: a config JSON, or tiny, mini, small, medium, base, large or 1.2B",
                 .alias = "bert_config_file"),
        OPT_TEXT('o', "output_dir", &a.output_dir, "DIR", "folder of the checkpoints",
                 .alias = "output", .needed = trains),
        OPT_TEXT(0, "init_checkpoint", &a.init_checkpoint, "PATH",
                 "weights to begin with: a folder or .safetensors file, names of Hugging Face or "
                 "of the PyTorch system"),
        OPT_TEXT(0, "vocab", &a.vocab, "FILE",
                 "vocabulary to put into the checkpoints, so that tokenizers load from them",
                 .alias = "vocab_file"),
        OPT_FLAG(0, "cased", &a.cased, "that vocabulary keeps case and accents"),
        OPT_INT(0, "train_batch_size", &a.train_batch_size, 1, 1 << 24,
                "rows of one rank in a step"),
        OPT_INT(0, "gradient_accumulation_steps", &a.accumulation, 1, 1 << 24,
                "micro batches these rows are cut into", .alias = "num_accumulation_steps"),
        OPT_INT(0, "tokens_per_batch", &a.tokens_per_batch, 0, 1e12,
                "tokens of a step, all ranks together: the micro batches follow, 0 = off"),
        OPT_CHOICE(0, "loss_average", &a.loss_average, "micro|step",
                   "means over the masked tokens of each micro batch, or of the whole step"),
        OPT_CHOICE(0, "optimizer", &a.optimizer, "lamb|adamw|adam",
                   "how weights are updated (adam = adamw)", .alias = "optimizer_type"),
        OPT_REAL(0, "weight_decay", &a.weight_decay, 0, 10,
                 "of weights, not biases and LayerNorms"),
        OPT_REAL(0, "beta1", &a.beta1, 0, 0.999999, "decay of the first moments"),
        OPT_REAL(0, "beta2", &a.beta2, 0, 0.9999999, "decay of the second moments"),
        OPT_REAL(0, "epsilon", &a.epsilon, 0, 1, "added to the root of the second moments"),
        OPT_REAL(0, "max_grad_norm", &a.max_grad_norm, 0, 1e9,
                 "largest norm of all gradients together, 0 = any"),
        OPT_INT(0, "max_steps", &a.max_steps, 1, 1000000000, "steps of the whole schedule",
                .alias = "num_train_steps"),
        OPT_TEXT(0, "max_time", &a.max_time, "H:M:S",
                 "end with a checkpoint before this run has taken so long"),
        OPT_INT(0, "steps_this_run", &a.steps_this_run, -1, 1000000000,
                "step at which this run stops, -1 = at the end"),
        OPT_REAL(0, "learning_rate", &a.learning_rate, 0, 1e6, "largest learning rate"),
        OPT_REAL(0, "warmup_proportion", &a.warmup_proportion, 0, 1,
                 "share of the steps in which the rate rises"),
        OPT_INT(0, "warmup_steps", &a.warmup_steps, -1, 1000000000,
                "the same as a number of steps, -1 = warmup_proportion tells",
                .alias = "num_warmup_steps"),
        OPT_CHOICE(0, "schedule", &a.schedule, "poly|linear|cosine|constant|wsd",
                   "how the rate falls after that", .alias = "lr_schedule"),
        OPT_REAL(0, "decay_proportion", &a.decay_proportion, 0, 1,
                 "wsd: share of the steps at the end in which it falls"),
        OPT_INT(0, "max_seq_length", &a.max_seq_length, 1, 1 << 20, "refuse longer rows"),
        OPT_INT(
            0, "max_predictions_per_seq", &a.max_predictions, 1, 1 << 20,
            "masked tokens used of a row whose columns are all filled; with dynamic_masking, of a "
            "sequence"),
        OPT_TEXT(0, "enable_packed_data_mode", &a.packed, "auto|true|false",
                 "refuse shards that are not of this kind"),
        OPT_INT(0, "num_steps_per_checkpoint", &a.steps_per_checkpoint, 1, 1000000000,
                "steps between checkpoints", .alias = "save_checkpoints_steps"),
        OPT_INT(0, "keep_checkpoints", &a.keep, 1, 1000000, "newest checkpoints that stay",
                .alias = "keep_checkpoint_max"),
        OPT_FLAG(0, "evaluate", &a.evaluate,
                 "losses and accuracies on held-back shards at the end, in eval_results.txt",
                 .alias = "do_eval"),
        OPT_INT(0, "eval_interval", &a.eval_interval, 0, 1000000000,
                "and every so many steps; the best checkpoint stays", .alias = "eval_every"),
        OPT_TEXT(0, "eval_dir", &a.eval_dir, "DIR",
                 "folder of held-back shards; the test shards of input_dir when not given",
                 .alias = "eval_files_dir"),
        OPT_INT(0, "eval_batch_size", &a.eval_batch_size, 1, 1 << 20, "rows computed at once"),
        OPT_INT(0, "max_eval_steps", &a.max_eval_steps, 0, 1000000000,
                "batches of an evaluation, 0 = all"),
        OPT_FLAG(0, "skip_checkpoint", &a.skip_checkpoint, "write none"),
        OPT_FLAG(0, "resume_from_checkpoint", &a.resume,
                 "continue the newest whole checkpoint of the output folder"),
        OPT_INT(0, "resume_step", &a.resume_step, -1, 1000000000,
                "number of the checkpoint to continue, -1 = the newest"),
        OPT_FLAG(0, "phase2", &a.phase2, "continue phase 1 with new data and a new schedule"),
        OPT_INT(0, "phase1_end_step", &a.phase1_end_step, 0, 1000000000,
                "number of the checkpoint at which phase 1 ended"),
        OPT_INT(0, "seed", &a.seed, 0, 1e15, "of new weights, the order of rows and dropout"),
        OPT_FLAG(0, "deterministic_run", &a.deterministic,
                 "seed 1 and no dropout (every run is deterministic, also without it)"),
        OPT_CHOICE(0, "precision", &a.precision, "fp32|bf16",
                   "numbers that are multiplied: weights, moments and sums are fp32 with both"),
        OPT_FLAG(0, "autocast", &a.autocast, "the same as --precision bf16"),
        OPT_CHOICE(0, "isa", &a.isa, "auto|amx|avx512|avx2|blas|plain",
                   "instructions to multiply with, when results must be those of another machine"),
        OPT_TEXT(0, "json_summary", &a.json_summary, "FILE",
                 "records in dllogger format; output_dir/dllogger.json when not given",
                 .alias = "dllog_path"),
        OPT_REAL(0, "log_freq", &a.log_freq, 1, 1e9, "steps between log lines",
                 .alias = "display_loss_steps"),
        OPT_FLAG(0, "enable_tensorboard_logging", &a.tensorboard,
                 "loss and speed for TensorBoard, in output_dir/worker_0"),
        OPT_FLAG(0, "checkpoint_activations", &a.recompute,
                 "keep the inputs of layers only and compute the rest again: less memory, same "
                 "result"),
        OPT_SWITCH(0, "profile", &a.profile,
                   "tell the time of every operation, and leave a trace for chrome://tracing"),
        OPT_TEXT(0, "profile_steps", &a.profile_steps, "X:Y",
                 "steps of this run to profile, the first and the last"),
        OPT_TEXT(0, "tensorboard_logdir", &a.profile_dir, "DIR",
                 "where trace.json goes; output_dir when not given"),
        OPT_SWITCH(0, "log_memory_usage", &a.log_memory, "log the most memory used, at the end"),
        OPT_FLAG(0, "benchmark", &a.benchmark,
                 "train nothing: print how fast this machine is, on random rows without input_dir"),
        OPT_THREADS(&a.threads),
        OPT_QUIET(&a.quiet),
        OPT_FLAG(0, "do_train", &a.do_train, "train, as this command does without it too"),
        OPT_NOTE_VALUE("bert_model", "--config_file tells the model"),
        OPT_NOTE_VALUE("num_train_epochs", "--max_steps tells how long to train"),
        OPT_NOTE_VALUE("local_rank", "mpirun tells the ranks"),
        OPT_NOTE("use_env", "mpirun tells the ranks"),
        OPT_NOTE("horovod", "mpirun tells the ranks"),
        OPT_NOTE("horovod_hierarchical_allreduce", "MPI chooses the ways of messages"),
        OPT_NOTE("enable_scoped_allocator", "gradients are always summed in large pieces"),
        OPT_NOTE("no_cuda", "training runs on CPUs"),
        OPT_NOTE("use_habana", "training runs on CPUs"),
        OPT_NOTE("fp16", "for accelerators: --precision bf16 is the fast one here"),
        OPT_NOTE("amp", "--precision tells the numbers"),
        OPT_NOTE("noamp", "--precision tells the numbers"),
        OPT_NOTE("manual_fp16", "--precision tells the numbers"),
        OPT_NOTE_VALUE("loss_scale", "neither fp32 nor bf16 needs loss scaling"),
        OPT_NOTE_VALUE("init_loss_scale", "neither fp32 nor bf16 needs loss scaling"),
        OPT_NOTE_VALUE("bf16_config_path", "--precision tells the numbers"),
        OPT_NOTE("use_xla", "the program is compiled", .alias = "nouse_xla"),
        OPT_NOTE("allreduce_post_accumulation", "gradients are always summed once a step"),
        OPT_FLAG(0, "exchange_halves", &a.exchange_halves,
                 "sum gradients over ranks with 16 bits a number on the way (bfloat16)",
                 .alias = "allreduce_post_accumulation_fp16"),
        OPT_NOTE("use_fused_lamb", "there is one LAMB, and it is fused"),
        OPT_NOTE_VALUE("use_lazy_mode", "for accelerators"),
        OPT_NOTE_VALUE("use_zero_optimizer", "every rank keeps all moments"),
        OPT_NOTE_VALUE("use_hpu_graphs", "for accelerators"),
        OPT_NOTE("use_torch_compile", "the program is compiled"),
        OPT_NOTE("compiled_autograd", "the program is compiled"),
        OPT_NOTE_VALUE("save_summary_steps", "summaries are written with the log lines"),
        OPT_NOTE_VALUE("iterations_per_loop", "for accelerators"),
        OPT_NOTE("verbose_logging", "the log has everything"),
        OPT_NOTE("report_loss", "losses are always reported", .alias = "noreport_loss"),
        OPT_END,
    };
    const struct tool tool = {
        "bert-train pretrain", "", "train BERT on pretraining shards", opts, pretrain_details,
        pretrain_examples};
    struct session s = {.a = &a, .tool = &tool};
    struct err err = {0};
    int rc, status;

    cli_parse(&tool, argc, argv);
    if (a.deterministic)
        a.seed = 1;
    if (a.benchmark)
        return cli_finish(&tool, benchmark_run(&a, &err), &err);
    rc = run(&s, &err);
    if (rc < 0 && s.comm.size > 1)
        err_in(&err, "rank %d of %d", s.comm.rank, s.comm.size);
    status = cli_finish(&tool, rc, &err);
    if (rc < 0)
        comm_abort(&s.comm); /* the other ranks wait for us */
    close_session(&s);
    return status;
}

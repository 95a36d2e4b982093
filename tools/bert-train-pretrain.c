/* bert-train-pretrain.c -- shards in, checkpoints out: the command line of pretraining.
 *
 * Options are those of run_pretraining.py. This file turns them into the plan of a training (which
 * data, which model, how many rows a step); the training itself is libtrain/run. */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "bert-train-pretrain.h"

#include "bert-train-benchmark.h"
#include "bert-train-plan.h"
#include "bert-train-session.h"
#include "cli.h"
#include "data/loader.h"
#include "data/stream.h"
#include "model/config.h"

/* A session with the options of this command. */
struct pretraining {
    struct session session; /* the first member */
    const struct pretrain_args *a;
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

static int open_data(struct pretraining *p, struct err *err)
{
    const struct pretrain_args *a = p->a;
    struct stream *stream = &p->session.stream;

    if (stream_open(stream, a->input_dir, (uint64_t)a->run.seed, err) < 0)
        return -1;
    if (stream->kind != ROWS_PRETRAINING)
        return err_set(err, ERR_USAGE, "'%s' holds %s, not %s", a->input_dir,
                       row_kind_name(stream->kind), row_kind_name(ROWS_PRETRAINING));
    if (check_packing(a, stream, err) < 0)
        return -1;
    if (stream->shape.seq_length > (size_t)a->max_seq_length)
        return err_set(err, ERR_USAGE,
                       "the rows of '%s' have %zu tokens, more than --max_seq_length %" PRId64,
                       a->input_dir, stream->shape.seq_length, a->max_seq_length);
    return 0;
}

static int open_test_data(struct pretraining *p, struct err *err)
{
    const struct pretrain_args *a = p->a;

    if (!a->evaluate && a->eval_interval == 0)
        return 0;
    return loader_open_test(&p->session.test_loader, a->eval_dir ? a->eval_dir : a->input_dir,
                            !a->eval_dir, err);
}

static void set_limits(struct pretraining *p)
{
    const struct bert_config *config = &p->session.training.config;
    const struct loader_limits limits = {.vocab_size = config->vocab_size,
                                         .max_positions = config->max_positions,
                                         .n_types = config->n_types,
                                         .max_predictions = (size_t)p->a->max_predictions};

    stream_limit(&p->session.stream, &limits);
    loader_limit(&p->session.test_loader, &limits);
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

static int plan_masking(struct pretraining *p, struct err *err)
{
    const struct pretrain_args *a = p->a;
    struct session *s = &p->session;
    struct remask r = {.prob = a->mask_prob,
                       .most = (size_t)a->max_predictions,
                       .mask_id = mask_of_vocab(&s->vocab),
                       .vocab_size = (int32_t)s->training.config.vocab_size,
                       .seed = (uint64_t)a->run.seed};

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
static int open_config(struct pretraining *p, struct err *err)
{
    const struct pretrain_args *a = p->a;
    struct session *s = &p->session;
    struct bert_config *config = &s->training.config;

    if (config_load(config, a->config_file, err) < 0)
        return -1;
    config->heads = HEADS_PRETRAINING;
    config->n_labels = 0;
    if (config_is_preset(a->config_file)) {
        if (s->stream.vocab_size > 0)
            config->vocab_size = (size_t)s->stream.vocab_size;
        else if (s->vocab.len > 0)
            config->vocab_size = session_vocab_size(s);
    }
    if (session_check_vocab(s, err) < 0)
        return -1;
    set_limits(p);
    if (plan_masking(p, err) < 0)
        return -1;
    if (a->deterministic)
        config->hidden_dropout = config->attention_dropout = 0;
    return 0;
}

static void say_data(struct session *s)
{
    const struct training *t = &s->training;
    const struct stream *l = &s->stream;

    log_say(&s->log,
            "%zu layers of %zu, vocabulary %zu, %.1f M parameters; %" PRIu64
            " %srows of %zu tokens in '%s'",
            t->config.n_layers, t->config.hidden_size, t->config.vocab_size,
            (double)t->list.n_params * 1e-6, l->n_rows, l->shape.packed ? "packed " : "",
            l->shape.seq_length, l->name);
}

static int run(struct pretraining *p, struct err *err)
{
    struct session *s = &p->session;
    struct training_options *o = &s->training.options;

    if (session_begin(s, err) < 0 || open_data(p, err) < 0 || open_test_data(p, err) < 0 ||
        open_config(p, err) < 0 || session_plan(s, err) < 0 ||
        plan_batch(o, p->a, &s->stream, s->comm.size, err) < 0 || plan_run(o, p->a, err) < 0)
        return -1;
    return session_run(s, say_data, err);
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
    "optimiser is refused; one of other data, schedule, batch, seed, precision or loss average is "
    "refused too, with what differs, unless --resume_changed takes this run's.\n\n"
    "--phase2 continues checkpoint phase1_end_step with new data and a new schedule; numbers of "
    "checkpoints go on. --init_checkpoint takes weights only.\n\n"
    "--evaluate and --eval_interval tell losses and accuracies on held-back shards: those of "
    "--eval_dir, or the files of input_dir whose names contain \"test\". The checkpoint that did "
    "best stays. To evaluate only, give --steps_this_run 0 and --init_checkpoint, or resume a "
    "finished training.\n\n"
    "--precision bf16 rounds what is multiplied to 16 bits and packs it for AMX or AVX512-BF16; "
    "sums, weights, moments, LayerNorms, softmaxes and losses stay fp32, so no loss is scaled. "
    "Where neither makes it faster the training is fp32, and says so. Results have the same bits "
    "for any number of threads; --isa names the instructions where they must not depend on the "
    "machine.\n\n"
    "--benchmark measures the peaks of this machine, then ten seconds (or --steps_this_run) of "
    "steps of one micro batch, and prints tokens and sequences a second, GFLOP/s a core, their "
    "share of the peak, the time of every operation and memory. It needs --config_file only; "
    "without input_dir rows are max_seq_length random tokens, 15 % of them masked. Padding counts "
    "nowhere. With --steps_this_run 0 it tells "
    "what memory a step takes, and takes none.\n\n"
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
    struct pretrain_args a = {.run = run_defaults(),
                              .packed = "auto",
                              .optimizer = "lamb",
                              .schedule = "poly",
                              .loss_average = "micro",
                              .warmup_steps = -1,
                              .eval_batch_size = 8,
                              .decay_proportion = 0.1,
                              .mask_prob = 0.15,
                              .train_batch_size = 32,
                              .accumulation = 1,
                              .max_steps = 1000,
                              .steps_this_run = -1,
                              .max_seq_length = 512,
                              .max_predictions = 80,
                              .phase1_end_step = 7038,
                              .learning_rate = 5e-5,
                              .warmup_proportion = 0.01};
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
        OPT_INT(0, "max_steps", &a.max_steps, 1, 1000000000, "steps of the whole schedule",
                .alias = "num_train_steps"),
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
        OPT_FLAG(0, "phase2", &a.phase2, "continue phase 1 with new data and a new schedule"),
        OPT_INT(0, "phase1_end_step", &a.phase1_end_step, 0, 1000000000,
                "number of the checkpoint at which phase 1 ended"),
        OPT_FLAG(0, "deterministic_run", &a.deterministic,
                 "seed 1 and no dropout (every run is deterministic, also without it)"),
        OPT_NOTE_VALUE("bert_model", "--config_file tells the model"),
        OPT_NOTE_VALUE("num_train_epochs", "--max_steps tells how long to train"),
        OPT_NOTE("noamp", "--precision tells the numbers"),
        OPT_NOTE("manual_fp16", "--precision tells the numbers"),
        OPT_NOTE_VALUE("init_loss_scale", "neither fp32 nor bf16 needs loss scaling"),
        OPT_NOTE("use_xla", "the program is compiled", .alias = "nouse_xla"),
        OPT_NOTE("allreduce_post_accumulation", "gradients are always summed once a step"),
        OPT_NOTE("use_fused_lamb", "there is one LAMB, and it is fused"),
        OPT_NOTE_VALUE("use_zero_optimizer", "every rank keeps all moments"),
        OPT_NOTE("report_loss", "losses are always reported", .alias = "noreport_loss"),
        OPT_TEXT('o', "output_dir", &a.run.output_dir, "DIR", "folder of the checkpoints",
                 .alias = "output", .needed = trains),
        OPT_FLAG(0, "benchmark", &a.benchmark,
                 "train nothing: print how fast this machine is, on random rows without input_dir"),
        RUN_OPTIONS(a.run),
        OPT_END,
    };
    const struct tool tool = {
        "bert-train pretrain", "", "train BERT on pretraining shards", opts, pretrain_details,
        pretrain_examples};
    struct pretraining p = {.session = {.a = &a.run, .tool = &tool}, .a = &a};
    struct err err = {0};
    int rc;

    cli_parse(&tool, argc, argv);
    if (a.deterministic)
        a.run.seed = 1;
    if (a.benchmark)
        return cli_finish(&tool, benchmark_run(&a, &err), &err);
    rc = run(&p, &err);
    return session_finish(&p.session, rc, &err);
}

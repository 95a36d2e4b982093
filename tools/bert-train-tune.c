/* bert-train-tune.c -- the command lines of squad and classify: options of run_squad.py and run_classifier.py. */
#include "bert-train-tune.h"

#include <stdlib.h>

#include "base/buf.h"
#include "bert-train-tuning.h"

/* clang-format off */
/* Rows that both commands have. */
#define TUNE_OPTIONS(a)                                                                            \
    OPT_TEXT(0, "eval_file", &(a).eval_file, "FILE",                                               \
             "data or features to evaluate on after every epoch and at the end; the best checkpoint "      \
             "stays", .alias = "dev_file"),                                                        \
    OPT_TEXT(0, "config_file", &(a).config_file, "FILE",                                           \
             "model: a config JSON, or tiny, mini, small, medium, base, large or 1.2B; that of "   \
             "--init_checkpoint when not given", .alias = "bert_config_file"),                     \
    OPT_INT(0, "train_batch_size", &(a).train_batch_size, 1, 1 << 24,                              \
            "rows of one rank in a step"),                                                         \
    OPT_INT(0, "gradient_accumulation_steps", &(a).accumulation, 1, 1 << 24,                       \
            "micro batches these rows are cut into", .alias = "num_accumulation_steps"),           \
    OPT_INT(0, "eval_batch_size", &(a).eval_batch_size, 1, 1 << 20, "rows computed at once"),      \
    OPT_REAL(0, "num_train_epochs", &(a).epochs, 1e-6, 1e6, "how often every row is taken"),       \
    OPT_INT(0, "max_steps", &(a).max_steps, -1, 1000000000,                                        \
            "step at which this run stops, the schedule as it was; -1 = at the end",               \
            .alias = "steps_this_run"),                                                            \
    OPT_REAL(0, "learning_rate", &(a).learning_rate, 0, 1e6, "largest learning rate"),             \
    OPT_REAL(0, "warmup_proportion", &(a).warmup_proportion, 0, 1,                                 \
             "share of the steps in which the rate rises"),                                        \
    OPT_INT(0, "warmup_steps", &(a).warmup_steps, -1, 1000000000,                                  \
            "the same as a number of steps, -1 = warmup_proportion tells",                         \
            .alias = "num_warmup_steps"),                                                          \
    OPT_CHOICE(0, "schedule", &(a).schedule, "linear|poly|cosine|constant",                        \
               "how the rate falls after that", .alias = "lr_schedule"),                           \
    OPT_CHOICE(0, "optimizer", &(a).optimizer, "adamw|lamb", "how weights are updated",            \
               .alias = "optimizer_type"),                                                         \
    OPT_SWITCH(0, "bias_correction", &(a).bias_correction,                                         \
               "correct Adam's moments for their start from zero, which the originals do not"),    \
    OPT_FLAG(0, "per_param_grad_clipping", &(a).clip_tensors,                                      \
             "clip the gradient of each tensor to max_grad_norm too"),                             \
    OPT_INT(0, "freeze_layers", &(a).freeze_layers, 0, 4096,                                       \
            "the embeddings and so many of the first layers stay as they are, 0 = none"),          \
    OPT_INT(0, "max_seq_length", &(a).max_seq_length, 4, 1 << 16,                                  \
            "tokens of a row of features that are made; longer ones are refused"),                 \
    OPT_NEED('o', "output_dir", &(a).run.output_dir, "DIR", "folder of the checkpoints",           \
             .alias = "output"),                                                                   \
    RUN_OPTIONS((a).run),                                                                          \
    OPT_CHOICE(0, "rules", &(a).rules, "hf|google|hf-fast", "whose tokenizer to equal"),           \
    OPT_TEXT(0, "cache_dir", &(a).cache_dir, "DIR",                                                \
             "where features that are made are kept; beside the data when not given"),             \
    OPT_FLAG(0, "skip_cache", &(a).skip_cache, "do not keep them"),                                \
    OPT_NOTE("do_lower_case", "vocabularies are uncased unless --cased"),                          \
    OPT_NOTE_VALUE("bert_model", "--config_file tells the model"),                                 \
    OPT_NOTE("use_fused_adam", "there is one Adam, and it is fused"),                              \
    OPT_NOTE("use_tpu", "training runs on CPUs"),                                                  \
    OPT_NOTE_VALUE("tpu_name", "training runs on CPUs",                                            \
                   .alias = "tpu_zone gcp_project master num_tpu_cores")
/* clang-format on */

static const char squad_details[] =
    "Teaches a BERT where the answer to a question begins and ends in a text. The two softmaxes "
    "run over the tokens there are, padding does not exist.\n\n";

static const char classify_details[] =
    "Teaches a BERT the class of a sentence or of a pair, or a score where the labels are reals "
    "(sts-b: mean squared error). The classes are those that the file names, or as many "
    "as it has.\n\n";

static const char tune_details[] =
    "Data as they are published are made into features first, which are kept beside them (or in "
    "--cache_dir) under a name that tells data, vocabulary and options, with their SHA-256: "
    "another run takes them where all of it is the same.\n\n"
    "Every epoch takes every row once, in an order given by the seed alone; the last step takes "
    "what is left. The number of steps follows from the rows, so the learning rate, which rises "
    "linearly and falls linearly, is 0 at the last. The loss is the mean over all rows of a step, "
    "however it is cut into micro batches and shared by ranks. Gradients are clipped once a "
    "step.\n\n"
    "--init_checkpoint takes the weights of a pretrained model; heads that it does not have are "
    "new, and named. A vocab.txt that lies beside them goes into the checkpoints.\n\n"
    "A checkpoint is a folder, output_dir/ckpt_STEP, that Hugging Face's from_pretrained reads; it "
    "appears only when it is whole. With --resume_from_checkpoint the newest whole one is "
    "continued, or training starts when there is none yet; the result is the same, byte for byte. "
    "A checkpoint of another model or optimiser is refused; one of other data, schedule, batch, "
    "seed or precision is refused too, with what differs, unless --resume_changed takes this "
    "run's. "
    "SIGTERM and SIGINT write a checkpoint after the current step and end with status 0.\n\n"
    "--eval_file is evaluated after every epoch: loss and accuracy go to the log and to "
    "eval_results.txt.";

static char *details_of(const char *task)
{
    struct buf text = {0};

    buf_printf(&text, "%s%s", task, tune_details);
    return text.data;
}

int squad_main(int argc, char **argv)
{
    struct tune_args a = tune_defaults();
    const struct opt opts[] = {
        OPT_TEXT(0, "train_file", &a.train_file, "FILE",
                 "questions: SQuAD's JSON, or features of squad-features; several files of "
                 "features are mixed: FILE=WEIGHT,FILE=WEIGHT"),
        OPT_INT(0, "doc_stride", &a.doc_stride, 1, 1 << 16,
                "JSON: tokens from the start of a window to the start of the next"),
        OPT_INT(0, "max_query_length", &a.max_query_length, 0, 1 << 16,
                "JSON: tokens of a question; what is longer is cut"),
        OPT_FLAG(0, "version_2_with_negative", &a.version_2,
                 "JSON: some questions have no answer, and say so by 'is_impossible'"),
        OPT_FLAG(0, "do_predict", &a.predict,
                 "after training, answer --predict_file with bert-predict", .alias = "predict"),
        OPT_TEXT(0, "predict_file", &a.predict_file, "FILE", "questions: SQuAD's JSON"),
        OPT_FLAG(0, "do_eval", &a.evaluate, "score these answers with squad-score"),
        OPT_INT(0, "n_best_size", &a.n_best, 1, 1000, "answers of a question to list"),
        OPT_INT(0, "max_answer_length", &a.max_answer_length, 1, 1 << 16, "tokens of an answer"),
        OPT_REAL(0, "null_score_diff_threshold", &a.null_threshold, -1e9, 1e9,
                 "how much better no answer must be than the best one to be given"),
        OPT_NOTE_VALUE("predict_batch_size", "predictions are batched by tokens"),
        OPT_NOTE_VALUE("eval_script", "squad-score has the official scores"),
        OPT_NOTE_VALUE("throughput_warmup_steps",
                       "speeds are those of the steps between log lines"),
        OPT_FLAG(0, "first_answer", &a.first_answer,
                 "JSON: train on the first answer where there are several, which is an error "
                 "otherwise"),
        TUNE_OPTIONS(a),
        OPT_END,
    };
    char *text = details_of(squad_details);
    const struct tool tool = {"bert-train squad",
                              "",
                              "teach BERT to answer questions",
                              opts,
                              text,
                              "bert-train squad --train_file train-v1.1.json --init_checkpoint "
                              "pretrained --output_dir squad "
                              "--train_batch_size 24 --learning_rate 3e-5 --num_train_epochs 2"};
    int status;

    a.max_seq_length = 384;
    cli_parse(&tool, argc, argv);
    status = tune(&a, &tool, HEADS_SPANS);
    free(text);
    return status;
}

int classify_main(int argc, char **argv)
{
    struct tune_args a = tune_defaults();
    const struct opt opts[] = {
        OPT_TEXT(0, "train_file", &a.train_file, "FILE",
                 "the task's file, or features of glue-features; several files of features are "
                 "mixed: FILE=WEIGHT,FILE=WEIGHT"),
        OPT_TEXT(0, "data_dir", &a.data_dir, "DIR",
                 "folder whose train.tsv, and with --do_eval dev.tsv, are taken"),
        OPT_FLAG(0, "do_eval", &a.evaluate,
                 "evaluate: on --eval_file, which is enough, or on dev.tsv of --data_dir"),
        OPT_NOTE("do_predict", "bert-predict classify tells the classes of a set"),
        OPT_NOTE_VALUE("predict_batch_size", "bert-predict classify tells the classes of a set"),
        OPT_TEXT(0, "task", &a.task, "NAME",
                 "of the task's file: mrpc, sst-2, cola, rte, qnli, wnli, mnli, qqp, xnli or sts-b",
                 .alias = "task_name"),
        OPT_NOTE_VALUE("dropout_before_logits", "the config's hidden_dropout_prob tells it"),
        OPT_INT(0, "num_labels", &a.n_labels, 0, CONFIG_MAX_LABELS,
                "classes of the model, 0 = those of the features"),
        TUNE_OPTIONS(a),
        OPT_END,
    };
    char *text = details_of(classify_details);
    const struct tool tool = {
        "bert-train classify",
        "",
        "teach BERT to classify sentences",
        opts,
        text,
        "bert-train classify --task sst-2 --data_dir SST-2 --do_eval --init_checkpoint pretrained "
        "--output_dir sst2 --max_seq_length 64 --learning_rate 1e-4"};
    int status;

    a.max_seq_length = 512;
    cli_parse(&tool, argc, argv);
    status = tune(&a, &tool, HEADS_CLASSES);
    free(text);
    return status;
}

/* bert-train-session.c -- around a training: ranks, signals, memory, log. */
#include "bert-train-session.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/file.h"
#include "base/mem.h"
#include "model/weight_map.h"
#include "ops/denormals.h"
#include "ops/gemm.h"
#include "ops/half_tile.h"
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

struct run_args run_defaults(void)
{
    const struct optimizer_settings o = optimizer_defaults();

    return (struct run_args){
        .precision = "fp32",
        .isa = "auto",
        .profile_steps = "2:11",
        .steps_per_checkpoint = 100,
        .keep = 3,
        .resume_step = -1,
        .seed = 42,
        .weight_decay = o.decay,
        .beta1 = o.beta1,
        .beta2 = o.beta2,
        .epsilon = o.eps,
        .max_grad_norm = o.max_norm,
        .log_freq = 1,
    };
}

/* ---- begin ---- */

static int open_log(struct session *s, struct err *err)
{
    const struct run_args *a = s->a;
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

int session_begin(struct session *s, struct err *err)
{
    if (comm_open(&s->comm, err) < 0 || open_log(s, err) < 0)
        return -1;
    return s->a->vocab ? file_read(&s->vocab, s->a->vocab, MAX_VOCAB_FILE, err) : 0;
}

size_t session_vocab_size(const struct session *s)
{
    const struct buf *text = &s->vocab;
    size_t n = 0;

    for (size_t i = 0; i < text->len; i++)
        n += text->data[i] == '\n';
    return n + (text->len && text->data[text->len - 1] != '\n');
}

int session_check_vocab(struct session *s, struct err *err)
{
    const size_t n = session_vocab_size(s);
    const size_t rows = s->training.config.vocab_size;

    if (n > rows)
        return err_set(err, ERR_FORMAT, "%s: has %zu tokens, the model %zu", s->a->vocab, n, rows);
    if (n > 0 && n < rows && !weight_may_be_padded(rows, n))
        log_warn(&s->log, "'%s' has %zu tokens, the model %zu: the last %zu have no name",
                 s->a->vocab, n, rows, rows - n);
    return 0;
}

/* ---- plan ---- */

/* "90", "30:00" or "8:00:00". */
static int plan_time(double *seconds, const char *text, struct err *err)
{
    const char *at = text;
    double sum = 0;

    for (int part = 0; part < 3; part++) {
        char *end;
        const double x = strtod(at, &end);

        if (end == at || !(x >= 0) || x > 1e9 || (*end && *end != ':'))
            break;
        sum = 60 * sum + x;
        if (*end == '\0') {
            *seconds = sum;
            return 0;
        }
        at = end + 1;
    }
    return err_set(err, ERR_USAGE, "--max_time wants seconds, M:S or H:M:S, not '%s'", text);
}

/* "X:Y"; the original's default, "0", is every step. */
static int plan_profile(struct training_options *o, const char *text, struct err *err)
{
    char *end;

    o->profile_from = 1;
    o->profile_to = INT64_MAX;
    if (strcmp(text, "0") == 0)
        return 0;
    o->profile_from = strtoll(text, &end, 10);
    if (*end == ':' && end[1] >= '0' && end[1] <= '9')
        o->profile_to = strtoll(end + 1, &end, 10);
    if (*end || o->profile_from < 1 || o->profile_to < o->profile_from)
        return err_set(err, ERR_USAGE, "--profile_steps wants X:Y, 1 <= X <= Y, not '%s'", text);
    return 0;
}

static bool wants_halves(const struct run_args *a)
{
    return a->autocast || strcmp(a->precision, "bf16") == 0;
}

/* Which kernels compute: of fp32 for the process, of halves for the plan. Where bf16 is asked for and no
 * kernel for it pays, the plan is fp32. A kernel that is named is taken whether it pays or not. */
static int plan_kernels(struct training_options *o, const struct run_args *a, struct err *err)
{
    const bool wide = strcmp(a->isa, "avx512") == 0, tiles = strcmp(a->isa, "amx") == 0;
    const struct half_kernel *halves = half_kernel_find(a->isa);

    if (!gemm_choose(tiles ? "avx512" : a->isa) || (tiles && !halves->works()))
        return err_set(err, ERR_USAGE, "this CPU has no %s: --isa auto takes what it has", a->isa);
    if (wants_halves(a))
        o->halves = wide && !halves->works() ? NULL : halves;
    return 0;
}

int run_plan(struct training_options *o, const struct run_args *a, struct err *err)
{
    o->seed = (uint64_t)a->seed;
    o->optimizer.beta1 = a->beta1;
    o->optimizer.beta2 = a->beta2;
    o->optimizer.eps = a->epsilon;
    o->optimizer.decay = a->weight_decay;
    o->optimizer.max_norm = a->max_grad_norm;
    o->log_every = (int64_t)a->log_freq;
    o->checkpoint_every = a->steps_per_checkpoint;
    o->skip_checkpoint = a->skip_checkpoint;
    o->keep = (size_t)a->keep;
    o->output_dir = a->output_dir;
    o->init_checkpoint = a->init_checkpoint;
    o->resume = a->resume;
    o->resume_changed = a->resume_changed;
    o->resume_number = a->resume_step;
    o->cased = a->cased;
    o->recompute = a->recompute;
    o->exchange_halves = a->exchange_halves;
    if (plan_kernels(o, a, err) < 0 ||
        (a->max_time && plan_time(&o->max_seconds, a->max_time, err) < 0))
        return -1;
    return a->profile ? plan_profile(o, a->profile_steps, err) : 0;
}

int session_plan(struct session *s, struct err *err)
{
    struct training_options *o = &s->training.options;
    const struct run_args *a = s->a;

    s->trace = file_join(a->profile_dir ? a->profile_dir : a->output_dir, "trace.json");
    if (a->profile_dir && file_make_folder(a->profile_dir, err) < 0)
        return -1;
    o->vocab = a->vocab ? &s->vocab : NULL;
    o->stop = &stop_asked;
    o->profile_path = s->trace;
    return run_plan(o, a, err);
}

/* ---- run ---- */

/* Ranks on one machine share its memory; launchers tell how many there are. */
static int ranks_here(void)
{
    const char *text = getenv("OMPI_COMM_WORLD_LOCAL_SIZE");
    const long n = text ? strtol(text, NULL, 10) : 1;

    return n > 0 && n < INT16_MAX ? (int)n : 1;
}

static int check_memory(struct session *s, struct err *err)
{
    const struct memory m = memory_of(&s->training);
    const uint64_t have = memory_available();

    log_say(&s->log, "memory: %.0f MiB (model %.0f, activations %.0f, data %.0f) of %.0f MiB",
            (double)memory_total(&m) / (1 << 20), (double)m.model / (1 << 20),
            (double)m.activations / (1 << 20), (double)m.data / (1 << 20),
            (double)have / (1 << 20));
    return memory_check(&m, ranks_here(), have, err);
}

static void log_start(struct session *s)
{
    const struct training *t = &s->training;
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
    json_put_real(data = json_new_map(), "learning_rate", t->options.schedule.rate);
    log_parameter(&s->log, data);
    free(options);
}

static void say_kernels(struct session *s)
{
    const struct half_kernel *halves = s->training.options.halves;

    if (halves)
        log_say(&s->log, "products of bf16 by %s, the others of fp32 by %s", halves->name,
                gemm_chosen());
    else if (wants_halves(s->a))
        log_warn(&s->log, "no instructions here make bf16 faster: computing with fp32 (%s)",
                 gemm_chosen());
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

int session_run(struct session *s, void (*say)(struct session *s), struct err *err)
{
    struct training *t = &s->training;

    denormals_flush(); /* threads made from now on inherit it */
    s->team = team_open((size_t)s->a->threads);
    t->stream = &s->stream;
    t->test_loader = &s->test_loader;
    t->comm = &s->comm;
    t->team = s->team;
    t->log = &s->log;
    t->board = &s->board;
    if (check_memory(s, err) < 0 || train_open(t, err) < 0)
        return -1;
    log_start(s);
    say(s);
    say_kernels(s);
    log_say(&s->log, "a step is %zu rows x %zu micro batches x %d ranks; %zu threads",
            t->options.micro_rows, t->options.accumulation, s->comm.size, team_size(s->team));
    catch_signals();
    if (train_run(t, err) < 0)
        return -1;
    if (s->a->log_memory)
        log_memory(s);
    if (tensorboard_close(&s->board, err) < 0)
        return -1;
    return log_close(&s->log, err);
}

/* ---- finish ---- */

static void close_session(struct session *s)
{
    struct err ignored = {0};

    training_release(&s->training);
    stream_close(&s->stream);
    loader_close(&s->test_loader);
    tensorboard_close(&s->board, &ignored);
    log_close(&s->log, &ignored);
    team_close(s->team);
    buf_release(&s->vocab);
    free(s->trace);
    comm_close(&s->comm);
}

int session_finish(struct session *s, int rc, struct err *err)
{
    int status;

    if (rc < 0 && s->comm.size > 1)
        err_in(err, "rank %d of %d", s->comm.rank, s->comm.size);
    status = cli_finish(s->tool, rc, err);
    if (rc < 0)
        comm_abort(&s->comm); /* the other ranks wait for us */
    close_session(s);
    return status;
}

/* source_url.c -- libcurl pushes, we pull: its callback fills a small buffer and pauses when full.
 *
 * `position` is the next byte of the file that goes into the buffer. Whatever breaks, the next
 * request asks for the bytes from there on; a server that ignores ranges sends all of them again,
 * and those before the position are dropped. */
#include "base/source_url.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/buf.h"
#include "base/mem.h"

enum {
    BUFFER_FULL = 1 << 20,
    WAIT_MS = 1000,
    CONNECT_SECONDS = 30,
    STALL_SECONDS = 60,
    N_RETRIES = 5,
    PAUSE_MS = 500,
    MAX_PAUSE_MS = 60000,
    PROGRESS = 1 << 20, /* bytes after which the retries count from 0 again */
    MAX_VALIDATOR = 256
};

/* What the headers of one answer say. */
struct answer {
    char etag[MAX_VALIDATOR];
    char modified[MAX_VALIDATOR];
    int64_t length;      /* -1 = not said */
    int64_t range_start; /* of a Content-Range, -1 = none */
    int64_t range_total;
    long retry_after; /* seconds */
};

struct source_url {
    CURLM *multi;
    CURL *easy;
    struct curl_slist *headers;
    struct source_url_options options;
    struct buf pending; /* received, not yet read: from `at` on */
    size_t at;
    bool paused;
    bool done;
    CURLcode result; /* once done */
    char why[CURL_ERROR_SIZE];
    struct err refused; /* why we did not take the bytes */

    struct answer answer;
    bool accepted; /* its bytes are being taken */
    uint64_t skip; /* of its first bytes */

    bool started; /* one answer was accepted */
    char validator[MAX_VALIDATOR];
    bool ranged;       /* the present request asks for a range */
    uint64_t start;    /* the first byte given out */
    uint64_t position; /* the next byte to be received */
    uint64_t total;    /* 0 = not known */
    int n_failed;      /* in a row */
    uint64_t failed_at;
};

bool source_url_is(const char *path)
{
    return !strncasecmp(path, "http://", 7) || !strncasecmp(path, "https://", 8);
}

struct source_url_options source_url_defaults(void)
{
    return (struct source_url_options){.n_retries = N_RETRIES, .pause_ms = PAUSE_MS};
}

/* The value of the header line when it has that name, without blanks around it. */
static bool is_header(char value[MAX_VALIDATOR], const char *line, size_t n, const char *name)
{
    const size_t len = strlen(name);

    if (n <= len || strncasecmp(line, name, len) != 0 || line[len] != ':')
        return false;
    for (line += len + 1, n -= len + 1; n && (*line == ' ' || *line == '\t'); n--)
        line++;
    while (n && (line[n - 1] == '\r' || line[n - 1] == '\n' || line[n - 1] == ' '))
        n--;
    if (n >= MAX_VALIDATOR)
        n = 0; /* of no use to us */
    memcpy(value, line, n);
    value[n] = '\0';
    return true;
}

static void note_range(struct answer *a, const char *value)
{
    const char *slash = strchr(value, '/');

    if (strncasecmp(value, "bytes ", 6) != 0)
        return;
    if (value[6] != '*')
        a->range_start = strtoll(value + 6, NULL, 10);
    if (slash && slash[1] != '*')
        a->range_total = strtoll(slash + 1, NULL, 10);
}

static size_t note_header(char *line, size_t size, size_t n, void *context)
{
    struct source_url *u = context;
    struct answer *a = &u->answer;
    char value[MAX_VALIDATOR] = {0};

    n *= size;
    if (n >= 5 && !strncasecmp(line, "HTTP/", 5)) /* a redirect has answers of its own */
        *a = (struct answer){.length = -1, .range_start = -1, .range_total = -1};
    else if (is_header(value, line, n, "etag"))
        memcpy(a->etag, value, sizeof value);
    else if (is_header(value, line, n, "last-modified"))
        memcpy(a->modified, value, sizeof value);
    else if (is_header(value, line, n, "content-length"))
        a->length = strtoll(value, NULL, 10);
    else if (is_header(value, line, n, "content-range"))
        note_range(a, value);
    else if (is_header(value, line, n, "retry-after"))
        a->retry_after = strtol(value, NULL, 10);
    return n;
}

static const char *validator_of(const struct answer *a)
{
    return a->etag[0] ? a->etag : a->modified;
}

/* Whether the first bytes of an answer continue what we have. */
static int accept_answer(struct source_url *u, struct err *err)
{
    const struct answer *a = &u->answer;
    const char *validator = validator_of(a);
    long status = 0;
    int64_t total;

    curl_easy_getinfo(u->easy, CURLINFO_RESPONSE_CODE, &status);
    total = status == 206 ? a->range_total : a->length;
    if (status != 200 && status != 203 && status != 206) /* 304, or a redirect to nowhere */
        return err_set(err, ERR_IO, "the server sends no file, but status %ld", status);
    if (status == 206 && (!u->ranged || a->range_start != (int64_t)u->position ||
                          (total >= 0 && total <= a->range_start)))
        return err_set(err, ERR_IO, "the server sends other bytes than it was asked for");
    if (u->started && ((validator[0] && u->validator[0] && strcmp(validator, u->validator) != 0) ||
                       (total >= 0 && u->total && (uint64_t)total != u->total)))
        return err_set(err, ERR_IO, "the file has changed on the server, at byte %llu of it",
                       (unsigned long long)u->position);
    u->skip = 0;
    if (status != 206) {
        if (u->started)
            u->skip = u->position;
        else
            u->position = 0;
    }
    if (!u->started) {
        u->start = u->position;
        u->total = total > 0 ? (uint64_t)total : 0;
        memcpy(u->validator, validator, strlen(validator) + 1);
    }
    u->started = u->accepted = true;
    return 0;
}

static size_t receive(char *bytes, size_t size, size_t n, void *context)
{
    struct source_url *u = context;
    const size_t all = size * n;
    size_t skip;

    if (u->pending.len >= BUFFER_FULL) {
        u->paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    if (!u->accepted && accept_answer(u, &u->refused) < 0)
        return 0; /* which libcurl takes for a failure */
    skip = u->skip < all ? (size_t)u->skip : all;
    u->skip -= skip;
    buf_put(&u->pending, bytes + skip, all - skip);
    u->position += all - skip;
    return all;
}

static void note_result(struct source_url *u)
{
    CURLMsg *message;
    int n_left;

    while ((message = curl_multi_info_read(u->multi, &n_left))) {
        if (message->msg == CURLMSG_DONE) {
            u->done = true;
            u->result = message->data.result;
        }
    }
}

/* Asks for the bytes from the position on. */
static void request(struct source_url *u)
{
    const char *validator = u->started ? u->validator : u->options.validator;
    char range[64];

    curl_multi_remove_handle(u->multi, u->easy);
    curl_slist_free_all(u->headers);
    u->headers = NULL;
    u->ranged = u->position > 0;
    if (u->ranged) {
        snprintf(range, sizeof range, "%llu-", (unsigned long long)u->position);
        if (validator && validator[0] && strncmp(validator, "W/", 2) != 0) {
            struct buf line = {0};

            buf_printf(&line, "If-Range: %s", validator);
            u->headers = curl_slist_append(NULL, line.data);
            buf_release(&line);
        }
    }
    curl_easy_setopt(u->easy, CURLOPT_RANGE, u->ranged ? range : NULL);
    curl_easy_setopt(u->easy, CURLOPT_HTTPHEADER, u->headers);
    u->answer = (struct answer){.length = -1, .range_start = -1, .range_total = -1};
    u->done = u->paused = u->accepted = false;
    u->skip = 0;
    u->why[0] = '\0';
    curl_multi_add_handle(u->multi, u->easy);
}

static long status_of(const struct source_url *u)
{
    long status = 0;

    curl_easy_getinfo(u->easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

/* Whether another try may help. Before the first answer a wrong name or a closed port is taken for
 * what it seems to be. */
static bool may_help(const struct source_url *u)
{
    const long status = status_of(u);

    switch (u->result) {
    case CURLE_HTTP_RETURNED_ERROR:
        return status == 408 || status == 429 || status >= 500;
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return true;
    case CURLE_COULDNT_CONNECT:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_SSL_CONNECT_ERROR:
        return u->started;
    default:
        return false;
    }
}

static void pause_for(const struct source_url *u)
{
    long ms = u->options.pause_ms;
    struct timespec t;

    for (int i = 1; i < u->n_failed && ms < MAX_PAUSE_MS; i++)
        ms *= 2;
    if (u->answer.retry_after > 0 && u->answer.retry_after <= MAX_PAUSE_MS / 1000 &&
        ms < u->answer.retry_after * 1000)
        ms = u->answer.retry_after * 1000;
    if (ms > MAX_PAUSE_MS)
        ms = MAX_PAUSE_MS;
    t = (struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

static int fail(const struct source_url *u, struct err *err)
{
    if (u->refused.kind) {
        *err = u->refused;
        return -1;
    }
    err_set(err, ERR_IO, "cannot fetch: %s", u->why[0] ? u->why : curl_easy_strerror(u->result));
    if (u->started && u->total)
        return err_in(err, "byte %llu of %llu", (unsigned long long)u->position,
                      (unsigned long long)u->total);
    return -1;
}

/* The transfer has ended, in whatever way. 1 = it goes on with another request, 0 = all is there. */
static int after_transfer(struct source_url *u, struct err *err)
{
    if (u->result == CURLE_OK) {
        if (!u->accepted && accept_answer(u, &u->refused) < 0) /* an empty body */
            return fail(u, err);
        if (u->total && u->position > u->total)
            return err_set(err, ERR_IO, "the server sends more than the %llu bytes of the file",
                           (unsigned long long)u->total);
        if (u->total && u->position < u->total)
            u->result = CURLE_PARTIAL_FILE;
        else
            return 0;
    }
    if (!u->started && u->ranged && status_of(u) == 416) {
        /* All bytes are there already, or the file became shorter. */
        if (u->answer.range_total == (int64_t)u->position) {
            u->started = u->accepted = true;
            u->start = u->total = u->position;
            u->result = CURLE_OK;
            return 0;
        }
        u->position = 0;
        request(u);
        return 1;
    }
    if (u->refused.kind || !may_help(u))
        return fail(u, err);
    if (u->position >= u->failed_at + PROGRESS)
        u->n_failed = 0;
    u->failed_at = u->position;
    if (++u->n_failed > u->options.n_retries)
        return fail(u, err);
    pause_for(u);
    request(u);
    return 1;
}

/* Lets libcurl work until there are bytes or it is done. */
static int fill(struct source_url *u, struct err *err)
{
    int n_running;

    buf_clear(&u->pending);
    u->at = 0;
    while (!u->pending.len) {
        if (u->done) {
            const int more = after_transfer(u, err);

            if (more <= 0)
                return more;
            continue;
        }
        if (u->paused) {
            u->paused = false;
            curl_easy_pause(u->easy, CURLPAUSE_CONT);
        }
        if (curl_multi_perform(u->multi, &n_running) != CURLM_OK)
            return err_set(err, ERR_IO, "transfer failed");
        note_result(u);
        if (!u->pending.len && !u->done)
            curl_multi_poll(u->multi, NULL, 0, WAIT_MS, NULL);
    }
    return 0;
}

static void set_options(struct source_url *u, const char *url)
{
    curl_easy_setopt(u->easy, CURLOPT_URL, url);
    curl_easy_setopt(u->easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(u->easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(u->easy, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(u->easy, CURLOPT_MAXREDIRS, 10L);
    curl_easy_setopt(u->easy, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(u->easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(u->easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
    curl_easy_setopt(u->easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(u->easy, CURLOPT_LOW_SPEED_TIME, (long)STALL_SECONDS);
    curl_easy_setopt(u->easy, CURLOPT_USERAGENT, "bertline");
    curl_easy_setopt(u->easy, CURLOPT_ERRORBUFFER, u->why);
    curl_easy_setopt(u->easy, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(u->easy, CURLOPT_WRITEDATA, u);
    curl_easy_setopt(u->easy, CURLOPT_HEADERFUNCTION, note_header);
    curl_easy_setopt(u->easy, CURLOPT_HEADERDATA, u);
}

struct source_url *source_url_open(const char *url, const struct source_url_options *o,
                                   struct err *err)
{
    struct source_url *u = mem_alloc(sizeof *u);

    u->options = o ? *o : source_url_defaults();
    u->position = u->options.from;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    u->multi = curl_multi_init();
    u->easy = curl_easy_init();
    if (!u->multi || !u->easy) {
        err_set(err, ERR_IO, "cannot start libcurl");
        source_url_close(u);
        return NULL;
    }
    set_options(u, url);
    request(u);
    if (fill(u, err) < 0) {
        source_url_close(u);
        return NULL;
    }
    u->options.validator = NULL; /* the caller's may be gone by now */
    return u;
}

uint64_t source_url_start(const struct source_url *u)
{
    return u->start;
}

uint64_t source_url_total(const struct source_url *u)
{
    return u->total;
}

const char *source_url_validator(const struct source_url *u)
{
    return u->validator;
}

int64_t source_url_read(struct source_url *u, void *to, size_t n, struct err *err)
{
    size_t ready;

    if (u->at == u->pending.len && fill(u, err) < 0)
        return -1;
    ready = u->pending.len - u->at;
    if (n > ready)
        n = ready;
    if (n)
        memcpy(to, u->pending.data + u->at, n);
    u->at += n;
    return (int64_t)n;
}

void source_url_close(struct source_url *u)
{
    if (!u)
        return;
    if (u->multi && u->easy)
        curl_multi_remove_handle(u->multi, u->easy);
    curl_easy_cleanup(u->easy);
    curl_multi_cleanup(u->multi);
    curl_slist_free_all(u->headers);
    curl_global_cleanup();
    buf_release(&u->pending);
    free(u);
}

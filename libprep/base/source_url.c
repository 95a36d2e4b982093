/* source_url.c -- libcurl pushes, we pull: its callback fills a small buffer and pauses when full. */
#include "base/source_url.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"

enum { BUFFER_FULL = 1 << 20, WAIT_MS = 1000, CONNECT_SECONDS = 30, STALL_SECONDS = 60 };

struct source_url {
    CURLM *multi;
    CURL *easy;
    struct buf pending; /* received, not yet read: from `at` on */
    size_t at;
    bool paused;
    bool done;
    CURLcode result; /* once done */
    char why[CURL_ERROR_SIZE];
};

bool source_url_is(const char *path)
{
    return !strncasecmp(path, "http://", 7) || !strncasecmp(path, "https://", 8);
}

static size_t receive(char *bytes, size_t size, size_t n, void *context)
{
    struct source_url *u = context;

    if (u->pending.len >= BUFFER_FULL) {
        u->paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    buf_put(&u->pending, bytes, size * n);
    return size * n;
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

/* Lets libcurl work until there are bytes or it is done. */
static int fill(struct source_url *u, struct err *err)
{
    int n_running;

    buf_clear(&u->pending);
    u->at = 0;
    while (!u->pending.len && !u->done) {
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
    if (!u->pending.len && u->result != CURLE_OK)
        return err_set(err, ERR_IO, "cannot fetch: %s",
                       u->why[0] ? u->why : curl_easy_strerror(u->result));
    return 0;
}

struct source_url *source_url_open(const char *url, struct err *err)
{
    struct source_url *u = mem_alloc(sizeof *u);

    curl_global_init(CURL_GLOBAL_DEFAULT);
    u->multi = curl_multi_init();
    u->easy = curl_easy_init();
    if (!u->multi || !u->easy) {
        err_set(err, ERR_IO, "cannot start libcurl");
        source_url_close(u);
        return NULL;
    }
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
    curl_multi_add_handle(u->multi, u->easy);
    if (fill(u, err) < 0) {
        source_url_close(u);
        return NULL;
    }
    return u;
}

uint64_t source_url_total(const struct source_url *u)
{
    curl_off_t total = 0;

    curl_easy_getinfo(u->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &total);
    return total > 0 ? (uint64_t)total : 0;
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
    curl_global_cleanup();
    buf_release(&u->pending);
    free(u);
}

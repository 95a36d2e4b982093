/* log.c -- records are flushed one by one, so that a killed run has all it said. */
#include "run/log.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/mem.h"

static double monotonic(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int make_folder_of(const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    char *folder;
    int rc;

    if (!slash || slash == path)
        return 0;
    folder = mem_text_n(path, (size_t)(slash - path));
    rc = file_make_folder(folder, err);
    free(folder);
    return rc;
}

int log_open(struct log *l, const char *path, bool append, FILE *speech, const char *name,
             bool quiet, struct err *err)
{
    *l = (struct log){.speech = speech, .name = name, .quiet = quiet, .start = monotonic()};
    if (!path)
        return 0;
    if (make_folder_of(path, err) < 0)
        return -1;
    l->records = fopen(path, append ? "ab" : "wb");
    if (!l->records)
        return err_errno(err, "cannot write '%s'", path);
    l->path = mem_text(path);
    return 0;
}

double log_elapsed(const struct log *l)
{
    return monotonic() - l->start;
}

/* Takes step and data. */
static void put_record(struct log *l, struct json *step, struct json *data)
{
    struct json *record = json_new_map();
    struct buf line = {0};
    struct timespec now;
    struct tm local;
    char day[32];
    char text[64];

    clock_gettime(CLOCK_REALTIME, &now);
    localtime_r(&now.tv_sec, &local);
    strftime(day, sizeof day, "%Y-%m-%d %H:%M:%S", &local);
    snprintf(text, sizeof text, "%lld.%06ld", (long long)now.tv_sec, now.tv_nsec / 1000);
    json_put_text(record, "timestamp", text);
    snprintf(text, sizeof text, "%s.%06ld", day, now.tv_nsec / 1000);
    json_put_text(record, "datetime", text);
    snprintf(text, sizeof text, "%.6f", log_elapsed(l));
    json_put_text(record, "elapsedtime", text);
    json_put_text(record, "type", "LOG");
    json_put(record, "step", step);
    json_put(record, "data", data);
    if (l->records) {
        buf_put_text(&line, "DLLL ");
        json_write(&line, record, JSON_LINE);
        buf_put_byte(&line, '\n');
        fwrite(line.data, 1, line.len, l->records); /* log_close() asks ferror() */
        fflush(l->records);
    }
    buf_release(&line);
    json_release(record);
}

/* A JSON text alone: there is no call that makes one outside a list or map. */
static struct json *parameter_mark(void)
{
    static const char mark[] = "\"PARAMETER\"";
    struct err ignored = {0};

    return json_parse(mark, strlen(mark), &ignored);
}

void log_parameter(struct log *l, struct json *data)
{
    put_record(l, parameter_mark(), data);
}

void log_step(struct log *l, int64_t epoch, int64_t step, struct json *data)
{
    struct json *at = json_new_list();

    json_push_int(at, epoch);
    json_push_int(at, step);
    put_record(l, at, data);
}

void log_summary(struct log *l, struct json *data)
{
    put_record(l, json_new_list(), data);
}

static void say(struct log *l, const char *kind, const char *format, va_list args)
{
    if (!l->speech)
        return;
    fprintf(l->speech, "%s: %s", l->name, kind);
    vfprintf(l->speech, format, args);
    fputc('\n', l->speech);
    fflush(l->speech);
}

void log_say(struct log *l, const char *format, ...)
{
    va_list args;

    if (l->quiet)
        return;
    va_start(args, format);
    say(l, "", format, args);
    va_end(args);
}

void log_warn(struct log *l, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(l, "warning: ", format, args);
    va_end(args);
}

int log_close(struct log *l, struct err *err)
{
    int rc = 0;

    if (l->records) {
        const bool failed = ferror(l->records) != 0;

        if (fclose(l->records) != 0 || failed)
            rc = err_set(err, ERR_IO, "cannot write '%s'", l->path);
    }
    free(l->path);
    *l = (struct log){0};
    return rc;
}

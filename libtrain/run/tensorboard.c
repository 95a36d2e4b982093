/* tensorboard.c -- the few fields of Event and Summary that scalars need, written by hand. */
#include "run/tensorboard.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"

/* protobuf: field number << 3 | wire type */
enum {
    EVENT_WALL_TIME = 1 << 3 | 1,
    EVENT_STEP = 2 << 3 | 0,
    EVENT_FILE_VERSION = 3 << 3 | 2,
    EVENT_SUMMARY = 5 << 3 | 2,
    SUMMARY_VALUE = 1 << 3 | 2,
    VALUE_TAG = 1 << 3 | 2,
    VALUE_SIMPLE = 2 << 3 | 5
};

static void put_varint(struct buf *b, uint64_t value)
{
    for (; value >= 128; value >>= 7)
        buf_put_byte(b, (char)(value | 128));
    buf_put_byte(b, (char)value);
}

static void put_bytes(struct buf *b, int field, const void *bytes, size_t n)
{
    buf_put_byte(b, (char)field);
    put_varint(b, n);
    buf_put(b, bytes, n);
}

static void put_time(struct buf *event)
{
    struct timespec now;
    double seconds;

    clock_gettime(CLOCK_REALTIME, &now);
    seconds = (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
    buf_put_byte(event, EVENT_WALL_TIME);
    buf_put(event, &seconds, sizeof seconds);
}

/* Errors stay in the stream: tensorboard_close() asks for them. */
static void write_record(struct tensorboard *t, const struct buf *event)
{
    struct buf record = {0};

    buf_put_u64(&record, event->len);
    buf_put_u32(&record, crc32c_masked(&t->crc, record.data, record.len));
    buf_put(&record, event->data, event->len);
    buf_put_u32(&record, crc32c_masked(&t->crc, event->data, event->len));
    fwrite(record.data, 1, record.len, t->file);
    fflush(t->file);
    buf_release(&record);
}

int tensorboard_open(struct tensorboard *t, const char *folder, struct err *err)
{
    static const char version[] = "brain.Event:2";
    struct buf event = {0};
    struct buf name = {0};
    char host[256] = "host";

    *t = (struct tensorboard){0};
    crc32c_init(&t->crc);
    if (file_make_folder(folder, err) < 0)
        return -1;
    gethostname(host, sizeof host - 1);
    buf_printf(&name, "events.out.tfevents.%lld.%s.%ld.0", (long long)time(NULL), host,
               (long)getpid());
    t->path = file_join(folder, name.data);
    buf_release(&name);
    t->file = fopen(t->path, "wb");
    if (!t->file) {
        err_errno(err, "cannot write '%s'", t->path);
        free(t->path);
        t->path = NULL;
        return -1;
    }
    put_time(&event);
    put_bytes(&event, EVENT_FILE_VERSION, version, strlen(version));
    write_record(t, &event);
    buf_release(&event);
    return 0;
}

void tensorboard_scalar(struct tensorboard *t, const char *tag, int64_t step, float value)
{
    struct buf field = {0};
    struct buf summary = {0};
    struct buf event = {0};

    if (!t->file)
        return;
    put_bytes(&field, VALUE_TAG, tag, strlen(tag));
    buf_put_byte(&field, VALUE_SIMPLE);
    buf_put(&field, &value, sizeof value);
    put_bytes(&summary, SUMMARY_VALUE, field.data, field.len);
    put_time(&event);
    buf_put_byte(&event, EVENT_STEP);
    put_varint(&event, (uint64_t)step);
    put_bytes(&event, EVENT_SUMMARY, summary.data, summary.len);
    write_record(t, &event);
    buf_release(&field);
    buf_release(&summary);
    buf_release(&event);
}

int tensorboard_close(struct tensorboard *t, struct err *err)
{
    int rc = 0;

    if (t->file) {
        const bool failed = ferror(t->file) != 0;

        if (fclose(t->file) != 0 || failed)
            rc = err_set(err, ERR_IO, "cannot write '%s'", t->path);
    }
    free(t->path);
    *t = (struct tensorboard){0};
    return rc;
}

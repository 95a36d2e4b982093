/* err.c -- messages are built where the cause is known and only get longer at the front. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *err, enum err_kind kind, const char *format, ...)
{
    va_list args;

    err->kind = kind;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    return -1;
}

int err_errno(struct err *err, const char *format, ...)
{
    const int code = errno;
    va_list args;
    size_t len;

    err->kind = ERR_IO;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    len = strlen(err->text);
    snprintf(err->text + len, sizeof err->text - len, ": %s", strerror(code));
    return -1;
}

int err_in(struct err *err, const char *format, ...)
{
    char cause[sizeof err->text];
    va_list args;
    size_t len;

    memcpy(cause, err->text, sizeof cause);
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    len = strlen(err->text);
    snprintf(err->text + len, sizeof err->text - len, ": %s", cause);
    return -1;
}

/* err.h -- what went wrong and where, carried from the place that knows to the tool that speaks.
 *
 * A call that can fail takes `struct err *err` last, returns -1 (or NULL) and fills it once.
 * On the way up, err_in() puts the place in front: "dump.xml.bz2: byte 4711: unexpected end". */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err_kind {
    ERR_NONE,   /* all-zero: nothing has gone wrong */
    ERR_USAGE,  /* the caller asked for something that makes no sense */
    ERR_IO,     /* the system refused: open, read, write, network */
    ERR_FORMAT, /* the input is not what it claims to be */
    ERR_LIMIT   /* the input is larger than a stated limit */
};

struct err {
    enum err_kind kind;
    char text[1024]; /* no capital, no full stop, no newline; cut when longer */
};

/* Fills *err and returns -1. */
int err_set(struct err *err, enum err_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Fills *err as ERR_IO with the formatted text and what errno says; returns -1. */
int err_errno(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts the formatted place and ": " before the text of *err; returns -1. */
int err_in(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif

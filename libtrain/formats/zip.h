/* zip.h -- the uncompressed files in a zip archive, in place, and the way to write such an archive.
 *
 * PyTorch's files are zips whose entries are stored as they are, so that they can be mapped; a
 * compressed entry is refused, and with it every archive that grows when it is read. */
#ifndef FORMATS_ZIP_H
#define FORMATS_ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/sink.h"

struct zip_entry {
    char *name;
    const unsigned char *bytes; /* (len) in the archive */
    size_t len;
    uint32_t crc;    /* CRC-32 of the bytes */
    bool is_stored;  /* else `bytes` is compressed data */
    bool is_checked; /* zip_check() found it whole */
};

struct zip {
    struct zip_entry *entries; /* (n) sorted by name */
    size_t n;
};

/* Whether the n bytes begin as a zip archive does. */
bool zip_is_one(const unsigned char *bytes, size_t n);

/* Reads the directory of an archive of n bytes, which must outlive it. */
int zip_open(struct zip *z, const unsigned char *bytes, size_t n, struct err *err);

/* NULL when there is none. */
struct zip_entry *zip_find(const struct zip *z, const char *name);

/* ERR_FORMAT when the entry is compressed or its bytes are not those of the checksum. A checksum of
 * 0 is one that PyTorch was told not to compute. */
int zip_check(struct zip_entry *e, struct err *err);

void zip_release(struct zip *z);

/* Writing: entries one after the other, each beginning at a multiple of 64 bytes, no dates; then
 * the directory. The same entries give the same bytes. */
struct zip_writer {
    struct sink *sink; /* borrowed */
    struct buf directory;
    size_t n;
};

int zip_write(struct zip_writer *w, const char *name, const void *bytes, size_t n, struct err *err);
int zip_write_end(struct zip_writer *w, struct err *err);
void zip_writer_release(struct zip_writer *w);

#endif

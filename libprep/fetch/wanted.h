/* wanted.h -- what is to be downloaded: files with the places they come from and what tells that they
 * are right. Filled from the catalog, a manifest (schemas/manifest.md) or a URL. */
#ifndef FETCH_WANTED_H
#define FETCH_WANTED_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

/* A file inside an archive, whose checksum is known. */
struct wanted_member {
    char *name;
    char *sha256;
};

struct wanted_file {
    char *name;  /* where it goes, below the output folder: "vocab.txt", "mrpc/train.txt" */
    char **urls; /* (n_urls) tried in this order */
    size_t n_urls;
    int64_t size; /* bytes, -1 = not known */
    enum digest digest;
    char *hex;                     /* the checksum, when digest is not DIGEST_NONE */
    char *sums;                    /* URL of a list of checksums that names the file, or NULL */
    struct wanted_member *members; /* (n_members) */
    size_t n_members;
};

struct wanted {
    struct wanted_file *files; /* (n) */
    size_t n;
};

/* A new file at the end. `name` NULL: the last part of the URL. ERR_FORMAT for a name that would lead
 * out of the output folder. */
struct wanted_file *wanted_add(struct wanted *w, const char *name, const char *url,
                               struct err *err);
void wanted_add_url(struct wanted_file *file, const char *url);
int wanted_set_digest(struct wanted_file *file, enum digest digest, const char *hex,
                      struct err *err);
void wanted_add_member(struct wanted_file *file, const char *name, const char *sha256);

/* Whether the name stays below the folder it is put in. */
int wanted_check_name(const char *name, struct err *err);

/* The files of a MANIFEST.json. */
int wanted_read_manifest(struct wanted *w, const char *path, struct err *err);

/* Puts in front of each file's URLs the same path at the mirror: "https://mirror/x" stands for the
 * host in "https://host/a/b". */
void wanted_use_mirror(struct wanted *w, const char *mirror);

void wanted_release(struct wanted *w);

#endif

/* punkt_parameters.h -- what Punkt has learnt of a language: words and their marks. */
#ifndef TEXT_PUNKT_PARAMETERS_H
#define TEXT_PUNKT_PARAMETERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum {
    PUNKT_MAX_WORD = 255,     /* bytes of a word in the file */
    PUNKT_MAX_FILE = 64 << 20 /* the largest known file has 2 MB */
};

/* Marks of a word; the first seven bits are OrthoContext as the files have it. */
enum punkt_mark {
    PUNKT_MID_UPPER = 1 << 2, /* seen with a capital inside a sentence */
    PUNKT_UPPER = 7 << 1,     /* seen with a capital: at the beginning, inside, somewhere */
    PUNKT_BEGIN_LOWER = 1 << 4,
    PUNKT_LOWER = 7 << 4,
    PUNKT_CONTEXTS = 127,
    PUNKT_ABBREVIATION = 1 << 7,
    PUNKT_STARTER = 1 << 8,
    PUNKT_FIRST = 1 << 9,       /* the first word of some collocation */
    PUNKT_COLLOCATION = 1 << 10 /* the key is "first,second" */
};

/* An open-addressing table: slot -> key in `keys` -> marks. */
struct punkt_parameters {
    struct punkt_slot {
        uint32_t hash;
        uint32_t key;   /* where it starts in `keys` */
        uint16_t len;   /* 0 = the slot is free */
        uint16_t marks; /* enum punkt_mark */
    } * slots;          /* (n_slots), a power of two */
    size_t n_slots;
    size_t n;
    struct buf keys;
};

int punkt_parameters_load(struct punkt_parameters *p, const char *path, struct err *err);
void punkt_parameters_release(struct punkt_parameters *p);

/* The marks of a word in lower case; 0 when it is not known. */
unsigned punkt_parameters_marks(const struct punkt_parameters *p, const char *word, size_t n);

#endif

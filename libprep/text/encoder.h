/* encoder.h -- text -> ids, the fast way; basic.h and wordpiece.h are the plain one, with equal results.
 *
 *   text --cut at white space, at most 4 KiB--> masks (byte_masks.h) --> words --> cache --> ids
 *                                                     |                             |
 *                             not ASCII: code point by code point          not there: the tries,
 *                                                                          basic_split() if it folds
 *
 * The ids of a word depend on the word alone, wherever it is cut out at white space, punctuation and
 * ideographs. Two things look further, and for them the whole part between white space goes the plain
 * way: the final sigma, and a special token that must stand alone. */
#ifndef TEXT_ENCODER_H
#define TEXT_ENCODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/basic.h"
#include "text/byte_masks.h"
#include "text/unicode.h"
#include "text/wordpiece.h"

enum { ENCODER_BMP = 0x10000, ENCODER_LINE_END = -1 };

/* Read-only after encoder_init(). */
struct encoder {
    const struct unicode *unicode;
    const struct basic_rules *rules;
    const struct wordpiece *wordpiece;
    bool cased;
    struct byte_masks_plan masks;
    struct byte_masks_plan line_masks; /* line feeds are tokens */
    uint8_t *kinds; /* (ENCODER_BMP) what a code point does to the word it is in */
};

/* The others are borrowed and must live as long. */
void encoder_init(struct encoder *e, const struct unicode *u, const struct basic_rules *rules,
                  const struct wordpiece *w, bool cased);
void encoder_release(struct encoder *e);

/* What one thread needs. */
struct encoder_scratch;

/* `cache` bytes for words met before: more than a few MiB rarely pays. */
struct encoder_scratch *encoder_scratch_open(size_t cache);
void encoder_scratch_close(struct encoder_scratch *s);

/* Forgets the words met before: the next text is for another encoder. */
void encoder_scratch_clear(struct encoder_scratch *s);

/* The ids of n bytes of text; *ids has *n_ids, until the next call with this scratch. */
void encoder_run(const int32_t **ids, size_t *n_ids, const struct encoder *e,
                 struct encoder_scratch *s, const char *text, size_t n);

/* The same for lines, with ENCODER_LINE_END for each line feed. */
void encoder_run_lines(const int32_t **ids, size_t *n_ids, const struct encoder *e,
                       struct encoder_scratch *s, const char *text, size_t n);

/* Whether bytes of the last text were not UTF-8. */
bool encoder_met_invalid(const struct encoder_scratch *s);

/* How many of the n >= 1 bytes can be encoded by themselves with equal ids: up to `most`, cut behind
 * white space of ASCII; if there is none in them, up to the first behind. */
size_t encoder_cut(const char *text, size_t n, size_t most);

/* encoder_run() without masks and cache, as far as possible by basic.h and wordpiece.h. */
void encoder_run_plain(const int32_t **ids, size_t *n_ids, const struct encoder *e,
                       struct encoder_scratch *s, const char *text, size_t n);

#endif

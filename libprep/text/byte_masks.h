/* byte_masks.h -- 64 bytes of text at once: lower case, and one bit a byte for what it is.
 *
 *      text    D o n ' t   s t o p !          . is 0
 *      starts  1 . . 1 1 . 1 . . . 1          a token of ASCII begins here
 *      more    . 1 1 . . . . 1 1 1 .          it goes on here
 *      hard    . . . . . . . . . . .          not for this way: not ASCII, a control character, ...
 *
 * A token is its start and the run of ones in `more` behind it, so finding one is two instructions.
 * There are kernels for AVX-512 (VBMI), AVX2 and any machine; they give the same bits. */
#ifndef TEXT_BYTE_MASKS_H
#define TEXT_BYTE_MASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BYTE_MASKS_BLOCK = 64 };

/* What an ASCII byte may be; none of them = white space. */
enum byte_class {
    BYTE_WORD = 1 << 0,  /* goes on with the bytes around it */
    BYTE_ALONE = 1 << 1, /* a token of its own */
    BYTE_HARD = 1 << 2   /* neither: the caller looks */
};

struct byte_masks {
    uint64_t starts, more, hard;
};

struct byte_masks_plan;

/* Turns n bytes into masks, one for each begun block, and the same bytes with A to Z in lower case
 * if the plan says so. `folded` has room for whole blocks and is filled up with spaces. */
typedef void (*byte_masks_fn)(char *folded, struct byte_masks *masks, const char *text, size_t n,
                              const struct byte_masks_plan *plan);

struct byte_masks_plan {
    bool lower;
    uint8_t class_of[128]; /* enum byte_class */
    uint8_t rows[3][16];   /* the same by class: bit h of rows[c][l] is the byte h * 16 + l */
    byte_masks_fn run;     /* the fastest of this machine */
};

/* Fills rows and run from class_of and lower. */
void byte_masks_prepare(struct byte_masks_plan *plan);

/* The kernels by themselves: number 0 is the plain one; NULL when there is no such number or this
 * machine cannot run it. For tests and benchmarks. */
byte_masks_fn byte_masks_kernel(size_t number);

/* starts and more out of the bits of words and of tokens of one byte; *carry is whether the byte
 * before the block was of a word. */
static inline void byte_masks_join(struct byte_masks *m, uint64_t word, uint64_t alone,
                                   uint64_t hard, uint64_t *carry)
{
    m->more = word & (word << 1 | *carry);
    m->starts = (word & ~m->more) | alone;
    m->hard = hard;
    *carry = word >> 63;
}

#endif

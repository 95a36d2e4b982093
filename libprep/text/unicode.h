/* unicode.h -- what a code point is, its lower case and its canonical decomposition.
 *
 * Pinned to Unicode 14 as CPython 3.11 has it, whatever utf8proc knows beyond: a code point that a
 * later version added is unassigned here. Everything is read from one two-stage table, made by the build:
 *
 *      code point --high bits--> page --low 8 bits--> struct unicode_point
 *
 * Equal pages are stored once. */
#ifndef TEXT_UNICODE_H
#define TEXT_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UNICODE_END = 0x110000, UNICODE_PAGE = 256 };

/* General categories, in the order of utf8proc. */
enum unicode_category {
    UNICODE_CN,
    UNICODE_LU,
    UNICODE_LL,
    UNICODE_LT,
    UNICODE_LM,
    UNICODE_LO,
    UNICODE_MN,
    UNICODE_MC,
    UNICODE_ME,
    UNICODE_ND,
    UNICODE_NL,
    UNICODE_NO,
    UNICODE_PC,
    UNICODE_PD,
    UNICODE_PS,
    UNICODE_PE,
    UNICODE_PI,
    UNICODE_PF,
    UNICODE_PO,
    UNICODE_SM,
    UNICODE_SC,
    UNICODE_SK,
    UNICODE_SO,
    UNICODE_ZS,
    UNICODE_ZL,
    UNICODE_ZP,
    UNICODE_CC,
    UNICODE_CF,
    UNICODE_CS,
    UNICODE_CO
};

/* Classes; a code point may be in several. */
enum unicode_flag {
    UNICODE_SPACE = 1 << 0,       /* Python's str.isspace(): what strip() and split() take away */
    UNICODE_CONTROL = 1 << 1,     /* Cc and Cf, but tab, line feed and carriage return */
    UNICODE_NOTHING = 1 << 2,     /* Cn, Co, Cs: unassigned, private use, surrogates */
    UNICODE_REPLACEMENT = 1 << 3, /* U+FFFD */
    UNICODE_PUNCTUATION =
        1 << 4,             /* P*, and all ASCII that is neither letter, digit, space, control */
    UNICODE_CJK = 1 << 5,   /* the ideographs BERT puts spaces around */
    UNICODE_MARK = 1 << 6,  /* Mn */
    UNICODE_CASED = 1 << 7, /* for the final sigma */
    UNICODE_IGNORABLE = 1 << 8, /* Case_Ignorable, for the same */
    UNICODE_HANGUL = 1 << 9,    /* a syllable: its decomposition is computed */
    UNICODE_FOLDS = 1 << 10,    /* lower-casing, NFD or taking marks away may change it */

    /* The same as the Rust tokenizers see it, whose categories are those of Unicode 8. */
    UNICODE_CONTROL_8 = 1 << 11,     /* Cc, Cf and Co, but tab, line feed and carriage return */
    UNICODE_PUNCTUATION_8 = 1 << 12, /* P* and the same ASCII */
    UNICODE_MARK_8 = 1 << 13,        /* Mn */
    UNICODE_CJK_RUST = 1 << 14       /* without U+2B820 to U+2B91F */
};

struct unicode_point {
    int32_t to_lower; /* what to add for the simple lower case */
    uint16_t nfd;     /* its full canonical decomposition is pool[nfd .. nfd + n_nfd) */
    uint16_t flags;   /* enum unicode_flag */
    uint8_t n_nfd;    /* 0 = it is its own decomposition, or UNICODE_HANGUL */
    uint8_t order;    /* canonical combining class */
    uint8_t category; /* enum unicode_category */
    uint8_t zero;     /* pages are compared as bytes */
};

struct unicode {
    const uint16_t *page;               /* (UNICODE_END / UNICODE_PAGE) */
    const struct unicode_point *points; /* (pages, UNICODE_PAGE) */
    const int32_t *pool;                /* code points of decompositions */
};

struct unicode *unicode_open(void);
void unicode_close(struct unicode *u); /* NULL is fine */

/* The entry of a code point in [0, UNICODE_END). */
static inline const struct unicode_point *unicode_at(const struct unicode *u, int32_t point)
{
    return &u->points[(size_t)u->page[point / UNICODE_PAGE] * UNICODE_PAGE + point % UNICODE_PAGE];
}

/* The code points of n bytes of UTF-8; invalid bytes are skipped as bytes.decode("utf-8", "ignore")
 * skips them. `to` has room for n; returns how many were written. */
size_t unicode_decode(int32_t *to, const char *bytes, size_t n);

/* The same, with the offset of each code point's first byte in `starts`, which has room for n. */
size_t unicode_decode_starts(int32_t *to, size_t *starts, const char *bytes, size_t n);

/* Where the first invalid byte is; n when all is valid UTF-8. */
size_t unicode_valid(const char *bytes, size_t n);

/* One code point as UTF-8: 1 to 4 bytes at `to`; returns how many. */
size_t unicode_encode(char *to, int32_t point);

/* Python's str.lower(): special casing and the final sigma, which looks at all n code points.
 * `to` has room for unicode_lower_max(n); returns how many were written. */
size_t unicode_lower(int32_t *to, const struct unicode *u, const int32_t *points, size_t n);
size_t unicode_lower_max(const int32_t *points, size_t n);

/* unicodedata.normalize("NFD"). `to` has room for unicode_nfd_max(). */
size_t unicode_nfd(int32_t *to, const struct unicode *u, const int32_t *points, size_t n);
size_t unicode_nfd_max(const struct unicode *u, const int32_t *points, size_t n);

/* The same, with the index in `points` of what each code point came from in `from`, which has as much
 * room; NULL = not wanted. */
size_t unicode_nfd_from(int32_t *to, size_t *from, const struct unicode *u, const int32_t *points,
                        size_t n);

/* bytes.decode("utf-8", "ignore").strip(): moves *text and *n to what is left; and whether that is
 * nothing. */
void unicode_strip(const char **text, size_t *n, const struct unicode *u);
bool unicode_is_blank(const struct unicode *u, const char *text, size_t n);

#endif

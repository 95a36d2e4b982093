/* utf8.h -- one character of a text that should be UTF-8 but need not be. */
#ifndef TEXT_UTF8_H
#define TEXT_UTF8_H

#include <stddef.h>
#include <stdint.h>

enum { UTF8_WRONG = 0xfffd }; /* what a byte is taken for that is no part of a character */

/* The character at byte `at` < n, and how many bytes it has. A wrong byte is one character. */
uint32_t utf8_at(size_t *len, const char *text, size_t n, size_t at);

/* The character that ends before byte `at` > 0. */
uint32_t utf8_before(size_t *len, const char *text, size_t at);

#endif

/* marks.h -- private bytes that travel through the cleaner's passes.
 *
 * XML 1.0 cannot carry control characters, so after the first pass has thrown such bytes away they
 * are free for our own use: a shielded byte is text that must not be read as markup (from <nowiki>),
 * a mark says what stood here. tidy.c, the last pass, turns the former back and takes the latter
 * out, which is why "( ; )" around a dropped template is cleaned and the "()" of "main()" is not. */
#ifndef WIKI_MARKS_H
#define WIKI_MARKS_H

#define MARK_BREAK '\x0e'   /* <br>: a blank that does not make the line preformatted */
#define MARK_DROPPED '\x0f' /* a template, reference, tag was removed here */
#define MARK_OPEN '\x10'    /* "{{" whose "}}" has not come */

/* The shielded byte for each byte of SHIELD_PLAIN, in the same order. */
#define SHIELD_PLAIN "[]{}|'=*#:;_-! <"
#define SHIELD_BYTES "\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x11\x12\x13\x14\x15\x16"

#endif

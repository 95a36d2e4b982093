/* links.h -- the words of a link: [[target|label]], [http://place label], -{variants}-. */
#ifndef WIKI_LINKS_H
#define WIKI_LINKS_H

#include <stddef.h>

#include "base/buf.h"
#include "wiki/context.h"

/* Appends what a reader sees of [[target|label]]; label NULL when there is no '|'. Pictures (their
 * captions by option), categories and links to other languages show nothing. Returns what the rest of the link
 * was. */
enum account_class links_internal(struct buf *to, const struct context *page, const char *target,
                                  size_t n_target, const char *label, size_t n_label);

/* The length of a URL's scheme with its "://" at the start of text, "//" included; else 0. */
size_t links_scheme(const char *text, size_t n);

/* Appends the label of "url label", nothing when there is only a URL. */
void links_external(struct buf *to, const char *text, size_t n);

/* Appends the text that -{...}- shows in the wanted variant or the nearest there is; when none is
 * wanted, simplified Chinese, Serbian in Cyrillic, or what comes first. */
void links_variant(struct buf *to, const struct context *page, const char *text, size_t n);

#endif

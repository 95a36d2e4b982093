/* bookshelf.h -- the books in files, folders, archives and lists of paths, one after the other.
 *
 *   FILE        one book, compressed or not; - is standard input
 *   FOLDER      its books, also in folders below, by name
 *   ARCHIVE     the books in a .zip, .7z, .tar, .tar.*
 *   @LIST       a path a line; @- is a list on standard input
 *
 * In folders and archives books are the files named .txt or .text, compressed or not, and .epub. */
#ifndef TEXT_BOOKSHELF_H
#define TEXT_BOOKSHELF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct bookshelf;

/* A book of more than max_len bytes is ERR_LIMIT. */
struct bookshelf *bookshelf_open(char *const *paths, size_t n_paths, size_t max_len);

/* The next book: its bytes appended to `bytes`, its name to `name` ("archive.zip/12.txt").
 * 1 with a book, 0 after the last, -1 with err, which names it. */
int bookshelf_next(struct bookshelf *s, struct buf *bytes, struct buf *name, struct err *err);

void bookshelf_close(struct bookshelf *s); /* NULL is fine */

#endif

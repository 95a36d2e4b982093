/* space.h -- the free space of a disk, shared by files that are written at the same time.
 *
 * A file claims what it is still going to write; what was claimed and not yet written counts as taken
 * when the next one asks. Any thread may call. */
#ifndef FETCH_SPACE_H
#define FETCH_SPACE_H

#include <stdint.h>

#include "base/err.h"

struct space;

/* Of the disk that has `folder`; the name must live as long as it does. */
struct space *space_open(const char *folder);
void space_close(struct space *s); /* NULL is fine */

/* Raises *claim, what one file is still going to write, to `need` bytes. ERR_IO when they are not
 * free; the claim is then what it was. */
int space_claim(struct space *s, uint64_t *claim, uint64_t need, struct err *err);

/* n bytes of a claim are on disk, or will not come: it falls by as many, at most to 0. */
void space_settle(struct space *s, uint64_t *claim, uint64_t n);

#endif

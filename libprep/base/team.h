/* team.h -- threads that stay: run one function on all of them, wait for all, again and again.
 *
 * A free member takes the next index. What is done for an index depends on it alone, and the caller
 * combines results in the order of the indices, so nothing depends on which thread is faster. */
#ifndef BASE_TEAM_H
#define BASE_TEAM_H

#include <stddef.h>

struct team;

/* n members, the caller included; 0 = one for each core. */
struct team *team_open(size_t n);
size_t team_size(const struct team *t);

/* Calls fn(context, index) for every index in [0, n), spread over the members; returns when all are
 * done. fn may not call team_run(). t == NULL runs all on the caller. */
void team_run(struct team *t, size_t n, void (*fn)(void *context, size_t index), void *context);

void team_close(struct team *t); /* NULL is fine */

#endif

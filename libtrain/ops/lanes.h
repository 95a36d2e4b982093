/* lanes.h -- items of work over the members of a team, each member with scratch memory of its own.
 *
 * A member takes the next item when it is done with one, so a slow or busy core does not hold up
 * the others. Which lane computes an item depends on timing; what an item computes may not: scratch
 * is written before it is read, and every item has outputs of its own. */
#ifndef OPS_LANES_H
#define OPS_LANES_H

#include <stddef.h>

#include "base/team.h"

/* Members of the team; 1 for NULL. */
size_t lanes_count(const struct team *team);

/* Calls fn(context, lane, item) once for every item in [0, n_items), lane < lanes_count(team);
 * returns when all are done. Subnormal numbers count as zero inside. */
void lanes_run(struct team *team, size_t n_items,
               void (*fn)(void *context, size_t lane, size_t item), void *context);

#endif

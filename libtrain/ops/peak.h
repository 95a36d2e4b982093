/* peak.h -- what a core of this machine can do at most, measured: what a share of the peak is a share of.
 *
 * All lanes of the team work at once, because clocks fall under load; each is measured by its own CPU
 * time, so other programs disturb little. GFLOP/s of one core, the mean of all lanes' best. */
#ifndef OPS_PEAK_H
#define OPS_PEAK_H

#include "base/team.h"
#include "ops/half_tile.h"

/* Fused multiply-adds in fp32 on registers alone; 0 where nothing is known of the CPU. */
double peak_fp32(struct team *team);

/* The kernel on random numbers in the first cache. */
double peak_halves(const struct half_kernel *kernel, struct team *team);

/* One round of fp32 work and how many operations it is. peak_x86.c, or peak_none.c (0 operations). */
double peak_fused_round(float *kept);

#endif

/* peaks.c -- what one core can do at most, as --benchmark measures it.
 *
 *   peaks      prints one JSON line: GFLOP/s in fp32, and of halves by the kernel that "auto" takes */
#include <stdio.h>

#include "ops/peak.h"

int main(void)
{
    const struct half_kernel *halves = half_kernel_find("auto");

    printf("{\"fp32\": %.1f, \"bf16\": %.1f, \"kernel\": \"%s\"}\n", peak_fp32(NULL),
           halves ? peak_halves(halves, NULL) : 0, halves ? halves->name : "");
    return 0;
}

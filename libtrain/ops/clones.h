/* clones.h -- hot loops compiled for several CPUs; the loader picks one of them at start.
 *
 * The clones compute the same bits: no contraction to fused multiply-add (CMakeLists.txt), and sums
 * in an order that the source fixes (reduce.h), not the vector width. */
#ifndef OPS_CLONES_H
#define OPS_CLONES_H

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define OPS_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define OPS_CLONES
#endif

#endif

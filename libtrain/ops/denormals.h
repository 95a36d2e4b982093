/* denormals.h -- tiny numbers count as zero: x86 computes with them a hundred times slower.
 *
 * denormals_x86.c sets FTZ and DAZ in MXCSR; denormals_none.c is for other CPUs. CMake chooses. */
#ifndef OPS_DENORMALS_H
#define OPS_DENORMALS_H

/* For the calling thread; returns what denormals_restore() puts back. */
unsigned denormals_flush(void);
void denormals_restore(unsigned state);

#endif

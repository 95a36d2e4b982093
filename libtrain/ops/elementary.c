/* elementary.c -- loops without branches or calls, which the compiler turns into vectors. */
#include "ops/elementary.h"

#include <stdint.h>
#include <string.h>

#include "ops/clones.h"

static inline float clamp(float x, float lo, float hi)
{
    const float y = x < lo ? lo : x; /* comparisons with a NaN are false: it passes */

    return y > hi ? hi : y;
}

static inline float scaled_by_power(float x, uint32_t power)
{
    const uint32_t bits = (power + 127) << 23; /* 2^power; negative powers wrap around */
    float scale;

    memcpy(&scale, &bits, sizeof scale);
    return x * scale;
}

/* e^x = 2^n e^r with n = round(x / ln 2), |r| <= ln 2 / 2. ln 2 is split in two so that n * high is
 * exact; the polynomial is that of Cephes' expf. */
static inline float exp_of(float x)
{
    const float ln2_high = 0.693359375f, ln2_low = -2.12194440e-4f;
    const float rounding = 12582912.0f; /* 1.5 * 2^23: adding it rounds to a whole number */
    const float shifted = clamp(x, -87.3f, 88.3f) * 1.44269504f + rounding;
    const float n = shifted - rounding;
    const float r = clamp(x, -87.3f, 88.3f) - n * ln2_high - n * ln2_low;
    float p = 1.9875691500e-4f;
    uint32_t bits;

    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * (r * r) + r + 1.0f;
    memcpy(&bits, &shifted, sizeof bits);
    p = scaled_by_power(p, bits - 0x4b400000); /* the bits of `rounding` */
    return x < -87.3f ? 0.0f : p;
}

OPS_CLONES void elementary_exp(float *y, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = exp_of(x[i]);
}

/* The rational minimax approximations of Eigen (generic_fast_erf_float, generic_fast_tanh_float):
 * odd / even polynomials in x, beyond the clamp the result is 1 to within the error. */
OPS_CLONES void elementary_erf(float *y, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const float z = clamp(x[i], -4.0f, 4.0f);
        const float z2 = z * z;
        float p = -2.72614225801306e-10f;
        float q = -1.45660718464996e-05f;

        p = p * z2 + 2.77068142495902e-08f;
        p = p * z2 - 2.10102402082508e-06f;
        p = p * z2 - 5.69250639462346e-05f;
        p = p * z2 - 7.34990630326855e-04f;
        p = p * z2 - 2.95459980854025e-03f;
        p = p * z2 - 1.60960333262415e-02f;
        q = q * z2 - 2.13374055278905e-04f;
        q = q * z2 - 1.68282697438203e-03f;
        q = q * z2 - 7.37332916720468e-03f;
        q = q * z2 - 1.42647390514189e-02f;
        y[i] = z * p / q;
    }
}

OPS_CLONES void elementary_tanh(float *y, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const float z = clamp(x[i], -7.90531110763549805f, 7.90531110763549805f);
        const float z2 = z * z;
        float p = -2.76076847742355e-16f;
        float q = 1.19825839466702e-06f;

        p = p * z2 + 2.00018790482477e-13f;
        p = p * z2 - 8.60467152213735e-11f;
        p = p * z2 + 5.12229709037114e-08f;
        p = p * z2 + 1.48572235717979e-05f;
        p = p * z2 + 6.37261928875436e-04f;
        p = p * z2 + 4.89352455891786e-03f;
        q = q * z2 + 1.18534705686654e-04f;
        q = q * z2 + 2.26843463243900e-03f;
        q = q * z2 + 4.89352518554385e-03f;
        y[i] = z * p / q;
    }
}

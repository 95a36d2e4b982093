/* byte_masks.c -- the plain kernel, byte by byte, and the choice among all. */
#include "text/byte_masks.h"

#include <string.h>

#include "text/byte_masks_wide.h"

static void plain(char *folded, struct byte_masks *masks, const char *text, size_t n,
                  const struct byte_masks_plan *plan)
{
    uint64_t carry = 0;

    for (size_t at = 0; at < n; at += BYTE_MASKS_BLOCK) {
        uint64_t word = 0, alone = 0, hard = 0;

        for (size_t i = 0; i < BYTE_MASKS_BLOCK; i++) {
            const unsigned char c = at + i < n ? (unsigned char)text[at + i] : ' ';
            const unsigned class = c < 0x80 ? plan->class_of[c] : BYTE_HARD;

            word |= (uint64_t)((class & BYTE_WORD) != 0) << i;
            alone |= (uint64_t)((class & BYTE_ALONE) != 0) << i;
            hard |= (uint64_t)((class & BYTE_HARD) != 0) << i;
            folded[at + i] = (char)(plan->lower && c >= 'A' && c <= 'Z' ? c + 0x20 : c);
        }
        byte_masks_join(&masks[at / BYTE_MASKS_BLOCK], word, alone, hard, &carry);
    }
}

byte_masks_fn byte_masks_kernel(size_t number)
{
    return number == 0 ? plain : byte_masks_wide(number - 1);
}

void byte_masks_prepare(struct byte_masks_plan *plan)
{
    memset(plan->rows, 0, sizeof plan->rows);
    for (unsigned c = 0; c < 128; c++)
        for (unsigned class = 0; class < 3; class ++)
            if (plan->class_of[c] >> class & 1)
                plan->rows[class][c % 16] |= (uint8_t)(1u << c / 16);
    plan->run = plain;
    for (size_t i = BYTE_MASKS_WIDE_MAX; i-- > 0;)
        if (byte_masks_wide(i))
            plan->run = byte_masks_wide(i);
}

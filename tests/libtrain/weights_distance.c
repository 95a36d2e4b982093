/* weights_distance.c -- how far two safetensors files are apart: the largest difference of any value,
 * relative to the largest value of its tensor or 0.01.
 *
 *   weights_distance A B MAX      status 0 when it is at most MAX */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "formats/safetensors.h"
#include "model/params.h"

static double distance(const float *x, const float *y, size_t n)
{
    double difference = 0;
    double largest = 0.01;

    for (size_t i = 0; i < n; i++) {
        difference = fmax(difference, fabs((double)x[i] - (double)y[i]));
        largest = fmax(largest, fabs((double)y[i]));
    }
    return difference / largest;
}

/* Every tensor of b must be in a; NAN when one is not. */
static double compare(const struct tensor_table *a, const struct tensor_table *b, struct err *err)
{
    double farthest = 0;

    for (size_t i = 0; i < b->n; i++) {
        const struct tensor_entry *t = &b->entries[i];
        float *x = mem_array(t->n_values, sizeof *x);
        float *y = mem_array(t->n_values, sizeof *y);
        char name[128];
        const struct tensor_entry *same;

        params_modern_name(name, sizeof name, t->name);
        same = tensor_table_find(a, name);
        if (!same || tensor_entry_floats(x, t->n_values, same, err) < 0 ||
            tensor_entry_floats(y, t->n_values, t, err) < 0) {
            fprintf(stderr, "no '%s' to compare\n", name);
            farthest = NAN;
        } else {
            farthest = fmax(farthest, distance(x, y, t->n_values));
        }
        free(x);
        free(y);
    }
    return farthest;
}

int main(int argc, char **argv)
{
    struct tensor_table a = {0}, b = {0};
    struct err err = {0};
    double farthest;

    if (argc != 4 || safetensors_read(&a, argv[1], &err) < 0 ||
        safetensors_read(&b, argv[2], &err) < 0) {
        fprintf(stderr, "weights_distance: %s\n", err.text);
        return 2;
    }
    farthest = compare(&a, &b, &err);
    printf("%g\n", farthest);
    tensor_table_release(&a);
    tensor_table_release(&b);
    return !(farthest <= atof(argv[3]));
}

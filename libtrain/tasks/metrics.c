/* metrics.c -- counts of what was taken for what; sums in double. */
#include "tasks/metrics.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

/* Gorodkin's generalisation to many classes; for two it is the usual formula. */
static double matthews(const double *said, const double *meant, double right, double n,
                       size_t n_classes)
{
    double both = 0;
    double said_squares = 0;
    double meant_squares = 0;
    double spread;

    for (size_t i = 0; i < n_classes; i++) {
        both += said[i] * meant[i];
        said_squares += said[i] * said[i];
        meant_squares += meant[i] * meant[i];
    }
    spread = (n * n - said_squares) * (n * n - meant_squares);
    return spread > 0 ? (right * n - both) / sqrt(spread) : 0;
}

void metrics_of_classes(struct metrics *m, const int32_t *predicted, const int32_t *labels,
                        size_t n, size_t n_classes)
{
    double *said = mem_array(n_classes, sizeof *said);
    double *meant = mem_array(n_classes, sizeof *meant);
    double right = 0;
    double hits = 0; /* of class 1 */

    for (size_t i = 0; i < n; i++) {
        said[predicted[i]]++;
        meant[labels[i]]++;
        right += predicted[i] == labels[i];
        hits += predicted[i] == 1 && labels[i] == 1;
    }
    *m = (struct metrics){.n = n, .binary = n_classes == 2};
    m->accuracy = n ? right / (double)n : 0;
    if (m->binary && hits > 0)
        m->f1 = 2 * hits / (said[1] + meant[1]);
    m->matthews = matthews(said, meant, right, (double)n, n_classes);
    free(said);
    free(meant);
}

static bool is_constant(const double *x, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (x[i] != x[0])
            return false;
    return true;
}

static double correlation(const double *x, const double *y, size_t n)
{
    double mean_x = 0, mean_y = 0;
    double xx = 0, yy = 0, xy = 0;

    if (is_constant(x, n) || is_constant(y, n)) /* rounded sums would say otherwise */
        return NAN;
    for (size_t i = 0; i < n; i++) {
        mean_x += x[i] / (double)n;
        mean_y += y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - mean_x) * (x[i] - mean_x);
        yy += (y[i] - mean_y) * (y[i] - mean_y);
        xy += (x[i] - mean_x) * (y[i] - mean_y);
    }
    return xy / sqrt(xx) / sqrt(yy);
}

struct ranked {
    float score;
    size_t at;
};

static int by_score(const void *a, const void *b)
{
    const struct ranked *x = a;
    const struct ranked *y = b;

    return (x->score > y->score) - (x->score < y->score);
}

static double *ranks_of(const float *scores, size_t n)
{
    struct ranked *order = mem_array(n, sizeof *order);
    double *ranks = mem_array(n, sizeof *ranks);

    for (size_t i = 0; i < n; i++)
        order[i] = (struct ranked){scores[i], i};
    qsort(order, n, sizeof *order, by_score);
    for (size_t first = 0, end; first < n; first = end) {
        for (end = first + 1; end < n && order[end].score == order[first].score;)
            end++;
        for (size_t i = first; i < end; i++)
            ranks[order[i].at] = 0.5 * (double)(first + end - 1);
    }
    free(order);
    return ranks;
}

static double *widened(const float *x, size_t n)
{
    double *y = mem_array(n, sizeof *y);

    for (size_t i = 0; i < n; i++)
        y[i] = x[i];
    return y;
}

void metrics_of_scores(struct metrics *m, const float *predicted, const float *labels, size_t n)
{
    double *x = widened(predicted, n);
    double *y = widened(labels, n);

    *m = (struct metrics){.n = n, .regression = true};
    m->pearson = correlation(x, y, n);
    free(x);
    free(y);
    x = ranks_of(predicted, n);
    y = ranks_of(labels, n);
    m->spearman = correlation(x, y, n);
    free(x);
    free(y);
}

static void put(struct json *map, const char *key, double value)
{
    if (isfinite(value))
        json_put_real(map, key, value);
    else
        json_put_null(map, key);
}

struct json *metrics_json(const struct metrics *m)
{
    struct json *map = json_new_map();

    if (m->regression) {
        put(map, "pearson", m->pearson);
        put(map, "spearman", m->spearman);
        return map;
    }
    put(map, "accuracy", m->accuracy);
    if (m->binary)
        put(map, "f1", m->f1);
    put(map, "matthews", m->matthews);
    return map;
}

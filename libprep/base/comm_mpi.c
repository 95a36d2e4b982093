/* comm_mpi.c -- MPI, started only under mpirun, so that a lone program does not pay for it.
 *
 * Sums are ours, not MPI_Allreduce: MPI does not promise an order of addition. Each rank owns a
 * slice, receives it from the others in rank order, adds, and the slices are gathered. */
#include "base/comm.h"

#include <limits.h>
#include <mpi.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/half.h"
#include "base/mem.h"

enum { CHUNK = 1 << 22 }; /* values exchanged at once: bounds the memory for received slices */

static int check(int code, const char *what, struct err *err)
{
    char text[MPI_MAX_ERROR_STRING];
    int n;

    if (code == MPI_SUCCESS)
        return 0;
    MPI_Error_string(code, text, &n);
    return err_set(err, ERR_IO, "%s between ranks failed: %s", what, text);
}

/* The variables by which launchers tell a process that it is a rank of many. */
static bool started_by_launcher(void)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "PMIX_RANK"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (getenv(names[i]))
            return true;
    return false;
}

int comm_open(struct comm *c, struct err *err)
{
    int provided;

    *c = (struct comm){.rank = 0, .size = 1};
    if (!started_by_launcher())
        return 0;
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS)
        return err_set(err, ERR_IO, "cannot start MPI");
    c->mpi = c; /* any mark: MPI runs and is ours to finalise */
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_rank(MPI_COMM_WORLD, &c->rank);
    MPI_Comm_size(MPI_COMM_WORLD, &c->size);
    return 0;
}

/* One type of number: how MPI calls it and how rows of it are added into the first, in order. */
struct number {
    MPI_Datatype type;
    size_t size;
    void (*add)(void *rows, size_t n_rows, size_t n);
};

static void add_floats(void *rows, size_t n_rows, size_t n)
{
    float *x = rows;

    for (size_t r = 1; r < n_rows; r++)
        for (size_t i = 0; i < n; i++)
            x[i] += x[r * n + i];
}

static void add_doubles(void *rows, size_t n_rows, size_t n)
{
    double *x = rows;

    for (size_t r = 1; r < n_rows; r++)
        for (size_t i = 0; i < n; i++)
            x[i] += x[r * n + i];
}

static void add_halves(void *rows, size_t n_rows, size_t n)
{
    uint16_t *x = rows;

    for (size_t i = 0; i < n; i++) {
        float sum = half_float(x[i]);

        for (size_t r = 1; r < n_rows; r++)
            sum += half_float(x[r * n + i]);
        x[i] = half_round(sum);
    }
}

/* Sums the n <= CHUNK values at x over all ranks.
 *   slices of x on rank r:   to rank 0 | to rank 1 | ... | to rank P-1
 *   received by rank r:      its slice from rank 0, 1, ..., P-1, added in that order */
static int sum_chunk(struct comm *c, char *x, size_t n, const struct number *kind, char *received,
                     int *counts, int *offsets, int *from_counts, int *from_offsets,
                     struct err *err)
{
    const size_t ranks = (size_t)c->size;
    const size_t mine_at = n * (size_t)c->rank / ranks;
    const size_t mine = n * ((size_t)c->rank + 1) / ranks - mine_at;

    for (size_t r = 0; r < ranks; r++) {
        offsets[r] = (int)(n * r / ranks);
        counts[r] = (int)(n * (r + 1) / ranks) - offsets[r];
        from_counts[r] = (int)mine;
        from_offsets[r] = (int)(mine * r);
    }
    if (check(MPI_Alltoallv(x, counts, offsets, kind->type, received, from_counts, from_offsets,
                            kind->type, MPI_COMM_WORLD),
              "exchange", err) < 0)
        return -1;
    kind->add(received, ranks, mine);
    return check(MPI_Allgatherv(received, (int)mine, kind->type, x, counts, offsets, kind->type,
                                MPI_COMM_WORLD),
                 "exchange", err);
}

static int sum(struct comm *c, void *x, size_t n, const struct number *kind, struct err *err)
{
    const size_t ranks = (size_t)c->size;
    char *received;
    int *plan;
    int rc = 0;

    if (ranks == 1)
        return 0;
    received = mem_array(CHUNK + ranks, kind->size);
    plan = mem_array(4 * ranks, sizeof *plan);
    for (size_t at = 0; at < n && rc == 0; at += CHUNK)
        rc = sum_chunk(c, (char *)x + at * kind->size, n - at < CHUNK ? n - at : CHUNK, kind,
                       received, plan, plan + ranks, plan + 2 * ranks, plan + 3 * ranks, err);
    free(plan);
    free(received);
    return rc;
}

int comm_sum_floats(struct comm *c, float *x, size_t n, struct err *err)
{
    const struct number kind = {MPI_FLOAT, sizeof *x, add_floats};

    return sum(c, x, n, &kind, err);
}

int comm_sum_doubles(struct comm *c, double *x, size_t n, struct err *err)
{
    const struct number kind = {MPI_DOUBLE, sizeof *x, add_doubles};

    return sum(c, x, n, &kind, err);
}

int comm_sum_counts(struct comm *c, uint64_t *x, size_t n, struct err *err)
{
    int rc = 0;

    if (c->size == 1)
        return 0;
    /* Whole numbers add up to the same in any order. */
    for (size_t at = 0; at < n && rc == 0; at += CHUNK)
        rc = check(MPI_Allreduce(MPI_IN_PLACE, x + at, n - at < CHUNK ? (int)(n - at) : CHUNK,
                                 MPI_UINT64_T, MPI_SUM, MPI_COMM_WORLD),
                   "exchange", err);
    return rc;
}

int comm_sum_halves(struct comm *c, uint16_t *x, size_t n, struct err *err)
{
    const struct number kind = {MPI_UINT16_T, sizeof *x, add_halves};

    return sum(c, x, n, &kind, err);
}

int comm_max(struct comm *c, int64_t *x, struct err *err)
{
    if (c->size == 1)
        return 0;
    return check(MPI_Allreduce(MPI_IN_PLACE, x, 1, MPI_INT64_T, MPI_MAX, MPI_COMM_WORLD),
                 "exchange", err);
}

int comm_share(struct comm *c, void *bytes, size_t n, struct err *err)
{
    int rc = 0;

    if (c->size == 1)
        return 0;
    for (size_t at = 0; at < n && rc == 0; at += INT_MAX)
        rc = check(MPI_Bcast((char *)bytes + at, n - at < INT_MAX ? (int)(n - at) : INT_MAX,
                             MPI_BYTE, 0, MPI_COMM_WORLD),
                   "broadcast", err);
    return rc;
}

int comm_barrier(struct comm *c, struct err *err)
{
    if (c->size == 1)
        return 0;
    return check(MPI_Barrier(MPI_COMM_WORLD), "barrier", err);
}

void comm_abort(struct comm *c)
{
    if (c->size > 1)
        MPI_Abort(MPI_COMM_WORLD, 1);
}

void comm_close(struct comm *c)
{
    if (c->mpi)
        MPI_Finalize();
    *c = (struct comm){0};
}

/* h5_writer.c -- what is written does not pass HDF5's own filters: chunks.c makes the chunks with as
 * many threads as it was given, and H5Dwrite_chunk() only places them. */
#include "store/h5_writer.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hdf5.h>

#include "base/mem.h"
#include "store/chunks.h"
#include "store/h5_library.h"
#include "store/h5_zstd.h"

enum {
    DEFLATE_LEVEL = 1, /* what the file says of itself: zlib's word for fast */
    /* Half of the places in a node of a data set's tree of chunks. HDF5's own 32 takes 2.6 kB a data set,
     * most of them never filled: 15 kB in a shard of a few hundred rows. */
    CHUNK_TREE_RANK = 8
};

struct written_set {
    char *name;
    hid_t id;
    enum h5_type type;
    size_t n_cols; /* 0 for a vector */
};

struct h5_writer {
    char *path;
    hid_t id;                 /* -1 once finished */
    struct written_set *sets; /* in step with those of `chunks` */
    size_t n_sets;
    struct chunks chunks;
};

size_t h5_type_size(enum h5_type type)
{
    static const size_t sizes[] = {[H5_INT8] = 1, [H5_INT32] = 4, [H5_INT64] = 8, [H5_FLOAT32] = 4};

    return sizes[type];
}

static hid_t type_in_file(enum h5_type type)
{
    switch (type) {
    case H5_INT8:
        return H5T_STD_I8LE;
    case H5_INT32:
        return H5T_STD_I32LE;
    case H5_INT64:
        return H5T_STD_I64LE;
    default:
        return H5T_IEEE_F32LE;
    }
}

/* Puts one chunk at its place; the data set grows by its rows. */
static int place(void *context, size_t set, uint64_t first_row, size_t n_rows, const void *packed,
                 size_t packed_len, struct err *err)
{
    struct h5_writer *w = context;
    const struct written_set *s = &w->sets[set];
    const hsize_t extent[2] = {first_row + n_rows, s->n_cols};
    const hsize_t offset[2] = {first_row, 0};
    int rc = 0;

    h5_lock();
    if (H5Dset_extent(s->id, extent) < 0 ||
        H5Dwrite_chunk(s->id, H5P_DEFAULT, 0, offset, packed_len, packed) < 0)
        rc = h5_fail_set(err, w->path, s->name, "cannot write");
    h5_unlock();
    return rc;
}

struct h5_writer *h5_create(const char *path, struct err *err)
{
    struct h5_writer *w = NULL;
    hid_t access;
    hid_t plan;
    hid_t id;

    h5_lock();
    access = H5Pcreate(H5P_FILE_ACCESS);
    plan = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    H5Pset_obj_track_times(plan, false);
    H5Pset_istore_k(plan, CHUNK_TREE_RANK);
    id = H5Fcreate(path, H5F_ACC_TRUNC, plan, access);
    if (id < 0) {
        h5_fail(err, path, "cannot make the file");
    } else {
        w = mem_alloc(sizeof *w);
        w->path = mem_text(path);
        w->id = id;
        w->chunks = (struct chunks){.context = w, .place = place};
    }
    H5Pclose(plan);
    H5Pclose(access);
    h5_unlock();
    return w;
}

void h5_use_team(struct h5_writer *w, struct team *team)
{
    w->chunks.team = team;
}

void h5_use_packing(struct h5_writer *w, enum chunk_packing packing)
{
    assert(w->n_sets == 0);
    w->chunks.packing = packing;
}

/* The filters by which readers undo what chunks.c does. */
static void set_filters(hid_t plan, enum chunk_packing packing, size_t value_size)
{
    const unsigned zstd_level = (unsigned)chunks_level(CHUNK_ZSTD);

    if (packing == CHUNK_PLAIN)
        return;
    if (value_size > 1)
        H5Pset_shuffle(plan);
    if (packing == CHUNK_GZIP) {
        H5Pset_deflate(plan, DEFLATE_LEVEL);
    } else {
        h5_zstd_register();
        H5Pset_filter(plan, H5_ZSTD_FILTER, H5Z_FLAG_MANDATORY, 1, &zstd_level);
    }
}

int h5_add(struct h5_writer *w, const char *name, enum h5_type type, size_t n_cols, struct err *err)
{
    const size_t chunk_rows = chunks_rows(h5_type_size(type) * (n_cols ? n_cols : 1));

    return h5_add_chunked(w, name, type, n_cols, chunk_rows, err);
}

int h5_add_chunked(struct h5_writer *w, const char *name, enum h5_type type, size_t n_cols,
                   size_t chunk_rows, struct err *err)
{
    const int n_dims = n_cols ? 2 : 1;
    const hsize_t none[2] = {0, n_cols};
    const hsize_t most[2] = {H5S_UNLIMITED, n_cols};
    const hsize_t chunk[2] = {chunk_rows, n_cols};
    struct written_set set = {.type = type, .n_cols = n_cols};
    hid_t space;
    hid_t plan;
    size_t at;

    if (chunks_flush(&w->chunks, err) < 0)
        return -1;
    at = chunks_add(&w->chunks, h5_type_size(type), n_cols ? n_cols : 1, chunk_rows);
    h5_lock();
    space = H5Screate_simple(n_dims, none, most);
    plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(plan, false);
    H5Pset_fill_time(plan, H5D_FILL_TIME_NEVER);
    H5Pset_chunk(plan, n_dims, chunk);
    set_filters(plan, w->chunks.packing, h5_type_size(type));
    set.id = H5Dcreate2(w->id, name, type_in_file(type), space, H5P_DEFAULT, plan, H5P_DEFAULT);
    if (set.id < 0)
        h5_fail_set(err, w->path, name, "cannot be made");
    H5Pclose(plan);
    H5Sclose(space);
    h5_unlock();
    set.name = mem_text(name);
    w->sets = mem_resize(w->sets, w->n_sets + 1, sizeof *w->sets);
    w->sets[w->n_sets++] = set;
    return set.id < 0 ? -1 : (int)at;
}

int h5_append(struct h5_writer *w, int set, const void *rows, size_t n, struct err *err)
{
    return chunks_append(&w->chunks, (size_t)set, rows, n, err);
}

int h5_append_ints(struct h5_writer *w, int set, const int32_t *rows, size_t n, struct err *err)
{
    assert(w->sets[set].type == H5_INT8 || w->sets[set].type == H5_INT32);
    return chunks_append_ints(&w->chunks, (size_t)set, rows, n, err);
}

int h5_append_packed(struct h5_writer *w, int set, const void *packed, size_t packed_len,
                     size_t n_rows, struct err *err)
{
    return chunks_append_packed(&w->chunks, (size_t)set, packed, packed_len, n_rows, err);
}

int h5_put_texts(struct h5_writer *w, const char *name, char *const *texts, size_t n,
                 struct err *err)
{
    const hsize_t extent = n;
    hid_t type;
    hid_t space;
    hid_t plan;
    hid_t set;
    int rc = 0;

    if (chunks_flush(&w->chunks, err) < 0)
        return -1;
    h5_lock();
    type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    space = H5Screate_simple(1, &extent, NULL);
    plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(plan, false);
    set = H5Dcreate2(w->id, name, type, space, H5P_DEFAULT, plan, H5P_DEFAULT);
    if (set < 0 || (n && H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts) < 0))
        rc = h5_fail_set(err, w->path, name, "cannot write");
    if (set >= 0 && H5Dclose(set) < 0 && rc == 0)
        rc = h5_fail_set(err, w->path, name, "cannot write");
    H5Pclose(plan);
    H5Sclose(space);
    H5Tclose(type);
    h5_unlock();
    return rc;
}

/* One value of `type` as an attribute of the file; takes the type. */
static int put_attribute(struct h5_writer *w, const char *name, hid_t type, const void *value,
                         struct err *err)
{
    const hid_t space = H5Screate(H5S_SCALAR);
    const hid_t attribute = H5Acreate2(w->id, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    int rc = 0;

    if (attribute < 0 || H5Awrite(attribute, type, value) < 0) {
        char place[256];

        snprintf(place, sizeof place, "attribute '%.100s': cannot write", name);
        rc = h5_fail(err, w->path, place);
    }
    if (attribute >= 0)
        H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
    return rc;
}

int h5_put_text(struct h5_writer *w, const char *name, const char *text, struct err *err)
{
    hid_t type;
    int rc;

    if (chunks_flush(&w->chunks, err) < 0)
        return -1;
    h5_lock();
    type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    rc = put_attribute(w, name, type, &text, err);
    h5_unlock();
    return rc;
}

int h5_put_int(struct h5_writer *w, const char *name, int64_t value, struct err *err)
{
    int rc;

    if (chunks_flush(&w->chunks, err) < 0)
        return -1;
    h5_lock();
    rc = put_attribute(w, name, H5Tcopy(H5T_STD_I64LE), &value, err);
    h5_unlock();
    return rc;
}

/* Ends all that is open. The file may be whole only when every call was content. */
static bool close_all(struct h5_writer *w)
{
    bool good = H5Fflush(w->id, H5F_SCOPE_LOCAL) >= 0;

    for (size_t i = 0; i < w->n_sets; i++)
        if (w->sets[i].id >= 0)
            good = H5Dclose(w->sets[i].id) >= 0 && good;
    good = H5Fclose(w->id) >= 0 && good;
    w->id = -1;
    return good;
}

int h5_finish(struct h5_writer *w, struct err *err)
{
    int rc = chunks_finish(&w->chunks, err);

    if (rc < 0)
        return rc;
    h5_lock();
    if (!close_all(w))
        rc = h5_fail(err, w->path, "cannot write");
    h5_unlock();
    return rc;
}

void h5_discard(struct h5_writer *w)
{
    if (!w)
        return;
    h5_lock();
    if (w->id >= 0)
        close_all(w);
    h5_unlock();
    for (size_t i = 0; i < w->n_sets; i++)
        free(w->sets[i].name);
    chunks_release(&w->chunks);
    free(w->sets);
    free(w->path);
    free(w);
}

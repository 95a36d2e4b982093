/* h5.c -- reading through HDF5's own conversions; what it would do silently is checked here. */
#include "store/h5.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hdf5.h>

#include "base/mem.h"
#include "store/h5_band.h"
#include "store/h5_library.h"
#include "store/h5_zstd.h"

enum {
    MAX_COLS = 1 << 20,
    MAX_TEXT = 1 << 20,      /* of an attribute */
    MAX_TEXTS = 1 << 26,     /* of a vector of strings */
    MAX_CACHE = 64 << 20,    /* for one data set of a foreign file */
    DEFAULT_CACHE = 1 << 20, /* HDF5's own */
    READ_BLOCK = 1 << 16,    /* values checked at once when a type is wider than ours */
    CACHE_SLOTS = 10007      /* prime, over 100 chunks a slot would be much */
};

struct h5_set {
    char *name;
    hid_t id;
    int64_t n_rows;
    size_t n_cols; /* 0 for a vector */
    H5T_class_t class;
    bool wide; /* has integers that int32 has not */
    struct h5_band band;
};

struct h5_file {
    char *path;
    hid_t id;
    struct h5_set *sets; /* opened so far; they stay open for the sake of their chunk caches */
    size_t n_sets;
};

struct h5_file *h5_open(const char *path, struct err *err)
{
    struct h5_file *f = NULL;
    FILE *probe = fopen(path, "rb");
    hid_t access;
    hid_t id;
    char byte;

    /* First the reasons that are not HDF5's, in the system's words. */
    if (!probe || (fread(&byte, 1, 1, probe) == 0 && ferror(probe))) {
        err_errno(err, "cannot open '%s'", path);
        if (probe)
            fclose(probe);
        return NULL;
    }
    fclose(probe);
    h5_lock();
    h5_zstd_register();
    access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    id = H5Fopen(path, H5F_ACC_RDONLY, access);
    if (id >= 0) {
        f = mem_alloc(sizeof *f);
        f->path = mem_text(path);
        f->id = id;
    } else if (H5Fis_hdf5(path) > 0) {
        h5_fail(err, path, "HDF5 file is damaged or cut short");
    } else {
        err_set(err, ERR_FORMAT, "%s: not an HDF5 file", path);
    }
    H5Pclose(access);
    h5_unlock();
    return f;
}

void h5_close(struct h5_file *f)
{
    if (!f)
        return;
    h5_lock();
    for (size_t i = 0; i < f->n_sets; i++) {
        H5Dclose(f->sets[i].id);
        h5_band_release(&f->sets[i].band);
        free(f->sets[i].name);
    }
    H5Fclose(f->id);
    h5_unlock();
    free(f->sets);
    free(f->path);
    free(f);
}

bool h5_has(struct h5_file *f, const char *name)
{
    bool has;

    h5_lock();
    has = H5Lexists(f->id, name, H5P_DEFAULT) > 0;
    h5_unlock();
    return has;
}

/* Room for all chunks that a block of rows touches, twice: a foreign file may cut rows into many
 * chunks, and with HDF5's 1 MiB each of them would be inflated again for every block. */
static hid_t cache_for(const struct h5_set *set)
{
    const hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
    const hid_t plan = H5Dget_create_plist(set->id);
    const hid_t type = H5Dget_type(set->id);
    const int n_dims = set->n_cols ? 2 : 1;
    hsize_t chunk[2] = {1, 1};

    if (H5Pget_layout(plan) == H5D_CHUNKED && H5Pget_chunk(plan, n_dims, chunk) == n_dims &&
        chunk[1]) {
        const hsize_t across = set->n_cols / chunk[1] + 1;
        const double want =
            2 * (double)across * (double)chunk[0] * (double)chunk[1] * (double)H5Tget_size(type);

        if (want > DEFAULT_CACHE)
            H5Pset_chunk_cache(access, CACHE_SLOTS, want < MAX_CACHE ? (size_t)want : MAX_CACHE,
                               1.0);
    }
    H5Tclose(type);
    H5Pclose(plan);
    return access;
}

/* The rest of a set whose id is open; what cannot be a table of numbers or texts is refused. */
static int describe(struct h5_set *set, const char *path, const char *name, struct err *err)
{
    const hid_t space = H5Dget_space(set->id);
    const hid_t type = H5Dget_type(set->id);
    const int n_dims = H5Sget_simple_extent_ndims(space);
    hsize_t dims[2] = {0, 0};
    int rc = 0;

    set->class = H5Tget_class(type);
    set->wide = H5Tget_size(type) > 4 || (H5Tget_size(type) == 4 && H5Tget_sign(type) == 0);
    H5Tclose(type);
    if (n_dims == 1 || n_dims == 2)
        H5Sget_simple_extent_dims(space, dims, NULL);
    H5Sclose(space);
    if (n_dims != 1 && n_dims != 2)
        rc = err_set(err, ERR_FORMAT, "%s: data set '%s' has %d dimensions, not 1 or 2", path, name,
                     n_dims);
    else if (dims[0] > INT64_MAX || dims[1] > MAX_COLS)
        rc = err_set(err, ERR_LIMIT, "%s: data set '%s' is larger than 2^63 rows of %d columns",
                     path, name, MAX_COLS);
    else if (n_dims == 2 && dims[1] == 0)
        rc = err_set(err, ERR_FORMAT, "%s: data set '%s' has no columns", path, name);
    set->n_rows = (int64_t)dims[0];
    set->n_cols = (size_t)dims[1];
    return rc;
}

/* The filters that people install beside HDF5 are not part of it; their lack is named. */
static int check_filters(const struct h5_set *set, const char *path, const char *name,
                         struct err *err)
{
    const hid_t plan = H5Dget_create_plist(set->id);
    const int n = H5Pget_nfilters(plan);
    int rc = 0;

    for (int i = 0; i < n && rc == 0; i++) {
        char filter[32] = "";
        size_t n_values = 0;
        unsigned flags, config;
        const H5Z_filter_t id = H5Pget_filter2(plan, (unsigned)i, &flags, &n_values, NULL,
                                               sizeof filter, filter, &config);

        if (id >= 0 && H5Zfilter_avail(id) <= 0)
            rc = err_set(err, ERR_FORMAT,
                         "%s: data set '%s' needs the HDF5 filter '%.31s' (%d), which is not "
                         "installed",
                         path, name, filter, (int)id);
    }
    H5Pclose(plan);
    return rc;
}

/* The data set of that name, opened when it is not yet; under the lock. */
static struct h5_set *find_set(struct h5_file *f, const char *name, struct err *err)
{
    struct h5_set set = {0};
    hid_t access;

    for (size_t i = 0; i < f->n_sets; i++)
        if (!strcmp(f->sets[i].name, name))
            return &f->sets[i];
    if (H5Lexists(f->id, name, H5P_DEFAULT) <= 0) {
        err_set(err, ERR_FORMAT, "%s: data set '%s' is missing", f->path, name);
        return NULL;
    }
    set.id = H5Dopen2(f->id, name, H5P_DEFAULT);
    if (set.id < 0) {
        h5_fail_set(err, f->path, name, "cannot be opened");
        return NULL;
    }
    if (describe(&set, f->path, name, err) < 0 || check_filters(&set, f->path, name, err) < 0) {
        H5Dclose(set.id);
        return NULL;
    }
    /* The chunk cache is chosen when a set is opened, its chunks are known only after: again. */
    access = cache_for(&set);
    H5Dclose(set.id);
    set.id = H5Dopen2(f->id, name, access);
    H5Pclose(access);
    if (set.id < 0) {
        h5_fail_set(err, f->path, name, "cannot be opened");
        return NULL;
    }
    set.name = mem_text(name);
    h5_band_init(&set.band, set.id, set.n_cols);
    f->sets = mem_resize(f->sets, f->n_sets + 1, sizeof *f->sets);
    f->sets[f->n_sets] = set;
    return &f->sets[f->n_sets++];
}

int h5_extent(int64_t *n_rows, size_t *n_cols, struct h5_file *f, const char *name, struct err *err)
{
    const struct h5_set *set;

    h5_lock();
    set = find_set(f, name, err);
    h5_unlock();
    if (!set)
        return -1;
    *n_rows = set->n_rows;
    *n_cols = set->n_cols;
    return 0;
}

/* Rows through HDF5's own conversion into `type`; under the lock. */
static int read_rows(void *to, hid_t type, const struct h5_file *f, const struct h5_set *set,
                     int64_t first, int64_t n, struct err *err)
{
    const int n_dims = set->n_cols ? 2 : 1;
    const hsize_t start[2] = {(hsize_t)first, 0};
    const hsize_t count[2] = {(hsize_t)n, set->n_cols};
    hid_t there;
    hid_t here;
    int rc = 0;

    assert(first >= 0 && n >= 0 && first <= set->n_rows - n);
    if (n == 0)
        return 0;
    there = H5Dget_space(set->id);
    here = H5Screate_simple(n_dims, count, NULL);
    H5Sselect_hyperslab(there, H5S_SELECT_SET, start, NULL, count, NULL);
    if (H5Dread(set->id, type, here, there, H5P_DEFAULT, to) < 0) {
        char place[256];

        snprintf(place, sizeof place, "data set '%.100s': cannot read rows %lld to %lld", set->name,
                 (long long)first, (long long)(first + n - 1));
        rc = h5_fail(err, f->path, place);
    }
    H5Sclose(here);
    H5Sclose(there);
    return rc;
}

static int need_class(const struct h5_file *f, const struct h5_set *set, bool good,
                      const char *what, struct err *err)
{
    if (good)
        return 0;
    return err_set(err, ERR_FORMAT, "%s: data set '%s' does not hold %s", f->path, set->name, what);
}

/* HDF5 would clip what does not fit without a word, so wide integers pass through int64. */
static int read_wide(int32_t *to, const struct h5_file *f, const struct h5_set *set, int64_t first,
                     int64_t n, struct err *err)
{
    const size_t width = set->n_cols ? set->n_cols : 1;
    const int64_t step = width < READ_BLOCK ? (int64_t)(READ_BLOCK / width) : 1;
    int64_t *block = mem_array((size_t)step * width, sizeof *block);
    int rc = 0;

    for (int64_t row = 0; row < n && rc == 0; row += step) {
        const int64_t rows = n - row < step ? n - row : step;

        rc = read_rows(block, H5T_NATIVE_INT64, f, set, first + row, rows, err);
        for (size_t i = 0; i < (size_t)rows * width && rc == 0; i++) {
            const int64_t at = first + row + (int64_t)(i / width);

            if (block[i] < INT32_MIN || block[i] > INT32_MAX)
                rc = err_set(err, ERR_FORMAT,
                             "%s: data set '%s': row %lld: %lld is not a 32-bit integer", f->path,
                             set->name, (long long)at, (long long)block[i]);
            else
                to[(size_t)row * width + i] = (int32_t)block[i];
        }
    }
    free(block);
    return rc;
}

int h5_read_ints(int32_t *to, struct h5_file *f, const char *name, int64_t first, int64_t n,
                 struct err *err)
{
    struct h5_set *set;
    int rc = -1;

    h5_lock();
    set = find_set(f, name, err);
    if (set && need_class(f, set, set->class == H5T_INTEGER, "integers", err) < 0)
        set = NULL;
    h5_unlock();
    if (!set)
        return -1;
    assert(first >= 0 && n >= 0 && first <= set->n_rows - n);
    rc = h5_band_read(to, &set->band, set->id, first, n, err);
    if (rc < 0)
        return err_in(err, "%s: data set '%s': rows %lld to %lld", f->path, name, (long long)first,
                      (long long)(first + n - 1));
    if (rc > 0)
        return 0;
    h5_lock();
    rc = set->wide ? read_wide(to, f, set, first, n, err)
                   : read_rows(to, H5T_NATIVE_INT32, f, set, first, n, err);
    h5_unlock();
    return rc;
}

int h5_read_longs(int64_t *to, struct h5_file *f, const char *name, int64_t first, int64_t n,
                  struct err *err)
{
    const struct h5_set *set;
    int rc = -1;

    h5_lock();
    set = find_set(f, name, err);
    if (set && need_class(f, set, set->class == H5T_INTEGER, "integers", err) == 0)
        rc = read_rows(to, H5T_NATIVE_INT64, f, set, first, n, err);
    h5_unlock();
    return rc;
}

int h5_read_reals(float *to, struct h5_file *f, const char *name, int64_t first, int64_t n,
                  struct err *err)
{
    const struct h5_set *set;
    int rc = -1;

    h5_lock();
    set = find_set(f, name, err);
    if (set && need_class(f, set, set->class == H5T_INTEGER || set->class == H5T_FLOAT, "numbers",
                          err) == 0)
        rc = read_rows(to, H5T_NATIVE_FLOAT, f, set, first, n, err);
    h5_unlock();
    return rc;
}

/* A string type for memory: what `type` holds, of variable length. */
static hid_t text_in_memory(hid_t type)
{
    const hid_t text = H5Tcopy(H5T_C_S1);

    H5Tset_size(text, H5T_VARIABLE);
    H5Tset_cset(text, H5Tget_cset(type));
    return text;
}

/* One string of fixed or variable length, NULL when it cannot be read. */
static char *attribute_text(hid_t attribute, hid_t type)
{
    const size_t size = H5Tget_size(type);
    char *text = NULL;

    if (H5Tis_variable_str(type) > 0) {
        const hid_t memory = text_in_memory(type);
        char *theirs = NULL;

        if (H5Aread(attribute, memory, &theirs) >= 0 && theirs)
            text = mem_text_n(theirs, strnlen(theirs, MAX_TEXT));
        H5free_memory(theirs);
        H5Tclose(memory);
    } else if (size <= MAX_TEXT) {
        text = mem_alloc(size + 1);
        if (H5Aread(attribute, type, text) < 0) {
            free(text);
            text = NULL;
        }
    }
    return text;
}

/* Opens a scalar attribute and its type when it has the class; under the lock. */
static bool open_attribute(hid_t *attribute, hid_t *type, const struct h5_file *f, const char *name,
                           H5T_class_t class)
{
    hid_t space;
    bool good;

    if (H5Aexists(f->id, name) <= 0 || (*attribute = H5Aopen(f->id, name, H5P_DEFAULT)) < 0)
        return false;
    *type = H5Aget_type(*attribute);
    space = H5Aget_space(*attribute);
    good = H5Tget_class(*type) == class && H5Sget_simple_extent_npoints(space) == 1;
    H5Sclose(space);
    if (!good) {
        H5Tclose(*type);
        H5Aclose(*attribute);
    }
    return good;
}

char *h5_text(struct h5_file *f, const char *name)
{
    char *text = NULL;
    hid_t attribute;
    hid_t type;

    h5_lock();
    if (open_attribute(&attribute, &type, f, name, H5T_STRING)) {
        text = attribute_text(attribute, type);
        H5Tclose(type);
        H5Aclose(attribute);
    }
    h5_unlock();
    return text;
}

int64_t h5_int_or(struct h5_file *f, const char *name, int64_t fallback)
{
    int64_t value = fallback;
    hid_t attribute;
    hid_t type;

    h5_lock();
    if (open_attribute(&attribute, &type, f, name, H5T_INTEGER)) {
        if (H5Aread(attribute, H5T_NATIVE_INT64, &value) < 0)
            value = fallback;
        H5Tclose(type);
        H5Aclose(attribute);
    }
    h5_unlock();
    return value;
}

int h5_read_texts(char ***texts, int64_t *n, struct h5_file *f, const char *name, struct err *err)
{
    const struct h5_set *set;
    char **theirs = NULL;
    hid_t type = -1;
    hid_t memory = -1;
    int rc = -1;

    *texts = NULL;
    *n = 0;
    h5_lock();
    set = find_set(f, name, err);
    if (!set ||
        need_class(f, set, set->class == H5T_STRING && set->n_cols == 0, "strings", err) < 0)
        goto out;
    if (set->n_rows > MAX_TEXTS) {
        err_set(err, ERR_LIMIT, "%s: data set '%s' has more than %d strings", f->path, name,
                MAX_TEXTS);
        goto out;
    }
    type = H5Dget_type(set->id);
    if (H5Tis_variable_str(type) <= 0) {
        need_class(f, set, false, "strings of variable length", err);
        goto out;
    }
    memory = text_in_memory(type);
    theirs = mem_array((size_t)set->n_rows, sizeof *theirs);
    if (read_rows(theirs, memory, f, set, 0, set->n_rows, err) < 0)
        goto out;
    *texts = mem_array((size_t)set->n_rows, sizeof **texts);
    *n = set->n_rows;
    for (int64_t i = 0; i < *n; i++) {
        (*texts)[i] = mem_text(theirs[i] ? theirs[i] : "");
        H5free_memory(theirs[i]);
    }
    rc = 0;
out:
    if (type >= 0)
        H5Tclose(type);
    if (memory >= 0)
        H5Tclose(memory);
    h5_unlock();
    free(theirs);
    return rc;
}

void h5_free_texts(char **texts, int64_t n)
{
    for (int64_t i = 0; texts && i < n; i++)
        free(texts[i]);
    free(texts);
}

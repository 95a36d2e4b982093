/* weights_fuzz.c -- proves: no file of weights (safetensors, torch.save() in both forms) makes the
 * readers crash, read outside the file or take more values than it holds. */
#include "formats/weight_files.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "fuzz.h"
#include "model/weight_map.h"

/* Values of every tensor, and the map of all. */
static void use(const struct tensor_table *t, size_t n)
{
    struct weight_map map = {0};
    struct err err = {0};

    for (size_t i = 0; i < t->n; i++) {
        const struct tensor_entry *e = &t->entries[i];
        float *values;

        assert(e->n_values <= n);
        values = mem_array(e->n_values, sizeof *values);
        tensor_entry_floats(values, e->n_values, e, &err);
        free(values);
    }
    weight_map_make(&map, t, &err);
    weight_map_release(&map);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char path[] = "/tmp/weights_fuzz.XXXXXX";
    const int fd = mkstemp(path);
    struct weight_files w = {0};
    struct err err = {0};

    if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
        abort();
    close(fd);
    if (weight_files_open(&w, path, &err) == 0)
        use(&w.table, n);
    else
        assert(err.kind != ERR_NONE);
    weight_files_close(&w);
    unlink(path);
    return 0;
}

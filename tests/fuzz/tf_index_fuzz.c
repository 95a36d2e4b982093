/* tf_index_fuzz.c -- proves: no index of a TensorFlow checkpoint makes the reader crash, read
 * outside its files or take values that are not in the data file. Checksums would keep nearly all
 * damage from the code behind them, so they are made right first.
 *
 * Input: u8 number of blocks, u16 length of each, the table. */
#include "formats/tf_bundle.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/crc32c.h"
#include "base/file.h"
#include "base/mem.h"
#include "fuzz.h"

enum { N_DATA = 4096, FOOTER_SIZE = 48 };

static void save(const char *folder, const char *name, const void *bytes, size_t n)
{
    char *path = file_join(folder, name);
    FILE *f = fopen(path, "wb");

    if (!f || fwrite(bytes, 1, n, f) != n || fclose(f) != 0)
        abort();
    free(path);
}

/* The blocks of a table lie end to end; how long each is stands in front of the table in the
 * input. */
static void repair(uint8_t *table, size_t n, const uint8_t *lengths, size_t n_blocks)
{
    struct crc32c crc;
    size_t at = 0;

    crc32c_init(&crc);
    for (size_t i = 0; i < n_blocks; i++) {
        const size_t len = lengths[2 * i] | (size_t)lengths[2 * i + 1] << 8;
        uint32_t sum;

        if (n < FOOTER_SIZE || at + len + 5 > n - FOOTER_SIZE)
            return;
        sum = crc32c_masked(&crc, table + at, len + 1);
        memcpy(table + at + len + 1, &sum, sizeof sum);
        at += len + 5;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char folder[] = "/tmp/tf_index_fuzz.XXXXXX";
    const size_t n_blocks = n ? bytes[0] % 8 : 0;
    const size_t head = 1 + 2 * n_blocks;
    static const char data[N_DATA];
    struct tensor_table t = {0};
    struct err err = {0};
    uint8_t *table;
    char *prefix;

    if (n < head || !mkdtemp(folder))
        return 0;
    table = mem_array(n - head + 1, 1);
    memcpy(table, bytes + head, n - head);
    repair(table, n - head, bytes + 1, n_blocks);
    save(folder, "x.index", table, n - head);
    save(folder, "x.data-00000-of-00001", data, sizeof data);
    prefix = file_join(folder, "x");
    if (tf_bundle_read(&t, prefix, &err) == 0)
        for (size_t i = 0; i < t.n; i++) {
            float *values;

            if (t.entries[i].number == NUMBER_OTHER)
                continue;
            assert(t.entries[i].n_values <= N_DATA);
            t.entries[i].has_crc = false;
            values = mem_array(t.entries[i].n_values, sizeof *values);
            tensor_entry_floats(values, t.entries[i].n_values, &t.entries[i], &err);
            free(values);
        }
    else
        assert(err.kind != ERR_NONE);
    tensor_table_release(&t);
    file_remove(folder, &err);
    free(prefix);
    free(table);
    return 0;
}

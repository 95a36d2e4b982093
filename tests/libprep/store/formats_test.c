/* formats_test.c -- the table that reads and writes shards is the one in schemas/. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "store/formats.h"

static const char *type_name(enum h5_type type)
{
    static const char *const names[] = {
        [H5_INT8] = "i8", [H5_INT32] = "i32", [H5_INT64] = "i64", [H5_FLOAT32] = "f32"};

    return names[type];
}

static const char *shape_name(enum format_width width)
{
    static const char *const names[] = {"(N, T)", "(N, P)", "(N, S)", "(N)"};

    return names[width];
}

static const struct format *pretrain_format(int set)
{
    return format_of((enum format_set)set, false);
}

static const struct format *packed_format(int set)
{
    return format_of((enum format_set)set, true);
}

static const struct format *squad_training_format(int set)
{
    return format_of_squad((enum squad_set)set, true);
}

static const struct format *squad_prediction_format(int set)
{
    return format_of_squad((enum squad_set)set, false);
}

static const struct format *logits_format(int set)
{
    return format_of_logits((enum logits_set)set);
}

/* Every data set of the table has its row in the page, which has n_rows of them. */
static void compare(const char *page, const struct format *(*format)(int set), int n_sets,
                    size_t n_rows)
{
    const char *source = getenv("SOURCE");
    char *folder = file_join(source ? source : ".", "schemas");
    char *path = file_join(folder, page);
    struct buf text = {0};
    struct err err = {0};
    size_t n_found = 0;

    assert_int_equal(file_read(&text, path, 1 << 20, &err), 0);
    for (int i = 0; i < n_sets; i++) {
        const struct format *f = format(i);
        char row[200];

        if (!f->name)
            continue;
        snprintf(row, sizeof row, "\n| %s | %s | %s | ", f->name, type_name(f->type),
                 shape_name(f->width));
        if (!strstr(text.data, row))
            fail_msg("%s has no row '%s'", page, row + 1);
    }
    for (const char *at = text.data; (at = strstr(at, " | (N")); at++)
        n_found++;
    assert_int_equal(n_found, n_rows);
    buf_release(&text);
    free(path);
    free(folder);
}

static const struct format *document_format(int set)
{
    (void)set;
    return format_of_documents();
}

static void pretrain_page_is_the_table(void **state)
{
    (void)state;
    compare("pretrain-shard.md", pretrain_format, FORMAT_SETS, 7);
    compare("pretrain-shard.md", document_format, 1, 7);
}

static void packed_page_is_the_table(void **state)
{
    (void)state;
    compare("packed-shard.md", packed_format, FORMAT_SETS, 9);
}

static void squad_pages_are_the_tables(void **state)
{
    (void)state;
    compare("squad-features.md", squad_training_format, SQUAD_SETS, 12);
    compare("squad-features.md", squad_prediction_format, SQUAD_SETS, 12);
    compare("squad-logits.md", logits_format, LOGITS_SETS, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pretrain_page_is_the_table),
        cmocka_unit_test(packed_page_is_the_table),
        cmocka_unit_test(squad_pages_are_the_tables),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

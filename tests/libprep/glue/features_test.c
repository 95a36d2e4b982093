/* features_test.c -- the table that writes features is the one in schemas/. */
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
#include "glue/features.h"

static void the_page_is_the_table(void **state)
{
    const char *source = getenv("SOURCE");
    char *folder = file_join(source ? source : ".", "schemas");
    char *path = file_join(folder, "glue-features.md");
    struct buf text = {0};
    struct err err = {0};
    size_t n_rows = 0;

    (void)state;
    assert_int_equal(file_read(&text, path, 1 << 20, &err), 0);
    for (int i = 0; i < GLUE_SETS; i++) {
        const struct glue_features_column *c =
            glue_features_column((enum glue_features_set)i, false);
        char row[200];

        snprintf(row, sizeof row, "\n| %s | %s | %s | ", c->name, c->type == H5_INT8 ? "i8" : "i32",
                 c->wide ? "(N, T)" : "(N)");
        if (!strstr(text.data, row))
            fail_msg("glue-features.md has no row '%s'", row + 1);
    }
    for (const char *at = text.data; (at = strstr(at, " | (N")); at++)
        n_rows++;
    assert_int_equal(n_rows, GLUE_SETS);
    assert_int_equal(glue_features_column(GLUE_LABELS, true)->type, H5_FLOAT32);
    buf_release(&text);
    free(path);
    free(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_is_the_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

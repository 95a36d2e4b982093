/* pickle_fuzz.c -- proves: no bytes make pickle_read() crash, hang or hand out a value of another
 * pickle; what it accepts has a root with items that are all there. */
#include "formats/pickle.h"

#include <assert.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    const struct pickle_value *root;
    struct err err = {0};
    size_t used = 0;
    struct pickle *p = pickle_read(&root, &used, bytes, n, &err);
    char what[300];

    assert(used <= n);
    assert((p == NULL) == (err.kind != ERR_NONE));
    if (!p)
        return 0;
    pickle_describe(what, sizeof what, root);
    pickle_member(root, "model");
    for (size_t i = 0; i < root->n_items; i++)
        pickle_describe(what, sizeof what, root->items[i]);
    pickle_close(p);
    return 0;
}

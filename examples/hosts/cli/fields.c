/* fields.c - groups the fields of a list by name, in O(n log n). */
#include "cli.h"
#include <stdlib.h>

int cli_by_name(const void *pa, const void *pb)
{
    const cli_entry *a = pa, *b = pb;
    int c = cli_order(a->field->name, b->field->name);

    if (c != 0) return c;
    return a->at < b->at ? -1 : 1;
}

cli_entry *cli_entries(const edgefn_fields *f, const char *skip, size_t *count)
{
    cli_entry *e = malloc((f->len + 1) * sizeof *e);
    size_t len = 0;

    *count = 0;
    if (e == NULL) return NULL;
    for (size_t i = 0; i < f->len; i++) {
        if (skip != NULL && edgefn_str_eq(f->items[i].name, edgefn_cstr(skip))) continue;
        e[len] = (cli_entry){ .field = &f->items[i], .at = i };
        len++;
    }
    qsort(e, len, sizeof *e, cli_by_name);
    for (size_t i = 0; i < len; i += e[i].group) {
        size_t n = 1;
        while (i + n < len && cli_same(e[i].field->name, e[i + n].field->name))
            n++;
        e[i].group = n;
    }
    *count = len;
    return e;
}

/* edgefn_store.h - the tables of a proxy and the keys in them, read from options and files. All their memory is freed together: to take new
   ones, load another store, and free the old one when no exchange uses it any more.

       edgehost_store *s = (edgehost_store *)calloc(1, sizeof *s);
       if (!edgehost_store_option(s, text) || !edgehost_store_ready(s, directory, why, sizeof why)) ... // do not start, or keep the old one */
#ifndef EDGEFN_STORE_H_INCLUDED
#define EDGEFN_STORE_H_INCLUDED

#include "edgefn_pool.h"
#include "edgefn_proxy.h"
#include "edgefn_verify.h"

/* Zero it first. */
typedef struct edgehost_store {
    edgehost_pool pool;
    edgehost_tables_row *rows;
    size_t count, cap;
    edgehost_tables tables; /* the rows, sorted; set by edgehost_store_ready(), as the keys are */
    edgehost_keys keys;     /* of the table jwks */
} edgehost_store;

/* Adds a row, whose texts are copied. Returns: false when out of memory. */
static inline bool edgehost_store_add(edgehost_store *s, edgefn_str table, edgefn_str key,
                                      edgefn_str value)
{
    if (s->count == s->cap) {
        size_t cap = s->cap * 2 + 8;
        edgehost_tables_row *more =
            (edgehost_tables_row *)edgehost_pool_alloc(&s->pool, cap * sizeof *more);
        if (more == NULL) return false;
        for (size_t i = 0; i < s->count; i++)
            more[i] = s->rows[i];
        s->rows = more;
        s->cap = cap;
    }
    edgehost_tables_row row = { edgehost_keep(&s->pool, table), edgehost_keep(&s->pool, key),
                                edgehost_keep(&s->pool, value) };
    s->rows[s->count++] = row;
    return !s->pool.failed;
}

/* Adds the row TABLE:KEY=VALUE. Returns: false if the text is not one, or when out of memory. */
static inline bool edgehost_store_option(edgehost_store *s, edgefn_str text)
{
    edgefn_cut table = edgefn_str_cut(text, EDGEFN_S(":"));
    edgefn_cut key = edgefn_str_cut(table.tail, EDGEFN_S("="));

    return table.found && key.found && edgehost_store_add(s, table.head, key.head, key.tail);
}

/* Adds the row in a line of a file: TABLE KEY VALUE, with spaces or tabs between them. The value is the rest of the line; only it may have spaces.
   Lines that are empty or begin with # have none. Returns: false if the line is no row, or when out of memory. */
static inline bool edgehost_store_line(edgehost_store *s, edgefn_str line)
{
    edgefn_str words[2];

    if (edgefn_str_ends(line, EDGEFN_S("\r"))) line.len--;
    line = edgefn_str_trim(line);
    if (line.len == 0 || line.ptr[0] == '#') return true;
    for (int i = 0; i < 2; i++) {
        size_t len = 0;
        while (len < line.len && line.ptr[len] != ' ' && line.ptr[len] != '\t')
            len++;
        words[i] = edgefn_str_take(line, len);
        line = edgefn_str_trim(edgefn_str_skip(line, len));
    }
    return line.len > 0 && edgehost_store_add(s, words[0], words[1], line);
}

/* Adds the rows of a file of less than 1 MB. Returns: false, and why. */
static inline bool edgehost_store_file(edgehost_store *s, const char *name, char *why, size_t cap)
{
    edgefn_str text = edgehost_jwks_file(name, why, cap);
    edgefn_cut line = { text, text, text.ptr != NULL };
    bool ok = text.ptr != NULL;

    for (unsigned number = 1; ok && line.found; number++) {
        line = edgefn_str_cut(line.tail, EDGEFN_S("\n"));
        ok = edgehost_store_line(s, line.head);
        if (!ok) snprintf(why, cap, "%.200s:%u: a row must be TABLE KEY VALUE", name, number);
    }
    free((void *)(uintptr_t)text.ptr);
    return ok;
}

/* Sorts the rows and loads the keys. directory: where the files of relative names are that the table jwks has; NULL: the working directory.
   Returns: false, and why, if a key occurs twice or an issuer has no usable key. With true, why is "" or a note about a key that was skipped. */
static inline bool edgehost_store_ready(edgehost_store *s, const char *directory, char *why,
                                        size_t cap)
{
    const edgehost_tables_row *twice = edgehost_tables_sort(s->rows, s->count);

    if (twice != NULL) {
        snprintf(why, cap, "%.*s:%.*s occurs twice", EDGEFN_FMT(twice->table),
                 EDGEFN_FMT(twice->key));
        return false;
    }
    s->tables.rows = s->rows;
    s->tables.count = s->count;
    return edgehost_keys_rows(&s->keys, s->rows, s->count, directory, why, cap);
}

static inline void edgehost_store_free(edgehost_store *s)
{
    edgehost_keys_free(&s->keys);
    edgehost_pool_free(&s->pool);
    memset(s, 0, sizeof *s);
}

#endif /* EDGEFN_STORE_H_INCLUDED */

/* edgefn_tables.h - look-ups (edgefn_env.lookup) in one sorted array that the host fills from a file. */
#ifndef EDGEFN_TABLES_H_INCLUDED
#define EDGEFN_TABLES_H_INCLUDED

#include "edgefn.h"

typedef struct edgehost_tables_row {
    edgefn_str table, key, value;
} edgehost_tables_row;

typedef struct edgehost_tables {
    const edgehost_tables_row
        *rows; /* sorted bytewise by table, then by key; each pair occurs once */
    size_t count;
} edgehost_tables;

/* Returns: less than, equal to or greater than 0; compares bytewise. */
static inline int edgehost_tables_compare(edgefn_str a, edgefn_str b)
{
    for (size_t i = 0; i < a.len && i < b.len; i++)
        if (a.ptr[i] != b.ptr[i]) return (unsigned char)a.ptr[i] < (unsigned char)b.ptr[i] ? -1 : 1;
    return a.len < b.len ? -1 : a.len > b.len;
}

/* edgefn_env.lookup, with an edgehost_tables as edgefn_env.user. */
static inline edgefn_str edgehost_tables_lookup(void *user, edgefn_str table, edgefn_str key)
{
    const edgehost_tables *all = (const edgehost_tables *)user;
    size_t low = 0, high = all->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const edgehost_tables_row *row = &all->rows[middle];
        int order = edgehost_tables_compare(table, row->table);
        if (order == 0) order = edgehost_tables_compare(key, row->key);
        if (order == 0) return row->value;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    edgefn_str absent = { NULL, 0 };
    return absent;
}

/* Returns: the length of the secret with which s begins, 0 for none: a value of the table "secret". Values of less than 4 bytes are not looked for: they
   would be found in many texts that have nothing to do with them. tables: need not be sorted; may be NULL. */
static inline size_t edgehost_tables_secret(const edgehost_tables *tables, edgefn_str s)
{
    size_t longest = 0;

    for (size_t i = 0; tables != NULL && i < tables->count; i++) {
        const edgehost_tables_row *row = &tables->rows[i];
        if (row->value.len >= 4 && row->value.len > longest
            && edgefn_str_eq(row->table, EDGEFN_S("secret")) && edgefn_str_starts(s, row->value))
            longest = row->value.len;
    }
    return longest;
}

/* Returns: the rows from the first secret to the last one. In sorted tables these are all secrets and nothing else. */
static inline edgehost_tables edgehost_tables_secrets(const edgehost_tables *tables)
{
    size_t first = 0, end = tables != NULL ? tables->count : 0;

    while (first < end && !edgefn_str_eq(tables->rows[first].table, EDGEFN_S("secret")))
        first++;
    while (first < end && !edgefn_str_eq(tables->rows[end - 1].table, EDGEFN_S("secret")))
        end--;
    edgehost_tables secrets = { first < end ? tables->rows + first : NULL, end - first };
    return secrets;
}

/* Overwrites the secrets in a text, which is for a log or a page, by asterisks. */
static inline void edgehost_tables_mask(const edgehost_tables *tables, char *text, size_t len)
{
    const edgehost_tables secrets = edgehost_tables_secrets(tables); /* others may be many */
    const edgefn_str s = { text, len };

    for (size_t i = 0; secrets.count > 0 && i < len; i++) {
        size_t secret = edgehost_tables_secret(&secrets, edgefn_str_skip(s, i));
        if (secret == 0) continue;
        for (size_t k = 0; k < secret; k++)
            text[i + k] = '*'; /* the WebAssembly module has no <string.h> */
        i += secret - 1;
    }
}

#endif /* EDGEFN_TABLES_H_INCLUDED */

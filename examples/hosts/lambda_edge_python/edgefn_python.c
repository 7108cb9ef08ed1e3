/* edgefn_python.c - the parts of edgefn.py that cannot be written in Python; built as edgefn_python.so, in the directory of the
   handler's library.

   ctypes cannot return a struct from a Python function, so the look-up is in C: a search in rows that Python has laid out, and then
   a call of Python. This library also reports the struct sizes of edgefn_host.h that it was built with. */
#define EDGEFN_STATIC
#define EDGEFN_IMPLEMENTATION
#include "edgefn_host.h"
#include "edgefn_tables.h"

/* Asks Python for a value: sets *value, whose bytes are valid until the result was read, or leaves it absent. */
typedef void (*edgehost_python_ask)(void *unused, edgefn_str table, edgefn_str key,
                                    edgefn_str *value);

/* edgefn_env.user: the tables that are in memory, and what else is asked; ask may be NULL. */
typedef struct edgehost_python_tables {
    edgehost_tables rows;
    edgehost_python_ask ask;
} edgehost_python_tables;

EDGEFN_EXPORT uint32_t edgehost_python_abi(void);
EDGEFN_EXPORT size_t edgehost_python_size(uint32_t of);
EDGEFN_EXPORT size_t edgehost_python_memory(size_t event_len);
EDGEFN_EXPORT edgefn_str edgehost_python_lookup(void *user, edgefn_str table, edgefn_str key);

/* Returns: the value that edgehost_abi() of the handler must return. */
uint32_t edgehost_python_abi(void)
{
    return EDGEHOST_ABI;
}

/* Returns: the sizes of structs that edgefn.py also declares: 0 edgehost_call, 1 edgefn_env, 2 edgehost_tables_row, 3 edgehost_python_tables. */
size_t edgehost_python_size(uint32_t of)
{
    static const size_t sizes[] = { sizeof(edgehost_call), sizeof(edgefn_env),
                                    sizeof(edgehost_tables_row), sizeof(edgehost_python_tables) };

    return of < sizeof sizes / sizeof sizes[0] ? sizes[of] : 0;
}

/* Returns: the size of edgehost_call.mem. */
size_t edgehost_python_memory(size_t event_len)
{
    return edgefn_memory_event(event_len, 100) + EDGEHOST_WHY;
}

/* edgefn_env.lookup, with an edgehost_python_tables as edgefn_env.user. */
edgefn_str edgehost_python_lookup(void *user, edgefn_str table, edgefn_str key)
{
    edgehost_python_tables *tables = (edgehost_python_tables *)user;
    edgefn_str value = edgehost_tables_lookup(&tables->rows, table, key);

    if (value.ptr == NULL && tables->ask != NULL) tables->ask(NULL, table, key, &value);
    return value;
}

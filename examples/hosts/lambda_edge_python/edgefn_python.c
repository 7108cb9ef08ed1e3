/* edgefn_python.c - what edgefn.py cannot do from Python: it lies beside a handler's library as edgefn_python.so.

   ctypes cannot return a struct from a Python function, so the look-up is C: a search in rows that Python lays out. And it
   knows what edgefn_host.h looked like when both libraries were built. */
#define EDGEFN_STATIC
#define EDGEFN_IMPLEMENTATION
#include "edgefn_host.h"
#include "edgefn_tables.h"

EDGEFN_EXPORT uint32_t edgehost_python_abi(void);
EDGEFN_EXPORT size_t edgehost_python_size(uint32_t of);
EDGEFN_EXPORT size_t edgehost_python_memory(size_t event_len);
EDGEFN_EXPORT edgefn_str edgehost_python_lookup(void *user, edgefn_str table, edgefn_str key);

/* What edgehost_abi() of the handler must give. */
uint32_t edgehost_python_abi(void)
{
    return EDGEHOST_ABI;
}

/* Sizes of the structs that edgefn.py declares once more: 0 edgehost_call, 1 edgefn_env, 2 edgehost_tables_row, 3 edgehost_tables. */
size_t edgehost_python_size(uint32_t of)
{
    static const size_t sizes[] = { sizeof(edgehost_call), sizeof(edgefn_env),
                                    sizeof(edgehost_tables_row), sizeof(edgehost_tables) };

    return of < sizeof sizes / sizeof sizes[0] ? sizes[of] : 0;
}

/* Bytes for edgehost_call.mem. */
size_t edgehost_python_memory(size_t event_len)
{
    return edgefn_memory_event(event_len, 100) + EDGEHOST_WHY;
}

/* edgefn_env.lookup, with an edgehost_tables as edgefn_env.user. */
edgefn_str edgehost_python_lookup(void *user, edgefn_str table, edgefn_str key)
{
    return edgehost_tables_lookup(user, table, key);
}

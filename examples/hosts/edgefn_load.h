/* edgefn_load.h - opens a handler's shared object (edgefn_host.h) in a host that is a program of its own. POSIX. */
#ifndef EDGEFN_LOAD_H_INCLUDED
#define EDGEFN_LOAD_H_INCLUDED

#include "edgefn_host.h"
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef bool edgefn_handler_fn(edgefn_event *ev);
typedef int edgefn_handle_fn(edgefn_call *call);

typedef struct edgefn_library {
    void *library; /* for dlclose() */
    edgefn_handler_fn *handler;
    edgefn_handle_fn *handle;
} edgefn_library;

/* Opens file, without a search: "a.so" is the one in the working directory.
   why, cap: gets a NUL-terminated reason when it cannot. Returns: whether it could. */
static inline bool edgefn_load(edgefn_library *to, const char *file, char *why, size_t cap)
{
    size_t len = strlen(file);
    char *path = (char *)malloc(len + 3);
    uint32_t (*abi)(void) = NULL;

    to->library = NULL;
    if (path == NULL) {
        snprintf(why, cap, "%s: out of memory", file);
        return false;
    }
    memcpy(path, "./", 2); /* dlopen() would search elsewhere */
    memcpy(path + 2, file, len + 1);
    to->library = dlopen(strchr(file, '/') != NULL ? file : path, RTLD_NOW | RTLD_LOCAL);
    free(path);
    if (to->library == NULL) {
        const char *reason = dlerror();
        snprintf(why, cap, "%s: cannot be loaded: %s", file, reason ? reason : "out of memory");
        return false;
    }
    void *at[3] = { dlsym(to->library, "edgefn_abi"), dlsym(to->library, "edgefn_handler"), dlsym(to->library, "edgefn_handle") };
    memcpy(&abi, &at[0], sizeof abi); /* POSIX lets a void * hold a function, ISO C has no cast for it */
    memcpy(&to->handler, &at[1], sizeof to->handler);
    memcpy(&to->handle, &at[2], sizeof to->handle);
    if (at[0] != NULL && abi() != EDGEFN_HOST_ABI)
        snprintf(why, cap, "%s: was built with another edgefn.h: its abi is %08lx, here it is %08lx; build it again", file,
                 (unsigned long)abi(), (unsigned long)EDGEFN_HOST_ABI);
    else if (at[0] == NULL || at[1] == NULL || at[2] == NULL)
        snprintf(why, cap, "%s: is no handler: build it together with examples/hosts/edgefn_host.c", file);
    else return true;
    dlclose(to->library);
    to->library = NULL;
    return false;
}

#endif /* EDGEFN_LOAD_H_INCLUDED */

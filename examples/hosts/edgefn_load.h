/* edgefn_load.h - loads a handler's shared object (edgefn_host.h) into a host program. POSIX. */
#ifndef EDGEFN_LOAD_H_INCLUDED
#define EDGEFN_LOAD_H_INCLUDED

#include "edgefn_host.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef bool edgehost_handler_fn(edgefn_event *ev);
typedef int edgehost_handle_fn(edgehost_call *call);

typedef struct edgehost_library {
    void *library;
    edgehost_handler_fn *handler;
    edgehost_handle_fn *handle;
} edgehost_library;

static inline void edgehost_unload(edgehost_library *l)
{
    if (l->library != NULL) dlclose(l->library);
    l->library = NULL;
}

/* Writes a path of an open file that no earlier call returned: its slashes and dots encode a counter. */
static inline void edgehost_load_name(char name[120], int fd)
{
    static unsigned calls;
    size_t len = 4;

    memcpy(name, "/dev", 4);
    calls++;
    for (unsigned bit = 1u << 31; bit != 0; bit >>= 1) {
        name[len++] = '/';
        if (calls & bit) name[len++] = '.';
    }
    snprintf(name + len, 120 - len, "/fd/%d", fd);
}

/* The hint for a library without edgefn_host.c. */
#define EDGEHOST_LOAD_HINT                                                                         \
  "it was built without edgefn_host.c: cc -shared -fPIC -fvisibility=hidden -I. -Iexamples/hosts " \
  "my.c examples/hosts/edgefn_host.c -o my.so, or make handler HANDLER=my.c"

/* Opens file, without a search path: "a.so" is the one in the working directory. dlopen() identifies libraries by name and returns the old
   one while it is in use, even if the file was replaced (by mv) since: so each call uses a new name.
   why, cap: on failure gets a NUL-terminated reason. Returns: true if the library was loaded. */
static inline bool edgehost_load(edgehost_library *to, const char *file, char *why, size_t cap)
{
    char path[120];
    uint32_t (*abi)(void) = NULL;
    int fd = open(file, O_RDONLY | O_CLOEXEC);

    to->library = NULL;
    if (fd == -1) {
        snprintf(why, cap, "%s: cannot be loaded: %s", file, strerror(errno));
        return false;
    }
    edgehost_load_name(path, fd);
    to->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    close(fd);
    if (to->library == NULL) {
        const char *reason = dlerror();
        if (reason != NULL && strncmp(reason, path, strlen(path)) == 0)
            reason += strlen(path) + strspn(reason + strlen(path), ": ");
        bool alone = reason != NULL && strstr(reason, "undefined symbol: edgefn_") != NULL;
        size_t len = strlen(file);
        bool source = len > 2 && strcmp(file + len - 2, ".c") == 0;
        snprintf(why, cap, "%s: cannot be loaded: %s%s%s%s", file,
                 reason ? reason : "out of memory", alone ? "; " EDGEHOST_LOAD_HINT : "",
                 source ? "; build it first: make handler HANDLER=" : "", source ? file : "");
        return false;
    }
    void *at[3] = { dlsym(to->library, "edgehost_abi"), dlsym(to->library, "edgefn_handler"),
                    dlsym(to->library, "edgehost_handle") };
    memcpy(
        &abi, &at[0],
        sizeof abi); /* POSIX allows a void * to hold a function pointer, ISO C has no cast for it */
    memcpy(&to->handler, &at[1], sizeof to->handler);
    memcpy(&to->handle, &at[2], sizeof to->handle);
    if (at[0] != NULL && abi() != EDGEHOST_ABI)
        snprintf(
            why, cap,
            "%s: was built with another edgefn.h: its abi is %08lx, here it is %08lx; build it again",
            file, (unsigned long)abi(), (unsigned long)EDGEHOST_ABI);
    else if (at[1] != NULL && at[0] == NULL && at[2] == NULL)
        snprintf(why, cap, "%s: is only a handler: " EDGEHOST_LOAD_HINT, file);
    else if (at[0] == NULL || at[1] == NULL || at[2] == NULL)
        snprintf(why, cap, "%s: is not a handler: it exports no edgefn_handler()", file);
    else
        return true;
    edgehost_unload(to);
    return false;
}

#endif /* EDGEFN_LOAD_H_INCLUDED */

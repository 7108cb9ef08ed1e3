/* glob.h - what the suites use of POSIX, for Windows: the files of a directory with one ending. */
#ifndef WINDOWS_GLOB_H
#define WINDOWS_GLOB_H
#include <io.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef struct glob_t {
    size_t gl_pathc;
    char **gl_pathv;
} glob_t;

static inline void globfree(glob_t *g)
{
    for (size_t i = 0; i < g->gl_pathc; i++)
        free(g->gl_pathv[i]);
    free(g->gl_pathv);
    g->gl_pathc = 0;
    g->gl_pathv = NULL;
}

static int glob_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static inline int glob(const char *pattern, int flags, void *errors, glob_t *g)
{
    struct _finddata_t found;
    intptr_t at = _findfirst(pattern, &found);
    const char *slash = strrchr(pattern, '/');
    size_t folder = slash ? (size_t)(slash + 1 - pattern) : 0;

    (void)flags;
    (void)errors;
    g->gl_pathc = 0;
    g->gl_pathv = NULL;
    if (at == -1) return 1;
    do {
        char **more = (char **)realloc(g->gl_pathv, (g->gl_pathc + 2) * sizeof *more);
        char *path = (char *)malloc(folder + strlen(found.name) + 1);
        if (more == NULL || path == NULL) abort();
        memcpy(path, pattern, folder);
        strcpy(path + folder, found.name);
        g->gl_pathv = more;
        g->gl_pathv[g->gl_pathc++] = path;
        g->gl_pathv[g->gl_pathc] = NULL;
    } while (_findnext(at, &found) == 0);
    _findclose(at);
    qsort(g->gl_pathv, g->gl_pathc, sizeof *g->gl_pathv, glob_compare);
    return 0;
}
#endif

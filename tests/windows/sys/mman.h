/* sys/mman.h - what the suites use of POSIX, for Windows: pages without access beside a block. */
#ifndef WINDOWS_MMAN_H
#define WINDOWS_MMAN_H
#define WIN32_LEAN_AND_MEAN
#define NOMINMAX
#include <windows.h>
#undef STRICT /* a name in tests/strict.h */

enum {
    PROT_NONE = 0,
    PROT_READ = 1,
    PROT_WRITE = 2,
    MAP_PRIVATE = 2,
    MAP_ANONYMOUS = 32,
    _SC_PAGESIZE = 30
};
#define MAP_FAILED ((void *)-1)

static inline DWORD mman_access(int access)
{
    return access & PROT_WRITE  ? PAGE_READWRITE
           : access & PROT_READ ? PAGE_READONLY
                                : PAGE_NOACCESS;
}

static inline void *mmap(void *at, size_t size, int access, int flags, int file, long offset)
{
    void *p = VirtualAlloc(at, size, MEM_COMMIT | MEM_RESERVE, mman_access(access));

    (void)flags;
    (void)file;
    (void)offset;
    return p ? p : MAP_FAILED;
}

static inline int mprotect(void *at, size_t size, int access)
{
    DWORD before;

    return VirtualProtect(at, size, mman_access(access), &before) ? 0 : -1;
}

static inline int munmap(void *at, size_t size)
{
    (void)size;
    return VirtualFree(at, 0, MEM_RELEASE) ? 0 : -1;
}

static inline long sysconf(int what)
{
    (void)what;
    return 4096;
}
#endif

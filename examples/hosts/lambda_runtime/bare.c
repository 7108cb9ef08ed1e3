/* bare.c - the few functions of a C library that bootstrap.c, http.c and edgefn.h need, for Linux on x86-64 and arm64.

   Linked with -nostdlib if no small C library is available: Debian has none for arm64, and statically linked glibc takes
   600 kB. A handler that calls other C functions is linked with a whole library instead: make lambda LAMBDA_LIBC=own. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#undef errno

/*--- the way into the kernel and into main() ---*/

#if defined(__x86_64__)
static long kernel(long n, long a, long b, long c, long d, long e, long f)
{
    register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}
__asm__(
    ".globl _start\n_start:\n xor %ebp,%ebp\n mov %rsp,%rdi\n and $-16,%rsp\n call bare_start\n");
#elif defined(__aarch64__)
static long kernel(long n, long a, long b, long c, long d, long e, long f)
{
    register long x8 __asm__("x8") = n, x0 __asm__("x0") = a, x1 __asm__("x1") = b,
                     x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d, x4 __asm__("x4") = e, x5 __asm__("x5") = f;
    __asm__ volatile("svc 0"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                     : "memory");
    return x0;
}
__asm__(".globl _start\n_start:\n mov x29,#0\n mov x30,#0\n mov x0,sp\n bl bare_start\n");
#else
#  error "bare.c supports x86-64 and arm64; build with LAMBDA_LIBC=own"
#endif

static int error_number;
char **environ;
extern void (*const __init_array_start[])(void);
extern void (*const __init_array_end[])(void);

int main(void);
void bare_start(long *stack);
int *__errno_location(void);

int *__errno_location(void)
{
    return &error_number;
}

static long result(long r)
{
    if (r >= 0 || r < -4095) return r;
    error_number = (int)-r;
    return -1;
}

void exit(int code)
{
    for (;;)
        kernel(SYS_exit_group, code, 0, 0, 0, 0, 0);
}

void bare_start(long *stack) /* argc, the arguments, NULL, the environment, NULL */
{
    environ = (char **)(stack + 1 + stack[0] + 1);
    for (size_t i = 0; i < (size_t)(__init_array_end - __init_array_start); i++)
        __init_array_start[i](); /* detects the processor's features */
    exit(main());
}

/*--- system calls ---*/

int socket(int domain, int type, int protocol)
{
    return (int)result(kernel(SYS_socket, domain, type, protocol, 0, 0, 0));
}

int connect(int fd, const struct sockaddr *to, socklen_t len)
{
    return (int)result(kernel(SYS_connect, fd, (long)to, (long)len, 0, 0, 0));
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
    return (int)result(kernel(SYS_setsockopt, fd, level, name, (long)value, (long)len, 0));
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
    return result(kernel(SYS_sendmsg, fd, (long)m, flags, 0, 0, 0));
}

ssize_t recv(int fd, void *to, size_t len, int flags)
{
    return result(kernel(SYS_recvfrom, fd, (long)to, (long)len, flags, 0, 0));
}

ssize_t write(int fd, const void *from, size_t len)
{
    return result(kernel(SYS_write, fd, (long)from, (long)len, 0, 0, 0));
}

int close(int fd)
{
    return (int)result(kernel(SYS_close, fd, 0, 0, 0, 0, 0));
}

int poll(struct pollfd *fds, nfds_t count, int ms) /* always called without a time-out */
{
    (void)ms;
    return (int)result(kernel(SYS_ppoll, (long)fds, (long)count, 0, 0, 0, 0));
}

void *mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset)
{
    return (void *)result(kernel(SYS_mmap, (long)at, (long)len, protection, flags, fd, offset));
}

void *mremap(void *at, size_t len, size_t new_len, int flags,
             ...) /* never called with an address */
{
    return (void *)result(kernel(SYS_mremap, (long)at, (long)len, (long)new_len, flags, 0, 0));
}

int clock_gettime(clockid_t id, struct timespec *t)
{
    return (int)result(kernel(SYS_clock_gettime, id, (long)t, 0, 0, 0, 0));
}

int nanosleep(const struct timespec *t, struct timespec *left)
{
    return (int)result(kernel(SYS_nanosleep, (long)t, (long)left, 0, 0, 0, 0));
}

ssize_t getrandom(void *to, size_t len, unsigned flags)
{
    return result(kernel(SYS_getrandom, (long)to, (long)len, (long)flags, 0, 0, 0));
}

/*--- the environment ---*/

char *getenv(const char *name)
{
    size_t len = strlen(name);

    for (char **v = environ; *v != NULL; v++) {
        if (memcmp(*v, name, len) == 0 && (*v)[len] == '=')
            return *v + len + 1; /* memcmp() below stops at the first difference */
    }
    return NULL;
}

/*--- memory: eight bytes at a time; the empty asm keeps compilers from replacing the loop by a call of the function itself ---*/

typedef uint64_t __attribute__((may_alias, aligned(1))) word;
#define NO_IDIOM() __asm__ volatile("" ::: "memory")

static void copy_forward(char *d, const char *s, size_t n)
{
    for (; n >= 8; n -= 8, d += 8, s += 8) {
        *(word *)d = *(const word *)s;
        NO_IDIOM();
    }
    for (; n > 0; n--) {
        *d++ = *s++;
        NO_IDIOM();
    }
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    copy_forward(to, from, n);
    return to;
}

void *memmove(void *to, const void *from, size_t n)
{
    char *d = to;
    const char *s = from;

    if ((uintptr_t)d - (uintptr_t)s >= n)
        copy_forward(d, s, n); /* d is before s, or after its end */
    else {
        while (n > 0) {
            n--;
            d[n] = s[n];
            NO_IDIOM();
        }
    }
    return to;
}

void *memset(void *to, int byte, size_t n)
{
    char *d = to;

    for (; n >= 8; n -= 8, d += 8) {
        *(word *)d = 0x0101010101010101u * (unsigned char)byte;
        NO_IDIOM();
    }
    for (; n > 0; n--) {
        *d++ = (char)byte;
        NO_IDIOM();
    }
    return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
    const unsigned char *x = a, *y = b;

    for (size_t i = 0; i < n; i++) {
        if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
    }
    return 0;
}

int bcmp(const void *a, const void *b, size_t n)
{
    return memcmp(a, b, n);
} /* clang calls it for memcmp() */

size_t strlen(const char *s)
{
    size_t n = 0;

    while (s[n] != '\0') {
        n++;
        NO_IDIOM();
    }
    return n;
}

/* libc.c - the part of C's library that the command line (../cli) uses, for WebAssembly without a system.

   Files are texts in memory: a call brings those that it may open, and what it prints is kept for the caller. Memory is
   taken from one heap, which the next call takes over as a whole: free() gives back only the last block. */
#include "libc.h"
#include "edgefn_bytes.h"
#include <errno.h>
#include <unistd.h>

#define PAGE ((size_t)65536)

int errno;
FILE npm_files[3];

static const npm_part *parts;
static size_t part_count;
static char *heap_end; /* the first byte that is not in use */
static void *last;     /* the last block */

/*--- memory -----------------------------------------------------------------------------------------------------------*/

bool npm_reach(const char *at, size_t len)
{
    size_t there = __builtin_wasm_memory_size(0) * PAGE, pages;

    if (len > SIZE_MAX - PAGE - (size_t)at) return false;
    if ((size_t)at + len <= there) return true;
    /* by half of it at least: each time costs JavaScript a garbage collection */
    pages = ((size_t)at + len - there - 1) / PAGE + 1;
    return __builtin_wasm_memory_grow(0, pages + there / PAGE / 2) != SIZE_MAX
           || __builtin_wasm_memory_grow(0, pages) != SIZE_MAX;
}

/* Before a block is its size, in 16 bytes. */
static size_t *size_of(void *ptr)
{
    return (size_t *)((char *)ptr - 16);
}

void *malloc(size_t size)
{
    char *block = heap_end + (-(size_t)heap_end & 15) + 16;

    if (size > SIZE_MAX / 2 || !npm_reach(block, size)) return NULL;
    *size_of(block) = size;
    heap_end = block + size;
    last = block;
    return block;
}

void *calloc(size_t count, size_t size)
{
    void *ptr = size != 0 && count > SIZE_MAX / size ? NULL : malloc(count * size);

    return ptr == NULL ? NULL : memset(ptr, 0, count * size);
}

void free(void *ptr)
{
    if (ptr == NULL || ptr != last) return;
    heap_end = (char *)ptr - 16;
    last = NULL;
}

void *realloc(void *old, size_t size)
{
    void *ptr;

    if (old == NULL) return malloc(size);
    if (old == last) {
        if (size > SIZE_MAX / 2 || !npm_reach(old, size)) return NULL;
        *size_of(old) = size;
        heap_end = (char *)old + size;
        return old;
    }
    ptr = malloc(size);
    if (ptr == NULL) return NULL;
    return memcpy(ptr, old, *size_of(old) < size ? *size_of(old) : size);
}

/*--- bytes and strings ------------------------------------------------------------------------------------------------*/

void *memchr(const void *s, int c, size_t n)
{
    for (const unsigned char *at = s; n > 0; n--, at++)
        if (*at == (unsigned char)c) return (void *)(uintptr_t)at;
    return NULL;
}

size_t strlen(const char *s)
{
    size_t n = 0;

    while (s[n] != '\0')
        n++;
    return n;
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char x = (unsigned char)a[i], y = (unsigned char)b[i];
        if (x != y) return x < y ? -1 : 1;
        if (x == '\0') break;
    }
    return 0;
}

char *strchr(const char *s, int c)
{
    while (*s != (char)c && *s != '\0')
        s++;
    return *s == (char)c ? (char *)(uintptr_t)s : NULL;
}

size_t strspn(const char *s, const char *set)
{
    size_t n = 0;

    while (s[n] != '\0' && strchr(set, s[n]) != NULL)
        n++;
    return n;
}

char *strpbrk(const char *s, const char *set)
{
    while (*s != '\0' && strchr(set, *s) == NULL)
        s++;
    return *s == '\0' ? NULL : (char *)(uintptr_t)s;
}

char *strerror(int code)
{
    static char text[3][40] = { "Input/output error", "No such file or directory",
                                "Cannot allocate memory" };

    return text[code == ENOENT ? 1 : code == ENOMEM ? 2 : 0];
}

static void merge(char *to, const char *a, const char *b, const char *end, size_t size,
                  int (*order)(const void *, const void *))
{
    for (const char *middle = b; a < middle || b < end; to += size) {
        bool first = b == end || (a < middle && order(a, b) <= 0);
        memcpy(to, first ? a : b, size);
        if (first)
            a += size;
        else
            b += size;
    }
}

/* Merges runs of 1, 2, 4, ... items. Without memory it would leave them unsorted: then it traps. */
void qsort(void *base, size_t count, size_t size, int (*order)(const void *, const void *))
{
    char *from = base, *spare = malloc(count * size), *to = spare;

    if (spare == NULL) __builtin_trap();
    for (size_t run = 1; run < count; run *= 2) {
        for (size_t i = 0; i < count; i += 2 * run) {
            size_t middle = i + run < count ? i + run : count;
            size_t end = middle + run < count ? middle + run : count;
            merge(to + i * size, from + i * size, from + middle * size, from + end * size, size,
                  order);
        }
        char *other = from;
        from = to;
        to = other;
    }
    if (from != base) memcpy(base, from, count * size);
    free(spare);
}

/*--- files ------------------------------------------------------------------------------------------------------------*/

static const npm_part *find_file(const char *name)
{
    for (size_t i = 0; i + 1 < part_count; i++)
        if (parts[i].what == NPM_FILE_NAME && strcmp(parts[i].bytes, name) == 0)
            return &parts[i + 1];
    return NULL;
}

void npm_begin(char *heap, const npm_part *with, size_t count)
{
    const npm_part *input;

    heap_end = heap;
    last = NULL;
    parts = with;
    part_count = count;
    errno = 0;
    memset(npm_files, 0, sizeof npm_files);
    input = find_file("-");
    if (input == NULL) return;
    stdin->ptr = input->bytes;
    stdin->len = input->len;
}

char *getenv(const char *name)
{
    size_t len = strlen(name);

    for (size_t i = 0; i < part_count; i++) {
        char *bytes = parts[i].bytes;
        if (parts[i].what == NPM_SETTING && strncmp(bytes, name, len) == 0 && bytes[len] == '=')
            return bytes + len + 1;
    }
    return NULL;
}

int isatty(int fd)
{
    return fd == STDOUT_FILENO && getenv("TTY") != NULL;
}

FILE *fopen(const char *name, const char *mode)
{
    const npm_part *bytes = find_file(name);
    FILE *f = calloc(1, sizeof *f);

    (void)mode;
    if (bytes == NULL || f == NULL) {
        errno = bytes == NULL ? ENOENT : ENOMEM;
        return NULL;
    }
    f->ptr = bytes->bytes;
    f->len = bytes->len;
    return f;
}

FILE *open_memstream(char **ptr, size_t *len)
{
    FILE *f = calloc(1, sizeof *f);

    if (f == NULL) return NULL;
    f->to = ptr;
    f->to_len = len;
    return f;
}

int fclose(FILE *f)
{
    if (f->to == NULL) return 0;
    *f->to = f->ptr;
    *f->to_len = f->len;
    return f->failed ? EOF : 0;
}

int fflush(FILE *f)
{
    if (!f->failed) return 0;
    errno = ENOMEM;
    return EOF;
}

int feof(FILE *f)
{
    return f->end;
}

int ferror(FILE *f)
{
    return f->failed;
}

size_t fread(void *to, size_t size, size_t count, FILE *f)
{
    size_t left = f->len - f->at, n = size * count < left ? size * count : left;

    f->end = n < size * count;
    memcpy(to, f->ptr + f->at, n);
    f->at += n;
    return n / size;
}

size_t fwrite(const void *from, size_t size, size_t count, FILE *f)
{
    size_t n = size * count;

    if (n > f->cap - f->len) {
        size_t cap = f->cap * 2 > f->len + n ? f->cap * 2 : f->len + n + 256;
        char *ptr = realloc(f->ptr, cap);
        if (ptr == NULL) {
            f->failed = 1;
            return 0;
        }
        f->ptr = ptr;
        f->cap = cap;
    }
    memcpy(f->ptr + f->len, from, n);
    f->len += n;
    return count;
}

int fputc(int c, FILE *f)
{
    char byte = (char)c;

    return fwrite(&byte, 1, 1, f) == 1 ? c : EOF;
}

int putchar(int c)
{
    return fputc(c, stdout);
}

int fputs(const char *s, FILE *f)
{
    fwrite(s, 1, strlen(s), f);
    return f->failed ? EOF : 0;
}

/*--- printf: %c %s %d %u %x with width, '-', '0', precision, and the lengths z and ll ---------------------------------*/

typedef struct conversion {
    bool left, zero;
    size_t width, precision;
    int longs; /* 1: z or l, 2: ll */
} conversion;

static void pad(FILE *f, size_t n, char c)
{
    while (n-- > 0)
        fputc(c, f);
}

static void put_padded(FILE *f, const conversion *c, const char *s, size_t len, bool number)
{
    size_t room = c->width > len ? c->width - len : 0;

    if (!c->left) pad(f, room, number && c->zero ? '0' : ' ');
    fwrite(s, 1, len, f);
    if (c->left) pad(f, room, ' ');
}

static void put_number(FILE *f, const conversion *c, unsigned long long n, unsigned base,
                       bool minus)
{
    char digits[24];
    size_t at = sizeof digits;

    do
        digits[--at] = "0123456789abcdef"[n % base];
    while ((n /= base) != 0);
    if (minus) digits[--at] = '-';
    put_padded(f, c, digits + at, sizeof digits - at, true);
}

static size_t number_of(const char **z, va_list *args)
{
    size_t n = 0;

    if (**z == '*') {
        ++*z;
        return (size_t)va_arg(*args, int);
    }
    for (; **z >= '0' && **z <= '9'; ++*z)
        n = n * 10 + (size_t)(**z - '0');
    return n;
}

static const char *read_conversion(const char *z, conversion *c, va_list *args)
{
    *c = (conversion){ .precision = SIZE_MAX };
    for (; *z == '-' || *z == '0'; z++) {
        c->left |= *z == '-';
        c->zero |= *z == '0';
    }
    c->width = number_of(&z, args);
    if (*z == '.') {
        z++;
        c->precision = number_of(&z, args);
    }
    for (; *z == 'z' || *z == 'l'; z++)
        c->longs++;
    return z;
}

static unsigned long long unsigned_of(const conversion *c, va_list *args)
{
    return c->longs == 2 ? va_arg(*args, unsigned long long) : va_arg(*args, unsigned);
}

static void put_string(FILE *f, const conversion *c, const char *s)
{
    size_t len = 0;

    while (len < c->precision && s[len] != '\0')
        len++;
    put_padded(f, c, s, len, false);
}

static void put_format(FILE *f, const char *z, va_list *args)
{
    conversion c;

    for (; *z != '\0'; z++) {
        if (*z != '%') {
            fputc(*z, f);
            continue;
        }
        z = read_conversion(z + 1, &c, args);
        if (*z == 's')
            put_string(f, &c, va_arg(*args, const char *));
        else if (*z == 'c')
            fputc(va_arg(*args, int), f);
        else if (*z == 'u')
            put_number(f, &c, unsigned_of(&c, args), 10, false);
        else if (*z == 'x')
            put_number(f, &c, unsigned_of(&c, args), 16, false);
        else if (*z == 'd') {
            int n = va_arg(*args, int);
            put_number(f, &c, n < 0 ? -(unsigned long long)n : (unsigned long long)n, 10, n < 0);
        } else
            __builtin_trap();
    }
}

int printf(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_format(stdout, format, &args);
    va_end(args);
    return 0;
}

int fprintf(FILE *f, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_format(f, format, &args);
    va_end(args);
    return 0;
}

int snprintf(char *to, size_t cap, const char *format, ...)
{
    FILE f = { 0 };
    va_list args;

    va_start(args, format);
    put_format(&f, format, &args);
    va_end(args);
    size_t len = f.len < cap ? f.len : cap - 1;
    if (f.len > 0) memcpy(to, f.ptr, len);
    to[len] = '\0';
    free(f.ptr);
    return (int)f.len;
}

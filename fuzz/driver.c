/* driver.c - main() for every fuzz target, each of which defines LLVMFuzzerTestOneInput().

   Replay, with any compiler; a violated property calls abort():
       gcc -std=c99 -g -fsanitize=address,undefined -I. fuzz/fuzz_parse.c fuzz/driver.c fuzz/mutate.c -o replay
       ./replay FILE_OR_DIRECTORY...           (-v names each file before it runs)
       ./replay -r SECONDS SEED FILE_OR_DIRECTORY...        then changes of these inputs, the same ones for the same seed;
                                                            an input that crashes is written to the file named by FUZZ_FIND
       ./replay -p FILE.pack DIRECTORY                      many inputs in one file, which is read like a directory
       ./replay -x DIRECTORY FILE.pack                      and the inputs again
   With afl-clang-fast (-std=gnu99) the same file runs AFL++'s persistent loop: make fuzz T=parse SECS=60
   libFuzzer needs no driver: clang -fsanitize=fuzzer,address,undefined -I. fuzz/fuzz_parse.c fuzz/mutate.c && ./a.out DIRECTORY */
#ifndef _DEFAULT_SOURCE
#  define _DEFAULT_SOURCE
#endif
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

#ifdef __AFL_FUZZ_TESTCASE_LEN

__AFL_FUZZ_INIT();

int main(void)
{
    __AFL_INIT();
    const unsigned char *buf = __AFL_FUZZ_TESTCASE_BUF;
    while (__AFL_LOOP(10000)) {
        size_t len = (size_t)__AFL_FUZZ_TESTCASE_LEN;
        LLVMFuzzerTestOneInput(buf, len);
    }
    return 0;
}

#else

enum { LONGEST = 1 << 16 }; /* of a changed input */

typedef struct input {
    uint8_t *data;
    size_t len;
} input;
static input inputs[20000];
static size_t input_count;
static int unpacking; /* inputs are only copied, not run */

/*--- the input that crashes -------------------------------------------------------------------------------------------*/

static const uint8_t *running;
static size_t running_len;

static void keep_find(void)
{
    const char *name = getenv("FUZZ_FIND");
    int fd = name && running ? open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644) : -1;
    if (fd < 0) return;
    if (write(fd, running, running_len) != (ssize_t)running_len) perror(name);
    close(fd);
    running = NULL;
}

static void on_signal(int number)
{
    keep_find();
    signal(number, SIG_DFL);
    raise(number);
}

void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

static void run(const uint8_t *data, size_t len)
{
    running = data, running_len = len;
    LLVMFuzzerTestOneInput(data, len);
    running = NULL;
}

/*--- reading and running ----------------------------------------------------------------------------------------------*/

static void take(uint8_t *data, size_t len)
{
    if (input_count == sizeof inputs / sizeof inputs[0]) exit(2);
    if (!unpacking) run(data, len);
    inputs[input_count].data = data, inputs[input_count++].len = len;
}

/* Takes the inputs of a pack: each is its length in decimal, a line end, and its bytes. */
static int load_pack(const uint8_t *data, size_t len)
{
    for (size_t at = 0; at < len;) {
        size_t n = 0;
        while (at < len && data[at] >= '0' && data[at] <= '9' && n < len)
            n = n * 10 + data[at++] - '0';
        if (at == len || data[at++] != '\n' || n > len - at)
            return fputs("damaged pack\n", stderr), 1;
        uint8_t *one = malloc(n ? n : 1);
        if (!one) return 1;
        memcpy(one, data + at, n);
        take(one, n);
        at += n;
    }
    return 0;
}

static int load(const char *path, int verbose)
{
    DIR *d = opendir(path);
    if (d) {
        int bad = 0;
        for (struct dirent *e; (e = readdir(d)) != NULL;) {
            char name[4096];
            if (e->d_name[0] == '.' || strcmp(e->d_name, "README.txt") == 0) continue;
            if (snprintf(name, sizeof name, "%s/%s", path, e->d_name) < (int)sizeof name)
                bad |= load(name, verbose);
        }
        closedir(d);
        return bad;
    }
    FILE *f = fopen(path, "rb");
    long n = f && fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;
    if (n < 0) return perror(path), 1;
    rewind(f);
    uint8_t *data = malloc(n ? (size_t)n : 1);
    size_t len = data ? fread(data, 1, (size_t)n, f) : 0;
    fclose(f);
    if (verbose) fprintf(stderr, "%s\n", path);
    const char *end = strrchr(path, '.');
    if (end && strcmp(end, ".pack") == 0) {
        int bad = load_pack(data, len);
        free(data);
        return bad;
    }
    take(data, len);
    return 0;
}

static int save(const char *path, int as_pack)
{
    FILE *f = as_pack ? fopen(path, "wb") : NULL;
    int bad = as_pack && !f;
    for (size_t i = 0; i < input_count && !bad; i++) {
        char name[4096];
        if (!as_pack && snprintf(name, sizeof name, "%s/%05zu", path, i) < (int)sizeof name)
            f = fopen(name, "wb");
        bad = !f || (as_pack && fprintf(f, "%zu\n", inputs[i].len) < 0)
              || fwrite(inputs[i].data, 1, inputs[i].len, f) != inputs[i].len;
        if (!as_pack && f && fclose(f)) bad = 1;
    }
    if (as_pack && f && fclose(f)) bad = 1;
    if (bad) perror(path);
    return bad;
}

/* The order of directories differs between file systems; that of the random run must not. */
static int by_content(const void *a, const void *b)
{
    const input *x = a, *y = b;
    if (x->len != y->len) return x->len < y->len ? -1 : 1;
    return memcmp(x->data, y->data, x->len);
}

static uint64_t state = 1;
static unsigned draw(size_t n)
{
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return n ? (unsigned)((state >> 20) % n) : 0;
}

/* What libFuzzer has under this name: one simple change. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max)
{
    static const char bytes[] = "\"\\{}[],:0-.e %&=;/+?#\n";
    size_t at = draw(size + 1), n = 1 + draw(8), from = draw(size);
    if (n > size - at) n = size - at;
    switch (draw(6)) {
    case 0: /* removes bytes */ memmove(data + at, data + at + n, size - at - n); return size - n;
    case 1: /* repeats bytes */
        if (size + n > max) return size;
        memmove(data + at + n, data + at, size - at);
        return size + n;
    case 2: /* copies bytes from another place */
        if (n > size - from) n = size - from;
        memmove(data + at, data + from, n);
        return size;
    case 3: /* inserts one */
        if (size == max) return size;
        memmove(data + at + 1, data + at, size - at);
        data[at] = draw(2) ? (uint8_t)draw(256) : (uint8_t)bytes[draw(sizeof bytes - 1)];
        return size + 1;
    case 4:
        if (at < size) data[at] ^= (uint8_t)(1u << draw(8));
        return size;
    default:
        if (at < size)
            data[at] = draw(2) ? (uint8_t)draw(256) : (uint8_t)bytes[draw(sizeof bytes - 1)];
        return size;
    }
}

static size_t random_run(double seconds)
{
    static uint8_t data[LONGEST];
    size_t count = 0;
    clock_t until = clock() + (clock_t)(seconds * CLOCKS_PER_SEC);
    while (input_count && clock() < until)
        for (int round = 0; round < 16; round++, count++) {
            size_t which = draw(input_count), len = inputs[which].len;
            if (len > LONGEST / 2) continue;
            memcpy(data, inputs[which].data, len);
            for (unsigned times = 1 + draw(4); times > 0; times--)
                len = LLVMFuzzerCustomMutator(data, len, LONGEST, draw(1u << 30));
            uint8_t *exact = malloc(len ? len : 1);
            if (!exact) exit(1);
            memcpy(exact, data, len);
            run(exact, len);
            free(exact);
        }
    return count;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 && argv[1][0] == '-' ? argv[1] : "";
    int random = strcmp(mode, "-r") == 0, pack = strcmp(mode, "-p") == 0;
    unpacking = pack || strcmp(mode, "-x") == 0;
    int first = 1 + (*mode != 0) + random * 2 + unpacking, bad = argc <= first;
    if (bad)
        fprintf(stderr,
                "usage: %s [-v | -r SECONDS SEED | -p PACK | -x DIRECTORY] FILE_OR_DIRECTORY...\n",
                argv[0]);
    signal(SIGABRT, on_signal), signal(SIGSEGV, on_signal), signal(SIGFPE, on_signal);
    if (__sanitizer_set_death_callback) __sanitizer_set_death_callback(keep_find);
    for (int i = first; i < argc; i++)
        bad |= load(argv[i], strcmp(mode, "-v") == 0);
    qsort(inputs, input_count, sizeof inputs[0], by_content);
    if (unpacking && !bad) bad = save(argv[2], pack);
    if (!unpacking) printf("%zu inputs replayed\n", input_count);
    if (random && !bad) {
        state = strtoull(argv[3], NULL, 10) * 0x9E3779B97F4A7C15u | 1;
        printf("%zu random inputs\n", random_run(atof(argv[2])));
    }
    while (input_count)
        free(inputs[--input_count].data);
    return bad;
}

#endif

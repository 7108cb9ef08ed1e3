/* driver.c - main() for every fuzz target, each of which defines LLVMFuzzerTestOneInput().

   Replay, with any compiler; a violated property calls abort():
       gcc -std=c99 -g -fsanitize=address,undefined -I. fuzz/fuzz_parse.c fuzz/driver.c -o replay
       ./replay FILE_OR_DIRECTORY...           (-v names each file before it runs)
   With afl-clang-fast (-std=gnu99) the same file runs AFL++'s persistent loop: make fuzz T=parse SECS=60
   libFuzzer needs no driver: clang -fsanitize=fuzzer,address,undefined -I. fuzz/fuzz_parse.c && ./a.out DIRECTORY */
#ifndef _DEFAULT_SOURCE
#  define _DEFAULT_SOURCE
#endif
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

static size_t files;

static int replay(const char *path, int verbose)
{
    DIR *d = opendir(path);
    if (d) {
        int bad = 0;
        for (struct dirent *e; (e = readdir(d)) != NULL;) {
            char name[4096];
            if (e->d_name[0] == '.' || strcmp(e->d_name, "README.txt") == 0) continue;
            if (snprintf(name, sizeof name, "%s/%s", path, e->d_name) < (int)sizeof name)
                bad |= replay(name, verbose);
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
    LLVMFuzzerTestOneInput(data, len);
    free(data);
    files++;
    return 0;
}

int main(int argc, char **argv)
{
    int verbose = argc > 1 && strcmp(argv[1], "-v") == 0, bad = argc < 2 + verbose;
    if (bad) fprintf(stderr, "usage: %s [-v] FILE_OR_DIRECTORY...\n", argv[0]);
    for (int i = 1 + verbose; i < argc; i++)
        bad |= replay(argv[i], verbose);
    printf("%zu inputs replayed\n", files);
    return bad;
}

#endif

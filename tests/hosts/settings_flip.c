/* settings_flip.c - edgefn settings on damaged files: every sixth beginning of a file (with 10,000 copies every one), and copies with changed bytes, in one process.
       settings_flip FILE COPIES SEED SCRATCH      SCRATCH: a file that is written
   Prints how many were accepted and refused. tests/test_settings.sh builds it with sanitizers. */
#include "cli/cli.h"
#include <stdlib.h>
#include <string.h>

static unsigned long seed;

static size_t draw(size_t below)
{
    seed = seed * 6364136223846793005ul + 1442695040888963407ul;
    return (size_t)(seed >> 33) % below;
}

/* Returns: the exit code. */
static int settings(const char *file, const char *option)
{
    char *argv[] = { "edgefn", "settings", (char *)file, (char *)option, NULL };
    cli_args args = { .command = "settings", .argc = 4, .argv = argv, .at = 2 };

    return cli_settings(&args);
}

static int write_to(const char *scratch, const char *bytes, size_t len)
{
    FILE *f = fopen(scratch, "wb");

    if (f == NULL) return 0;
    int good = fwrite(bytes, 1, len, f) == len;
    return fclose(f) == 0 && good;
}

int main(int argc, char **argv)
{
    static const char marks[] = "\"\\{}[],:/*0-9entf\n \x80\xff";
    cli_bytes bytes = { 0 };
    unsigned long counts[5] = { 0 };
    FILE *report = fopen(argc == 5 ? argv[4] : "", "wb");

    if (argc != 5 || report == NULL || !cli_read_raw(argv[1], &bytes)) return 2;
    fclose(report);
    seed = strtoul(argv[3], NULL, 10);
    size_t copies = strtoul(argv[2], NULL, 10), len = bytes.len;
    char *copy = malloc(len);
    if (copy == NULL) return 2;
    for (size_t i = 0; i < len + copies; i += i < len && copies < 10000 ? 6 : 1) {
        memcpy(copy, bytes.ptr, len);
        for (size_t k = draw(3) + 1; i >= len && k > 0; k--)
            copy[draw(len)] = draw(2) ? marks[draw(sizeof marks - 1)] : (char)draw(256);
        if (!write_to(argv[4], copy, i < len ? i : len)) return 2;
        int code = settings(argv[4], i % 2 ? "--check" : "--page");
        if (code < 0 || code > 4) return 2;
        counts[code]++;
    }
    free(copy);
    cli_free(&bytes);
    fprintf(stderr, "accepted %lu, refused %lu, other %lu\n", counts[0], counts[1],
            counts[2] + counts[3] + counts[4]);
    return 0;
}

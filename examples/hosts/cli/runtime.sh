#!/bin/sh
# Prints a C file with the files of examples/hosts/runtime that run functions in JavaScript and Python, for function.c: started in the top directory.
set -e
printf '%s\n' '#include "cli.h"' '' 'const cli_file cli_runtime[] = {'
for file in examples/hosts/runtime/*.mjs examples/hosts/runtime/*.py; do
    printf '    { "%s",\n' "${file##*/}"
    sed 's/[\\"?]/\\&/g; s/.*/      "&\\n"/' "$file"
    printf '    },\n'
done
printf '%s\n' '    { NULL, NULL },' '};'

#!/bin/sh
# Prints a C file with the source of every recipe, for recipes.c: sh examples/hosts/cli/recipes.sh, started in the top directory.
# Topics and order are those of examples/README.md; recipes that it does not have come last.
set -e
index=examples/README.md

# recipe NAME TOPIC: an initializer; '?' is escaped because of trigraphs
recipe() {
    printf '    { "%s", "%s",\n' "$1" "$2"
    sed 's/[\\"?]/\\&/g; s/.*/      "&\\n"/' "examples/handlers/$1.c"
    printf '    },\n'
}

printf '%s\n' '#include "recipes.h"' '' 'const cli_recipe cli_recipes[] = {'
sed -n 's/^\*\*\(.*\)\*\*$/topic \1/p; s/^- \[`\([a-z0-9_]*\)`\](handlers\/.*/recipe \1/p' $index |
    while read -r what text; do
        if [ "$what" = topic ]; then
            topic=$text
        elif [ -e "examples/handlers/$text.c" ]; then
            recipe "$text" "$topic"
        fi
    done
for file in examples/handlers/*.c; do
    name=${file##*/}
    name=${name%.c}
    grep -q "^- \[\`$name\`\]" $index || recipe "$name" 'Others'
done
printf '%s\n' '};' '' 'const size_t cli_recipe_count = sizeof cli_recipes / sizeof cli_recipes[0];'

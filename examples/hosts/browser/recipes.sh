#!/bin/sh
# Makes C files of all recipes, for one module that holds them:    sh recipes.sh DIRECTORY NAME...
# DIRECTORY/NAME.c is a recipe whose edgefn_handler() has another name; DIRECTORY/choose.c calls the one that was chosen, by its place.
dir=$1
shift
mkdir -p "$dir"
declared= listed=
for name in "$@"; do
    printf '#define edgefn_handler handler_of_%s\n#include "examples/handlers/%s.c"\n' "$name" "$name" >"$dir/$name.c"
    declared="$declared${declared:+, }handler_of_$name(edgefn_event *ev)"
    listed="$listed handler_of_$name,"
done
cat >"$dir/choose.c" <<END
#include "edgefn.h"
bool $declared;
static bool (*const handlers[])(edgefn_event *ev) = {$listed};
static uint32_t chosen;
__attribute__((export_name("playground_choose"))) void playground_choose(uint32_t i);
void playground_choose(uint32_t i)
{
    chosen = i;
}
bool edgefn_handler(edgefn_event *ev)
{
    return chosen < sizeof handlers / sizeof handlers[0] && handlers[chosen](ev);
}
END

#!/bin/sh
# Makes several handlers one: those of HANDLER="a+b", and those that a file of your own declares (see edgefn_chain.h).
#     sh chain.sh --parts FILE.c...        prints the files of the handlers that these declare and do not define, and so on for those: NAME.c in
#                                          the same directory, or else the recipe NAME
#     sh chain.sh OUT COUNT FILE.c...      writes OUT.chain.c, whose edgefn_handler() is the chain of the first COUNT files, and OUT.1.c,
#                                          OUT.2.c..., each of which includes a file: compiled on their own, since static names may be the same
# CC and FLAGS: how the files are preprocessed.
recipes=$(cd "$(dirname "$0")/../handlers" && pwd)

# functions FILE: its functions of the shape NAME(edgefn_event *ev), a line each: "NAME {" if it defines it, "NAME ;" if it declares it
functions() {
    # shellcheck disable=SC2086
    ${CC:-cc} -E -P $FLAGS "$1" 2>/dev/null | tr -s ' \t\n' ' ' |
        grep -oE '[A-Za-z_][A-Za-z0-9_]* ?\( ?(struct )?edgefn_event ?\* ?(const )?[A-Za-z0-9_]* ?\) ?[,;{]' |
        sed -e 's/ *(.*)/ /' -e 's/  */ /' -e 's/,$/;/' | sort -u | grep -v '^edgefn_'
}

defined() { functions "$1" | sed -n 's/ {//p'; }

# parts FILE: adds to $found the files of what it declares and does not define
parts() {
    for name in $(functions "$1" | awk '{ shape[$1] = shape[$1] $2 } END { for (n in shape) if (shape[n] == ";") print n }' | sort); do
        part=$(dirname "$1")/$name.c
        [ -e "$part" ] || part=$recipes/$name.c
        if [ ! -e "$part" ]; then echo "$1: $name(): no recipe of that name, and no $(dirname "$1")/$name.c" >&2
        else case " $found " in *" $part "*) ;; *) found="$found $part" ;; esac fi
    done
}

if [ "$1" = --parts ]; then
    shift
    found= looked=0
    for file in "$@"; do parts "$file"; done
    # those that were found may declare more
    while set -- $found && [ $# -gt $looked ]; do
        shift $looked
        looked=$((looked + 1))
        parts "$1"
    done
    echo "$found"
    exit
fi

out=$1 count=$2 n=0 steps=
shift 2
for file in "$@"; do
    n=$((n + 1))
    name=$(basename "$file" .c)
    {
        if [ $n -le "$count" ]; then # its functions are called by nobody else, and another file may have some of the same name
            steps="$steps, edgefn_handler_$n"
            echo "#define edgefn_handler edgefn_handler_$n"
            for function in $(defined "$file"); do echo "#define $function ${function}_$n"; done
        elif defined "$file" | grep -q -x "$name"; then
            echo "#define edgefn_handler edgefn_handler_$n"
        else
            echo "#define edgefn_handler $name"
        fi
        echo "#include \"$file\""
    } >"$out.$n.c"
done
{
    echo '#include "edgefn_chain.h"'
    i=0
    for file in "$@"; do
        i=$((i + 1))
        [ $i -gt "$count" ] || echo "bool edgefn_handler_$i(edgefn_event *ev); /* ${file##*/} */"
    done
    printf '\nbool edgefn_handler(edgefn_event *ev)\n{\n    return EDGEHOST_CHAIN(ev%s);\n}\n' "$steps"
} >"$out.chain.c"

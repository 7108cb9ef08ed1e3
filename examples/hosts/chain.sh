#!/bin/sh
# Writes the C files that make several handlers one:    sh chain.sh build/own/a+b A.c B.c...    (make handler HANDLER="a+b")
# OUT.chain.c has edgefn_handler(), which calls the handlers one after the other; OUT.1.c, OUT.2.c... are the handlers, each compiled on
# its own, since their static names may be the same, as edgefn_handler_1(), edgefn_handler_2()...
out=$1 i=0
shift
{
    echo '#include "edgefn.h"'
    n=0
    for file in "$@"; do
        n=$((n + 1))
        echo "bool edgefn_handler_$n(edgefn_event *ev); /* ${file##*/} */"
    done
    echo 'static bool (*const chain[])(edgefn_event *ev) = {'
    for file in "$@"; do printf "    edgefn_handler_%s,\n" "$((i += 1))"; done
    cat <<'C'
};

/* The next one runs unless the one before failed or answered the request. */
bool edgefn_handler(edgefn_event *ev)
{
    for (size_t i = 0; i < EDGEFN_COUNT_OF(chain); i++) {
        if (!chain[i](ev) || ev->err.code != EDGEFN_OK) return false;
        if (edgefn_is_request(ev) && ev->response.status != 0) return true;
    }
    return true;
}
C
} >"$out.chain.c"
n=0
for file in "$@"; do
    n=$((n + 1))
    printf '#define edgefn_handler edgefn_handler_%s\n#include "%s"\n' "$n" "$file" >"$out.$n.c"
done

#!/bin/sh
# run.sh - `make run`: builds three handlers and shows what each changes in an event, and the result; then how to write one of your own.
# Colour only on a terminal. `sh examples/run.sh --own` prints only the lines of the last part.
cd "$(dirname "$0")/.." || exit 2
edgefn=build/edgefn
failed=0

# the last part: lines to paste into a shell
own() {
    cat <<'END'
mkdir -p mine
cat >mine/my.c <<'C'
#include "edgefn.h"
#define S EDGEFN_S

bool edgefn_handler(edgefn_event *ev)
{
    if (!edgefn_is_request(ev)) return true;

    if (edgefn_uri_guards(ev->request.uri, S("/members/*")) && !edgefn_has(edgefn_cookies(ev), S("session")))
        return edgefn_redirect(ev, &(edgefn_redirect_opts){ .status = 302, .path = S("/sign-in") });

    edgefn_query_remove(ev, S("utm_*"));
    return edgefn_set(&ev->request.headers, S("x-site"), S("shop"));
}
C
build/edgefn sample viewer-request --uri /members/list >mine/members.json
build/edgefn sample viewer-request --uri /a.html --query 'utm_source=mail&page=2' >mine/page.json
make handler HANDLER=mine/my.c
build/edgefn run build/own/my.so mine/members.json
build/edgefn run build/own/my.so mine/members.json mine/page.json --diff
END
}
if [ "${1:-}" = --own ]; then own; exit 0; fi

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    esc=$(printf '\033')
    bold="${esc}[1m" green="${esc}[32m" red="${esc}[31m" yellow="${esc}[33m" dim="${esc}[2m" off="${esc}[0m"
else
    bold='' green='' red='' yellow='' dim='' off=''
fi

shown='cache_key redirect_https error_to_static_page'
files=$edgefn
for h in $shown; do files="$files build/handlers/$h.so"; done
mkdir -p build
# shellcheck disable=SC2086
if ! ${MAKE:-make} -q $files >/dev/null 2>&1; then
    echo 'Building the command line and three handlers, once: this takes some ten seconds.'
    jobs=-j$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
    case ${MAKEFLAGS:-} in *-j*) jobs= ;; esac
    ${MAKE:-make} -s --no-print-directory $jobs $files >build/run.log 2>&1 || { cat build/run.log; exit 1; }
fi

# show TITLE EVENT HANDLER
show() {
    event=examples/events/$2.json source=examples/handlers/$3.c command="$edgefn run build/handlers/$3.so examples/events/$2.json"
    printf '\n%s%s%s\n' "$bold" "$1" "$off"
    if ! summary=$("$edgefn" show "$event") || ! result=$($command) || ! changes=$($command --diff); then
        failed=1
        return
    fi
    printf '%s\n' "$dim$source$off"
    sed '/^bool edgefn_handler(/,$d' "$source" | sed '$d'
    printf '\n%s\n' "${dim}The event, $event:$off"
    # the type, and the lines after an empty one: the request, and the response's status
    printf '%s\n' "$summary" | awk 'NR == 1 || empty { print "    " $0 } { empty = ($0 == "") }'
    printf '\n%s\n' "${dim}What it changes:$off"
    printf '$ %s --diff\n' "$command"
    printf '%s\n' "$changes" | sed -e "s/^+.*/$green&$off/" -e "s/^-.*/$red&$off/" -e "s/^~.*/$yellow&$off/"
    printf '\n%s\n' "${dim}The result, as CloudFront gets it:$off"
    printf '$ %s\n%s\n' "$command" "$result"
}

printf '%s\n' 'CloudFront passes one JSON event to an edge function. A handler is a C function as below: it reads the event, and edits or answers it. Each of these files ends with edgefn_handler(), which only calls it.'

show '1. Edit: parameters that only track clicks are removed from the query, so that each page is cached once. All other bytes stay unchanged.' viewer-request-page cache_key
show '2. Answer: a viewer who uses plain HTTP is redirected to HTTPS.' functions-viewer-request-http redirect_https
show '3. Replace: the origin answered 404, and the viewer gets a page instead.' origin-response-404 error_to_static_page
[ "$failed" -eq 0 ] || exit 1

printf '\n%s%s%s\n\n' "$bold" '4. A handler of your own: paste these lines into a shell.' "$off"
own
cat <<END

${dim}Then:$off
    make bench-handler HANDLER=mine/my.c EVENT=mine/page.json    measures its cost per event
    make fuzz HANDLER=mine/my.c SECS=60    fuzzes it (installs AFL++ if it is missing)
    make new DIR=../my-function            a project outside of this tree: handler, tests, Makefile
    ls examples/handlers                   $(ls examples/handlers/*.c | wc -l | tr -d ' ') recipes to start from; examples/README.md describes them
END

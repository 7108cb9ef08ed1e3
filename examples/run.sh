#!/bin/sh
# run.sh - `make run`: three events, three handlers, what comes out, and what the handlers changed.
# Needs only what `make` built. Colour only on a terminal.
cd "$(dirname "$0")/.." || exit 2
edgefn=build/edgefn
failed=0

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    esc=$(printf '\033')
    bold="${esc}[1m" green="${esc}[32m" red="${esc}[31m" yellow="${esc}[33m" off="${esc}[0m"
else
    bold='' green='' red='' yellow='' off=''
fi

# tell TITLE EVENT HANDLER [OPTION...]
tell() {
    title=$1 event=examples/events/$2.json handler=$3
    shift 3
    so=build/handlers/$handler.so

    printf '\n%s%s%s\n' "$bold" "$title" "$off"
    if ! summary=$("$edgefn" show "$event") || ! result=$("$edgefn" run "$so" "$event" "$@") ||
        ! changes=$("$edgefn" run "$so" "$event" "$@" --diff); then
        failed=1
        return
    fi
    printf '  event    %s (%d bytes)\n' "$event" "$(wc -c <"$event")"
    # The kind, and the lines behind an empty one: the request, and the response's status.
    printf '%s\n' "$summary" | awk 'NR == 1 || empty { print "           " $0 } { empty = ($0 == "") }'
    printf '  handler  examples/handlers/%s.c (%d lines)' "$handler" "$(wc -l <"examples/handlers/$handler.c")"
    [ $# -eq 0 ] || printf ', run with %s' "$*"
    printf '\n  result   '
    printf '%s\n' "$result" | fold -w 96 | awk '
        NR > 1 && NR < 4 { print line; printf "           " }
        NR < 4 { line = $0 }
        END { print line (NR > 3 ? "..." : "") }'
    printf '  changed  '
    printf '%s\n' "$changes" | sed -e "s/^+.*/$green&$off/" -e "s/^-.*/$red&$off/" -e "s/^~.*/$yellow&$off/" -e '2,$s/^/           /'
}

printf '%s\n' "CloudFront hands an edge function one JSON event. A handler in C reads it, edits it or answers it."

tell '1. A viewer comes over plain HTTP. The handler answers: come back over HTTPS.' \
    functions-viewer-request-http redirect_https
tell '2. A picture of an A/B test. The handler sends this viewer to group B; all else stays byte for byte.' \
    viewer-request-experiment ab_test --random 0.9
tell '3. The origin says 404. The handler makes it a page of its own, for CloudFront to cache.' \
    origin-response-404 error_to_static_page

[ "$failed" -eq 0 ] || exit 1
printf '\n%s\n' "Now yours: build/edgefn sample viewer-request --uri /a.html >e.json; build/edgefn run build/handlers/pass.so e.json"

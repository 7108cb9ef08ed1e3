#!/bin/sh
# Functions in JavaScript and Python at the desk under load, with the module under sanitizers: tests/hosts/functions_load.mjs. REQUESTS=200000 is the
# default; MINUTES=20 ends after that time, with fewer requests.
suite=deep_functions
. tests/lib.sh
. tests/hosts/functions_server.sh
ASAN_OPTIONS=$ASAN_OPTIONS:quarantine_size_mb=4
rm -f "$tmp/out" "$tmp/err"
counted node tests/hosts/functions_load.mjs "$tmp" "${REQUESTS:-200000}"
end

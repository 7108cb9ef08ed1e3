#!/bin/sh
# Functions in JavaScript and Python at the desk (`make cloudfront HANDLER=index.mjs`) and with `edgefn run`: tests/hosts/functions.mjs. Started in the top
# directory, after make. nginx has one worker; if gcc has a shared sanitizer library, the module runs with it, and with the smallest pools.
suite=test_functions_desk
. tests/lib.sh
. tests/hosts/functions_server.sh
rm -f "$tmp/out" "$tmp/err"
counted node tests/hosts/functions.mjs "$tmp"
end

#!/bin/sh
# make coverage, as a suite of make test-deep: fails if the C suites cover less of edgefn.h than tests/coverage.py demands.
suite=deep_coverage
. tests/lib.sh
if [ -z "$(sh tests/coverage.sh --compiler)" ]; then
    echo 'SKIP deep_coverage: no clang 19 or later'
    end
fi
DEEP= sh tests/coverage.sh >"$tmp/out" 2>&1
last=$(tail -n 1 "$tmp/out" | sed -n 's/^coverage: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')
cat "$tmp/out"
set -- ${last:-0 1}
passed=$1 failed=$2
end

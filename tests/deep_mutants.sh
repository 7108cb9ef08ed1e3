#!/bin/sh
# 50 small changes of edgefn.h, each of which the suites must notice (tests/mutate.py, make mutate): another 50 in each run. Those that the quick tests do not
# notice are shown to the others.
suite=deep_mutants
. tests/lib.sh
if ! there tcc || ! there objdump || ! there python3; then
    echo "SKIP deep_mutants: it needs tcc, objdump and python3"
    end
fi
run python3 tests/mutate.py --number 50 --seed "${SEED:-1}"
run python3 tests/mutate.py --number 50 --seed "${SEED:-1}" --all-tests --least 90
cat "$tmp/out"
check "of 50 mutants 45 are noticed" [ "$rc" -eq 0 ]
end

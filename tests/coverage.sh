#!/bin/sh
# make coverage: compiles the C suites with clang's coverage counters, runs them, and prints how many lines, branches and conditions
# (MC/DC) of edgefn.h they cover; fails below the limits in tests/coverage.py.
# COVERAGE_CC=compiler: clang 19 or later; `sh tests/coverage.sh --compiler` prints the one that is found.

out=build/coverage
there() { command -v "$1" >/dev/null 2>&1; }
new_enough() { there "$1" && [ "$("$1" -dumpversion | sed 's/\..*//')" -ge 19 ] 2>/dev/null; }

cc=${COVERAGE_CC:-}
for c in clang clang-25 clang-24 clang-23 clang-22 clang-21 clang-20 clang-19; do
    [ -n "$cc" ] || ! new_enough "$c" || cc=$c
done
if [ "${1:-}" = --compiler ]; then echo "$cc"; exit 0; fi
if [ -z "$cc" ]; then
    echo 'coverage: needs clang 19 or later, its runtime library and its llvm tools: apt-get install clang-19 libclang-rt-19-dev llvm-19' >&2
    exit 2
fi
tool() { # NAME: the one of the compiler's version
    for t in "$("$cc" -print-prog-name="$1")" "$1-$("$cc" -dumpversion | sed 's/\..*//')" "$1"; do
        if there "$t"; then echo "$t"; return; fi
    done
}
profdata=$(tool llvm-profdata) cov=$(tool llvm-cov)
if [ -z "$profdata" ] || [ -z "$cov" ]; then
    echo "coverage: needs llvm-profdata and llvm-cov for $cc: apt-get install llvm-$("$cc" -dumpversion | sed 's/\..*//')" >&2
    exit 2
fi

make --no-print-directory -s -j"${JOBS:-2}" COVERAGE_CC="$cc" coverage-programs || exit 2
rm -rf $out
mkdir -p $out

# Each compiled copy of the header is a directory, with the profiles of the suites that are linked with it.
programs=$(make --no-print-directory -s COVERAGE_CC="$cc" coverage-list)
for row in $programs; do
    mkdir -p "$out/${row#*:}"
done
one='program=${1%:*} copy=${1#*:} name=${program##*/}
LLVM_PROFILE_FILE=$0/$copy/$name-%m.profraw $program >"$0/$name.log" 2>&1 </dev/null || { echo "$name failed:"; tail -n 20 "$0/$name.log"; false; }'
echo "$programs" | tr ' ' '\n' | xargs -n 1 -P "${JOBS:-2}" sh -c "$one" $out || exit 1

for d in $out/*/; do
    d=${d%/}
    objects=
    for raw in "$d"/*.profraw; do
        name=${raw##*/}
        objects="$objects -object build/tests/coverage/${name%%-*}"
    done
    "$profdata" merge "$d"/*.profraw -o "$d.profdata" || exit 1
    "$cov" export -instr-profile "$d.profdata" $objects >"$d.json" || exit 1
done
python3 tests/coverage.py $out

#!/bin/sh
# Runs suites that are already built, and adds up their results. Started in the top directory.
#     sh tests/run.sh            all suites, JOBS at a time; with DEEP=1 all rows, like make test-deep
#     sh tests/run.sh NAME...    only these suites: test_str (both compilers), test_docs
#     sh tests/run.sh --one SUITE        one suite, COMPILER/NAME or the NAME of a script: make calls this for each suite as soon as it is built
#     sh tests/run.sh --total [NAME...]  adds up the results that --one has written
# A suite prints what failed, a line "SKIP what: why" for each test it could not run, and at the end
# "NAME: N passed, N failed". A suite that ends without that line, or cannot be built, counts as one failure.
# The last line is the total; the slowest suites are listed before it. With CI=true a SKIP is a failure.

log=build/tests/log
mkdir -p $log

file_of() { echo "$log/$(echo "$1" | tr / .)"; }

if [ "$1" = --one ]; then
    suite=$2
    file=$(file_of "$suite")
    case $suite in
    */*) program=build/tests/$suite; command=$program ;;
    *) program=tests/$suite.sh; command="sh $program" ;;
    esac
    unset MAKEFLAGS MFLAGS MAKELEVEL # a make started by the suite must not use the outer make's job server
    start=$(date +%s)
    if [ -e "$program" ]; then $command >"$file" 2>&1 </dev/null; rc=$?
    else echo "$suite: not built" >"$file"; rc=1
    fi
    seconds=$(($(date +%s) - start))
    times >"$file.time" # not in a pipe, where it would report the pipe's times; the second line is the suite's
    cpu=$(awk -F '[ms ]+' 'NR == 2 { printf "%d", $1 * 60 + $2 + $3 * 60 + $4 + 0.5 }' "$file.time")
    if tail -n 1 "$file" | grep -q '^[A-Za-z0-9_]*: [0-9]* passed, [0-9]* failed$'; then
        tail -n 1 "$file" | grep -q ' 0 failed$' && [ $rc != 0 ] && echo "${suite##*/}: 0 passed, 1 failed" >>"$file"
    else
        echo "${suite##*/}: 0 passed, 1 failed" >>"$file" # the suite crashed
    fi
    { grep -v '^[A-Za-z0-9_]*: [0-9]* passed, [0-9]* failed$' "$file"
      echo "$suite: $(tail -n 1 "$file" | sed 's/^[^:]*: //') ($seconds s)"; } >"$file.show"
    echo "$seconds $cpu $suite" >"$file.time"
    cat "$file.show" # in one piece, so that the output of parallel suites does not mix
    exit 0
fi

run=true
if [ "$1" = --total ]; then run=false; shift; fi
there() { command -v "$1" >/dev/null 2>&1; }
suites= skipped=0 only=$*
names() { ls "$@" 2>/dev/null | sed 's,^tests/,,; s,\.[a-z]*$,,'; }
wanted() { [ -z "$only" ] || case " $only " in *" $1 "*) ;; *) return 1 ;; esac; }
for s in $(names tests/deep_*.sh); do # only with DEEP=1 or by name
    case "${DEEP:-} $only " in '1  ' | *" $s "*) suites="$suites $s" ;; esac
done
for s in $(names tests/test_*.sh); do wanted "$s" && suites="$suites $s"; done # first, because the slowest suites are among them
deep=
[ "${DEEP:-}" != 1 ] || deep=1
by_other() { # COMPILER/SUITE: true if the other compiler is installed and building with that one is enough. The Makefile has the same list
    case $deep:$1 in
    *:clang/test_cost | *:clang/test_recipes_random | :clang/*_portable | :clang/*_small | :clang/*_only | :clang/test_policy_flip | :clang/test_corpus) there "${GCC:-gcc}" ;;
    :gcc/*_baseline) there "${CLANG:-clang}" ;;
    *) false ;;
    esac
}
for c in gcc clang; do
    programs=
    for s in $(names tests/test_*.c); do
        by_other "$c/$s" && continue
        wanted "$s" && programs="$programs $c/$s"
    done
    [ -n "$programs" ] || continue
    case $c in gcc) there "${GCC:-gcc}" ;; clang) there "${CLANG:-clang}" ;; esac ||
        { echo "SKIP every suite by $c: no $c"; skipped=$((skipped + 1)); continue; }
    suites="$suites$programs"
done

if $run; then
    for s in $suites; do rm -f "$(file_of "$s")" "$(file_of "$s").time"; done
    for s in $suites; do echo "$s"; done | xargs -n 1 -P "${JOBS:-2}" sh tests/run.sh --one
fi

passed=0 failed=0
for s in $suites; do
    file=$(file_of "$s")
    if [ ! -e "$file.time" ]; then # make could not build it, so it did not run
        echo "$s: not built"
        echo "$s: 0 passed, 1 failed (0 s)"
        failed=$((failed + 1))
        continue
    fi
    set -- $(tail -n 1 "$file" | sed 's/^[^:]*: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/')
    passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $(grep -c '^SKIP' "$file")))
done
[ $((passed + failed)) -gt 0 ] || { echo "no tests ran"; failed=1; }
if [ $skipped -gt 0 ] && [ "$CI" = true ]; then
    echo "with CI=true a SKIP is a failure: $skipped"
    failed=$((failed + skipped)) skipped=0
fi
echo
echo "slowest:"
for s in $suites; do cat "$(file_of "$s").time" 2>/dev/null; done | sort -rn | head -n 10 |
    while read -r seconds cpu s; do echo "    $seconds s, $cpu s of processor time: $s"; done
echo
if [ $skipped -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"
else echo "$passed passed, $failed failed"
fi
[ $failed = 0 ]

#!/bin/sh
# Runs what `make test` has built, and every tests/test_*.sh, JOBS at a time; started in the top directory.
#     sh tests/run.sh            everything
#     sh tests/run.sh NAME...    only these suites: test_str (both compilers), test_docs
# A suite prints what failed, lines "SKIP what: why" for what it could not do, and at the end
# "NAME: N passed, N failed". One that ends without that line, or cannot be built, counts as one failure.
# The last line is the total. With CI=true a SKIP is a failure.

log=build/tests/log

if [ "$1" = --one ]; then # one suite: COMPILER/NAME, or NAME of a script
    file=$log/$(echo "$2" | tr / .)
    case $2 in
    */*) program=build/tests/$2; command=$program ;;
    *) program=tests/$2.sh; command="sh $program" ;;
    esac
    start=$(date +%s)
    if [ -e "$program" ]; then $command >"$file" 2>&1 </dev/null; rc=$?
    else echo "$2: not built" >"$file"; rc=1
    fi
    if tail -n 1 "$file" | grep -q '^[A-Za-z0-9_]*: [0-9]* passed, [0-9]* failed$'; then
        tail -n 1 "$file" | grep -q ' 0 failed$' && [ $rc != 0 ] && echo "${2##*/}: 0 passed, 1 failed" >>"$file"
    else
        echo "${2##*/}: 0 passed, 1 failed" >>"$file" # it died
    fi
    { grep -v '^[A-Za-z0-9_]*: [0-9]* passed, [0-9]* failed$' "$file"
      echo "$2: $(tail -n 1 "$file" | sed 's/^[^:]*: //') ($(($(date +%s) - start)) s)"; } >"$file.show"
    cat "$file.show" # at once, so that suites that run at the same time do not mix their lines
    exit 0
fi

mkdir -p $log
there() { command -v "$1" >/dev/null 2>&1; }
suites= skipped=0
scripts=$(ls tests/test_*.sh 2>/dev/null | sed 's,^tests/,,; s,\.sh$,,')
programs=$(ls tests/test_*.c 2>/dev/null | sed 's,^tests/,,; s,\.c$,,')
wanted() { [ -z "$only" ] || case " $only " in *" $1 "*) ;; *) return 1 ;; esac; }
only=$*
for s in $scripts; do wanted "$s" && suites="$suites $s"; done # first: among them are the longest
for c in gcc clang; do
    case $c in gcc) there "${GCC:-gcc}" ;; clang) there "${CLANG:-clang}" ;; esac ||
        { echo "SKIP every suite by $c: there is no $c"; skipped=$((skipped + 1)); continue; }
    for s in $programs; do wanted "$s" && suites="$suites $c/$s"; done
done

for s in $suites; do echo "$s"; done | xargs -n 1 -P "${JOBS:-2}" sh tests/run.sh --one

passed=0 failed=0
for s in $suites; do
    file=$log/$(echo "$s" | tr / .)
    set -- $(tail -n 1 "$file" | sed 's/^[^:]*: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/')
    passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $(grep -c '^SKIP' "$file")))
done
[ $((passed + failed)) -gt 0 ] || { echo "no tests ran"; failed=1; }
if [ $skipped -gt 0 ] && [ "$CI" = true ]; then
    echo "with CI=true a SKIP is a failure: $skipped"
    failed=$((failed + skipped)) skipped=0
fi
echo
if [ $skipped -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"
else echo "$passed passed, $failed failed"
fi
[ $failed = 0 ]

#!/bin/sh
# Fuzzes a handler of your own:    sh fuzz/handler.sh my.c 60       (make fuzz HANDLER=my.c SECS=60)
# ENGINE=libfuzzer uses libFuzzer instead of AFL++. SEEDS='a.json b.json' replaces the seeds, which are the sample events for which the
# handler violates nothing, and events with the words of its source. PARTS='a.c b.c' are more files of a chain, FROM='a.c b.c' those that its files
# include. LIBRARY and COUNTED are the objects of fuzz/own.mk. Prints for each find what was violated,
# the smallest input, and the command that replays it. 0 seconds: only runs the seeds and counts steps. Exits with 1 after a find, with 2 if it could not run.
handler=$1 secs=${2:-60} engine=${ENGINE:-afl}
name=$(basename "$handler" .c)
name=${name%.chain}
from=${FROM:-$handler}
out=build/fuzz/own/$name
include="-Iexamples/hosts -I$(dirname "$handler")"
for f in $from; do include="$include -I$(dirname "$f")"; done
seeds=${SEEDS:-$(ls examples/events/*.json fuzz/seeds/*.json)}
sources="-I. -DEDGEFN_DEBUG -Ifuzz $include -Wno-unused-function fuzz/handler.c $handler ${PARTS:-}"
found=0

fail() { echo "fuzz $name: $*"; exit 2; }
[ -r "$handler" ] || fail "no such file: $handler"
case $secs in *[!0-9]*) fail "SECS must be a whole number of seconds, not $secs" ;; esac
case $engine in afl | libfuzzer) ;; *) fail "ENGINE must be afl or libfuzzer, not $engine" ;; esac
for f in $seeds; do [ -r "$f" ] || fail "no such seed: $f"; done
rm -rf "$out"
mkdir -p "$out/seeds" "$out/finds"

: >"$out/said"
# is_new SENTENCE: true if no find with the same violation was printed
is_new() {
    key=$(printf '%s\n' "$1" | head -n 1 | cut -c 1-60)
    [ -n "$key" ] && ! grep -q -x -F -e "$key" "$out/said" && printf '%s\n' "$key" >>"$out/said"
}

# report SENTENCE INPUT: prints a find
report() {
    found=$((found + 1))
    printf '\n%s\n    input:  %s (%s bytes)\n    replay: %s\n' "$1" "$2" "$(wc -c <"$2")" "$out/replay $2"
}

# ---- the replay program, and the seeds: events for which the handler violates nothing

sanitizers='-g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all'
${CC:-cc} -std=gnu99 $sanitizers -Wall $sources fuzz/driver.c fuzz/mutate.c "$LIBRARY" -o "$out/replay" || fail "it does not compile"
# strings on a handler's stack must not be read after it has returned
export ASAN_OPTIONS=detect_stack_use_after_return=1:abort_on_error=1:symbolize=0:detect_leaks=0
sentence() { # FILE: prints what replaying it violates, if anything
    ASAN_OPTIONS=detect_stack_use_after_return=1:detect_leaks=0 timeout 20 "$out/replay" "$1" >"$out/log" 2>&1
    rc=$?
    if grep -q '^violated: ' "$out/log"; then grep '^violated: ' "$out/log" | head -n 1
    elif [ $rc = 124 ]; then echo 'violated: the handler takes more than 20 seconds'
    elif grep -q 'ERROR: AddressSanitizer' "$out/log"; then
        sed -n -e 's/.*ERROR: AddressSanitizer: \(stack-use-after-[a-z]*\).*/violated: a string or struct on the stack is used after its function has returned (\1)/p' \
            -e t -e 's/.*ERROR: AddressSanitizer: \([^ ]*\).*/violated: an invalid memory access (\1)/p' "$out/log" | head -n 1
        grep -m 1 "$(for f in $from; do basename "$f"; done)" "$out/log" | sed 's/^ */    /'
    elif grep -q 'runtime error' "$out/log"; then
        sed -n -e '/null pointer/s/$/: an absent header, cookie or parameter has no bytes/' -e 's/^\(.*\): runtime error: /violated: \1: /p' "$out/log" | head -n 1
    elif [ $rc != 0 ]; then echo "violated: the handler ends the program (exit $rc)"
    fi
}
# The words in the handler's source, in places where it may search for them: a fuzzer guesses them only slowly.
# shellcheck disable=SC2086
words=$(cat $from | grep -v '^ *# *include' | grep -o '"[^"\\ ]\{2,40\}"' | tr -d '"' | sort -u | head -n 24)
mkdir -p "$out/words"
n=0
set -f # a word may contain wildcards
for word in $words; do
    n=$((n + 1))
    w=${word%"*"}
    case $w in
    /*) build/edgefn sample viewer-request --uri "${w}x" >"$out/words/$n.json" 2>/dev/null ;;
    *) build/edgefn sample viewer-request --query "$w=1" --cookie "$w=1" --header "$w: 1" >"$out/words/$n.json" 2>/dev/null ||
        build/edgefn sample viewer-request --query "$w=1" --uri "/$w" >"$out/words/$n.json" 2>/dev/null
        build/edgefn sample origin-response --set-cookie "$w=1" --header "$w: 1" >"$out/words/response$n.json" 2>/dev/null ;;
    esac
done
set +f
find "$out/words" -size 0 -exec rm -f {} +
[ -n "${SEEDS:-}" ] || seeds="$seeds $(ls "$out"/words/*.json 2>/dev/null)"
# shellcheck disable=SC2086
small=$(find $seeds -size -8192c)
# all of them at once; one by one only if that fails
# shellcheck disable=SC2086
if ASAN_OPTIONS=detect_stack_use_after_return=1:detect_leaks=0 timeout 60 "$out/replay" $small >"$out/log" 2>&1; then
    cp $small "$out/seeds/"
    sed -n "s/^the handler failed for .*/fuzz $name: &: is that intended? Code after the failure is not tested/p" "$out/log"
else
    for f in $small; do
        said=$(sentence "$f")
        if [ -z "$said" ]; then cp "$f" "$out/seeds/"
        elif is_new "$said"; then
            cp "$f" "$out/finds/seed$found.json"
            report "$said" "$out/finds/seed$found.json"
        fi
    done
fi

# ---- time: steps for enlarged events

counted() {
    for f in $handler ${PARTS:-}; do
        ${CC:-cc} -std=gnu99 -O1 -fsanitize-coverage=trace-pc -I. $include -c "$f" -o "$out/cost_$(basename "$f" .c).o" || return 1
    done
}
if counted 2>"$out/cost.log" &&
    ${CC:-cc} -std=gnu99 -O1 -I. $include fuzz/handler_cost.c "$out"/cost_*.o "$COUNTED" -o "$out/cost" 2>>"$out/cost.log"; then
    # shellcheck disable=SC2086
    sh -c 'exec 2>/dev/null; ulimit -c 0; "$@"; exit $?' sh "$out/cost" $seeds >"$out/cost.txt"
    if [ $? = 1 ]; then # 1: more than linear time; crashes are found by replaying their input
        found=$((found + 1))
        printf '\n%s\n    replay: %s\n' "$(cat "$out/cost.txt")" "$out/cost $(sed -n 's/^ *event: //p' "$out/cost.txt" | head -n 1)"
    fi
else
    head -n 5 "$out/cost.log"
    echo "fuzz $name: steps are not counted: ${CC:-cc} does not support -fsanitize-coverage=trace-pc"
fi

# ---- words of the handler

{
    cat fuzz/edgefn.dict
    # shellcheck disable=SC2086
    cat $from | grep -o '"[^"\\]\{2,60\}"' | sort -u
} >"$out/dict"
[ -n "$(ls "$out/seeds")" ] || { echo; echo "fuzz $name: every seed is a find"; exit 1; }

# ---- the fuzzer

[ "$secs" = 0 ] || echo "fuzz $name: $(ls "$out/seeds" | wc -l) seeds, for $secs seconds; the fuzzer's output is in $out/fuzz.log"
finds= # files
if [ "$secs" = 0 ]; then printf '\nfuzz %s: only the seeds and the steps, for 0 seconds\n' "$name"
elif [ "$engine" = libfuzzer ]; then
    ${CLANG:-clang} -std=gnu99 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all $sources build/fuzz/libfuzzer_edgefn.o -o "$out/libfuzzer" || fail "it does not compile"
    mkdir -p "$out/corpus"
    "$out/libfuzzer" -max_total_time="$secs" -timeout=5 -dict="$out/dict" -artifact_prefix="$out/finds/" "$out/corpus" "$out/seeds" >"$out/fuzz.log" 2>&1
    finds=$(ls "$out"/finds/crash-* "$out"/finds/timeout-* 2>/dev/null)
    tail -n 3 "$out/fuzz.log" | grep -o 'Done.*\|stat::.*'
else
    command -v afl-fuzz >/dev/null 2>&1 || fail "afl-fuzz is not installed: install afl++, or set ENGINE=libfuzzer"
    export AFL_QUIET=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_UI=1 AFL_NO_AFFINITY=1
    AFL_USE_ASAN=1 AFL_USE_UBSAN=1 afl-clang-fast -std=gnu99 -O1 -fno-sanitize-recover=undefined $sources fuzz/driver.c build/fuzz/afl_edgefn.o -o "$out/afl" 2>"$out/build.log" ||
        { cat "$out/build.log"; fail "it does not compile"; }
    afl-fuzz -V "$secs" -t 1000 -m none -x "$out/dict" -i "$out/seeds" -o "$out/afl-out" -- "$out/afl" >"$out/fuzz.log" 2>&1 ||
        { tail -n 15 "$out/fuzz.log"; fail "afl-fuzz ended with an error"; }
    stat() { sed -n "s/^$1 *: *//p" "$out/afl-out/default/fuzzer_stats"; }
    printf '\nfuzz %s: %s executions in %s s, %s inputs kept, coverage %s\n' "$name" "$(stat execs_done)" "$(stat run_time)" "$(stat corpus_count)" "$(stat bitmap_cvg)"
    finds=$(ls "$out"/afl-out/default/crashes/id* 2>/dev/null)
    for f in "$out"/afl-out/default/hangs/id*; do # it counts as a hang if it hangs three times
        [ -e "$f" ] || continue
        for try in 1 2 3; do
            timeout 5 "$out/replay" "$f" >/dev/null 2>&1
            [ $? = 124 ] || break
        done
        [ "$try" != 3 ] || finds="$finds $f"
    done
fi

# one find per sentence, minimized
for f in $finds; do
    is_new "$(sentence "$f")" || continue
    small=$out/finds/$(wc -l <"$out/said").json
    if [ "$engine" = afl ] && timeout 60 afl-tmin -t 1000 -m none -i "$f" -o "$small" -- "$out/afl" >/dev/null 2>&1 && [ -n "$(sentence "$small")" ]; then :
    else cp "$f" "$small"
    fi
    report "$(sentence "$small")" "$small"
done
echo
if [ $found = 0 ]; then echo "fuzz $name: nothing found"; else echo "fuzz $name: $found found"; fi
[ $found = 0 ]

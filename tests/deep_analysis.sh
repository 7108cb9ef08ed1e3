#!/bin/sh
# Analyses of the library and of the hosts: what each reports is mended, or explained in tests/data/analysis.tsv, a row a reason (tests/analysis.py). For one
# only: ONLY=clang-tidy sh tests/deep_analysis.sh
suite=deep_analysis
. tests/lib.sh
GCC=${GCC:-gcc} CLANG=${CLANG:-clang}
jobs=$(getconf _NPROCESSORS_ONLN)
library='-std=c99 -x c -DEDGEFN_IMPLEMENTATION -I.'
host='-std=c99 -D_DEFAULT_SOURCE -DEDGEFN_IMPLEMENTATION_DONE -I. -Iexamples/hosts -Iexamples/hosts/cli'
hosts=$(ls examples/hosts/*.c examples/hosts/cli/*.c examples/hosts/lambda_runtime/[bh]*.c examples/hosts/lambda_edge_python/*.c examples/handlers/*.c)
[ ! -e /usr/include/event2/http.h ] || hosts="$hosts examples/hosts/minimal/minimal.c"
[ ! -e /usr/include/ts/ts.h ] || hosts="$hosts examples/hosts/trafficserver/edgefn.c"

# analysis NAME PROGRAM: true if it is wanted and there
analysis() {
    name=$1
    [ -z "${ONLY:-}" ] || [ "$ONLY" = "$name" ] || return 1
    there "$2" || { echo "SKIP $name: no $2"; return 1; }
    log=$tmp/$name.log
    : >"$log"
}

# explained NAME: fails if a report is not explained
explained() {
    run python3 tests/analysis.py reports "$1" "$log"
    cat "$tmp/out"
    rm "$tmp/out"
    check "$1: nothing without an explanation" [ "$rc" -eq 0 ]
}

# each COMMAND: for each line of standard input, which it is given as $1, several at a time
each() {
    echo "$1" >"$tmp/each.sh"
    xargs -P "$jobs" -n 1 sh "$tmp/each.sh" >"$tmp/each.out" 2>&1
    cat "$tmp/each.out" >>"$log"
}

#--- static --------------------------------------------------------------------------------------------------------------

# It does not end on the whole of edgefn.h, and in less than the whole it says nothing of what it did not look at unless asked: hence 24 parts, each of which
# it must look at to its end. Nothing is inlined, so that all functions are looked at by themselves, too.
if analysis gcc-fanalyzer "$GCC"; then
    flags='-O0 -fanalyzer -Wanalyzer-too-complex --param=analyzer-bb-explosion-factor=30 -fkeep-static-functions -fkeep-inline-functions'
    parts="$GCC $flags -std=c99 -D__OPTIMIZE_SIZE__ -DEDGEFN_NO_SIMD -DEDGEFN_DEBUG -S"
    run python3 tests/analysis.py parts "$tmp" 24
    seq 0 23 | each "$parts $tmp/part\$1.c -o $tmp/part\$1.s || echo edgefn.h:1: error: part \$1 is not compiled"
    check "gcc-fanalyzer: every part to its end" [ "$(grep -c 'bailed out' "$log")" -eq 0 ]
    mv "$log" "$tmp/parts.log"
    echo "$hosts" | each "$GCC -fanalyzer -O0 $host -S \$1 -o $tmp/\$(echo \$1 | tr / .).s"
    grep -h -v 'too-complex\|used but never defined\|defined but not used' "$log" "$tmp/parts.log" >"$tmp/both.log"
    mv "$tmp/both.log" "$log"
    explained gcc-fanalyzer
    for part in "$tmp"/part*.c; do
        grep -A 1 '^static bool edgefn__is_utf8(edgefn_str s)$' "$part" | grep -q '^{' || continue
        sed '/^static bool edgefn__is_utf8(edgefn_str s)$/,/^{/ s/^{/{\n    char *planted = NULL;\n    if (s.len == 77) *planted = 1;/' "$part" >"$tmp/planted.c"
    done
    run $parts "$tmp/planted.c" -o "$tmp/planted.s"
    check "gcc-fanalyzer: a planted fault is found" says 'planted.*Wanalyzer-null-dereference'
fi

if analysis clang-analyzer "$CLANG"; then
    run "$CLANG" --analyze -Xclang -analyzer-output=text $library edgefn.h -o "$tmp/out.plist"
    cat "$tmp/err" >>"$log"
    echo "$hosts" | each "$CLANG --analyze -Xclang -analyzer-output=text $host \$1 -o $tmp/\$(echo \$1 | tr / .).plist"
    explained clang-analyzer
fi

# Without two kinds: easily-swappable-parameters (an offset and a length are both numbers, everywhere) and narrowing-conversions (it takes "a ? char : char" for
# an int; gcc's and clang's -Wconversion, which know better, are errors in test_compile.sh). cert-err33-c wants every printf() to be checked.
if analysis clang-tidy clang-tidy; then
    tidy='clang-tidy --quiet --header-filter=examples/hosts/.* --checks=-*,bugprone-*,cert-*,misc-*,performance-*,portability-*'
    tidy="$tidy,-bugprone-easily-swappable-parameters,-bugprone-narrowing-conversions,-cert-err33-c"
    run $tidy edgefn.h -- $library
    cat "$tmp/out" >>"$log"
    echo "$hosts" | each "$tidy \$1 -- $host 2>$tmp/tidy.err"
    explained clang-tidy
fi

if analysis cppcheck cppcheck; then
    cpp='cppcheck --quiet --std=c99 --language=c --enable=warning,style,performance,portability --template=gcc'
    for more in '' -DEDGEFN_NO_SIMD=1 -D__OPTIMIZE_SIZE__=1; do
        run $cpp -D__GNUC__=12 -D__x86_64__=1 -D__SSE2__=1 -DEDGEFN_IMPLEMENTATION=1 $more -I. edgefn.h
        cat "$tmp/err" >>"$log"
    done
    echo "$hosts" | each "$cpp -D__GNUC__=12 -D__x86_64__=1 -DEDGEFN_IMPLEMENTATION_DONE=1 -I. -Iexamples/hosts \$1"
    explained cppcheck
fi

#--- the C suites, with memory that was not written, and integers ----------------------------------------------------------

# Not here: steps are counted with one compiler; OpenSSL is not compiled with the sanitizer; all recipes take too long; the baseline is the same code with other vectors.
suites=$(ls tests/test_*.c | sed 's,tests/,,; s,\.c$,,' | grep -v -x -e test_cost -e test_verify -e test_confirm_elsewhere -e test_recipes_random -e '.*_baseline')
suites=${SUITES:-$suites}
suite_flags='-std=c99 -D_DEFAULT_SOURCE -DEDGEFN_DEBUG -g1 -I. -Iexamples/hosts'
cat >"$tmp/one.sh" <<'END'
# one SUITE: compiles and runs it with $RUN; prints what it found, and fails if the suite did
name=$1 source=tests/$1.c object=
extra=-DEDGEFN_IMPLEMENTATION_DONE flags=$FLAGS
if grep -q 'edgefn__[a-z]' "$source"; then extra=-DEDGEFN_STATIC flags=$INSIDE_FLAGS
else
    case $name in *_portable) object=$OBJECTS/portable.o ;; *_small) object=$OBJECTS/small.o ;; *) object=$OBJECTS/edgefn.o ;; esac
fi
$COMPILER $flags $extra "$source" $object $LAST -o "$OBJECTS/$name" && $RUN "$OBJECTS/$name" >"$OBJECTS/$name.out" 2>&1
rc=$?
cat "$OBJECTS/$name.out"
rm -f "$OBJECTS/$name"
[ $rc = 0 ] && tail -n 1 "$OBJECTS/$name.out" | grep -q ' 0 failed$' || tail -n 1 "$OBJECTS/$name.out" | grep -q SUMMARY || echo "edgefn.h:1: error: $name failed"
END

# the library for these suites, in three variants
objects() { # FLAGS
    OBJECTS=$tmp/$name
    mkdir -p "$OBJECTS"
    job "$name: the library" $COMPILER $1 -x c -DEDGEFN_IMPLEMENTATION -c edgefn.h -o "$OBJECTS/edgefn.o" &&
        job "$name: the library without vectors" $COMPILER $1 -DEDGEFN_NO_SIMD -x c -DEDGEFN_IMPLEMENTATION -c edgefn.h -o "$OBJECTS/portable.o" &&
        job "$name: the library without quick paths" $COMPILER $1 -DEDGEFN_SMALL -x c -DEDGEFN_IMPLEMENTATION -c edgefn.h -o "$OBJECTS/small.o"
    export COMPILER OBJECTS FLAGS INSIDE_FLAGS LAST RUN
}

# Integers: also unsigned ones, and conversions that lose something, in edgefn.h alone. A report does not stop the suite.
if analysis integers "$CLANG"; then
    checks='-fsanitize=memory,integer,implicit-conversion -fsanitize-recover=integer,implicit-conversion -fno-sanitize-recover=memory'
    COMPILER=$CLANG RUN= LAST='-fsanitize=memory,integer'
    FLAGS="$suite_flags -O1 -fsanitize=memory" INSIDE_FLAGS="$suite_flags -O1 $checks"
    if objects "$suite_flags -O1 $checks"; then
        echo "$suites" | each "sh $tmp/one.sh \$1"
        check "integers: memory that was not written is not read" [ "$(grep -c 'WARNING: MemorySanitizer' "$log")" -eq 0 ]
        grep -v '^tests/' "$log" >"$tmp/library.log"
        mv "$tmp/library.log" "$log"
        explained integers
        echo "integers: $(echo "$suites" | wc -l) suites, $(cat "$OBJECTS"/*.out | awk '/: [0-9]* passed, [0-9]* failed$/ { n += $2 } END { print n }') checks"
    fi
fi

# valgrind sees what no sanitizer does: the optimized code itself, as it is linked. It knows no AVX-512.
if analysis valgrind valgrind; then
    COMPILER=$GCC RUN='valgrind -q --error-exitcode=9' LAST="$tmp/unsanitized.o"
    echo 'void __sanitizer_set_death_callback(void (*f)(void)) { (void)f; }' >"$tmp/unsanitized.c"
    "$GCC" -c "$tmp/unsanitized.c" -o "$tmp/unsanitized.o"
    FLAGS="$suite_flags -gdwarf-4 -O2" INSIDE_FLAGS="$suite_flags -gdwarf-4 -O2"
    if objects "$suite_flags -gdwarf-4 -O2"; then
        valgrind_suites=${SUITES:-test_body test_cookies test_edits test_errors test_fields test_headers test_jwt test_query test_respond test_scan test_str test_time test_uri}
        echo "$valgrind_suites" | each "sh $tmp/one.sh \$1"
        check "valgrind: nothing" [ "$(grep -c '^==' "$log")" -eq 0 ]
        explained valgrind
        echo "valgrind: $(echo $valgrind_suites | wc -w) suites, $(cat "$OBJECTS"/*.out | awk '/: [0-9]* passed, [0-9]* failed$/ { n += $2 } END { print n }') checks"
    fi
fi

#--- proofs --------------------------------------------------------------------------------------------------------------

# tests/proofs/*.c: by abstract interpretation, without an alarm for all inputs up to a length; and compared with slow versions, for all inputs of some lengths
for harness in tests/proofs/*.c; do
    proof=$(basename "$harness" .c)
    if analysis "compare-$proof" "$GCC"; then
        job "$name" "$GCC" -std=gnu99 -O2 -Wall -Wextra -Werror -Wno-unused -I. "$harness" -o "$tmp/$proof" || continue
        run "$tmp/$proof"
        [ "$rc" -eq 0 ] && echo "$name: $(cat "$tmp/out")"
        check "$name: as the slow version" [ "$rc" -eq 0 ]
    fi
    if analysis "proof-$proof" frama-c; then
        level=3000
        case $proof in arena | scan) level=500 ;; esac
        run timeout 900 frama-c -machdep gcc_x86_64 -cpp-extra-args='-I. -U__GNUC__ -std=c99' -c11 -eva -eva-precision 4 -eva-slevel $level "$harness"
        grep -A 2 'eva:alarm' "$tmp/out"
        grep -h 'statements reached\|alarms generated' "$tmp/out"
        check "$name: no alarm" grep -q ' 0 alarms generated' "$tmp/out"
        check "$name: every check holds" [ "$(grep -c ' [1-9][0-9]* \(unknown\|invalid\)' "$tmp/out")" -eq 0 ]
    fi
done

end

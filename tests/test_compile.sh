#!/bin/sh
# Compiles the header: languages, warnings, linking, symbols, no libc, tcc, other machines, code that must not compile.
# Run from the top directory; prints what failed and "test_compile: N passed, N failed".
# DEEP=1 (make test-deep) takes four times as long: it also optimizes, links and runs where this only checks syntax, and adds standards,
# optimization levels and machines.
GCC=${GCC:-gcc} CLANG=${CLANG:-clang} GXX=${GXX:-g++} CLANGXX=${CLANGXX:-clang++}
out=build/tests/compile
mkdir -p $out
passed=0 failed=0
if [ "${DEEP:-}" = 1 ]; then deep=true; else deep=false; fi
if $deep; then O1=-O1 O2=-O2; else O1=-O0 O2=-O0; fi
there() { command -v "$1" >/dev/null 2>&1; }
skip() { echo "SKIP $1: $2"; }
ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED: $1"; [ -z "$2" ] || head -n 20 "$2"; }
job() { # WHAT COMMAND...: the command must succeed
    what=$1; shift
    if "$@" >$out/log 2>&1; then ok; else bad "$what: $*" $out/log; fi
}
refused() { # WHAT COMMAND...: the command must fail with an error message of the compiler
    what=$1; shift
    if "$@" >$out/log 2>&1; then bad "$what compiles, and must not: $*"
    elif grep -q 'error:' $out/log; then ok
    else bad "$what: no compiler error: $*" $out/log; fi
}
empty() { # WHAT FILE: the file must be empty
    if [ -s "$2" ]; then bad "$1" "$2"; else ok; fi
}
WARN='-pedantic -Wall -Wextra -Wconversion -Wshadow -Werror'
T=tests/compile

compilers() { # sets cc and cxx to each installed compiler in turn, and calls the function
    for pair in "$GCC:$GXX" "$CLANG:$CLANGXX"; do
        cc=${pair%%:*} cxx=${pair##*:}
        if there "$cc"; then "$1"; else skip "$1" "no $cc"; fi
    done
}

no_texts() { # what, program
    for text in 'out of memory: give the arena' EDGEFN_E_OOM 'Restrictions on all edge functions' 'a read-only header was added'; do
        if grep -qF "$text" "$2"; then bad "$1 contains \"$text\""; else ok; fi
    done
}

left_out() { # functions that are left out are not declared
    cat >$out/left_out.c <<'END'
#include "edgefn.h"
int use(edgefn_event *ev);
int use(edgefn_event *ev)
{
#if defined(EDGEFN_NO_UA)
    return edgefn_ua_of(ev).bot != 0;
#elif defined(EDGEFN_NO_LAMBDA)
    return edgefn_origin_s3(ev, NULL);
#else
    return edgefn_sign_v4(ev, NULL);
#endif
}
END
    job "left_out.c $cc" $cc -std=c99 $WARN -I. -fsyntax-only $out/left_out.c
    for off in UA LAMBDA CRYPTO; do refused "EDGEFN_NO_$off $cc" $cc -std=c99 $WARN -I. -DEDGEFN_NO_$off -fsyntax-only $out/left_out.c; done
    refused "no dialect $cc" $cc -std=c99 -I. -DEDGEFN_NO_LAMBDA -DEDGEFN_NO_FUNCTIONS -fsyntax-only $out/left_out.c
}

language() {
    job "c99 $cc" $cc -std=c99 $O2 $WARN ${T}_c99.c -o $out/c99
    job "c99 $cc runs" $out/c99
    for std in $($deep && echo c11 c2x) c17 gnu99; do job "$std $cc" $cc -std=$std -fsyntax-only $WARN ${T}_c99.c; done
    other= # the last two only by one compiler, unless DEEP=1
    [ "$cc" = "$GCC" ] || ! there "$GCC" || other=' not with this one'
    # with these flags the texts of errors and rules are not linked: nothing here returns them
    gc='-ffunction-sections -fdata-sections -Wl,--gc-sections'
    for off in "-DEDGEFN_NO_SIMD $O1" "-DEDGEFN_SMALL $O1" -DEDGEFN_NO_DISPATCH -DEDGEFN_NO_CRYPTO '-DEDGEFN_NO_SIMD -DEDGEFN_NO_DISPATCH' -DEDGEFN_NO_UA \
        '-DEDGEFN_NO_UA -DEDGEFN_NO_FUNCTIONS' '-DEDGEFN_NO_CRYPTO -DEDGEFN_NO_UA -DEDGEFN_NO_LAMBDA'; do
        case $deep$off in
        true* | *CRYPTO | *"FUNCTIONS$other" | *"LAMBDA$other")
            job "minimal $off $cc" $cc -std=c99 $WARN $gc $off ${T}_minimal.c -o $out/minimal
            job "minimal $off $cc runs" $out/minimal
            no_texts "minimal $off $cc" $out/minimal ;;
        *) job "minimal $off $cc" $cc -std=c99 $WARN $off -fsyntax-only ${T}_minimal.c ;; # test_*_portable, _small and _baseline run suites with these
        esac
    done
    if [ "$(uname -m)" = x86_64 ]; then # compiled for a machine with more instructions, other vector code may be chosen
        job "march $cc" $cc -std=c99 $O1 -mavx2 -mbmi $WARN ${T}_c99.c -o $out/march
        grep -qw avx2 /proc/cpuinfo && job "march $cc runs" $out/march
    fi
    if there "$cxx"; then
        job "c++11 $cxx" $cxx -std=c++11 $O1 $WARN ${T}_cpp11.cc -o $out/cpp11
        job "c++11 $cxx runs" $out/cpp11
        for std in $($deep && echo c++14 c++17 c++2b) c++20; do job "$std $cxx" $cxx -std=$std -fsyntax-only $WARN ${T}_cpp11.cc; done
    else skip "c++ beside $cc" "no $cxx"; fi
}

clean_object() { # WHAT FILE NEEDS PREFIXES: may define only edgefn_*, two_parse() and names with these prefixes, and must not need symbols except NEEDS (for -fPIC)
    nm -g --defined-only "$2" | awk -v more="^(edgefn${4:+|$4})_[a-z0-9]" '$3 !~ more && $3 != "two_parse" { print $3 " is exported" }' >$out/log
    empty "$1 exports nothing but edgefn_*" $out/log
    # with -fPIC, tables of addresses are writable until the program is loaded
    [ -n "$3" ] || nm "$2" | awk '$2 ~ /^[bBdDcC]$/ { print $3 " is data that can be written: there must be no state" }' >$out/log
    [ -n "$3" ] || empty "$1 has no state" $out/log
    # functions that compilers call implicitly are allowed
    nm -u "$2" | awk -v more="^($3)\$" '$2 !~ /^(mem(cpy|move|set|cmp)|bcmp|strlen|__cpu_model|__cpu_indicator_init)$/ && $2 !~ more {
        print $2 " is needed" }' >$out/log
    empty "$1 needs nothing from outside" $out/log
}

linking() { # compiles each file once, and links it
    job "object $cc" $cc -std=c99 $O2 $WARN -fno-pic -c ${T}_two_b.c -o $out/two_b.o
    clean_object "object $cc" $out/two_b.o
    job "two files $cc" $cc -std=c99 $WARN -no-pie ${T}_two_a.c $out/two_b.o -o $out/two
    job "two files $cc run" $out/two
    job "static object $cc" $cc -std=c99 $WARN -c ${T}_static_b.c -o $out/static_b.o
    job "two static copies $cc" $cc -std=c99 $WARN ${T}_static_a.c $out/static_b.o -o $out/static
    job "two static copies $cc run" $out/static
    nm -g --defined-only $out/static_b.o | awk '$3 != "static_b" { print $3 " is exported in spite of EDGEFN_STATIC" }' >$out/log
    empty "EDGEFN_STATIC exports $cc" $out/log
    # only edgefn_answer() needs edgefn_handler(): a library must link without a handler, and with one
    job "shared without a handler $cc" $cc -std=c99 $O1 -fPIC -shared -Wl,-z,defs $WARN ${T}_two_b.c -o $out/two.so
    echo '#include "edgefn.h"
        edgefn_str answer(edgefn_event *ev); edgefn_str answer(edgefn_event *ev) { return edgefn_answer(ev, ev->_json, ev->arena, NULL); }' >$out/answer.c
    for define in '' '-DEDGEFN_STATIC -DEDGEFN_IMPLEMENTATION'; do
        job "edgefn_answer() $define $cc" $cc -std=c99 $O1 $WARN -I. $define -c $out/answer.c -o $out/answer.o
        nm -u $out/answer.o | grep -q edgefn_handler && ok || bad "edgefn_answer() $define calls no edgefn_handler()"
    done
    $deep && job "object -Os -fPIC $cc" $cc -std=c99 -Os -fPIC -fvisibility=hidden $WARN -c ${T}_two_b.c -o $out/two_b.o
}

options() { # C++: every way to pass options, linked with the implementation in C; and the interface with -Wold-style-cast
    there "$cxx" || return
    for std in c++11 c++20; do
        flags='-Wold-style-cast -no-pie'
        [ "$cxx" = "$GXX" ] && flags="$flags -Wuseless-cast"
        [ $std = c++20 ] && flags="$flags -Wno-missing-field-initializers" # { .body = ... } leaves out the other members on purpose
        job "options $std $cxx" $cxx -std=$std $WARN $flags ${T}_opts.cc $out/two_b.o -o $out/opts
        job "options $std $cxx run" $out/opts
    done
}

every_warning() { # clang's, without those that contradict C99, the style of this file, or the public structs
    there "$CLANG" || { skip "every warning" "no $CLANG"; return; }
    without='-Wno-padded -Wno-declaration-after-statement -Wno-used-but-marked-unused -Wno-unused-macros -Wno-switch-enum -Wno-bad-function-cast -Wno-unreachable-code
        -Wno-unknown-warning-option -Wno-unsafe-buffer-usage -Wno-switch-default -Wno-pre-c11-compat'
    for more in '' -DEDGEFN_NO_SIMD -DEDGEFN_SMALL -DEDGEFN_NO_FUNCTIONS; do
        job "every warning $more" $CLANG -std=c99 -Weverything $without -Werror $more -x c -DEDGEFN_IMPLEMENTATION -fsyntax-only edgefn.h
    done
}

optimized_object() { # the object that `make` has built for all handlers
    if [ -e build/obj/edgefn_host.o ]; then clean_object build/obj/edgefn_host.o build/obj/edgefn_host.o '_GLOBAL_OFFSET_TABLE_|edgefn_handler' edgehost
    else bad "no build/obj/edgefn_host.o: run make"; fi
}

freestanding() {
    flags="-std=c99 -ffreestanding -nostdlib -fno-stack-protector -fno-builtin $WARN"
    levels=-O2 # from this level on compilers replace loops by calls of memset() and memcpy()
    $deep && levels='-O1 -O3 -O2'
    for level in $levels; do
        job "freestanding object $level $cc" $cc $flags $level -c ${T}_freestanding.c -o $out/free.o
        nm -u $out/free.o | awk '{ print $2 " is undefined" }' >$out/log
        empty "freestanding undefined symbols $level $cc" $out/log
    done
    object=-fsyntax-only # reports warnings that depend on the machine's types
    $deep && object='-O1 -c'
    if [ "$(uname -sm)" = 'Linux x86_64' ]; then
        job "freestanding program $cc" $cc -nostdlib -static $out/free.o -o $out/free
        job "freestanding program $cc runs" $out/free
        job "freestanding i686 $cc" $cc -m32 $object $flags ${T}_freestanding.c -o $out/free32.o
    fi
}

other_machines() {
    there "$CLANG" || { skip "other machines" "no $CLANG"; return; }
    flags="-std=c99 -O1 -ffreestanding -nostdlib $WARN"
    for target in wasm32 aarch64-linux-gnu s390x-linux-gnu armv7-linux-gnueabihf riscv64-linux-gnu x86_64-pc-windows-msvc; do
        echo 'int x;' >$out/x.c # clang may have been built without this target
        $CLANG --target=$target -ffreestanding -c $out/x.c -o $out/x.o >/dev/null 2>&1 || continue
        job "$target types" $CLANG --target=$target $flags -fsyntax-only ${T}_freestanding.c
        $deep && job "$target" $CLANG --target=$target $flags -c ${T}_freestanding.c -o $out/other.o
        job "$target without vectors" $CLANG --target=$target $flags -DEDGEFN_NO_SIMD -fsyntax-only ${T}_freestanding.c
    done
    $deep || return # test_host_node links and runs wasm32 modules
    if there wasm-ld; then
        for more in '' -msimd128; do
            job "wasm32 module $more" $CLANG --target=wasm32 $flags $more -Wl,--no-entry -Wl,--export=handle ${T}_freestanding.c -o $out/free.wasm
        done
        if there node; then
            cat >$out/free.cjs <<'END'
const m = new WebAssembly.Module(require('fs').readFileSync(process.argv[2]));
if (WebAssembly.Module.imports(m).length) throw new Error('the module imports something');
process.exit(new WebAssembly.Instance(m).exports.handle());
END
            job "wasm32 module runs" node $out/free.cjs $out/free.wasm
        fi
    else skip "wasm32 module" "no wasm-ld"; fi
}

small_compiler() { # tcc supports little more than C99; suites linked to its object must pass
    there tcc || { skip "tcc" "no tcc"; return; }
    job "c99 tcc" tcc -I. -Wall -Werror ${T}_c99.c -o $out/tcc
    job "c99 tcc runs" $out/tcc
    job "two files tcc" tcc -I. -Wall -Werror ${T}_two_a.c ${T}_two_b.c -o $out/tcc
    job "two files tcc runs" $out/tcc
    job "object tcc" tcc -I. -x c -DEDGEFN_IMPLEMENTATION -c edgefn.h -o $out/tcc.o
    there "$GCC" || { skip "suites linked to tcc's object" "no $GCC"; return; }
    echo 'void __sanitizer_set_death_callback(void (*f)(void)) { (void)f; }' >$out/unsanitized.c
    for suite in test_edits test_headers test_query test_respond test_roundtrip; do
        job "$suite tcc" $GCC -std=c99 -D_DEFAULT_SOURCE -I. -Iexamples/hosts -DEDGEFN_IMPLEMENTATION_DONE tests/$suite.c $out/unsanitized.c $out/tcc.o -o $out/$suite
        job "$suite tcc runs" $out/$suite
    done
}

must_fail() {
    job "compile_fail without FAIL $cc" $cc -std=c99 -Wall -Wextra -Werror -fsyntax-only ${T}_fail.c
    for n in 1 2 3 4 5 6 7; do refused "FAIL=$n $cc" $cc -std=c99 -fsyntax-only -DFAIL=$n ${T}_fail.c; done
    if there "$cxx"; then
        job "compile_fail without FAIL $cxx" $cxx -x c++ -std=c++11 -Wall -Wextra -Werror -fsyntax-only ${T}_fail.c
        for n in 1 2 3 4 5 6 7; do refused "FAIL=$n $cxx" $cxx -x c++ -std=c++11 -fsyntax-only -DFAIL=$n ${T}_fail.c; done
    fi
}

# Warnings are errors here, but not in a user's build.
examples() {
    for f in examples/handlers/*.c; do
        job "$f $cc" $cc -std=c99 $WARN -I. -fsyntax-only "$f"
    done
    for f in examples/hosts/*.c examples/hosts/cli/*.c fuzz/*.c; do
        [ -e "$f" ] && job "$f $cc" $cc -std=c99 -D_DEFAULT_SOURCE -Wall -Wextra -Wshadow -Werror -I. -Iexamples/hosts -fsyntax-only "$f"
    done
}

shared_objects() {
    for so in build/handlers/*.so; do
        [ -e "$so" ] || { bad "no build/handlers/*.so: run make"; return; }
        nm -D --defined-only "$so" | awk '{ print $3 }' | LC_ALL=C sort | tr '\n' ' ' >$out/log
        if [ "$(cat $out/log)" = 'edgefn_handler edgehost_abi edgehost_handle ' ]; then ok
        else bad "$so exports something else than its three symbols" $out/log; fi
    done
    for h in examples/handlers/*.c; do
        so=build/handlers/$(basename "$h" .c).so
        [ -e "$so" ] && ok || bad "$so is missing"
        tail -n 5 "$h" >$out/log # the end is the same for all, and not counted
        printf '\nbool edgefn_handler(edgefn_event *ev)\n{\n    return %s(ev);\n}\n' "$(basename "$h" .c)" | cmp -s - $out/log &&
            ok || bad "$h does not end with edgefn_handler(), which only calls the function named as the file" $out/log
        lines=$(($(wc -l <"$h") - 5))
        [ "$lines" -le 60 ] && ok || bad "$h has $lines lines before edgefn_handler(), and 60 are the limit"
    done
}

compilers language
compilers linking
compilers options
every_warning
optimized_object
compilers freestanding
small_compiler
other_machines
compilers must_fail
compilers left_out
compilers examples
shared_objects
echo "test_compile: $passed passed, $failed failed"
[ $failed = 0 ]

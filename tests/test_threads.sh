#!/bin/sh
# Several events at the same time, one in each thread, under ThreadSanitizer. DEEP=1: with all recipes instead of a dozen, and more rounds.
suite=test_threads
. tests/lib.sh
recipes='ab_test add_security_headers cache_key cache_safety path_by_device few_cookies form_guard jwt_sign_in language_path redirect_map request_filter signed_link'
rounds=2000
if [ "${DEEP:-}" = 1 ]; then
    recipes=$(ls examples/handlers/*.c | sed 's,.*/,,; s,\.c$,,')
    rounds=50000
fi
cc=
for c in "${GCC:-gcc}" "${CLANG:-clang}"; do
    echo 'int main(void) { return 0; }' >"$tmp/try.c"
    [ -n "$cc" ] || ! there "$c" || ! "$c" -fsanitize=thread "$tmp/try.c" -o "$tmp/try" 2>/dev/null || ! "$tmp/try" 2>/dev/null || cc=$c
done
if [ -z "$cc" ]; then
    echo "SKIP test_threads: no compiler has ThreadSanitizer, or it cannot run here"
    end
fi
flags='-std=c99 -O1 -g1 -fsanitize=thread -Wall -Wextra -Werror -I. -Iexamples/hosts'
job "the library" "$cc" $flags -x c -DEDGEFN_IMPLEMENTATION -c edgefn.h -o "$tmp/edgefn.o" || end
: >"$tmp/list.h"
for recipe in $recipes; do
    job "$recipe" "$cc" $flags -Dedgefn_handler="host_$recipe" -D"$recipe=recipe_$recipe" -c "examples/handlers/$recipe.c" -o "$tmp/$recipe.o" || end
    echo "X($recipe)" >>"$tmp/list.h"
done
job "the threads" "$cc" $flags -pthread -DRECIPES_LIST="\"$PWD/$tmp/list.h\"" tests/trust/threads.c "$tmp"/*.o -o "$tmp/threads" || end
TSAN_OPTIONS=halt_on_error=1:exitcode=66 counted "$tmp/threads" 4 $rounds examples/events/*.json
check "no race" [ "$rc" -eq 0 ]
RACE=1 TSAN_OPTIONS=halt_on_error=1:exitcode=66 run "$tmp/threads" 4 2000 examples/events/*.json
check "a race would be reported" [ "$rc" -eq 66 ]

# What threads share must be constant: neither a recipe nor the library in it has variables. The compiler's own are completed.0, __dso_handle, __TMC_END__,
# and what it knows of the processor.
constant() { # SO
    objdump -t "$1" >"$tmp/symbols" 2>"$tmp/err" || return 1
    awk '/ \.(data|bss|tdata|tbss)\t/ && $NF !~ /^(\.data|\.bss|completed\.0|__)/ { print $NF; found = 1 } END { exit found }' "$tmp/symbols" >"$tmp/out"
}
for so in build/handlers/*.so; do
    check "$(basename "$so" .so) has no variables" constant "$so"
done
echo 'static int calls; int count(void) { return calls++; }' >"$tmp/variable.c"
job "a library with a variable" "$cc" -shared -fPIC "$tmp/variable.c" -o "$tmp/variable.so"
not_constant() { ! constant "$1"; }
check "a variable would be found" not_constant "$tmp/variable.so"
end

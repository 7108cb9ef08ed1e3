#!/bin/sh
# Checks results of JavaScript functions (tests/data/results.js, run by node) with `edgefn check`. Started in the top directory.
LC_ALL=C
export LC_ALL
tmp=build/test_check_node
passed=0 failed=0
if ! command -v node >/dev/null 2>&1; then
    echo "SKIP results of JavaScript functions: no node"
    echo "test_check_node: 0 passed, 0 failed"
    exit 0
fi
rm -rf "$tmp"
mkdir -p "$tmp"
count=$(node tests/data/results.js "$tmp") || count=0

for want in "$tmp"/*.want; do
    [ -e "$want" ] || continue
    name=${want%.want}
    build/edgefn check "$name.event.json" "$name.result.json" >"$name.out" 2>"$name.err" </dev/null
    rc=$?
    cut -f 1,2 "$name.out" | tr '\t' ' ' >"$name.is"
    code=0
    grep -q '	refused	' "$name.out" && code=1
    grep -q '^\(functions\.\)\{0,1\}result\.\(json\|object\)	' "$name.out" && code=4
    good=1
    if grep -q '^result\.shape ' "$name.is"; then # stderr names the format, and this is the only finding
        sed -i '1{/^edgefn: this is an\{0,1\} [A-Z].* \(answer\|request\)$/d;}' "$name.err"
        [ "$(wc -l <"$name.is")" -eq 1 ] || good=0
    fi
    [ $rc = $code ] && [ ! -s "$name.err" ] && [ "$(wc -l <"$name.is")" -eq "$(wc -l <"$want")" ] || good=0
    while read -r rule subject; do # every expected line is printed; * matches anything
        case $rule in '*') rule='[^ ]*' ;; esac
        case $subject in '*') subject='.*' ;; esac
        grep -q -x -e "$rule $subject" "$name.is" || good=0
    done <"$want"
    if [ $good = 1 ]; then passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "not ok ${name##*/}: exit $rc, not $code; wanted:"
        sed 's/^/    /' "$want"
        echo "is:"
        sed 's/^/    /' "$name.out" "$name.err"
    fi
done
if [ "$count" -lt 70 ] || [ "$count" -ne $((passed + failed)) ]; then
    failed=$((failed + 1))
    echo "not ok: $count functions written, $((passed + failed)) checked"
fi
[ $failed -gt 0 ] || rm -rf "$tmp"
echo "test_check_node: $passed passed, $failed failed"
[ $failed -eq 0 ]

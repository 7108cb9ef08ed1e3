#!/bin/sh
# Recipes on events made for them; started in the top directory after `make`. tests/test_cli.sh runs every recipe on the events of examples/events.
# tests/golden/RECIPE.cases is a list of cases and what the recipe changed:
#     == what the case is
#     $ viewer-request --uri / [OPTION of edgefn sample...] [-- OPTION of edgefn run...]
#     + what `edgefn run --diff` prints, or what it wrote to its log
# --without NAME, before the other options, takes a header out of the sample.
# Each result must also be one about which `edgefn check` has nothing to say, and each case but those of "fails" must succeed.
#     UPDATE=1 sh tests/test_recipe_cases.sh    writes the files anew: read the difference
#     ONLY=name                                 one recipe alone
suite=test_recipe_cases
. tests/lib.sh

usual="--now 1767864000 --random 0.5 --random-bytes 000102030405060708090a0b0c0d0e0f"

# sample WORD...: makes the event of the first $words words
sample() {
    at=0
    for word; do
        shift
        [ $at -ge $words ] || set -- "$@" "$word"
        at=$((at + 1))
    done
    without=
    if [ "${2:-}" = --without ]; then
        without=$3 type=$1
        shift 3
        set -- "$type" "$@"
    fi
    "$edgefn" sample "$@" >"$tmp/all" 2>"$tmp/did" || return
    sed "s/,\"$without\":\(\[{[^]]*\]\|{[^}]*}\)//" "$tmp/all" >"$tmp/event"
}

# one WORD...: makes the event, runs the recipe, and puts what it did into $tmp/did
one() {
    words=0
    for word; do
        [ "$word" != -- ] || break
        words=$((words + 1))
    done
    sample "$@"
    rc=$?
    [ $rc = 0 ] || return
    [ $# = $words ] && shift $words || shift $((words + 1))
    "$edgefn" run "$handlers/$recipe.so" "$tmp/event" $usual "$@" --diff >"$tmp/did" 2>&1
    rc=$?
    "$edgefn" run "$handlers/$recipe.so" "$tmp/event" $usual "$@" >"$tmp/result" 2>/dev/null
}

for cases in tests/golden/*.cases; do
    recipe=${cases##*/}
    recipe=${recipe%.cases}
    [ "${ONLY:-$recipe}" = "$recipe" ] || continue
    check "$recipe is there" [ -e "$handlers/$recipe.so" ] || continue
    : >"$tmp/now"
    title=
    while IFS= read -r line; do
        case $line in
        '== '*)
            title="$recipe: ${line#== }"
            printf '%s\n' "$line" >>"$tmp/now"
            ;;
        '$ '*)
            eval "one ${line#\$ }" </dev/null
            sed "s,$tmp/event: ,," "$tmp/did" >"$tmp/shown"
            printf '%s\n' "$line" >>"$tmp/now"
            cat "$tmp/shown" >>"$tmp/now"
            case $title in
            *fails*) check "$title" [ "$rc" -eq 3 ] ;;
            *)
                check "$title: succeeds" [ "$rc" -eq 0 ]
                run "$edgefn" check "$tmp/event" "$tmp/result"
                check "$title: CloudFront takes it" [ "$rc $(wc -c <"$tmp/out")" = '0 0' ]
                ;;
            esac
            ;;
        esac
    done <"$cases"
    [ -z "${UPDATE:-}" ] || cp "$tmp/now" "$cases"
    if cmp -s "$tmp/now" "$cases"; then ok "$cases"; else
        not_ok "$cases"
        diff "$cases" "$tmp/now" | head -n 20
    fi
done
end

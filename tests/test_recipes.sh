#!/bin/sh
# Tests recipes with events of `edgefn sample`. Started in the top directory, after make.
#     sh tests/test_recipes.sh             prints what failed and the number of checks
#     UPDATE=1 sh tests/test_recipes.sh    rewrites the expected results: review the difference before you commit it
# tests/recipes/NAME.txt has cases for examples/handlers/NAME.c, four lines each, separated by empty lines:
#     # what the case shows
#     sample TYPE [OPTION...]              the event
#     run [OPTION...]                      more options of `edgefn run`
#     the result, or "= unchanged" if it is the received request or response: what pass.so prints, so pass.txt has it in full
# `edgefn check` must have no findings for any result, not even doubtful ones.
suite=test_recipes
. tests/lib.sh

# case_of NAME: prints the recipe's result for the event in $tmp/e.json, with the options of $run_line, as one line
case_of() {
    eval "run \"\$edgefn\" run \"\$handlers/$1.so\" \"\$tmp/e.json\" --now 1767864000 --random 0.5 \
        --random-bytes 000102030405060708090a0b0c0d0e0f ${run_line#run}"
    if [ "$rc" -ne 0 ]; then
        echo "! exit $rc: $(sed -n 's/.*(\(EDGEFN_E_[A-Z_]*\))$/\1/p' "$tmp/err")"
        return
    fi
    cp "$tmp/out" "$tmp/result"
    "$edgefn" run "$handlers/pass.so" "$tmp/e.json" >"$tmp/member"
    if [ "$1" != pass ] && cmp -s "$tmp/member" "$tmp/result"; then echo '= unchanged'; else cat "$tmp/result"; fi
}

# cases NAME FILE: runs the cases of a file, and writes the file with their results to $tmp/new
cases() {
    : >"$tmp/new"
    while IFS= read -r title; do
        IFS= read -r sample_line && IFS= read -r run_line && IFS= read -r expected || title=
        case "$title|$sample_line|$run_line" in
        '# '*'|sample '*'|run'*) ;;
        *)
            not_ok "$2: a case has four lines: '$title'"
            return
            ;;
        esac
        eval "\"\$edgefn\" ${sample_line}" >"$tmp/e.json" 2>"$tmp/err" || not_ok "$2: $title: $sample_line"
        case_of "$1" >"$tmp/line"
        printf '%s\n%s\n%s\n%s\n' "$title" "$sample_line" "$run_line" "$(cat "$tmp/line")" >>"$tmp/new"
        [ -n "${UPDATE:-}" ] || check "$1: ${title#??}" [ "$expected" = "$(cat "$tmp/line")" ]
        if grep -q '^{' "$tmp/line"; then
            run "$edgefn" check "$tmp/e.json" "$tmp/result"
            check "$1: ${title#??}: no finding" [ "$rc$(cat "$tmp/out")" = 0 ]
        fi
        IFS= read -r empty || continue
        [ -z "$empty" ] || not_ok "$2: an empty line must follow: $title"
        echo >>"$tmp/new"
    done <"$2"
    [ -z "${UPDATE:-}" ] || cmp -s "$tmp/new" "$2" || cp "$tmp/new" "$2"
}

for file in tests/recipes/*.txt; do
    name=${file##*/}
    name=${name%.txt}
    check "$file has a recipe" [ -e "$handlers/$name.so" ] && cases "$name" "$file"
    check "$file: no title twice" [ -z "$(grep '^# ' "$file" | sort | uniq -d)" ] # the playground finds a case by its title
done
end

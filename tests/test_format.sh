#!/bin/sh
# Checks that every C file is formatted as by clang-format 14 (.clang-format; `make format`). Other versions format differently and are not used.
#     sh tests/test_format.sh --tool      prints the name of a clang-format of that version; fails if there is none
suite=test_format
tool() {
    for tool in clang-format-14 clang-format; do
        case $("$tool" --version 2>/dev/null) in *'clang-format version 14.'*) return ;; esac
    done
    tool=
    return 1
}
if [ "${1:-}" = --tool ]; then tool && echo $tool; exit; fi
. tests/lib.sh
if ! tool; then
    version=$(clang-format --version 2>/dev/null | sed 's/.*version //')
    echo "SKIP the format of the C files: no clang-format 14${version:+, but $version}"
    end
fi
unset MAKEFLAGS MFLAGS MAKELEVEL
files=$(make -s --no-print-directory format-files) || not_ok "make format-files"
check "edgefn.h is among them" [ "${files#*edgefn.h}" != "$files" ]
run $tool --dry-run -Werror $files # all files in one call is faster
all=$rc
for file in $files; do
    [ $all = 0 ] || run $tool --dry-run -Werror "$file"
    if [ $rc = 0 ]; then ok "$file"; else not_ok "$file: make format"; fi
    rm -f $tmp/out $tmp/err
done
end

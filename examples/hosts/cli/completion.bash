# Completion of edgefn for bash; make install puts it in share/bash-completion/completions. What can be completed is read from edgefn's help.
_edgefn() {
    local edgefn=${COMP_WORDS[0]} command=${COMP_WORDS[1]} word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words=
    local types='viewer-request origin-request origin-response viewer-response'
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ] || { [ "$command" = help ] && [ "$COMP_CWORD" -eq 2 ]; }; then
        words=$("$edgefn" help 2>/dev/null | sed -n 's/^  edgefn \([a-z]*\) .*/\1/p' | sort -u)
    else
        case $before in
        --type)
            words=$types
            [ "$command" != events ] || words="$types functions-viewer-request functions-viewer-response" ;;
        --from) words='standard-log real-time-log har auto' ;;
        --to) words='lambda functions' ;;
        sample) words="$types functions-viewer-request functions-viewer-response" ;;
        jwt) words='sign verify show' ;;
        *)
            case $command,$word in
            *,-*) words=$("$edgefn" help "$command" 2>/dev/null | grep -o -e '--[a-z][a-z-]*' | sort -u) ;;
            recipes,*) words=$("$edgefn" recipes 2>/dev/null | cut -sf1) ;;
            esac ;;
        esac
    fi
    local IFS=$'\n'
    # shellcheck disable=SC2207,SC2086
    if [ -n "$words" ]; then COMPREPLY=($(IFS=$' \t\n'; compgen -W "$words" -- "$word"))
    else COMPREPLY=($(compgen -f -- "$word")); compopt -o filenames 2>/dev/null
    fi
}
complete -F _edgefn edgefn

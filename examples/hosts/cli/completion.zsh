#compdef edgefn
# Completion of edgefn for zsh; make install puts it in share/zsh/site-functions. What can be completed is read from edgefn's help.
local command=$words[2] before=$words[CURRENT-1]
local -a types
types=(viewer-request origin-request origin-response viewer-response)
if (( CURRENT == 2 )) || [[ $command == help && $CURRENT == 3 ]]; then
    compadd -- ${(u)${(f)"$($words[1] help 2>/dev/null | sed -n 's/^  edgefn \([a-z]*\) .*/\1/p')"}}
    return
fi
case $before in
    --type)
        compadd -- $types
        [[ $command != events ]] || compadd -- functions-viewer-request functions-viewer-response ;;
    --from) compadd -- standard-log real-time-log har auto ;;
    --to) compadd -- lambda functions ;;
    sample) compadd -- $types functions-viewer-request functions-viewer-response ;;
    jwt) compadd -- sign verify show ;;
    *)
        if [[ $words[CURRENT] == -* ]]; then
            compadd -- ${(u)${(f)"$($words[1] help $command 2>/dev/null | grep -o -e '--[a-z][a-z-]*')"}}
        elif [[ $command == recipes ]]; then
            compadd -- ${(f)"$($words[1] recipes 2>/dev/null | cut -sf1)"}
        else
            _files
        fi ;;
esac

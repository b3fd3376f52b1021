# bash completion for concernctl; commands and options are asked of the program itself,
# so that they are never others than it takes.
_concernctl()
{
    local current=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} words

    COMPREPLY=()
    if [[ $COMP_CWORD -eq 1 || ( $COMP_CWORD -eq 2 && $command == help ) ]]; then
        words=$(concernctl --help 2>/dev/null | sed -n 's/^  \([a-z]\{1,\}\) .*/\1/p')
        [[ $COMP_CWORD -eq 1 ]] && words+=" help --help --version"
    elif [[ $COMP_CWORD -eq 2 && $command == keys ]]; then
        words="make list --help"
    elif [[ $COMP_CWORD -eq 2 && $command == silence ]]; then
        words="add list end --help"
    elif [[ $COMP_CWORD -eq 2 && $command == test && $current != -* ]]; then
        compopt -o nospace 2>/dev/null || true
        words="systems@"
    elif [[ $current == -* ]]; then
        words=$(concernctl help "$command" 2>/dev/null | grep -o -- '--[a-z][a-z-]*' | sort -u)
        words+=" --help"
    else
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _concernctl concernctl

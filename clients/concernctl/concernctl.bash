# bash completion for concernctl; commands and options are asked of the program itself,
# so that they are never others than it takes.
_concernctl()
{
    local current=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}

    COMPREPLY=()
    if [[ $COMP_CWORD -eq 1 ]]; then
        local commands
        commands=$(concernctl --help 2>/dev/null | sed -n 's/^  \([a-z]\{1,\}\) .*/\1/p')
        mapfile -t COMPREPLY < <(compgen -W "$commands help --help --version" -- "$current")
    elif [[ $COMP_CWORD -eq 2 && $command == help ]]; then
        COMP_CWORD=1
        _concernctl
    elif [[ $COMP_CWORD -eq 2 && $command == keys ]]; then
        mapfile -t COMPREPLY < <(compgen -W "make list" -- "$current")
    elif [[ $current == -* ]]; then
        local options
        options=$(concernctl help "$command" 2>/dev/null | grep -o -- '--[a-z][a-z-]*' | sort -u)
        mapfile -t COMPREPLY < <(compgen -W "$options --help" -- "$current")
    else
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
    fi
}
complete -F _concernctl concernctl

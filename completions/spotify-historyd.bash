# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Completions of spotify-historyd for bash: written by `make texts`.

# What an option of a command wants behind it.
_spotify_historyd_wants() {
    case $1 in
    ' --config' | ' -c') REPLY=FILE ;;
    *) REPLY= ;;
    esac
}

_spotify_historyd() {
    local cur=${COMP_WORDS[COMP_CWORD]} command='' want='' words='' word i operands=0 REPLY=''
    COMPREPLY=()
    # Bash cuts --option=value into three words.
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $word == '=' && -n $want ]]; then
            continue
        elif [[ -n $want ]]; then
            want=''
        elif [[ $word == -* ]]; then
            _spotify_historyd_wants "$command $word"
            want=$REPLY
        elif [[ -z $command ]]; then
            command=$word
        else
            operands=$((operands + 1))
        fi
    done
    [[ $cur != '=' ]] || cur=''
    if [[ -z $want && $cur == -* ]]; then
        case $command in
        '') words='--config --check-config --print-config --sample-config --once --version --help' ;;
        esac
    fi
    case $want in
    FILE)
        compopt -o filenames 2>/dev/null
        while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$cur")
        return
        ;;
    esac
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$words" -- "$cur")
}

complete -F _spotify_historyd spotify-historyd

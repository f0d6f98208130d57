# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Completions of spotify-historyctl for bash: written by `make texts`.

# The Spotify ids of who is recorded; $1: the configuration, or nothing.
_spotify_historyctl_users() {
    timeout 2 spotify-historyctl ${1:+-c "$1"} users --json 2>/dev/null |
        sed -n 's/^ *"spotify_id": "\([A-Za-z0-9._-]\{1,\}\)",\{0,1\}$/\1/p'
}

# What an option of a command wants behind it.
_spotify_historyctl_wants() {
    case $1 in
    ' --config' | ' -c' | 'export --output' | 'export -o') REPLY=FILE ;;
    'login --user' | 'recent --user' | 'top --user' | 'stats --user' | 'delete-play --user' | 'restore-play --user' | 'import --user' | 'imports --user' | 'gaps --user' | 'export --user') REPLY=USER ;;
    'recent --last' | 'recent -n' | 'top --limit' | 'top -n' | 'imports --last' | 'imports -n' | 'gaps --last' | 'gaps -n' | 'backup --keep') REPLY=N ;;
    'recent --since' | 'recent --until' | 'top --since' | 'top --until' | 'stats --since' | 'stats --until' | 'export --since' | 'export --until') REPLY=TIME ;;
    'recent --search') REPLY=WORDS ;;
    'recent --before') REPLY=KEY ;;
    'top --by') REPLY=MEASURE ;;
    'export --format') REPLY=FORMAT ;;
    *) REPLY= ;;
    esac
}

_spotify_historyctl() {
    local cur=${COMP_WORDS[COMP_CWORD]} command='' want='' words='' word i operands=0 REPLY=''
    local config=''
    COMPREPLY=()
    # Bash cuts --option=value into three words.
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $word == '=' && -n $want ]]; then
            continue
        elif [[ -n $want ]]; then
            [[ $want == FILE && -z $command ]] && config=$word
            want=''
        elif [[ $word == -* ]]; then
            _spotify_historyctl_wants "$command $word"
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
        '') words='--config --version --help' ;;
        login) words='--user --no-browser --token-stdin --help' ;;
        users) words='--json --help' ;;
        status) words='--json --help' ;;
        sync) words='--help' ;;
        recent) words='--user --last --since --until --search --before --deleted --keys --json --help' ;;
        top) words='--user --limit --by --since --until --json --help' ;;
        stats) words='--user --since --until --json --help' ;;
        delete-play) words='--user --json --help' ;;
        restore-play) words='--user --json --help' ;;
        forget) words='--keep-plays --yes --help' ;;
        import) words='--user --dry-run --json --help' ;;
        imports) words='--user --last --rejects --json --help' ;;
        undo-import) words='--yes --help' ;;
        gaps) words='--user --last --json --help' ;;
        export) words='--format --user --since --until --output --help' ;;
        backup) words='--keep --help' ;;
        check) words='--json --offline --help' ;;
        rebuild) words='--help' ;;
        password) words='--help' ;;
        esac
    elif [[ -z $want && -z $command ]]; then
        words='login users status sync recent top stats delete-play restore-play forget import imports undo-import gaps export backup check rebuild password'
    elif [[ -z $want ]]; then
        case $command:$operands in
        sync:0) want=USER ;;
        top:0) want=KIND ;;
        delete-play:0) want=KEY ;;
        restore-play:0) want=KEY ;;
        forget:0) want=USER ;;
        import:*) want=FILE ;;
        imports:0) want=IMPORT ;;
        undo-import:0) want=IMPORT ;;
        backup:0) want=FILE ;;
        esac
    fi
    case $want in
    FILE)
        compopt -o filenames 2>/dev/null
        while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$cur")
        return
        ;;
    USER) words=$(_spotify_historyctl_users "$config") ;;
    TIME) words='today yesterday this-week last-week this-month last-month this-year last-year' ;;
    MEASURE) words='plays time' ;;
    FORMAT) words='csv json jsonl extended listenbrainz' ;;
    KIND) words='tracks artists albums' ;;
    esac
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$words" -- "$cur")
}

complete -F _spotify_historyctl spotify-historyctl

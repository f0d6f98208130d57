# SPDX-License-Identifier: MIT
#
# Completions for bash.  They need nothing of the package bash-completion but to be found by it.
#   awk -v program=NAME -f complete-bash.awk TABLES
BEGIN { FS = "\t"; ctl = program == "spotify-historyctl" }

$1 == "daemon" && !ctl { option("", $2, $3, $4) }
$1 == "global" && ctl { option("", $2, $3, $4) }
$1 == "command" && ctl {
    order[++commands] = $2
    if ($3 != "") operand[$2] = $3
}
$1 == "option" && ctl { option($2, $3, $4, $5) }
$1 == "value" { values[$2] = values[$2] (values[$2] == "" ? "" : " ") $3 }

function option(command, name, letter, argument) {
    words[command] = words[command] " --" name
    if (argument == "") return
    takes[argument] = takes[argument] (takes[argument] == "" ? "" : " | ") "'" command " --" name "'"
    if (letter != "") takes[argument] = takes[argument] " | '" command " -" letter "'"
    if (!(argument in placed)) { placed[argument] = 1; place[++places] = argument }
}

END {
    f = program
    gsub(/-/, "_", f)
    f = "_" f
    print "# shellcheck shell=bash"
    print "# SPDX-License-Identifier: MIT"
    print "# Completions of " program " for bash: written by `make texts`.\n"
    if (ctl) print_users()
    print "# What an option of a command wants behind it."
    print f "_wants() {\n    case $1 in"
    for (i = 1; i <= places; i++)
        print "    " takes[place[i]] ") REPLY=" place[i] " ;;"
    print "    *) REPLY= ;;\n    esac\n}\n"
    print f "() {"
    print "    local cur=${COMP_WORDS[COMP_CWORD]} command='' want='' words='' word i operands=0 REPLY=''"
    if (ctl) print "    local config=''"
    print "    COMPREPLY=()"
    print "    # Bash cuts --option=value into three words."
    print "    for ((i = 1; i < COMP_CWORD; i++)); do"
    print "        word=${COMP_WORDS[i]}"
    print "        if [[ $word == '=' && -n $want ]]; then"
    print "            continue"
    print "        elif [[ -n $want ]]; then"
    if (ctl) print "            [[ $want == FILE && -z $command ]] && config=$word"
    print "            want=''"
    print "        elif [[ $word == -* ]]; then"
    print "            " f "_wants \"$command $word\""
    print "            want=$REPLY"
    print "        elif [[ -z $command ]]; then"
    print "            command=$word"
    print "        else"
    print "            operands=$((operands + 1))"
    print "        fi"
    print "    done"
    print "    [[ $cur != '=' ]] || cur=''"
    print "    if [[ -z $want && $cur == -* ]]; then"
    print "        case $command in"
    print "        '') words='" substr(words[""], 2) (words[""] ~ /--help/ ? "" : " --help") "' ;;"
    for (i = 1; i <= commands; i++)
        print "        " order[i] ") words='" substr(words[order[i]] " --help", 2) "' ;;"
    print "        esac"
    if (ctl) {
        print "    elif [[ -z $want && -z $command ]]; then"
        printf "        words='"
        for (i = 1; i <= commands; i++) printf "%s%s", (i > 1 ? " " : ""), order[i]
        print "'"
        print "    elif [[ -z $want ]]; then"
        print "        case $command:$operands in"
        for (i = 1; i <= commands; i++)
            if (order[i] in operand) {
                word = operand[order[i]]
                many = word ~ /\.\.\./
                gsub(/[^A-Z]/, "", word)
                print "        " order[i] (many ? ":*" : ":0") ") want=" word " ;;"
            }
        print "        esac"
    }
    print "    fi"
    print "    case $want in"
    print "    FILE)"
    print "        compopt -o filenames 2>/dev/null"
    print "        while IFS= read -r word; do COMPREPLY+=(\"$word\"); done < <(compgen -f -- \"$cur\")"
    print "        return"
    print "        ;;"
    if (ctl) {
        print "    USER) words=$(" f "_users \"$config\") ;;"
        for (i = 1; i <= places; i++) done[place[i]] = 1
        for (name in values) if (!(name in done)) place[++places] = name
        for (i = 1; i <= places; i++)
            if (place[i] in values) print "    " place[i] ") words='" values[place[i]] "' ;;"
    }
    print "    esac"
    print "    while IFS= read -r word; do COMPREPLY+=(\"$word\"); done < <(compgen -W \"$words\" -- \"$cur\")"
    print "}\n"
    print "complete -F " f " " program
}

# Only what can be nothing else than an id gets into words that the shell expands.
function print_users() {
    print "# The Spotify ids of who is recorded; $1: the configuration, or nothing."
    print f "_users() {"
    print "    timeout 2 spotify-historyctl ${1:+-c \"$1\"} users --json 2>/dev/null |"
    print "        sed -n 's/^ *\"spotify_id\": \"\\([A-Za-z0-9._-]\\{1,\\}\\)\",\\{0,1\\}$/\\1/p'"
    print "}\n"
}

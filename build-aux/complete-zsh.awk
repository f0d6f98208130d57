# SPDX-License-Identifier: MIT
#
# Completions for zsh.
#   awk -v program=NAME -f complete-zsh.awk TABLES
BEGIN { FS = "\t"; ctl = program == "spotify-historyctl"; f = "_" program }

$1 == "daemon" && !ctl { specs[""] = specs[""] option($2, $3, $4, $5) }
$1 == "global" && ctl { specs[""] = specs[""] option($2, $3, $4, $5) }
$1 == "command" && ctl {
    order[++commands] = $2
    help[$2] = $4
    operand[$2] = $3
}
$1 == "option" && ctl { specs[$2] = specs[$2] option($3, $4, $5, $6) }
$1 == "value" { values[$2] = values[$2] (values[$2] == "" ? "" : " ") $3 }

# Tables come before values: the action of an argument is put in at the end.
function option(name, letter, argument, text,    spec) {
    gsub(/[][]/, "\\\\&", text)
    gsub(/'/, "'\\''", text)
    if (name == "version" || name == "help") spec = "'(- : *)--" name
    else if (letter != "") spec = "'(-" letter " --" name ")'{-" letter "+,--" name "=}'"
    else spec = "'--" name (argument != "" ? "=" : "")
    return " \\\n        " spec "[" text "]" (argument != "" ? ":" tolower(argument) ":@" argument "@" : "") "'"
}

function action(argument) {
    if (argument == "FILE") return "_files"
    if (argument == "USER") return f "_users"
    if (argument in values) return "(" values[argument] ")"
    return " "
}

function actions(text,    argument) {
    while (match(text, /@[A-Z]+@/)) {
        argument = substr(text, RSTART + 1, RLENGTH - 2)
        text = substr(text, 1, RSTART - 1) action(argument) substr(text, RSTART + RLENGTH)
    }
    return text
}

END {
    print "#compdef " program
    print "# SPDX-License-Identifier: MIT"
    print "# Completions of " program " for zsh: written by `make texts`.\n"
    if (!ctl) {
        print "_arguments -s" actions(specs[""])
        exit
    }
    print "# The Spotify ids of who is recorded."
    print f "_users() {"
    print "    local -a users"
    print "    users=(${(f)\"$(timeout 2 spotify-historyctl ${config:+-c} $config users --json 2>/dev/null |"
    print "        sed -n 's/^ *\"spotify_id\": \"\\([A-Za-z0-9._-]\\{1,\\}\\)\",\\{0,1\\}$/\\1/p')\"})"
    print "    compadd -a users"
    print "}\n"
    print f "_commands() {"
    print "    local -a commands"
    print "    commands=("
    for (i = 1; i <= commands; i++) {
        text = help[order[i]]
        gsub(/'/, "'\\''", text)
        print "        '" order[i] ":" text "'"
    }
    print "    )"
    print "    _describe -t commands command commands"
    print "}\n"
    print f "() {"
    print "    local curcontext=$curcontext state state_descr line config="
    print "    typeset -A opt_args\n"
    print "    _arguments -C -s" actions(specs[""]) " \\"
    print "        '(- : *)--help[print this text]' \\"
    print "        '1:command:" f "_commands' \\"
    print "        '*:: :->arguments'"
    print "    [[ $state == arguments ]] || return"
    print "    config=${opt_args[-c]:-${opt_args[--config]}}"
    print "    case $words[1] in"
    for (i = 1; i <= commands; i++) {
        word = operand[order[i]]
        many = word ~ /\.\.\./
        optional = word ~ /^\[/
        gsub(/[^A-Z]/, "", word)
        print "    " order[i] ")"
        print "        _arguments -s" actions(specs[order[i]]) " \\"
        print "        '(- : *)--help[print this text]'" (word == "" ? "" : " \\\n        '" \
              (many ? "*" : "1") (optional ? "::" : ":") tolower(word) ":" action(word) "'")
        print "        ;;"
    }
    print "    esac"
    print "}\n"
    print f " \"$@\""
}

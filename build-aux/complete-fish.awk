# SPDX-License-Identifier: MIT
#
# Completions for fish.
#   awk -v program=NAME -f complete-fish.awk TABLES
BEGIN { FS = "\t"; ctl = program == "spotify-historyctl" }

$1 == "daemon" && !ctl { option("", $2, $3, $4, $5) }
$1 == "global" && ctl { option("", $2, $3, $4, $5) }
$1 == "command" && ctl {
    line("-n '__spotify_historyctl_in \"\"' -a " $2 " -d " quote($4))
    option($2, "help", "", "", "print this text")
    operand($2, $3)
}
$1 == "option" && ctl { option($2, $3, $4, $5, $6) }
$1 == "value" { values[$2] = values[$2] (values[$2] == "" ? "" : " ") $3 }

function quote(text) {
    gsub(/\\/, "\\\\", text)
    gsub(/'/, "\\'", text)
    return "'" text "'"
}

function line(text) { lines[++count] = "complete -c " program " " text }

# Tables come before values: @ARGUMENT@ is put in at the end.
function option(command, name, letter, argument, text) {
    line((ctl ? "-n '__spotify_historyctl_in \"" command "\"' " : "") \
         "-l " name (letter != "" ? " -s " letter : "") \
         (argument != "" ? " @" argument "@" : "") " -d " quote(text))
}

function operand(command, argument,    word) {
    word = argument
    gsub(/[^A-Z]/, "", word)
    if (word == "FILE") line("-n '__spotify_historyctl_in " command "' -F")
    else if (word != "") line("-n '__spotify_historyctl_in " command "' @OPERAND" word "@")
}

function action(argument) {
    if (argument == "FILE") return "-r -F"
    if (argument == "USER") return "-x -a '(__spotify_historyctl_users)'"
    if (argument in values) return "-x -a " quote(values[argument])
    return "-x"
}

function actions(text,    argument, put) {
    if (match(text, /@[A-Z]+@/)) {
        argument = substr(text, RSTART + 1, RLENGTH - 2)
        put = action(argument)
        if (sub(/^OPERAND/, "", argument)) {
            put = action(argument)
            if (!sub(/^-x /, "", put)) return "" # nothing is known of it
        }
        text = substr(text, 1, RSTART - 1) put substr(text, RSTART + RLENGTH)
    }
    return text
}

END {
    print "# SPDX-License-Identifier: MIT"
    print "# Completions of " program " for fish: written by `make texts`.\n"
    if (ctl) print_functions()
    print "complete -c " program " -f"
    if (ctl) option("", "help", "", "", "print this text")
    for (i = 1; i <= count; i++) {
        text = actions(lines[i])
        if (text != "") print text
    }
}

function print_functions() {
    print "# The command on the line, and the configuration before it."
    print "function __spotify_historyctl_parts"
    print "    set -l words (commandline -opc)"
    print "    set -e words[1]"
    print "    set -g __spotify_historyctl_command ''"
    print "    set -g __spotify_historyctl_config"
    print "    while set -q words[1]"
    print "        switch $words[1]"
    print "            case -c --config"
    print "                set -q words[2]; and set -g __spotify_historyctl_config -c $words[2]"
    print "                set -e words[1]"
    print "            case '-*'"
    print "            case '*'"
    print "                set -g __spotify_historyctl_command $words[1]"
    print "                return"
    print "        end"
    print "        set -e words[1]"
    print "    end"
    print "end\n"
    print "function __spotify_historyctl_in"
    print "    __spotify_historyctl_parts"
    print "    test \"$__spotify_historyctl_command\" = \"$argv[1]\""
    print "end\n"
    print "# The Spotify ids of who is recorded."
    print "function __spotify_historyctl_users"
    print "    __spotify_historyctl_parts"
    print "    timeout 2 spotify-historyctl $__spotify_historyctl_config users --json 2>/dev/null |"
    print "        sed -n 's/^ *\"spotify_id\": \"\\([A-Za-z0-9._-]\\{1,\\}\\)\",\\{0,1\\}$/\\1/p'"
    print "end\n"
}

# SPDX-License-Identifier: MIT
#
# Fills the marked places of a man page from the tables, see gen-texts.
#   awk -v seen=FILE -f manual.awk TABLES PAGE
BEGIN { FS = "\t" }

FILENAME == ARGV[1] {
    if ($1 == "setting")
        setting[$2] = $0
    else if ($1 == "command") {
        command[++commands] = $2
        arguments[$2] = $3
    } else if ($1 == "option")
        options[$2] = options[$2] ".Op Fl Fl " $3 ($5 != "" ? " Ar " tolower($5) : "") "\n"
    next
}

/^\.\\" table: / {
    print
    inside = 1
    if ($0 ~ / synopsis$/)
        print_synopsis()
    else
        print_setting(substr($0, length(".\\\" table: setting ") + 1))
    next
}
/^\.\\" end of table$/ { inside = 0 }
!inside { print }

END {
    if (inside) fail("a table that does not end")
}

function fail(text) {
    print "manual.awk: " ARGV[2] ": " text > "/dev/stderr"
    exit 1
}

# "[USER]": "Op Ar user"; "FILE...": "Ar file ...".
function argument(text,    word) {
    word = tolower(text)
    gsub(/[^a-z]/, "", word)
    return (text ~ /^\[/ ? "Op " : "") "Ar " word (text ~ /\.\.\.$/ ? " ..." : "")
}

function print_synopsis(    i, name) {
    for (i = 1; i <= commands; i++) {
        name = command[i]
        printf ".Nm\n.Op Fl c Ar file\n.Cm %s\n%s", name, options[name]
        if (arguments[name] != "") print "." argument(arguments[name])
    }
    print ".Nm\n.Fl Fl version | Fl Fl help"
}

# A sentence a line, which mdoc asks for, broken at 80 columns.
function print_text(text,    n, i, word, line) {
    gsub(/\\/, "\\e", text)
    n = split(text, word, " ")
    line = ""
    for (i = 1; i <= n; i++) {
        if (line != "" && (length(line) + 1 + length(word[i]) > 80 || \
                           (word[i - 1] ~ /[.]$/ && word[i] ~ /^[A-Z]/))) {
            print line
            line = ""
        }
        line = line (line == "" ? "" : " ") word[i]
    }
    if (line != "") print line
}

function print_setting(name,    field, value) {
    if (!(name in setting)) fail("there is no setting " name)
    print name > seen
    split(setting[name], field, "\t")
    print ".It Cm " name
    print_text(field[7])
    print ".br"
    print_text("Type: " field[3] (field[4] != "" ? " (" field[4] ")" : "") ".")
    value = field[5]
    gsub(/^"|"$/, "", value)
    if (value == "" || value == "{}") print "Default: none."
    else print "Default:\n.Ql " value " ."
    print field[6] == "yes" ? "Needs a restart." : "A reload is enough."
}

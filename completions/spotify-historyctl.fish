# SPDX-License-Identifier: MIT
# Completions of spotify-historyctl for fish: written by `make texts`.

# The command on the line, and the configuration before it.
function __spotify_historyctl_parts
    set -l words (commandline -opc)
    set -e words[1]
    set -g __spotify_historyctl_command ''
    set -g __spotify_historyctl_config
    while set -q words[1]
        switch $words[1]
            case -c --config
                set -q words[2]; and set -g __spotify_historyctl_config -c $words[2]
                set -e words[1]
            case '-*'
            case '*'
                set -g __spotify_historyctl_command $words[1]
                return
        end
        set -e words[1]
    end
end

function __spotify_historyctl_in
    __spotify_historyctl_parts
    test "$__spotify_historyctl_command" = "$argv[1]"
end

# The Spotify ids of who is recorded.
function __spotify_historyctl_users
    __spotify_historyctl_parts
    timeout 2 spotify-historyctl $__spotify_historyctl_config users --json 2>/dev/null |
        sed -n 's/^ *"spotify_id": "\([A-Za-z0-9._-]\{1,\}\)",\{0,1\}$/\1/p'
end

complete -c spotify-historyctl -f
complete -c spotify-historyctl -n '__spotify_historyctl_in ""' -l config -s c -r -F -d 'the daemon\'s configuration (default /etc/spotify-historyd/spotify-historyd.conf)'
complete -c spotify-historyctl -n '__spotify_historyctl_in ""' -l version -d 'print the version'
complete -c spotify-historyctl -n '__spotify_historyctl_in ""' -a login -d 'sign somebody in at Spotify, or renew a sign-in'
complete -c spotify-historyctl -n '__spotify_historyctl_in "login"' -l help -d 'print this text'
complete -c spotify-historyctl -n '__spotify_historyctl_in "login"' -l user -x -a '(__spotify_historyctl_users)' -d 'renew the sign-in of this user'
complete -c spotify-historyctl -n '__spotify_historyctl_in "login"' -l no-browser -d 'only print the address'
complete -c spotify-historyctl -n '__spotify_historyctl_in "login"' -l token-stdin -d 'store a refresh token from elsewhere (read from standard input)'
complete -c spotify-historyctl -n '__spotify_historyctl_in ""' -a users -d 'list who is recorded'
complete -c spotify-historyctl -n '__spotify_historyctl_in "users"' -l help -d 'print this text'
complete -c spotify-historyctl -n '__spotify_historyctl_in "users"' -l json -d 'print what the daemon answers, as JSON'
complete -c spotify-historyctl -n '__spotify_historyctl_in ""' -a status -d 'tell how the daemon stands and what there is to do'
complete -c spotify-historyctl -n '__spotify_historyctl_in "status"' -l help -d 'print this text'
complete -c spotify-historyctl -n '__spotify_historyctl_in "status"' -l json -d 'print what the daemon answers, as JSON'
complete -c spotify-historyctl -n '__spotify_historyctl_in ""' -a sync -d 'ask Spotify now, for all or one, and wait for what is new'
complete -c spotify-historyctl -n '__spotify_historyctl_in "sync"' -l help -d 'print this text'
complete -c spotify-historyctl -n '__spotify_historyctl_in sync' -a '(__spotify_historyctl_users)'
complete -c spotify-historyctl -n '__spotify_historyctl_in ""' -a recent -d 'list what was played last'
complete -c spotify-historyctl -n '__spotify_historyctl_in "recent"' -l help -d 'print this text'
complete -c spotify-historyctl -n '__spotify_historyctl_in "recent"' -l user -x -a '(__spotify_historyctl_users)' -d 'of this user only'
complete -c spotify-historyctl -n '__spotify_historyctl_in "recent"' -l last -s n -x -d 'the newest N (default 20)'
complete -c spotify-historyctl -n '__spotify_historyctl_in "recent"' -l since -x -a 'today yesterday this-week last-week this-month last-month this-year last-year' -d 'from then on: 2026, 2026-11, 2026-11-22, 2026-11-22T18:00:00Z, 7d (ago; also m, h), today, yesterday, or this- or last- and week, month or year'
complete -c spotify-historyctl -n '__spotify_historyctl_in "recent"' -l until -x -a 'today yesterday this-week last-week this-month last-month this-year last-year' -d 'before then'
complete -c spotify-historyctl -n '__spotify_historyctl_in "recent"' -l search -x -d 'with words of the track, its artists or album'
complete -c spotify-historyctl -n '__spotify_historyctl_in "recent"' -l before -x -d 'older than this play'
complete -c spotify-historyctl -n '__spotify_historyctl_in "recent"' -l deleted -d 'those that were deleted'
complete -c spotify-historyctl -n '__spotify_historyctl_in "recent"' -l keys -d 'show the KEY of each play'
complete -c spotify-historyctl -n '__spotify_historyctl_in "recent"' -l json -d 'print JSON'
complete -c spotify-historyctl -n '__spotify_historyctl_in ""' -a top -d 'list the artists, tracks or albums that were played most'
complete -c spotify-historyctl -n '__spotify_historyctl_in "top"' -l help -d 'print this text'
complete -c spotify-historyctl -n '__spotify_historyctl_in top' -a 'tracks artists albums'
complete -c spotify-historyctl -n '__spotify_historyctl_in "top"' -l user -x -a '(__spotify_historyctl_users)' -d 'of this user only'
complete -c spotify-historyctl -n '__spotify_historyctl_in "top"' -l limit -s n -x -d 'the first N of each user (default 10)'
complete -c spotify-historyctl -n '__spotify_historyctl_in "top"' -l by -x -a 'plays time' -d 'plays (the default) or time'
complete -c spotify-historyctl -n '__spotify_historyctl_in "top"' -l since -x -a 'today yesterday this-week last-week this-month last-month this-year last-year' -d 'from then on: 2026, 2026-11, 2026-11-22, 2026-11-22T18:00:00Z, 7d (ago; also m, h), today, yesterday, or this- or last- and week, month or year'
complete -c spotify-historyctl -n '__spotify_historyctl_in "top"' -l until -x -a 'today yesterday this-week last-week this-month last-month this-year last-year' -d 'before then'
complete -c spotify-historyctl -n '__spotify_historyctl_in "top"' -l json -d 'print JSON'
complete -c spotify-historyctl -n '__spotify_historyctl_in ""' -a stats -d 'tell how much was played, when and what, and what is missing'
complete -c spotify-historyctl -n '__spotify_historyctl_in "stats"' -l help -d 'print this text'
complete -c spotify-historyctl -n '__spotify_historyctl_in "stats"' -l user -x -a '(__spotify_historyctl_users)' -d 'of this user only'
complete -c spotify-historyctl -n '__spotify_historyctl_in "stats"' -l since -x -a 'today yesterday this-week last-week this-month last-month this-year last-year' -d 'from then on: 2026, 2026-11, 2026-11-22, 2026-11-22T18:00:00Z, 7d (ago; also m, h), today, yesterday, or this- or last- and week, month or year'
complete -c spotify-historyctl -n '__spotify_historyctl_in "stats"' -l until -x -a 'today yesterday this-week last-week this-month last-month this-year last-year' -d 'before then'
complete -c spotify-historyctl -n '__spotify_historyctl_in "stats"' -l json -d 'print JSON'
complete -c spotify-historyctl -n '__spotify_historyctl_in ""' -a delete-play -d 'take a play out of lists and sums; it can be brought back'
complete -c spotify-historyctl -n '__spotify_historyctl_in "delete-play"' -l help -d 'print this text'
complete -c spotify-historyctl -n '__spotify_historyctl_in "delete-play"' -l user -x -a '(__spotify_historyctl_users)' -d 'a play of this user'
complete -c spotify-historyctl -n '__spotify_historyctl_in "delete-play"' -l json -d 'print JSON'
complete -c spotify-historyctl -n '__spotify_historyctl_in ""' -a restore-play -d 'bring a play back that was deleted'
complete -c spotify-historyctl -n '__spotify_historyctl_in "restore-play"' -l help -d 'print this text'
complete -c spotify-historyctl -n '__spotify_historyctl_in "restore-play"' -l user -x -a '(__spotify_historyctl_users)' -d 'a play of this user'
complete -c spotify-historyctl -n '__spotify_historyctl_in "restore-play"' -l json -d 'print JSON'
complete -c spotify-historyctl -n '__spotify_historyctl_in ""' -a forget -d 'remove a user and what was recorded of them'
complete -c spotify-historyctl -n '__spotify_historyctl_in "forget"' -l help -d 'print this text'
complete -c spotify-historyctl -n '__spotify_historyctl_in forget' -a '(__spotify_historyctl_users)'
complete -c spotify-historyctl -n '__spotify_historyctl_in "forget"' -l keep-plays -d 'remove the sign-in only; what is recorded stays'
complete -c spotify-historyctl -n '__spotify_historyctl_in "forget"' -l yes -d 'do not ask'
complete -c spotify-historyctl -n '__spotify_historyctl_in ""' -a import -d 'take in older plays, from what Spotify sends on request'
complete -c spotify-historyctl -n '__spotify_historyctl_in "import"' -l help -d 'print this text'
complete -c spotify-historyctl -n '__spotify_historyctl_in import' -F
complete -c spotify-historyctl -n '__spotify_historyctl_in "import"' -l user -x -a '(__spotify_historyctl_users)' -d 'whose history it is, where there is more than one user'
complete -c spotify-historyctl -n '__spotify_historyctl_in "import"' -l dry-run -d 'tell what would come of it, and change nothing'
complete -c spotify-historyctl -n '__spotify_historyctl_in "import"' -l json -d 'print the outcome as JSON'
complete -c spotify-historyctl -n '__spotify_historyctl_in ""' -a imports -d 'list what was imported'
complete -c spotify-historyctl -n '__spotify_historyctl_in "imports"' -l help -d 'print this text'
complete -c spotify-historyctl -n '__spotify_historyctl_in "imports"' -l user -x -a '(__spotify_historyctl_users)' -d 'imports for this user only'
complete -c spotify-historyctl -n '__spotify_historyctl_in "imports"' -l last -s n -x -d 'the newest N only'
complete -c spotify-historyctl -n '__spotify_historyctl_in "imports"' -l rejects -d 'list the rows of IMPORT that were not taken'
complete -c spotify-historyctl -n '__spotify_historyctl_in "imports"' -l json -d 'print JSON'
complete -c spotify-historyctl -n '__spotify_historyctl_in ""' -a undo-import -d 'take out again what an import brought'
complete -c spotify-historyctl -n '__spotify_historyctl_in "undo-import"' -l help -d 'print this text'
complete -c spotify-historyctl -n '__spotify_historyctl_in "undo-import"' -l yes -d 'do not ask'
complete -c spotify-historyctl -n '__spotify_historyctl_in ""' -a gaps -d 'list when plays were lost, or may have been, and what filled that'
complete -c spotify-historyctl -n '__spotify_historyctl_in "gaps"' -l help -d 'print this text'
complete -c spotify-historyctl -n '__spotify_historyctl_in "gaps"' -l user -x -a '(__spotify_historyctl_users)' -d 'gaps of this user only'
complete -c spotify-historyctl -n '__spotify_historyctl_in "gaps"' -l last -s n -x -d 'the newest N only'
complete -c spotify-historyctl -n '__spotify_historyctl_in "gaps"' -l json -d 'print JSON'
complete -c spotify-historyctl -n '__spotify_historyctl_in ""' -a export -d 'write what was played, for other programs'
complete -c spotify-historyctl -n '__spotify_historyctl_in "export"' -l help -d 'print this text'
complete -c spotify-historyctl -n '__spotify_historyctl_in "export"' -l format -x -a 'csv json jsonl extended listenbrainz' -d 'csv, json, jsonl, extended or listenbrainz'
complete -c spotify-historyctl -n '__spotify_historyctl_in "export"' -l user -x -a '(__spotify_historyctl_users)' -d 'plays of this user only'
complete -c spotify-historyctl -n '__spotify_historyctl_in "export"' -l since -x -a 'today yesterday this-week last-week this-month last-month this-year last-year' -d 'plays from then on: 2026, 2026-11, 2026-11-22, 2026-11-22T18:00:00Z, 7d (ago; also m, h), today, yesterday, or this- or last- and week, month or year'
complete -c spotify-historyctl -n '__spotify_historyctl_in "export"' -l until -x -a 'today yesterday this-week last-week this-month last-month this-year last-year' -d 'plays before then'
complete -c spotify-historyctl -n '__spotify_historyctl_in "export"' -l output -s o -r -F -d 'write this file, complete or not at all'
complete -c spotify-historyctl -n '__spotify_historyctl_in ""' -a backup -d 'copy the database, also while the daemon records'
complete -c spotify-historyctl -n '__spotify_historyctl_in "backup"' -l help -d 'print this text'
complete -c spotify-historyctl -n '__spotify_historyctl_in backup' -F
complete -c spotify-historyctl -n '__spotify_historyctl_in "backup"' -l keep -x -d 'then remove all but the newest N files of this pattern'
complete -c spotify-historyctl -n '__spotify_historyctl_in ""' -a check -d 'look whether all is well, and tell what to do if not'
complete -c spotify-historyctl -n '__spotify_historyctl_in "check"' -l help -d 'print this text'
complete -c spotify-historyctl -n '__spotify_historyctl_in "check"' -l json -d 'print what was found as JSON'
complete -c spotify-historyctl -n '__spotify_historyctl_in "check"' -l offline -d 'ask nothing of Spotify'
complete -c spotify-historyctl -n '__spotify_historyctl_in ""' -a rebuild -d 'sum up the plays anew for statistics, if check says that a sum is wrong'
complete -c spotify-historyctl -n '__spotify_historyctl_in "rebuild"' -l help -d 'print this text'
complete -c spotify-historyctl -n '__spotify_historyctl_in ""' -a password -d 'make a line for the file of the page\'s password'
complete -c spotify-historyctl -n '__spotify_historyctl_in "password"' -l help -d 'print this text'
complete -c spotify-historyctl -n '__spotify_historyctl_in ""' -l help -d 'print this text'

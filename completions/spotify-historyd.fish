# SPDX-License-Identifier: MIT
# Completions of spotify-historyd for fish: written by `make texts`.

complete -c spotify-historyd -f
complete -c spotify-historyd -l config -s c -r -F -d 'read this configuration (default /etc/spotify-historyd/spotify-historyd.conf)'
complete -c spotify-historyd -l check-config -d 'check the configuration and exit'
complete -c spotify-historyd -l print-config -d 'print the configuration in use, with where each value is from'
complete -c spotify-historyd -l sample-config -d 'print a commented sample configuration'
complete -c spotify-historyd -l once -d 'poll every user once, then exit'
complete -c spotify-historyd -l version -d 'print the version'
complete -c spotify-historyd -l help -d 'print this text'

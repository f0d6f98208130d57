/* SPDX-License-Identifier: MIT */
/*
 * ctl: the command line program: one file a command, one table of them (src/ctl/ctl.c).
 *
 * Owns: the commands, their options, and what they print.
 * Offers: ctl_main(), which main() calls; the tables, for completions.
 * Never: writes to the database beside a running daemon (it asks the daemon, or takes its lock while
 * it is not running); prints a byte from elsewhere that could do something to a terminal.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <stdbool.h>
#include <stddef.h>

#define CTL_OPTIONS_MAX 9 /* rows of one command's options */
#define CTL_MUST_ACT 1    /* exit status of status: a person must do something */

/* One option. A table of them ends with a row without a name. --help is every command's. */
struct ctl_option {
    const char *name;     /* "user": --user */
    const char *argument; /* "USER"; NULL: it takes none */
    const char *help;     /* one line */
    char letter;          /* 'c': also -c; 0: none */
};

/* What a command is called with. */
struct ctl_call {
    const char *config_file;             /* NULL: the default */
    const char *command;                 /* its name, for messages */
    const char *option[CTL_OPTIONS_MAX]; /* as in its table: the argument, "" for one that takes
                                            none; NULL: not given */
    char **operands;
    int operand_count;
};

struct ctl_command {
    const char *name;
    const char *arguments; /* "[USER]", "" = none */
    const char *help;      /* one line */
    const struct ctl_option *options;
    int least, most;                         /* operands */
    int (*run)(const struct ctl_call *call); /* returns an exit status */
};

/* The whole program. Returns its exit status (base/exit.h; CTL_MUST_ACT; check's own). */
int ctl_main(int argc, char **argv);

/* The commands, and the options before a command. NULL past the end. */
const struct ctl_command *ctl_command_at(size_t index);
const struct ctl_option *ctl_global_option_at(size_t index);

/* The words that an argument can be ("FORMAT", "KIND", "MEASURE") or may be ("TIME"), for
 * completions. NULL past the end, and for an argument that no table lists ("FILE"). */
const char *ctl_value_at(const char *argument, size_t index);

enum ctl_options_result {
    CTL_OPTIONS_READ,
    CTL_OPTIONS_HELP, /* --help was among them */
    CTL_OPTIONS_WRONG /* said on standard error */
};

/* Reads options by a table into values (as call->option). argv[0] begins the messages; argv is put
 * in order, and from *first on stand the operands. With stop_at_operand nothing behind the first of
 * them is read. */
enum ctl_options_result ctl_options_read(const struct ctl_option *options, int argc, char **argv,
                                         bool stop_at_operand,
                                         const char *values[static CTL_OPTIONS_MAX], int *first);

/* Each command, and its options. */
extern const struct ctl_option ctl_login_options[], ctl_users_options[], ctl_forget_options[],
    ctl_status_options[], ctl_sync_options[], ctl_check_options[], ctl_password_options[],
    ctl_export_options[], ctl_backup_options[], ctl_import_options[], ctl_imports_options[],
    ctl_gaps_options[], ctl_undo_import_options[], ctl_recent_options[], ctl_top_options[],
    ctl_stats_options[], ctl_rebuild_options[], ctl_delete_play_options[],
    ctl_restore_play_options[];
int ctl_login(const struct ctl_call *call);
int ctl_users(const struct ctl_call *call);
int ctl_forget(const struct ctl_call *call);
int ctl_status(const struct ctl_call *call);
int ctl_sync(const struct ctl_call *call);
int ctl_check(const struct ctl_call *call);
int ctl_password(const struct ctl_call *call);
int ctl_import(const struct ctl_call *call);
int ctl_imports(const struct ctl_call *call);
int ctl_gaps(const struct ctl_call *call);
int ctl_undo_import(const struct ctl_call *call);
int ctl_recent(const struct ctl_call *call);
int ctl_top(const struct ctl_call *call);
int ctl_stats(const struct ctl_call *call);
int ctl_export(const struct ctl_call *call);
int ctl_backup(const struct ctl_call *call);
int ctl_rebuild(const struct ctl_call *call);
int ctl_delete_play(const struct ctl_call *call);
int ctl_restore_play(const struct ctl_call *call);

#endif

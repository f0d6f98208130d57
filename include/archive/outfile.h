/* SPDX-License-Identifier: MIT */
/*
 * archive/outfile: a file that is at once complete under its name, or not there.
 *
 * Owns: the file under a temporary name beside it (".NAME.XXXXXX", mode 0600), until it is complete.
 * Offers: the descriptor to write to; the file synced, renamed over what bore the name, and the name
 * synced; or nothing, and what bore the name untouched.
 * Never: opens what bears the name already, follows a link there, leaves the temporary file behind
 * but after kill -9 (the next call for the same name removes that).
 */
#ifndef ARCHIVE_OUTFILE_H
#define ARCHIVE_OUTFILE_H

#include <stddef.h>

struct outfile {
    int fd;     /* -1: none */
    char *name; /* as it will be called, its directory resolved */
    char *made; /* as it is called meanwhile */
};

/* Makes the temporary file. 0 or errno: EISDIR, ENOTDIR ... if name can never be a file's. */
int outfile_begin(struct outfile *file, const char *name);

/* Names it. 0 or errno; then nothing is left of it. The descriptor is closed either way. */
int outfile_commit(struct outfile *file);

/* Gives it up. Fine at any time after outfile_begin(). */
void outfile_drop(struct outfile *file);

/* Writes all of it to a descriptor. 0 or errno. */
int outfile_write(int fd, const void *data, size_t len);

#endif

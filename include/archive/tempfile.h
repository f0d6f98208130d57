/* SPDX-License-Identifier: MIT */
/*
 * archive/tempfile: a file that nobody else sees, and that is gone with its descriptor.
 */
#ifndef ARCHIVE_TEMPFILE_H
#define ARCHIVE_TEMPFILE_H

/* A new file without a name in folder, to write and to read, mode 0600, closed by exec. Its
 * descriptor, or -1 and errno. */
int tempfile_open(const char *folder);

#endif

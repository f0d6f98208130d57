/* SPDX-License-Identifier: MIT */
#include "archive/tempfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Where the file system knows no files without a name: it has one for a moment. */
static int open_and_unlink(const char *folder)
{
    char path[4096];
    int fd;

    if (snprintf(path, sizeof(path), "%s/spotify-historyd-XXXXXX", folder) >= (int)sizeof(path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    fd = mkostemp(path, O_CLOEXEC); /* 0600 */
    if (fd >= 0)
        (void)unlink(path);
    return fd;
}

int tempfile_open(const char *folder)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

    if (fd < 0)
        fd = open_and_unlink(folder);
    return fd;
}

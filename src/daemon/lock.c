/* SPDX-License-Identifier: MIT */
#include "daemon/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define PID_SIZE 24

/* Opens the lock file, -1 with why. Nobody else may open it: whoever could read it could hold the
 * lock, too. */
static int open_file(const char *path, char *why, size_t size)
{
    struct stat status;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);

    if (fd < 0) {
        snprintf(why, size, "cannot open %s: %s", path, strerror(errno));
        return -1;
    }
    if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) {
        snprintf(why, size, "%s is not a regular file", path);
        close(fd);
        return -1;
    }
    return fd;
}

/* Says who has it. The number is what the holder wrote; a disk that was full then leaves none. */
static void tell_holder(int fd, const char *path, char *why, size_t size)
{
    char text[PID_SIZE] = "";
    ssize_t len = pread(fd, text, sizeof(text) - 1, 0);
    int64_t pid = 0;

    text[len > 0 ? len : 0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    if (*text != '\0' && text_int_parse(text, strlen(text), &pid) && pid > 0)
        snprintf(why, size, "the database is in use by process %lld, which holds %s",
                 (long long)pid, path);
    else
        snprintf(why, size, "the database is in use by another process, which holds %s", path);
}

/* The process number is for people; the lock is held without it, too. */
static void write_pid(int fd)
{
    char text[PID_SIZE];
    int len = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

    if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)len, 0) != len)
        (void)!ftruncate(fd, 0);
}

static enum lock_result lock_file(int fd, const char *path, char *why, size_t size)
{
    int result;

    do {
        result = flock(fd, LOCK_EX | LOCK_NB);
    } while (result < 0 && errno == EINTR);
    if (result == 0)
        return LOCK_OK;
    if (errno == EWOULDBLOCK) {
        tell_holder(fd, path, why, size);
        return LOCK_TAKEN;
    }
    snprintf(why, size, "cannot lock %s: %s", path, strerror(errno));
    return LOCK_FAILED;
}

enum lock_result lock_take(const char *database, int *fd, char *why, size_t size)
{
    char path[PATH_MAX];
    enum lock_result result;
    int file;

    *fd = -1;
    if (snprintf(path, sizeof(path), "%s.lock", database) >= (int)sizeof(path)) {
        snprintf(why, size, "the path of the database is too long");
        return LOCK_FAILED;
    }
    file = open_file(path, why, size);
    if (file < 0)
        return LOCK_FAILED;
    result = lock_file(file, path, why, size);
    if (result != LOCK_OK) {
        close(file);
        return result;
    }
    write_pid(file);
    *fd = file;
    return LOCK_OK;
}

/* The file stays: removing it would let two processes hold locks on two files of one name. */
void lock_release(int fd)
{
    if (fd < 0)
        return;
    (void)!ftruncate(fd, 0);
    flock(fd, LOCK_UN); /* a child that inherited the descriptor must not keep it */
    close(fd);
}

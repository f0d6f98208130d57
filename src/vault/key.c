/* SPDX-License-Identifier: MIT */
/*
 * vault/key: the key file: 64 hexadecimal digits and a newline, so that it can be copied by hand.
 */
#include "vault/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault/vault_private.h"

#define KEY_DIGITS (2 * VAULT_KEY_SIZE)
#define KEY_TEXT_SIZE (KEY_DIGITS + 3) /* digits, "\r\n", and one byte that shows a longer file */

/* Who hands us the file decides how tight its mode must be. */
enum key_place {
    KEY_OURS,      /* key_file: ours or root's, for nobody else */
    KEY_CREDENTIAL /* systemd's: root's, readable by us through its group or an access list */
};

static bool key_is_exposed(const struct stat *status, enum key_place place)
{
    if (place == KEY_CREDENTIAL) {
        return (status->st_mode & 027) != 0;
    }
    return (status->st_mode & 077) != 0 || (status->st_uid != geteuid() && status->st_uid != 0);
}

/* Value of the digits; false if text of len bytes is not 64 of them and at most one line end. */
static bool key_parse(const char *text, size_t len, unsigned char key[static VAULT_KEY_SIZE])
{
    bool line_end = (len == KEY_DIGITS) || (len == KEY_DIGITS + 1 && text[KEY_DIGITS] == '\n') ||
                    (len == KEY_DIGITS + 2 && memcmp(text + KEY_DIGITS, "\r\n", 2) == 0);
    return line_end && sodium_hex2bin(key, VAULT_KEY_SIZE, text, KEY_DIGITS, NULL, NULL, NULL) == 0;
}

/* Reads to the end or until text is full. -1 with errno. */
static ssize_t read_some(int fd, char *text, size_t size)
{
    size_t len = 0;
    while (len < size) {
        ssize_t got = read(fd, text + len, size - len);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -1;
        }
        if (got == 0) {
            break;
        }
        len += (size_t)got;
    }
    return (ssize_t)len;
}

/* The text passes through locked memory too: a copy on the stack would stay there. */
static enum vault_result key_read_fd(int fd, unsigned char key[static VAULT_KEY_SIZE])
{
    char *text = sodium_malloc(KEY_TEXT_SIZE);
    if (text == NULL) {
        return VAULT_NOMEM;
    }
    enum vault_result result = VAULT_IO;
    ssize_t len = read_some(fd, text, KEY_TEXT_SIZE);
    int error = errno;
    if (len >= 0) {
        result = key_parse(text, (size_t)len, key) ? VAULT_OK : VAULT_BAD_KEY;
    }
    sodium_free(text);
    errno = error;
    return result;
}

/* A symbolic link is followed: what counts is the file that it leads to. O_NONBLOCK: a FIFO must
 * not hold us. */
static enum vault_result key_read(const char *path, enum key_place place,
                                  unsigned char key[static VAULT_KEY_SIZE])
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        return errno == ENOENT ? VAULT_MISSING : errno == ENXIO ? VAULT_BAD_KEY : VAULT_IO;
    }
    enum vault_result result = VAULT_IO;
    if (fstat(fd, &status) == 0) {
        if (!S_ISREG(status.st_mode)) {
            result = VAULT_BAD_KEY;
        } else if (key_is_exposed(&status, place)) {
            result = VAULT_EXPOSED;
        } else {
            result = key_read_fd(fd, key);
        }
    }
    int error = errno;
    close(fd);
    errno = error;
    return result;
}

/* -- making a key ------------------------------------------------------------------------------ */

static int sync_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *directory = slash == NULL   ? strdup(".")
                      : slash == path ? strdup("/")
                                      : strndup(path, (size_t)(slash - path));
    if (directory == NULL) {
        return ENOMEM;
    }
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = fd < 0 ? errno : fsync(fd) != 0 && errno != EINVAL ? errno : 0;
    free(directory);
    if (fd >= 0) {
        close(fd);
    }
    return error;
}

/* Writes a new key to fd and syncs it. 0 or errno. */
static int key_write_fd(int fd)
{
    unsigned char *key = sodium_malloc(VAULT_KEY_SIZE);
    char *text = sodium_malloc(KEY_TEXT_SIZE);
    int error = ENOMEM;
    if (key == NULL || text == NULL) {
        goto out;
    }
    randombytes_buf(key, VAULT_KEY_SIZE);
    sodium_bin2hex(text, KEY_DIGITS + 1, key, VAULT_KEY_SIZE);
    text[KEY_DIGITS] = '\n';
    ssize_t written = write(fd, text, KEY_DIGITS + 1);
    if (written != KEY_DIGITS + 1) {
        error = written < 0 ? errno : ENOSPC;
    } else {
        error = fsync(fd) != 0 ? errno : 0;
    }
out:
    sodium_free(text);
    sodium_free(key);
    return error;
}

/* Gives made the name path if nothing has it. Never over a key that is there. */
static int rename_new(const char *made, const char *path)
{
    if (renameat2(AT_FDCWD, made, AT_FDCWD, path, RENAME_NOREPLACE) == 0) {
        return 0;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return errno;
    }
    if (link(made, path) != 0) {
        return errno;
    }
    unlink(made);
    return 0;
}

/* A new key under path, complete or not at all. 0, EEXIST when somebody was faster, or another
 * errno. */
static int key_create(const char *path)
{
    char *made = NULL;
    unsigned long long number = 0;
    randombytes_buf(&number, sizeof number);
    if (asprintf(&made, "%s.new-%016llx", path, number) < 0) {
        return ENOMEM;
    }
    int error = 0;
    int fd = open(made, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        error = errno;
        goto out;
    }
    error = fchmod(fd, 0600) != 0 ? errno : key_write_fd(fd);
    close(fd);
    if (error == 0) {
        error = rename_new(made, path);
    }
    if (error != 0) {
        unlink(made);
        goto out;
    }
    error = sync_directory(path);
out:
    free(made);
    return error;
}

/* -- opening ----------------------------------------------------------------------------------- */

/* Where systemd would have put the key: malloc'ed, NULL with *failed false when it puts none. */
static char *credential_path(bool *failed)
{
    const char *directory = secure_getenv("CREDENTIALS_DIRECTORY");
    char *path = NULL;
    *failed =
        directory != NULL && directory[0] != '\0' && asprintf(&path, "%s/token.key", directory) < 0;
    return *failed ? NULL : path;
}

static enum vault_result key_find(const char *path, bool create,
                                  unsigned char key[static VAULT_KEY_SIZE], char *source,
                                  size_t size)
{
    bool failed = false;
    char *credential = credential_path(&failed);
    if (failed) {
        return VAULT_NOMEM;
    }
    if (credential != NULL) {
        enum vault_result found = key_read(credential, KEY_CREDENTIAL, key);
        if (found != VAULT_MISSING) {
            snprintf(source, size, "%s", credential);
        }
        free(credential);
        if (found != VAULT_MISSING) {
            return found;
        }
    }
    enum vault_result result = key_read(path, KEY_OURS, key);
    if (result == VAULT_MISSING && create) {
        int error = key_create(path);
        if (error != 0 && error != EEXIST) {
            errno = error;
            return VAULT_IO;
        }
        result = key_read(path, KEY_OURS, key);
    }
    return result;
}

/* A digest under the key: equal for equal keys, and of no use for finding the key. */
static void key_name(struct vault *vault)
{
    static const char purpose[] = "spotify-historyd key id";
    unsigned char digest[crypto_generichash_BYTES_MIN];
    crypto_generichash(digest, sizeof digest, (const unsigned char *)purpose, sizeof purpose - 1,
                       vault->key, sizeof vault->key);
    memcpy(vault->key_id, digest, sizeof vault->key_id);
}

enum vault_result vault_open(const char *path, bool create, struct vault **vault, char *source,
                             size_t size)
{
    *vault = NULL;
    snprintf(source, size, "%s", path);
    if (sodium_init() < 0) {
        errno = ENOSYS;
        return VAULT_IO;
    }
    struct vault *made = sodium_malloc(sizeof *made);
    if (made == NULL) {
        return VAULT_NOMEM;
    }
    enum vault_result result = key_find(path, create, made->key, source, size);
    if (result != VAULT_OK) {
        int error = errno;
        sodium_free(made);
        errno = error;
        return result;
    }
    key_name(made);
    sodium_mprotect_readonly(made);
    *vault = made;
    return VAULT_OK;
}

void vault_close(struct vault *vault)
{
    sodium_free(vault);
}

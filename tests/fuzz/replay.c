/* SPDX-License-Identifier: MIT */
/*
 * The main program of a fuzzer in `make check`: each file of tests/fuzz/corpus/NAME/ goes once
 * through LLVMFuzzerTestOneInput(), and the empty input before them.
 *
 * NAME is the program's own name behind "replay-". Files or folders on the command line take the
 * place of the corpus. Ends with check's line of counts; one input is one check.
 *
 * The inputs run in a child, which notes in shared memory at which one it is. When it dies or
 * hangs, the parent names that input and starts another child behind it.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Seconds for one input; what takes longer hangs. */
#define PATIENCE 30

static char **paths; /* [0] is NULL: the empty input */
static int count;

static _Noreturn void die(const char *what, const char *path)
{
    fprintf(stderr, "replay: %s %s: %s\n", what, path, strerror(errno));
    exit(2);
}

static void add(const char *path)
{
    paths = realloc(paths, (size_t)(count + 1) * sizeof *paths);
    if (paths == NULL) {
        die("no memory for", "the list of inputs");
    }
    paths[count] = path != NULL ? strdup(path) : NULL;
    count++;
}

static void add_folder(const char *path)
{
    struct dirent **entries;
    int found = scandir(path, &entries, NULL, alphasort);
    if (found < 0) {
        die("cannot read", path);
    }
    for (int i = 0; i < found; i++) {
        if (entries[i]->d_name[0] != '.') {
            char inner[PATH_MAX];
            int length = snprintf(inner, sizeof inner, "%s/%s", path, entries[i]->d_name);
            if (length < 0 || (size_t)length >= sizeof inner) {
                errno = ENAMETOOLONG;
                die("cannot read", path);
            }
            add(inner);
        }
        free(entries[i]);
    }
    free(entries);
}

static void replay(const char *path)
{
    size_t size = 0;
    uint8_t *data = NULL;
    if (path != NULL) {
        struct stat info;
        FILE *file = fopen(path, "rb");
        if (file == NULL || fstat(fileno(file), &info) != 0) {
            die("cannot read", path);
        }
        size = (size_t)info.st_size;
        /* Exactly this size: a byte read behind the end is a byte outside of the block. */
        data = malloc(size > 0 ? size : 1);
        if (data == NULL || fread(data, 1, size, file) != size) {
            die("cannot read all of", path);
        }
        fclose(file);
    }
    (void)LLVMFuzzerTestOneInput(data != NULL ? data : (const uint8_t *)"", size);
    free(data);
}

static _Noreturn void replay_from(int first, volatile int *at)
{
    for (int i = first; i < count; i++) {
        *at = i;
        alarm(PATIENCE);
        replay(paths[i]);
    }
    alarm(0);
    *at = count;
    /* exit() and not _exit(): the leak check of the sanitizers runs there. */
    exit(0);
}

int main(int argc, char **argv)
{
    const char *slash = strrchr(argv[0], '/');
    const char *name = slash != NULL ? slash + 1 : argv[0];
    if (strncmp(name, "replay-", 7) == 0) {
        name += 7;
    }

    add(NULL);
    struct stat info;
    for (int i = 1; i < argc; i++) {
        if (stat(argv[i], &info) == 0 && S_ISDIR(info.st_mode)) {
            add_folder(argv[i]);
        } else {
            add(argv[i]);
        }
    }
    if (argc < 2) {
        char corpus[PATH_MAX];
        snprintf(corpus, sizeof corpus, "%s/tests/fuzz/corpus/%s", TEST_SRCDIR, name);
        if (stat(corpus, &info) == 0) {
            add_folder(corpus);
        }
    }

    volatile int *at =
        mmap(NULL, sizeof *at, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) {
        die("no shared memory for", name);
    }
    int errors = 0;
    for (int next = 0; next <= count; next = *at + 1) {
        *at = next;
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            replay_from(next, at);
        }
        int status;
        if (child < 0 || waitpid(child, &status, 0) < 0) {
            die("cannot run", name);
        }
        if (status == 0) {
            break;
        }
        errors++;
        printf("%s: %s: ", name,
               *at >= count         ? "after the last input"
               : paths[*at] != NULL ? paths[*at]
                                    : "the empty input");
        if (WIFSIGNALED(status)) {
            printf("%s\n", WTERMSIG(status) == SIGALRM ? "hangs" : strsignal(WTERMSIG(status)));
        } else {
            printf("exit %d\n", WEXITSTATUS(status));
        }
    }
    printf("%d%%: Checks: %d, Failures: 0, Errors: %d\n",
           errors < count ? 100 * (count - errors) / count : 0, count, errors);

    for (int i = 0; i < count; i++) {
        free(paths[i]);
    }
    free(paths);
    return errors == 0 ? 0 : 1;
}

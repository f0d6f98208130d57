/* SPDX-License-Identifier: MIT */
/* What a person is shown to sign in with: the address, what has to be registered, a browser. */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/exit.h"
#include "ctl/login.h"
#include "ctl/print.h"

#define DASHBOARD "https://developer.spotify.com/dashboard"

void login_add_instructions(const char *address, const char *redirect_uri, bool alone,
                            struct buf *out)
{
    buf_add_text(out, "To sign in, open this address in a browser:\n\n  ");
    print_text(out, address);
    buf_add_text(out, "\n\nThe app's settings at " DASHBOARD
                      " must list this redirect URI, exactly so\n(Spotify refuses \"localhost\" "
                      "there):\n\n  ");
    print_text(out, redirect_uri);
    if (alone)
        buf_add_text(out, "\n\nThe daemon is not running, so the browser will end on a page that "
                          "cannot be shown. That is fine.\nCopy the whole address of that page, "
                          "paste it here and press Enter:\n");
    else
        buf_add_text(out,
                     "\n\nIf the browser runs on this machine, that is all. If it ends on a page "
                     "that cannot be shown,\ncopy the whole address of that page, paste it here "
                     "and press Enter:\n");
}

bool login_address_is_plain(const char *address)
{
    if (strncmp(address, "https://", 8) != 0 && strncmp(address, "http://", 7) != 0)
        return false;
    for (; *address; address++)
        if (*address <= ' ' || *address > '~')
            return false;
    return true;
}

bool login_has_screen(const char *display, const char *wayland, const char *ssh, bool root)
{
    bool screen = (display && *display) || (wayland && *wayland);

    return screen && !(ssh && *ssh) && !root;
}

/* Whatever becomes of it: the address was printed as well. In a session of its own, so that Ctrl-C
 * here does not end it. */
static void start_browser(const char *address)
{
    char *arguments[] = {(char *)"xdg-open", (char *)address, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t ignored;
    pid_t child;

    sigemptyset(&ignored);
    sigaddset(&ignored, SIGPIPE);
    sigaddset(&ignored, SIGXFSZ);
    if (posix_spawn_file_actions_init(&files) != 0)
        return;
    if (posix_spawnattr_init(&attributes) == 0) {
        for (int fd = 0; fd <= 2; fd++)
            posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
        posix_spawnattr_setsigdefault(&attributes, &ignored);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF);
        (void)unsetenv("SPOTIFY_CLIENT_SECRET"); /* none of a browser's business */
        (void)posix_spawnp(&child, arguments[0], &files, &attributes, arguments, environ);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&files);
}

int login_show(const struct login_wish *wish, const char *address, const char *redirect_uri,
               bool alone)
{
    struct buf out = {0};
    int status;

    login_add_instructions(address, redirect_uri, alone, &out);
    status = print_out(&out);
    if (status == EXIT_STATUS_OK && !wish->no_browser && login_address_is_plain(address) &&
        login_has_screen(getenv("DISPLAY"), getenv("WAYLAND_DISPLAY"), getenv("SSH_CONNECTION"),
                         geteuid() == 0))
        start_browser(address);
    return status;
}

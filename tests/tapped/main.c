/* SPDX-License-Identifier: MIT */
/*
 * tapped: the daemon or the command (TAPPED_PROGRAM=daemon, ctl), which also keeps what it was
 * answered: the first answer from each path is a file in TAPPED_FOLDER, with a name like
 * v1.me.200. So build-aux/check-live can compare answers without asking a second time.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "daemon/daemon.h"
#include "net/net_private.h"

/* What every answer goes through. The linker's --wrap puts this in the way. */
void __real_net_answer_fill(struct net_answer *answer, struct net_request *request,
                            CURLcode result);
void __wrap_net_answer_fill(struct net_answer *answer, struct net_request *request,
                            CURLcode result);

static const char *setting(const char *name)
{
    const char *value = getenv(name);

    return value != NULL ? value : "";
}

/* FOLDER/v1.me.200 for the path /v1/me; false when it does not fit. */
static bool name_file(char *name, size_t size, CURLU *url, int status)
{
    const char *folder = setting("TAPPED_FOLDER");
    char *path;
    int len;

    if (curl_url_get(url, CURLUPART_PATH, &path, 0) != CURLUE_OK)
        return false;
    for (char *c = path + 1; path[0] != '\0' && *c != '\0'; c++)
        if (*c == '/')
            *c = '.';
    len = snprintf(name, size, "%s%s.%d", folder, path, status);
    curl_free(path);
    return len > 0 && (size_t)len < size;
}

static void keep(const struct net_answer *answer, const struct net_request *request)
{
    char name[512];
    int fd;

    if (!name_file(name, sizeof(name), request->url, answer->status))
        return;
    fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    if (write(fd, answer->body, answer->body_len) != (ssize_t)answer->body_len)
        fprintf(stderr, "tapped: not all of %s was written\n", name);
    close(fd);
}

void __wrap_net_answer_fill(struct net_answer *answer, struct net_request *request, CURLcode result)
{
    __real_net_answer_fill(answer, request, result);
    if (answer->status != 0)
        keep(answer, request);
}

int main(int argc, char **argv)
{
    return strcmp(setting("TAPPED_PROGRAM"), "ctl") == 0 ? ctl_main(argc, argv)
                                                         : daemon_main(argc, argv);
}

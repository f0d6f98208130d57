/* SPDX-License-Identifier: MIT */
/* "/plays.csv" and "/plays.json": what /plays would show, as export writes it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/export.h"
#include "archive/tempfile.h"
#include "web/view.h"
#include "web/view_selection.h"

#define DOWNLOAD_FOLDER "/tmp" /* where TMPDIR is not set */

static const struct download {
    const char *path, *format, *type, *filename;
} downloads[] = {
    {"/plays.csv", "csv", "text/csv; charset=utf-8; header=present", "plays.csv"},
    {"/plays.json", "json", "application/json", "plays.json"},
};

static const struct download *download_find(const char *path)
{
    for (size_t i = 0; i < sizeof(downloads) / sizeof(downloads[0]); i++)
        if (strcmp(downloads[i].path, path) == 0)
            return &downloads[i];
    return NULL;
}

/* -- which plays ------------------------------------------------------------------------------- */

struct wanted {
    const char *source;                /* NULL: any */
    const struct store_tracks *tracks; /* NULL: any */
};

static bool wants(const struct store_listed *row, void *context)
{
    const struct wanted *wanted = context;

    if (wanted->source && strcmp(wanted->source, row->source) != 0)
        return false;
    return !wanted->tracks || store_tracks_have(wanted->tracks, row->track->track_id);
}

/* -- into a file ------------------------------------------------------------------------------- */

static int write_out(void *context, const void *data, size_t len)
{
    const int *fd = context;
    const char *at = data;

    while (len > 0) {
        ssize_t wrote = write(*fd, at, len);

        if (wrote < 0 && errno != EINTR)
            return errno;
        if (wrote > 0) {
            at += wrote;
            len -= (size_t)wrote;
        }
    }
    return 0;
}

static enum store_result failure(const struct view_request *request, struct view_answer *answer,
                                 enum export_result result, const struct export_outcome *outcome)
{
    if (result == EXPORT_STORE_FAILED)
        return outcome->result;
    if (result == EXPORT_NO_MEMORY)
        return STORE_NOMEM;
    return view_error(request, answer, 503,
                      "There is no room for the file in the folder for temporary files.");
}

static enum store_result write_file(struct store *store, const struct view_request *request,
                                    struct view_answer *answer, const struct download *download,
                                    const struct view_selection *selection,
                                    const struct store_tracks *tracks)
{
    const char *folder = getenv("TMPDIR");
    int fd = tempfile_open(folder && folder[0] ? folder : DOWNLOAD_FOLDER);
    struct wanted wanted = {selection->source, tracks};
    const struct export_request export = {
        .format = export_format_find(download->format),
        .filter = {selection->search.user_id, selection->search.since, selection->search.until},
        .now = request->now,
        .write = write_out,
        .context = &fd,
        .wants = wants,
        .wants_context = &wanted,
        .inside = true,
    };
    struct export_outcome outcome;
    enum export_result result = EXPORT_WRITE_FAILED;

    if (fd >= 0)
        result = export_run(store, &export, &outcome);
    if (result != EXPORT_OK) {
        if (fd >= 0)
            close(fd);
        return failure(request, answer, result, &outcome);
    }
    answer->fd = fd;
    answer->type = download->type;
    answer->filename = download->filename;
    return STORE_OK;
}

static enum store_result send_selection(struct store *store, const struct view_request *request,
                                        struct view_answer *answer, const struct download *download,
                                        const struct view_people *people)
{
    struct view_selection selection;
    struct store_tracks *tracks = NULL;
    const char *problem = view_selection_read(request, people, &selection);
    enum store_result result = STORE_OK;

    if (!problem && selection.search.deleted)
        problem = "Deleted plays are not handed out.";
    if (problem)
        return view_error(request, answer, 400, problem);
    if (selection.words)
        result = store_tracks_search(store, selection.words, &tracks);
    if (result == STORE_OK)
        result = write_file(store, request, answer, download, &selection, tracks);
    store_tracks_free(tracks);
    return result;
}

enum store_result view_download(struct store *store, const struct view_request *request,
                                struct view_answer *answer)
{
    const struct download *download = download_find(request->path);
    struct view_people people = {0};
    enum store_result result = STORE_OK;

    if (!download)
        return view_error(request, answer, 404, "There is no such file here.");
    if (view_people_read(store, request, answer, &people, &result))
        result = send_selection(store, request, answer, download, &people);
    free(people.users);
    return result;
}

/* SPDX-License-Identifier: MIT */
/* archive/source on bytes that may be a zip, with narrow limits: nothing beyond them is given,
 * names and errors can be shown, and a walk ends. */
#include <string.h>

#include "archive/source.h"
#include "base/text.h"
#include "fuzz/hold.h"
#include "lib/zip_make.h"

static const struct archive_limits limits = {.entries = 100,
                                             .file_bytes = 100000,
                                             .all_bytes = 300000,
                                             .ratio = 100,
                                             .free_bytes = 1000,
                                             .depth = 2};

static void check_shown(const char *text)
{
    hold(text[0] != '\0' && text_printable(text, strlen(text)));
}

/* Bytes of the file under way, which is a member or all of the input. */
static int64_t read_all(struct archive_source *source)
{
    char block[4096];
    int64_t sum = 0;
    int64_t got;

    while ((got = archive_source_read(source, block, sizeof(block))) > 0)
        sum += got;
    if (got < 0)
        check_shown(archive_source_error(source));
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char error[256] = "";
    struct archive_source *source = archive_source_open_fd(zip_file((const char *)data, size), "x",
                                                           &limits, error, sizeof(error));
    enum archive_source_step step;
    int64_t sum = 0;
    int files = 0;

    if (source == NULL) {
        check_shown(error);
        return 0;
    }
    while ((step = archive_source_next(source)) != ARCHIVE_SOURCE_END) {
        hold(++files <= limits.entries);
        check_shown(archive_source_name(source));
        if (step == ARCHIVE_SOURCE_FILE)
            sum += read_all(source);
        else
            check_shown(archive_source_error(source));
    }
    hold(sum <= limits.all_bytes || sum == (int64_t)size);
    archive_source_close(source);
    return 0;
}

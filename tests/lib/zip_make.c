/* SPDX-License-Identifier: MIT */
#include "lib/zip_make.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zip.h>

static void hold(bool holds)
{
    if (!holds) {
        fprintf(stderr, "zip_make: no zip could be made\n");
        abort();
    }
}

static void add(zip_t *zip, const struct zip_entry *entry)
{
    zip_source_t *data;
    zip_int64_t index;

    if (entry->name[0] != '\0' && entry->name[strlen(entry->name) - 1] == '/') {
        hold(zip_dir_add(zip, entry->name, ZIP_FL_ENC_UTF_8) >= 0);
        return;
    }
    data = zip_source_buffer(zip, entry->data, entry->len, 0);
    hold(data != NULL);
    index = zip_file_add(zip, entry->name, data, ZIP_FL_ENC_GUESS);
    hold(index >= 0);
    if (entry->stored)
        hold(zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_STORE, 0) == 0);
    if (entry->encrypted)
        hold(zip_file_set_encryption(zip, (zip_uint64_t)index, ZIP_EM_AES_256, "secret") == 0);
}

char *zip_make(const struct zip_entry *entries, size_t count, size_t *len)
{
    zip_source_t *into = zip_source_buffer_create(NULL, 0, 0, NULL);
    zip_stat_t info;
    zip_t *zip;
    char *made;

    hold(into != NULL);
    zip_source_keep(into);
    zip = zip_open_from_source(into, ZIP_CREATE | ZIP_TRUNCATE, NULL);
    hold(zip != NULL);
    for (size_t i = 0; i < count; i++)
        add(zip, &entries[i]);
    hold(zip_close(zip) == 0);
    hold(zip_source_stat(into, &info) == 0 && (info.valid & ZIP_STAT_SIZE) != 0);
    *len = (size_t)info.size;
    made = malloc(*len > 0 ? *len : 1);
    hold(made != NULL && zip_source_open(into) == 0);
    hold(zip_source_read(into, made, *len) == (zip_int64_t)*len);
    zip_source_close(into);
    zip_source_free(into);
    return made;
}

int zip_file(const char *data, size_t len)
{
    int fd = memfd_create("test", MFD_CLOEXEC);

    hold(fd >= 0 && write(fd, data, len) == (ssize_t)len && lseek(fd, 0, SEEK_SET) == 0);
    return fd;
}

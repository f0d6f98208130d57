/* SPDX-License-Identifier: MIT */
#include "archive/zipped.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "archive/outfile.h"
#include "base/buf.h"

#define LOCAL_SIGNATURE UINT32_C(0x04034b50)
#define CENTRAL_SIGNATURE UINT32_C(0x02014b50)
#define END_SIGNATURE UINT32_C(0x06054b50)
#define VERSION 20       /* of the format: 2.0 */
#define MADE_BY (3 << 8) /* Unix */
#define UTF8_NAME 0x0800 /* flag */
#define MODE (UINT32_C(0100600) << 16)
#define CRC_PLACE 14 /* in a local header; the two sizes follow */

static void add_16(struct buf *out, unsigned value)
{
    unsigned char bytes[] = {value & 0xff, value >> 8 & 0xff};

    buf_add(out, bytes, sizeof(bytes));
}

static void add_32(struct buf *out, uint32_t value)
{
    add_16(out, value & 0xffff);
    add_16(out, value >> 16);
}

/* What both headers have in common. */
static void add_common(struct buf *out, const struct zipped *zip)
{
    add_16(out, VERSION);
    add_16(out, UTF8_NAME);
    add_16(out, 0); /* stored */
    add_16(out, zip->time);
    add_16(out, zip->date);
    add_32(out, zip->crc);
    add_32(out, (uint32_t)zip->size);
    add_32(out, (uint32_t)zip->size);
    add_16(out, (unsigned)strlen(zip->name));
    add_16(out, 0); /* extra field */
}

static int write_out(const struct zipped *zip, struct buf *out)
{
    int error = out->failed ? ENOMEM : outfile_write(zip->fd, out->data, out->len);

    buf_free(out, false);
    return error;
}

int zipped_begin(struct zipped *zip, int fd, const char *name, const struct tm *time)
{
    struct buf out = {0};
    int year = time->tm_year < 80 ? 0 : time->tm_year - 80;

    *zip = (struct zipped){.fd = fd, .name = name};
    zip->date = (uint16_t)((year & 127) << 9 | (time->tm_mon + 1) << 5 | time->tm_mday);
    zip->time = (uint16_t)(time->tm_hour << 11 | time->tm_min << 5 | time->tm_sec / 2);
    add_32(&out, LOCAL_SIGNATURE);
    add_common(&out, zip);
    buf_add_text(&out, name);
    return write_out(zip, &out);
}

/* CRC-32 of IEEE 802.3, reflected, four bits at a time. */
static uint32_t crc_add(uint32_t crc, const unsigned char *data, size_t len)
{
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };

    crc = ~crc;
    for (size_t i = 0; i < len; i++) {
        crc = table[(crc ^ data[i]) & 15] ^ crc >> 4;
        crc = table[(crc ^ (uint32_t)data[i] >> 4) & 15] ^ crc >> 4;
    }
    return ~crc;
}

int zipped_write(struct zipped *zip, const void *data, size_t len)
{
    if (zip->size + len > UINT32_MAX - 1024)
        return EFBIG;
    zip->crc = crc_add(zip->crc, data, len);
    zip->size += len;
    return outfile_write(zip->fd, data, len);
}

/* Puts what is known now into the first header. */
static int settle(const struct zipped *zip)
{
    struct buf out = {0};
    int error = ENOMEM;

    add_32(&out, zip->crc);
    add_32(&out, (uint32_t)zip->size);
    add_32(&out, (uint32_t)zip->size);
    if (!out.failed) {
        errno = EIO; /* what a write that was cut short does not say */
        error = pwrite(zip->fd, out.data, out.len, CRC_PLACE) == (ssize_t)out.len ? 0 : errno;
    }
    buf_free(&out, false);
    return error;
}

int zipped_end(struct zipped *zip)
{
    uint32_t header = 30 + (uint32_t)strlen(zip->name);
    struct buf out = {0};
    size_t central;
    int error;

    add_32(&out, CENTRAL_SIGNATURE);
    add_16(&out, MADE_BY | VERSION);
    add_common(&out, zip);
    add_16(&out, 0); /* comment */
    add_16(&out, 0); /* disk */
    add_16(&out, 0); /* internal attributes */
    add_32(&out, MODE);
    add_32(&out, 0); /* where the first header is */
    buf_add_text(&out, zip->name);
    central = out.len;
    add_32(&out, END_SIGNATURE);
    add_16(&out, 0);
    add_16(&out, 0);
    add_16(&out, 1);
    add_16(&out, 1);
    add_32(&out, (uint32_t)central);
    add_32(&out, header + (uint32_t)zip->size);
    add_16(&out, 0);
    error = write_out(zip, &out);
    return error != 0 ? error : settle(zip);
}

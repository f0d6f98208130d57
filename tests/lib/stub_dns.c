/* SPDX-License-Identifier: MIT */
#include "lib/stub_dns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_SERVER "127.0.0.9"
#define HEADER_SIZE 12
#define TYPE_A 1
#define TYPE_AAAA 28

struct stub_dns {
    int fd;
    struct event *event;
    enum stub_dns_answer answer;
    unsigned questions;
};

static bool loopback_up(void)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool up = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;

    if (fd >= 0)
        close(fd);
    return up;
}

/* Lays a file of ours over the system's; only this process sees it. */
static bool file_replace(const char *path, const char *text)
{
    char name[] = "/tmp/stub-dns-XXXXXX";
    size_t len = strlen(text);
    int fd = mkstemp(name);
    bool ok;

    if (fd < 0)
        return false;
    ok = write(fd, text, len) == (ssize_t)len && fchmod(fd, 0644) == 0 &&
         mount(name, path, "none", MS_BIND, NULL) == 0;
    close(fd);
    unlink(name);
    return ok;
}

const char *private_network_enter(void)
{
    static char why[128];
    const char *failed = NULL;

    if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0)
        failed = "no private network";
    else if (mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) != 0)
        failed = "no private mounts";
    else if (!loopback_up())
        failed = "no loopback interface";
    else if (!file_replace("/etc/resolv.conf", "nameserver " NAME_SERVER "\n"))
        failed = "no /etc/resolv.conf of our own";
    else if (!file_replace("/etc/nsswitch.conf", "hosts: dns\n"))
        failed = "no /etc/nsswitch.conf of our own";
    if (failed == NULL)
        return NULL;
    snprintf(why, sizeof(why), "%s here: %s", failed, strerror(errno));
    return why;
}

/* Length of the header and the one question behind it, 0 if the packet is none. */
static size_t question_length(const uint8_t *packet, size_t len)
{
    size_t at = HEADER_SIZE;

    while (at < len && packet[at] != 0)
        at += (size_t)packet[at] + 1;
    return at + 5 <= len ? at + 5 : 0;
}

/* Adds a record for the name of the question. Returns the new length. */
static size_t add_record(uint8_t *packet, size_t at, uint8_t type, const void *data, uint8_t len)
{
    const uint8_t record[] = {0xc0, HEADER_SIZE, 0, type, 0, 1, 0, 0, 0, 60, 0, len};

    packet[7] = 1;
    memcpy(packet + at, record, sizeof(record));
    memcpy(packet + at + sizeof(record), data, len);
    return at + sizeof(record) + len;
}

/* Turns the question in the packet into its answer; 0 for none. */
static size_t answer_write(enum stub_dns_answer answer, uint8_t *packet, size_t len)
{
    static const uint8_t four[4] = {127, 0, 0, 1};
    static const uint8_t six[16] = {1, [15] = 1};
    uint8_t type;

    len = question_length(packet, len);
    if (len == 0 || answer == STUB_DNS_SWALLOW)
        return 0;
    type = packet[len - 3];
    packet[2] = 0x81;
    packet[3] = 0x80;
    memset(packet + 6, 0, 6);
    if (answer == STUB_DNS_NXDOMAIN)
        packet[3] |= 3;
    else if (answer == STUB_DNS_SERVFAIL)
        packet[3] |= 2;
    else if (type == TYPE_A)
        len = add_record(packet, len, TYPE_A, four, sizeof(four));
    else if (type == TYPE_AAAA && answer == STUB_DNS_BOTH)
        len = add_record(packet, len, TYPE_AAAA, six, sizeof(six));
    return len;
}

static void question_came(evutil_socket_t fd, short what, void *context)
{
    struct stub_dns *dns = context;
    uint8_t packet[1024];
    struct sockaddr_in from;
    socklen_t from_len = sizeof(from);
    ssize_t got = recvfrom(fd, packet, sizeof(packet) / 2, 0, (struct sockaddr *)&from, &from_len);
    size_t len;

    (void)what;
    if (got < HEADER_SIZE)
        return;
    dns->questions++;
    len = answer_write(dns->answer, packet, (size_t)got);
    if (len > 0)
        sendto(fd, packet, len, 0, (struct sockaddr *)&from, from_len);
}

struct stub_dns *stub_dns_new(struct event_base *base, enum stub_dns_answer answer)
{
    struct stub_dns *dns = calloc(1, sizeof(*dns));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(53)};

    if (dns == NULL)
        return NULL;
    dns->answer = answer;
    dns->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    inet_pton(AF_INET, NAME_SERVER, &address.sin_addr);
    if (dns->fd < 0 || bind(dns->fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        goto fail;
    dns->event = event_new(base, dns->fd, EV_READ | EV_PERSIST, question_came, dns);
    if (dns->event == NULL || event_add(dns->event, NULL) != 0)
        goto fail;
    return dns;

fail:
    stub_dns_free(dns);
    return NULL;
}

void stub_dns_free(struct stub_dns *dns)
{
    if (dns == NULL)
        return;
    if (dns->event != NULL)
        event_free(dns->event);
    if (dns->fd >= 0)
        close(dns->fd);
    free(dns);
}

unsigned stub_dns_questions(const struct stub_dns *dns)
{
    return dns->questions;
}

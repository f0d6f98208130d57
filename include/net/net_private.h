/* SPDX-License-Identifier: MIT */
/*
 * What the files of src/net/ know of each other. Nobody else includes this.
 */
#ifndef NET_NET_PRIVATE_H
#define NET_NET_PRIVATE_H

#include "base/buf.h"
#include "net/net.h"

#include <curl/curl.h>
#include <sys/queue.h>

#define NET_BODY_MAX 4194304  /* bytes of a body when the call names no limit */
#define NET_HEADERS_MAX 65536 /* bytes of all header lines of an answer */
#define NET_TIMEOUT_MS 30000  /* when the call names none */
#define NET_TIMEOUT_MAX_MS 3600000
#define NET_CONNECT_MAX_MS 10000  /* most time for resolving, connecting and the handshake */
#define NET_DEADLINE_GRACE_MS 200 /* for libcurl to end it itself; see deadline_passed() */
#define NET_MAX_IDLE_S 90         /* a connection that was idle for longer is not used again */

/* Why we ourselves ended a transfer: libcurl only knows that a callback of ours said no. */
enum net_veto {
    NET_VETO_NONE,
    NET_VETO_BODY,    /* body over its limit */
    NET_VETO_HEADERS, /* header over NET_HEADERS_MAX */
    NET_VETO_MEMORY   /* no memory for the body or for watching the socket */
};

#define NET_USUAL_MAX (256u << 10) /* bytes of a body that are taken at once */

struct net {
    struct event_base *base;
    struct turns *turns; /* may be NULL */
    CURLM *multi;
    struct event *timer; /* libcurl's one timer; pending only while a transfer is under way */
    char *user_agent;
    char *ca_file; /* NULL = the system's */
    LIST_HEAD(, net_request) requests;
    size_t in_flight;
    int64_t last_end_boot_ms; /* when a transfer last ended */
    size_t usual_len; /* of the body of the last answer to a GET: the next is much like it */
};

struct net_request {
    LIST_ENTRY(net_request) link;
    struct net *net;
    net_function *done;
    void *context;
    CURL *easy;
    CURLU *url; /* as checked, so that nobody parses it a second time in another way */
    char *host;
    struct event *deadline;
    char *authorization; /* the whole header line; secret */
    char *accept;        /* the whole header line */
    struct curl_slist headers[2];
    char *form; /* NULL for a GET; secret */
    size_t form_len;
    int64_t timeout_ms;
    struct buf body;
    bool packed;
    size_t header_bytes;
    enum net_veto veto;
    int socket_errno; /* why the system gave no socket, 0 if it gave one */
    int64_t started_us;
    char curl_message[CURL_ERROR_SIZE];
};

/* net.c: ends the request with libcurl's result: calls its callback once and frees it. */
void net_request_finish(struct net_request *request, CURLcode result);

/* net.c: ends it from the next loop turn on, for callbacks of libcurl that must not call it
 * back. */
void net_request_give_up(struct net_request *request, enum net_veto veto);

/* net_events.c: joins net->multi to net->base; false without memory. */
bool net_events_open(struct net *net);
void net_events_close(struct net *net);

/* net_options.c: sets every option of request->easy; false without memory. */
bool net_options_set(struct net_request *request, bool fresh_connection);

/* net_answer.c: what came, in our words. Points into the request. */
void net_answer_fill(struct net_answer *answer, struct net_request *request, CURLcode result);

/* net_answer.c: the value of one Retry-After header in seconds, counted from now_s when it is a
 * date, or NET_RETRY_AFTER_BAD. */
int64_t net_retry_after_parse(const char *value, int64_t now_s);

/* net_unpack.c: what a Content-Encoding of one name means. */
enum net_coding net_coding_of(const char *name);

/* net_url.c: a URL that may be used, parsed, or NULL. To be freed with curl_url_cleanup(). */
CURLU *net_url_parse(const char *url);

/* net_url.c: true for http or https to a loopback literal. */
bool net_url_to_loopback(CURLU *url);

/* net_memory.c: starts libcurl with an allocator that wipes what it frees; false when it cannot. */
bool net_memory_start(void);

#endif

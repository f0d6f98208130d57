/* SPDX-License-Identifier: MIT */
/* What programs that watch ask of the page: /metrics and /healthz. */
#include <config.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "capture/accounts.h"
#include "store/measure.h"
#include "store/store.h"
#include "web/health.h"
#include "web/metrics.h"
#include "web/web_private.h"

#define METRICS_LIMIT ((size_t)8 << 20)
#define JSON "application/json"
#define TEXT "text/plain; charset=utf-8"

static void answer(struct web_request *request, int status, const char *type, struct buf *body)
{
    web_request_add_header(request, "Cache-Control", "no-store");
    web_answer(request, status, type, body);
}

static void answer_words(struct web_request *request, int status, const char *words)
{
    struct buf body = {.limit = 1024};

    buf_add_text(&body, words);
    answer(request, status, TEXT, &body);
}

/* -- /healthz ---------------------------------------------------------------------------------- */

void web_get_health(struct web_request *request, void *context)
{
    const struct web *web = context;
    struct buf body = {.limit = METRICS_LIMIT};
    struct measures measures;
    int64_t now = clock_wall_ms();
    int status = 503;

    if (recorder_measure(web->recorder, &measures)) {
        status = health_is_good(&measures, now) ? 200 : 503;
        health_write(&body, &measures, now);
        measures_free(&measures);
    } else {
        buf_add_text(&body, "{\"status\": \"failing\", \"reasons\": [\"no_memory\"], "
                            "\"warnings\": []}\n");
    }
    answer(request, status, JSON, &body);
}

/* -- /metrics ---------------------------------------------------------------------------------- */

/* What cannot be read now is left out: whoever watches sees the rest of it, and that. */
static void add_store(const struct web *web, struct metrics_sources *from)
{
    struct recorder_status status;

    recorder_status(web->recorder, &status);
    from->calls_day = status.calls_day;
    from->has_rows = store_measure(web->store, &from->rows) == STORE_OK;
    from->has_sizes = store_measure_sizes(web->store, &from->sizes) == STORE_OK;
}

void web_get_metrics(struct web_request *request, void *context)
{
    const struct web *web = context;
    struct buf body = {.limit = METRICS_LIMIT};
    struct measures measures;
    struct metrics_sources from = {
        .now = clock_wall_ms(),
        .started_at = web->started_at,
        .uptime_ms = clock_boot_ms() - web->started_boot,
        .version = PACKAGE_VERSION,
        .recorder = &measures,
    };

    if (!recorder_measure(web->recorder, &measures)) {
        answer_words(request, 503, "There is no memory for this now.\n");
        return;
    }
    process_measure(&from.process);
    add_store(web, &from);
    metrics_write(&body, &from);
    measures_free(&measures);
    answer(request, 200, PROMETHEUS_TYPE, &body);
}

/* -- who may see them -------------------------------------------------------------------------- */

static bool refuse(struct web_request *request)
{
    web_request_add_header(request, "WWW-Authenticate",
                           "Basic realm=\"spotify-historyd\", charset=\"UTF-8\"");
    answer_words(request, 401,
                 "The password of the page is wanted, by HTTP Basic authentication with any user "
                 "name.\n");
    return false;
}

static bool put_off(struct web_request *request, int64_t wait_ms)
{
    char seconds[24];

    snprintf(seconds, sizeof(seconds), "%lld",
             (long long)((wait_ms + CLOCK_SECOND - 1) / CLOCK_SECOND));
    web_request_add_header(request, "Retry-After", seconds);
    answer_words(request, 429, "A password was just tried. Wait a little, then try again.\n");
    return false;
}

/* Looks at a password for the first time: this takes as long as on the page, and counts as there.
 */
static bool check_password(struct web *web, const char *header)
{
    char password[GUARD_PASSWORD_MAX + 1];
    bool right;

    if (!guard_basic_password(header, password, sizeof(password)))
        return false;
    right = vault_password_verify(password, web->texts.password_hash);
    buf_wipe(password, sizeof(password));
    guard_password_checked(&web->guard, clock_boot_ms(), right);
    guard_basic_remember(&web->guard, header, right);
    if (!right)
        log_notice("page: a wrong password for the metrics");
    return right;
}

bool web_metrics_admit(struct web_request *request, struct web *web)
{
    const char *header = web_request_header(request, "Authorization");
    int64_t wait = guard_password_wait(&web->guard, clock_boot_ms());

    if (!header)
        return refuse(request);
    switch (guard_basic_known(&web->guard, header)) {
    case GUARD_BASIC_RIGHT:
        return true;
    case GUARD_BASIC_WRONG:
        return refuse(request);
    case GUARD_BASIC_NEW:
        break;
    }
    if (wait > 0)
        return put_off(request, wait);
    return check_password(web, header) || refuse(request);
}

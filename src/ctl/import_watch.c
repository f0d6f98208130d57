/* SPDX-License-Identifier: MIT */
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "ctl/import.h"
#include "ctl/print.h"

#define DRAW_EVERY_MS 100
#define COLUMNS_USUAL 80
#define SAY_SIZE 1500

void import_watch_begin(struct import_watch *watch, const struct ctl_call *call,
                        const char *const *paths, size_t count)
{
    *watch = (struct import_watch){
        .call = call, .is_terminal = isatty(STDERR_FILENO), .began = clock_boot_ms()};
    watch->meter.total =
        paths && watch->is_terminal ? archive_intake_measure(paths, count, NULL) : -1;
}

static size_t terminal_columns(void)
{
    struct winsize size;

    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col
                                                                           : COLUMNS_USUAL;
}

void import_watch_draw(struct import_watch *watch)
{
    int64_t now = clock_boot_ms();
    struct buf line = {0};

    if (!watch->is_terminal || now - watch->drawn < DRAW_EVERY_MS)
        return;
    watch->drawn = now;
    watch->meter.elapsed_ms = now - watch->began;
    buf_add_text(&line, "\r");
    import_meter_add(&watch->meter, terminal_columns(), &line);
    buf_add_text(&line, "\033[K");
    if (line.data && !line.failed)
        fputs(line.data, stderr);
    watch->shown = true;
    buf_free(&line, false);
}

void import_watch_clear(struct import_watch *watch)
{
    if (watch->shown)
        fputs("\r\033[K", stderr);
    watch->shown = false;
}

void import_watch_say(struct import_watch *watch, const char *format, ...)
{
    char text[SAY_SIZE];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    import_watch_clear(watch);
    print_error(watch->call->command, "%s", text);
}

void import_watch_wait(struct import_watch *watch, const char *why, int ms)
{
    if (!watch->waited)
        import_watch_say(watch, "%s: waiting", why);
    watch->waited = true;
    (void)poll(NULL, 0, ms);
}

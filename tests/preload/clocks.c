/* SPDX-License-Identifier: MIT */
/*
 * For LD_PRELOAD: the clocks of one program, moved by whoever started it.
 *
 * The file CLOCKS_FILE holds two int64_t, what is added to the wall clock and to the boot clock, in
 * ms. It is mapped, so a change counts from the next reading on. The monotonic clock is left alone,
 * so a boot clock that jumps ahead is a machine that slept. Timers that were set to a moment of
 * the boot clock (timerfd) are set anew when it has jumped, as soon as the program waits again:
 * SIGWINCH makes it do so.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define DESCRIPTORS 1024

struct clocks {
    int64_t wall_ms, boot_ms;
};

static const struct clocks none, *clocks = &none;
static struct itimerspec
    wanted[DESCRIPTORS]; /* by descriptor, of the clock that the program sees */
static bool is_set[DESCRIPTORS];
static int64_t seen_boot_ms;

static void on_signal(int number)
{
    (void)number;
}

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("CLOCKS_FILE");
    struct sigaction action = {.sa_handler = on_signal}; /* no SA_RESTART: it ends the wait */
    int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    void *map = fd >= 0 ? mmap(NULL, sizeof(*clocks), PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;

    if (map == MAP_FAILED)
        abort(); /* a test with the true clocks would test nothing */
    clocks = map;
    seen_boot_ms = clocks->boot_ms;
    close(fd);
    sigaction(SIGWINCH, &action, NULL);
}

static void add(struct timespec *time, int64_t ms)
{
    int64_t ns = time->tv_nsec + ms % 1000 * 1000000;

    time->tv_sec += (time_t)(ms / 1000);
    if (ns >= 1000000000)
        time->tv_sec++, ns -= 1000000000;
    if (ns < 0)
        time->tv_sec--, ns += 1000000000;
    time->tv_nsec = (long)ns;
}

int clock_gettime(clockid_t id, struct timespec *time)
{
    int result = (int)syscall(SYS_clock_gettime, id, time);

    if (result == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
        add(time, clocks->wall_ms);
    else if (result == 0 && id == CLOCK_BOOTTIME)
        add(time, clocks->boot_ms);
    return result;
}

time_t time(time_t *result)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (result != NULL)
        *result = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict result, void *restrict zone)
{
    struct timespec now;

    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    *result = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}

static int set_timer(int fd, struct itimerspec when, struct itimerspec *old)
{
    add(&when.it_value, -clocks->boot_ms);
    if (when.it_value.tv_sec < 0 || (when.it_value.tv_sec == 0 && when.it_value.tv_nsec == 0))
        when.it_value = (struct timespec){0, 1}; /* long ago; all zero would disarm it */
    return (int)syscall(SYS_timerfd_settime, fd, TFD_TIMER_ABSTIME, &when, old);
}

int timerfd_settime(int fd, int flags, const struct itimerspec *when, struct itimerspec *old)
{
    bool is_moment = (flags & TFD_TIMER_ABSTIME) != 0 &&
                     (when->it_value.tv_sec != 0 || when->it_value.tv_nsec != 0);

    if (fd >= 0 && fd < DESCRIPTORS) {
        is_set[fd] = is_moment;
        wanted[fd] = *when;
    }
    if (is_moment)
        return set_timer(fd, *when, old);
    return (int)syscall(SYS_timerfd_settime, fd, flags, when, old);
}

int epoll_wait(int fd, struct epoll_event *events, int count, int timeout)
{
    if (seen_boot_ms != clocks->boot_ms) {
        seen_boot_ms = clocks->boot_ms;
        for (int i = 0; i < DESCRIPTORS; i++) {
            if (is_set[i])
                set_timer(i, wanted[i], NULL);
        }
    }
    return (int)syscall(SYS_epoll_pwait, fd, events, count, timeout, NULL, 8);
}

/* SPDX-License-Identifier: MIT */
/* What a process measures of itself, and what it says where the system tells it nothing. */
#include "base/process.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/failing_call.h"

START_TEST(a_process_has_memory_descriptors_and_time)
{
    struct process_measures measures;

    process_measure(&measures);
    ck_assert_int_gt(measures.resident_bytes, 65536);
    ck_assert_int_ge(measures.virtual_bytes, measures.resident_bytes);
    ck_assert_int_ge(measures.open_fds, 3);
    ck_assert_int_ge(measures.max_fds, measures.open_fds);
    ck_assert_int_ge(measures.cpu_us, 0);
}
END_TEST

START_TEST(one_more_open_file_is_one_more_descriptor)
{
    struct process_measures before, after;
    int fd;

    process_measure(&before);
    fd = dup(STDERR_FILENO);
    process_measure(&after);
    close(fd);
    ck_assert_int_eq(after.open_fds, before.open_fds + 1);
}
END_TEST

START_TEST(without_a_free_descriptor_the_rest_is_still_told)
{
    struct process_measures measures;
    struct rlimit before, none;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = (struct rlimit){0, before.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    process_measure(&measures);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    ck_assert_int_eq(measures.resident_bytes, PROCESS_UNKNOWN);
    ck_assert_int_eq(measures.open_fds, PROCESS_UNKNOWN);
    ck_assert_int_eq(measures.max_fds, 0);
    ck_assert_int_ge(measures.cpu_us, 0);
}
END_TEST

START_TEST(what_the_system_refuses_to_tell_is_unknown)
{
    struct process_measures measures;

    if (!failing_call(SYS_getrusage, EPERM) || !failing_call(SYS_prlimit64, EPERM)) {
        fprintf(stderr, "no seccomp filters here: not tried\n");
        return;
    }
    process_measure(&measures);
    ck_assert_int_eq(measures.cpu_us, PROCESS_UNKNOWN);
    ck_assert_int_eq(measures.max_fds, PROCESS_UNKNOWN);
    ck_assert_int_ge(measures.open_fds, 3);
}
END_TEST

Suite *process_suite(void)
{
    Suite *suite = suite_create("process");
    TCase *tcase = tcase_create("process");

    tcase_add_test(tcase, a_process_has_memory_descriptors_and_time);
    tcase_add_test(tcase, one_more_open_file_is_one_more_descriptor);
    tcase_add_test(tcase, without_a_free_descriptor_the_rest_is_still_told);
    tcase_add_test(tcase, what_the_system_refuses_to_tell_is_unknown);
    suite_add_tcase(suite, tcase);
    return suite;
}

/* SPDX-License-Identifier: MIT */
/*
 * lib/nth_call: the n-th call of the C library fails, by the linker (--wrap, see check-unit in the
 * Makefile): what src/ asks for itself, memory and files, not what SQLite and other libraries do
 * inside. For loops over n: until nothing fails any more, every call has failed once.
 *
 * Never: anything outside an order; the calls go through then.
 */
#ifndef TESTS_LIB_NTH_CALL_H
#define TESTS_LIB_NTH_CALL_H

#include <stdbool.h>

enum nth_call_kind {
    NTH_CALL_MEMORY,  /* malloc and its like, event_new: none is there */
    NTH_CALL_FILE,    /* a call about a file fails with EIO, a stat and an open as well */
    NTH_CALL_GONE,    /* the same with ENOENT, as if somebody had just removed it */
    NTH_CALL_BROKEN,  /* a read or write is interrupted (EINTR): to be made again */
    NTH_CALL_SHORT,   /* a read or write goes no further than one byte */
    NTH_CALL_LIBRARY, /* libsodium and libzip say no */
    NTH_CALL_KINDS
};

/* The k-th call of this kind from now on (1: the next). One order at a time. */
void nth_call_order(enum nth_call_kind kind, long k);

/* Ends the order. True if it had come to it. */
bool nth_call_end(void);

#endif

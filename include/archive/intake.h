/* SPDX-License-Identifier: MIT */
/*
 * archive/intake: from the files that a person names to the rows of each history among them, packed
 * and in order, with what an import wants to know of the file.
 *
 * Owns: the walk (archive/source), the decoder, the sorter.
 * Offers: one file after another, its rows as a supply for archive_import_begin() or for the way to
 *         the daemon, and a word for each file that is no history or is broken.
 * Never: gives a row of a file that breaks off, stops at a file that is broken, prints, grows with a
 *        file.
 */
#ifndef ARCHIVE_INTAKE_H
#define ARCHIVE_INTAKE_H

#include "archive/import.h"
#include "archive/source.h"

#define ARCHIVE_INTAKE_HASH_SIZE (2 * VAULT_DIGEST_SIZE + 1)
#define ARCHIVE_INTAKE_ERROR_SIZE 400

/* A file, so far. */
struct archive_intake_file {
    char name[ARCHIVE_NAME_SIZE]; /* printable; of a member "ZIP: NAME" */
    const char *label;            /* the same without the folders that lead to what was named */
    int64_t size;                 /* bytes, as archive_source_size() has it: -1, nobody knows */
    int64_t bytes;                /* read */
    int64_t rows;                 /* all of them, with those rejected */
    int64_t rejected;
    uint64_t repaired;                     /* characters */
    enum archive_form form;                /* of its first row */
    char hash[ARCHIVE_INTAKE_HASH_SIZE];   /* of its content, lower-case hexadecimal; "" if it was
                                              not read to its end */
    char error[ARCHIVE_INTAKE_ERROR_SIZE]; /* of one that is broken: a sentence without the name */
};

struct archive_intake_options {
    int64_t now;                         /* wall ms, for archive_decoder_new() */
    const struct archive_limits *limits; /* NULL: the default; kept by the caller */
    size_t memory;                       /* for sorting; 0: ARCHIVE_SORT_MEMORY */
    const char *directory;               /* for archive_sort_new(); NULL: TMPDIR, or /var/tmp */

    /* Called after each piece that was read; false: stop. NULL: nobody asks. */
    bool (*progress)(void *context, const struct archive_intake_file *file);
    void *context;
};

enum archive_intake_step {
    ARCHIVE_INTAKE_END,
    ARCHIVE_INTAKE_HISTORY,     /* its rows are there: archive_intake_supply() */
    ARCHIVE_INTAKE_NOT_HISTORY, /* something else, or a list without a row */
    ARCHIVE_INTAKE_BROKEN,      /* cannot be had, or breaks off: file.error; others may follow */
    ARCHIVE_INTAKE_STOPPED,     /* progress said so */
    ARCHIVE_INTAKE_FAILED       /* file.error: no memory, no space for sorting. Nothing follows */
};

struct archive_intake;

/* A new one for count paths, each as archive_source_open() takes it; the array and its texts stay
 * the caller's. NULL without memory. */
struct archive_intake *archive_intake_new(const struct archive_intake_options *options,
                                          const char *const *paths, size_t count);
void archive_intake_free(struct archive_intake *intake);

/* Reads the next file to its end. */
enum archive_intake_step archive_intake_next(struct archive_intake *intake);

/* The file of the last step. Valid until the next one. */
const struct archive_intake_file *archive_intake_file(const struct archive_intake *intake);

/* After ARCHIVE_INTAKE_HISTORY: its records from the first on, each time it is called. Valid until
 * the next step; why it failed: archive_intake_supply_error(). */
struct archive_supply archive_intake_supply(struct archive_intake *intake);
const char *archive_intake_supply_error(const struct archive_intake *intake); /* NULL: it did not */

/* The bytes of all files that these paths lead to, for a progress bar; -1 if nobody can know. Reads
 * none of them. */
int64_t archive_intake_measure(const char *const *paths, size_t count,
                               const struct archive_limits *limits);

#endif

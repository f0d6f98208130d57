/* SPDX-License-Identifier: MIT */
#include "ctl/import_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define TABLE_COLUMNS 7

struct import_line *import_list_add(struct import_list *list)
{
    if (list->count == list->cap) {
        size_t cap = list->cap > 0 ? 2 * list->cap : 16;
        struct import_line *grown = realloc(list->items, cap * sizeof(*grown));

        if (!grown)
            return NULL;
        list->items = grown;
        list->cap = cap;
    }
    list->items[list->count] =
        (struct import_line){.counts = {.first_at = CLOCK_NO_TIME, .last_at = CLOCK_NO_TIME}};
    return &list->items[list->count++];
}

void import_list_free(struct import_list *list)
{
    free(list->items);
    *list = (struct import_list){0};
}

static bool is_taken(const struct import_line *line)
{
    return line->outcome == IMPORT_STORED || line->outcome == IMPORT_KNOWN;
}

bool import_list_has_history(const struct import_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (is_taken(&list->items[i]) || list->items[i].outcome == IMPORT_FAILED ||
            list->items[i].outcome == IMPORT_LOST)
            return true;
    return false;
}

bool import_line_adds_up(const struct import_line *line)
{
    const struct archive_import_counts *counts = &line->counts;
    int64_t rejected = 0;

    for (int i = ARCHIVE_ACCEPTED + 1; i < ARCHIVE_REJECTS; i++)
        rejected += counts->by_reason[i];
    return counts->rows == line->records && counts->rejected == rejected &&
           counts->rows == counts->added + counts->matched + counts->duplicate + counts->rejected;
}

/* -- Words ------------------------------------------------------------------------------------- */

static const struct {
    const char *one, *many; /* verb */
    const char *words;
} rejects[] = {
    [ARCHIVE_ACCEPTED] = {"is", "are", "taken"},
    [ARCHIVE_NO_TIME] = {"has", "have", "no time"},
    [ARCHIVE_BAD_TIME] = {"has", "have", "a time before 2006 or in the future"},
    [ARCHIVE_NO_TITLE] = {"has", "have",
                          "neither a title nor an address: withdrawn items or videos"},
    [ARCHIVE_BAD_MS] = {"has", "have",
                        "a listening time that cannot be: below zero, or more than a day"},
    [ARCHIVE_BAD_URI] = {"has", "have", "an address that is not one of Spotify's"},
    [ARCHIVE_NOT_OBJECT] = {"is of", "are of", "no known form"},
};

_Static_assert(sizeof(rejects) / sizeof(rejects[0]) == ARCHIVE_REJECTS, "words for each");

const char *import_reject_words(const char *word)
{
    for (int i = ARCHIVE_ACCEPTED + 1; i < ARCHIVE_REJECTS; i++)
        if (strcmp(archive_reject_name((enum archive_reject)i), word) == 0)
            return rejects[i].words;
    return word;
}

const char *import_form_name(enum archive_form form)
{
    return form == ARCHIVE_FORM_LONG ? "long" : form == ARCHIVE_FORM_SHORT ? "short" : "unknown";
}

/* "1 row", "3 rows" */
static void add_count(int64_t number, const char *what, struct buf *out)
{
    buf_addf(out, "%" PRId64 " %s%s", number, what, number == 1 ? "" : "s");
}

/* -- The table --------------------------------------------------------------------------------- */

static void add_counts(struct archive_import_counts *sum, const struct archive_import_counts *part)
{
    sum->rows += part->rows;
    sum->added += part->added;
    sum->matched += part->matched;
    sum->duplicate += part->duplicate;
    sum->rejected += part->rejected;
    sum->gaps_filled += part->gaps_filled;
    for (int i = 0; i < ARCHIVE_REJECTS; i++)
        sum->by_reason[i] += part->by_reason[i];
    if (part->first_at != CLOCK_NO_TIME &&
        (sum->first_at == CLOCK_NO_TIME || part->first_at < sum->first_at))
        sum->first_at = part->first_at;
    if (part->last_at != CLOCK_NO_TIME &&
        (sum->last_at == CLOCK_NO_TIME || part->last_at > sum->last_at))
        sum->last_at = part->last_at;
}

/* What went in, in all; how many files, and characters that were repaired. */
static void sum_up(const struct import_list *list, struct archive_import_counts *sum,
                   int64_t *files, int64_t *repaired)
{
    *sum = (struct archive_import_counts){.first_at = CLOCK_NO_TIME, .last_at = CLOCK_NO_TIME};
    *files = *repaired = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (!is_taken(&list->items[i]))
            continue;
        add_counts(sum, &list->items[i].counts);
        *repaired += list->items[i].repaired;
        ++*files;
    }
}

/* What stands behind the last folder, or behind the name of a zip. */
static const char *last_part(const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *last = slash && slash[1] ? slash + 1 : name;
    const char *member = strstr(last, ": ");

    return member && member[2] ? member + 2 : last;
}

/* A file is called by the last part of its name, if no other one is called so. */
static const char *short_name(const struct import_list *list, size_t at)
{
    const char *name = list->items[at].file, *last = last_part(name);

    for (size_t i = 0; i < list->count; i++)
        if (i != at && strcmp(last_part(list->items[i].file), last) == 0)
            return name;
    return last;
}

const char *import_name_cell(const char *name, char cell[static PRINT_CELL_SIZE])
{
    size_t len = strlen(name), most = PRINT_CELL_SIZE - 1;

    if (len <= most)
        return name;
    name += len - (most - 3);
    while (((unsigned char)*name & 0xc0) == 0x80)
        name++;
    snprintf(cell, PRINT_CELL_SIZE, "...%s", name);
    return cell;
}

static void add_row(struct print_table *table, const char *name,
                    const struct archive_import_counts *counts, const char *last)
{
    const int64_t numbers[] = {counts ? counts->rows : 0, counts ? counts->added : 0,
                               counts ? counts->matched : 0, counts ? counts->duplicate : 0,
                               counts ? counts->rejected : 0};
    char text[TABLE_COLUMNS - 2][24], cell[PRINT_CELL_SIZE];
    const char *cells[TABLE_COLUMNS];

    cells[0] = import_name_cell(name, cell);
    for (int i = 0; i < TABLE_COLUMNS - 2; i++) {
        snprintf(text[i], sizeof(text[i]), "%" PRId64, numbers[i]);
        cells[i + 1] = counts ? text[i] : "";
    }
    cells[TABLE_COLUMNS - 1] = last;
    print_table_add(table, cells);
}

static const char *import_cell(const struct import_line *line, bool dry_run, char text[static 40])
{
    switch (line->outcome) {
    case IMPORT_STORED:
        snprintf(text, 40, "%" PRId64, line->import_id);
        return dry_run ? "" : text;
    case IMPORT_KNOWN:
        snprintf(text, 40, "again %" PRId64, line->import_id);
        return text;
    case IMPORT_NOT_HISTORY:
        return "not a history";
    case IMPORT_BROKEN:
        return "not understood";
    case IMPORT_LOST:
        return "not known";
    default:
        return "failed";
    }
}

static void add_rows(const struct import_list *list, bool dry_run, struct buf *out)
{
    static const char *const headings[TABLE_COLUMNS] = {"FILE",      "READ",     "NEW",   "MATCHED",
                                                        "DUPLICATE", "REJECTED", "IMPORT"};
    struct archive_import_counts sum;
    struct print_table table;
    int64_t files, repaired;
    char text[40];

    print_table_begin(&table, headings, TABLE_COLUMNS,
                      1U << 1 | 1U << 2 | 1U << 3 | 1U << 4 | 1U << 5);
    table.cut = 1U << 0;
    for (size_t i = 0; i < list->count; i++)
        add_row(&table, short_name(list, i),
                is_taken(&list->items[i]) ? &list->items[i].counts : NULL,
                import_cell(&list->items[i], dry_run, text));
    sum_up(list, &sum, &files, &repaired);
    add_row(&table, "total", &sum, "");
    if (!print_table_end(&table, out))
        out->failed = true;
}

static void add_remarks(const struct import_list *list, bool dry_run, struct buf *out)
{
    struct archive_import_counts sum;
    int64_t files, repaired;

    sum_up(list, &sum, &files, &repaired);
    for (int i = ARCHIVE_ACCEPTED + 1; i < ARCHIVE_REJECTS; i++) {
        if (sum.by_reason[i] == 0)
            continue;
        add_count(sum.by_reason[i], "row", out);
        buf_addf(out, " %s %s\n", sum.by_reason[i] == 1 ? rejects[i].one : rejects[i].many,
                 rejects[i].words);
    }
    if (repaired > 0) {
        add_count(repaired, "character", out);
        buf_addf(out, " %s not readable and replaced\n", repaired == 1 ? "was" : "were");
    }
    if (sum.gaps_filled > 0) {
        add_count(sum.gaps_filled, "gap", out);
        buf_addf(out, " in the record %s filled\n",
                 dry_run                ? "would be"
                 : sum.gaps_filled == 1 ? "is"
                                        : "are");
    }
}

static bool has_why(const struct import_line *line)
{
    return line->outcome == IMPORT_BROKEN || line->outcome == IMPORT_FAILED ||
           line->outcome == IMPORT_LOST;
}

static void add_why(const struct import_line *line, struct buf *out)
{
    print_text(out, line->file);
    if (line->outcome == IMPORT_LOST) {
        buf_add_text(out, ": whether it was imported is not known; the same command again finishes "
                          "the job, and stores nothing twice\n");
        return;
    }
    buf_add_text(out, line->outcome == IMPORT_BROKEN ? ": not understood" : ": failed");
    if (line->why[0]) {
        buf_add_text(out, ": ");
        print_text(out, line->why);
    }
    buf_add_text(out, "; nothing of it was imported\n");
}

void import_view_table(const struct import_list *list, bool dry_run, struct buf *out)
{
    add_rows(list, dry_run, out);
    add_remarks(list, dry_run, out);
    for (size_t i = 0; i < list->count; i++)
        if (has_why(&list->items[i]))
            add_why(&list->items[i], out);
    if (dry_run)
        buf_add_text(out, "Nothing was changed: this was a dry run.\n");
}

void import_view_line(const struct import_line *line, bool dry_run, struct buf *out)
{
    const struct archive_import_counts *counts = &line->counts;

    if (has_why(line)) {
        add_why(line, out);
        return;
    }
    print_text(out, line->file);
    if (line->outcome == IMPORT_NOT_HISTORY) {
        buf_add_text(out, ": not a history\n");
        return;
    }
    buf_add_text(out, ": ");
    add_count(counts->rows, "row", out);
    buf_addf(out,
             ": %" PRId64 " new, %" PRId64 " matched, %" PRId64 " duplicate, %" PRId64 " rejected",
             counts->added, counts->matched, counts->duplicate, counts->rejected);
    if (line->outcome == IMPORT_KNOWN)
        buf_addf(out, "; known from import %" PRId64, line->import_id);
    else if (!dry_run)
        buf_addf(out, "; import %" PRId64, line->import_id);
    buf_add_text(out, "\n");
}

/* -- JSON -------------------------------------------------------------------------------------- */

static json_t *time_json(int64_t at)
{
    char time[TEXT_TIME_SIZE];

    return at == CLOCK_NO_TIME ? json_null() : json_string(text_time_format(at, time));
}

static json_t *reasons_json(const struct archive_import_counts *counts)
{
    json_t *reasons = json_object();

    for (int i = ARCHIVE_ACCEPTED + 1; reasons && i < ARCHIVE_REJECTS; i++)
        if (counts->by_reason[i] > 0 &&
            json_object_set_new(reasons, archive_reject_name((enum archive_reject)i),
                                json_integer(counts->by_reason[i])) < 0) {
            json_decref(reasons);
            reasons = NULL;
        }
    return reasons;
}

json_t *import_counts_json(const struct archive_import_counts *counts)
{
    return json_pack("{s:I,s:I,s:I,s:I,s:I,s:o,s:I,s:o,s:o}", "read", (json_int_t)counts->rows,
                     "new", (json_int_t)counts->added, "matched", (json_int_t)counts->matched,
                     "duplicate", (json_int_t)counts->duplicate, "rejected",
                     (json_int_t)counts->rejected, "reasons", reasons_json(counts), "gaps_filled",
                     (json_int_t)counts->gaps_filled, "first_at", time_json(counts->first_at),
                     "last_at", time_json(counts->last_at));
}

static const char *outcome_name(enum import_outcome outcome)
{
    static const char *const names[] = {
        [IMPORT_STORED] = "stored",           [IMPORT_KNOWN] = "known",
        [IMPORT_NOT_HISTORY] = "not_history", [IMPORT_BROKEN] = "not_understood",
        [IMPORT_FAILED] = "failed",           [IMPORT_LOST] = "unknown",
    };

    return names[outcome];
}

static json_t *line_json(const struct import_line *line, bool dry_run)
{
    json_t *file =
        json_pack("{s:s,s:s}", "file", line->file, "result", outcome_name(line->outcome));
    bool numbered = line->outcome == IMPORT_KNOWN || (line->outcome == IMPORT_STORED && !dry_run);
    json_t *rest;

    if (!is_taken(line)) {
        rest = json_pack("{s:o}", "why", line->why[0] ? json_string(line->why) : json_null());
    } else {
        rest = import_counts_json(&line->counts);
        if (json_object_set_new(rest, "form", json_string(import_form_name(line->form))) < 0 ||
            json_object_set_new(rest, "import",
                                numbered ? json_integer(line->import_id) : json_null()) < 0 ||
            json_object_set_new(rest, "repaired", json_integer(line->repaired)) < 0) {
            json_decref(rest);
            rest = NULL;
        }
    }
    if (!file || json_object_update(file, rest) < 0) {
        json_decref(file);
        file = NULL;
    }
    json_decref(rest);
    return file;
}

json_t *import_view_json(const struct import_list *list, int64_t user_id, bool dry_run)
{
    struct archive_import_counts sum;
    int64_t count, repaired;
    json_t *files = json_array(), *total;

    for (size_t i = 0; files && i < list->count; i++)
        if (json_array_append_new(files, line_json(&list->items[i], dry_run)) < 0) {
            json_decref(files);
            files = NULL;
        }
    sum_up(list, &sum, &count, &repaired);
    total = import_counts_json(&sum);
    if (json_object_set_new(total, "repaired", json_integer(repaired)) < 0) {
        json_decref(total);
        total = NULL;
    }
    return json_pack("{s:I,s:b,s:o,s:o}", "user", (json_int_t)user_id, "dry_run", dry_run ? 1 : 0,
                     "files", files, "total", total);
}

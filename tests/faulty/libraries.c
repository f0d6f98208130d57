/* SPDX-License-Identifier: MIT */
/*
 * What is left alone while memory fails on order: libraries that do not look at what malloc gives
 * them, or keep what they got. The linker's --wrap puts this in the way.
 */
#include <jansson.h>
#include <locale.h>

#include "daemon/config_private.h"
#include "faulty/memory.h"

/* libConfuse does not look. */
bool __real_config_confuse(struct config_reading *reading, const char *text);
bool __wrap_config_confuse(struct config_reading *reading, const char *text);

bool __wrap_config_confuse(struct config_reading *reading, const char *text)
{
    bool ok;

    fault_memory_pause();
    ok = __real_config_confuse(reading, text);
    fault_memory_go_on();
    return ok;
}

/* The C library's own tables of languages: they stay until the end of the process, whole or half.
 */
char *__real_setlocale(int category, const char *locale);
char *__wrap_setlocale(int category, const char *locale);

char *__wrap_setlocale(int category, const char *locale)
{
    char *set;

    fault_memory_pause();
    set = __real_setlocale(category, locale);
    fault_memory_go_on();
    return set;
}

/* jansson leaves out a byte of a text that it reads and has no memory for, and goes on. */
json_t *__real_json_loadb(const char *text, size_t len, size_t flags, json_error_t *error);
json_t *__wrap_json_loadb(const char *text, size_t len, size_t flags, json_error_t *error);

json_t *__wrap_json_loadb(const char *text, size_t len, size_t flags, json_error_t *error)
{
    json_t *json;

    fault_memory_pause();
    json = __real_json_loadb(text, len, flags, error);
    fault_memory_go_on();
    return json;
}

/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <string.h>

#include "base/text.h"
#include "ctl/password.h"

const char *password_problem(const char *password)
{
    size_t len = strlen(password), characters = 0;

    if (!text_utf8_valid(password, len))
        return "the password is not UTF-8: a browser could never send it";
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)password[i] < 0x20 || password[i] == 0x7f)
            return "the password holds a control character";
        characters += ((unsigned char)password[i] & 0xc0) != 0x80;
    }
    return characters < PASSWORD_LEAST ? "the password is shorter than 8 characters" : NULL;
}

/* SPDX-License-Identifier: MIT */
/* spotify/profile */
#include <string.h>

#include "base/text.h"
#include "fuzz/hold.h"
#include "spotify/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct spotify_profile profile;
    const char *error = NULL;

    if (!spotify_profile_decode((const char *)data, size, &profile, &error)) {
        hold(error != NULL);
        return 0;
    }
    hold(profile.id[0] != '\0' && memchr(profile.id, '\0', sizeof(profile.id)) != NULL);
    hold(memchr(profile.account_id, '\0', sizeof(profile.account_id)) != NULL);
    hold(memchr(profile.display_name, '\0', sizeof(profile.display_name)) != NULL);
    hold(text_printable(profile.id, strlen(profile.id)));
    hold(text_printable(profile.account_id, strlen(profile.account_id)));
    hold(text_printable(profile.display_name, strlen(profile.display_name)));
    return 0;
}

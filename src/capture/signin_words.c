/* SPDX-License-Identifier: MIT */
/* The words about how a sign-in ended: for the page, the command and the control interface. */
#include "capture/signin.h"

struct words {
    const char *name, *title, *advice;
};

static const struct words table[SIGNIN_RESULTS] = {
    [SIGNIN_OK] = {"ok", "Signed in", "Recording has begun."},
    [SIGNIN_DENIED] =
        {"denied", "The permission was not given",
         "Nothing was stored. Recording needs the permission to read what was played; "
         "connect again and choose Agree at Spotify."},
    [SIGNIN_NO_STATE] = {"no_state", "This sign-in was not begun here",
                         "Begin anew: addresses of a sign-in work once, and not after a restart of "
                         "the recorder or a change of its configuration."},
    [SIGNIN_EXPIRED] = {"expired", "This sign-in took too long",
                        "A sign-in has to be done within ten minutes. Begin anew."},
    [SIGNIN_USED] =
        {"used", "This sign-in was used already",
         "Each sign-in works once, and reloading its last page does nothing. Look at the "
         "list of accounts: it may have worked. Otherwise begin anew."},
    [SIGNIN_FOREIGN] =
        {"foreign", "This sign-in belongs to another browser",
         "A sign-in must end in the browser in which it was begun. Begin anew in this "
         "one. If somebody sent you this address, do not use it."},
    [SIGNIN_SPOTIFY_ERROR] = {"spotify_error", "Spotify ended the sign-in with an error",
                              "Begin anew. If it happens again, compare the redirect URI in the "
                              "app's settings at Spotify with the configured one."},
    [SIGNIN_CODE_REFUSED] =
        {"code_refused", "Spotify did not accept the sign-in any more",
         "What Spotify handed out was used already, is too old, or was withdrawn. "
         "Begin anew."},
    [SIGNIN_NOT_REGISTERED] =
        {"not_registered", "This account is not on the app's list",
         "Whoever owns the app adds the account's name and e-mail address at "
         "https://developer.spotify.com/dashboard under User Management (five "
         "people at most); then sign in again."},
    [SIGNIN_OWNER_PREMIUM] =
        {"owner_premium", "The owner of the app has no Premium subscription",
         "Spotify serves apps of Premium subscribers only. When the "
         "subscription runs again it can take a few hours; then sign in again."},
    [SIGNIN_CLIENT] =
        {"client", "Spotify does not know this app, or not its secret",
         "Compare spotify.client_id, and the client secret if one is configured, with "
         "the app's settings at https://developer.spotify.com/dashboard, reload the "
         "recorder, and sign in again."},
    [SIGNIN_SCOPE] = {"scope", "The permission to read what was played is missing",
                      "Sign in again and give the permission that is asked for."},
    [SIGNIN_OTHER_ACCOUNT] =
        {"other_account", "Another account signed in",
         "Nothing was stored. Sign out at https://www.spotify.com/logout first, "
         "or use a private window, and sign in with the account that is to be "
         "renewed. To record this account as well, connect it as a new one."},
    [SIGNIN_WAIT] = {"wait", "Spotify asks to wait",
                     "Spotify limits how often this app may ask. Try again when the time is over; "
                     "what is played meanwhile is not lost as long as Spotify shows it."},
    [SIGNIN_DOWN] = {"down", "Spotify could not be reached",
                     "Spotify or the network has trouble now. Try again in a few minutes."},
    [SIGNIN_REFUSED] = {"refused", "Spotify refused the sign-in",
                        "Begin anew. If it happens again, the message above says what Spotify did "
                        "not like."},
    [SIGNIN_NO_CLIENT] =
        {"no_client", "No app is configured yet",
         "Create an app at https://developer.spotify.com/dashboard, put its client "
         "id into the configuration, and reload the recorder."},
    [SIGNIN_STORE] =
        {"store", "The sign-in could not be stored",
         "The database takes no writes now: look at the disk and at the recorder's log, "
         "then sign in again."},
};

static const struct words *words_of(enum signin_result result)
{
    return &table[(unsigned)result < SIGNIN_RESULTS ? result : SIGNIN_REFUSED];
}

const char *signin_result_name(enum signin_result result)
{
    return words_of(result)->name;
}

const char *signin_result_title(enum signin_result result)
{
    return words_of(result)->title;
}

const char *signin_result_advice(enum signin_result result)
{
    return words_of(result)->advice;
}

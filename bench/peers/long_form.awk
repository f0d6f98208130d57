# SPDX-License-Identifier: MIT
#
# awk -v plays=N -v into=DIRECTORY -f names.awk -f long_form.awk: the long form of a privacy export as Spotify makes
# it, 16,000 rows a file, DIRECTORY/Streaming_History_Audio_0.json and so on; and the same rows as
# DIRECTORY/rows.csv. Names are invented and as long as real ones; some tracks are played far more
# often than others; a tenth as many tracks as plays, unless -v tracks=N.
#
# The same numbers give the same rows in every run.

# Days since 1970 as a date, after Howard Hinnant's "chrono-compatible low-level date algorithms".
function date(days,    era, doe, yoe, doy, mp, d, m) {
    days += 719468
    era = int(days / 146097)
    doe = days - era * 146097
    yoe = int((doe - int(doe / 1460) + int(doe / 36524) - int(doe / 146096)) / 365)
    doy = doe - (365 * yoe + int(yoe / 4) - int(yoe / 100))
    mp = int((5 * doy + 2) / 153)
    d = doy - int((153 * mp + 2) / 5) + 1
    m = mp < 10 ? mp + 3 : mp - 9
    return sprintf("%04d-%02d-%02d", yoe + era * 400 + (m <= 2), m, d)
}

function stamp(s,    day, rest) {
    day = int(s / 86400)
    rest = s - day * 86400
    if (day != last_day) {
        last_day = day
        last_date = date(day)
    }
    return sprintf("%sT%02d:%02d:%02dZ", last_date, int(rest / 3600), int(rest / 60) % 60, rest % 60)
}

BEGIN {
    country_count = split("SE DE GB US", countries, " ")
    platform_count = split("android|ios|Android OS 13 API 33 (samsung, SM-G991B)|windows|web_player windows 10;chrome 120.0.0.0;desktop", platforms, "|")
    reason_count = split("trackdone fwdbtn clickrow trackdone trackdone endplay", reasons, " ")
    if (tracks == 0) tracks = int(plays / 10) + 1
    albums = int(tracks / 3) + 1
    artists = int(tracks / 8) + 1
    for (i = 0; i < artists; i++) artist[i] = name(3)
    for (i = 0; i < albums; i++) album[i] = name(4)
    for (i = 0; i < tracks; i++) {
        track[i] = name(5)
        uri[i] = "spotify:track:" id()
    }
    csv = into "/rows.csv"
    at = 1420070400
    for (i = 0; i < plays; i++) {
        if (i % 16000 == 0) {
            if (file != "") { print "]" >file; close(file) }
            file = into "/Streaming_History_Audio_" int(i / 16000) ".json"
            printf "[" >file
        }
        at += 30 + draw(330)
        u = (draw(1000000) + 1) / 1000000
        # The square root of what is left: a tenth of the tracks has a third of the plays.
        t = int(tracks * u * u)
        if (t >= tracks) t = tracks - 1
        b = int(t / 3)
        a = b % artists
        ts = stamp(at)
        ms = draw(8) == 0 ? 2000 + draw(25000) : 120000 + draw(140000)
        begun = reasons[1 + draw(reason_count)]
        ended = reasons[1 + draw(reason_count)]
        shuffle = draw(2) ? "true" : "false"
        skipped = draw(8) ? "false" : "true"
        platform = platforms[1 + draw(platform_count)]
        country = countries[1 + draw(country_count)]
        printf "%s{\"ts\":\"%s\",\"platform\":\"%s\",\"ms_played\":%d,\"conn_country\":\"%s\",\"ip_addr\":\"192.0.2.7\"," \
            "\"master_metadata_track_name\":\"%s\",\"master_metadata_album_artist_name\":\"%s\"," \
            "\"master_metadata_album_album_name\":\"%s\",\"spotify_track_uri\":\"%s\",\"episode_name\":null," \
            "\"episode_show_name\":null,\"spotify_episode_uri\":null,\"audiobook_title\":null,\"audiobook_uri\":null," \
            "\"audiobook_chapter_uri\":null,\"audiobook_chapter_title\":null,\"reason_start\":\"%s\"," \
            "\"reason_end\":\"%s\",\"shuffle\":%s,\"skipped\":%s,\"offline\":false,\"offline_timestamp\":%d," \
            "\"incognito_mode\":false}", i % 16000 ? "," : "", ts, platform, ms, country, track[t], artist[a], album[b],
            uri[t], begun, ended, shuffle, skipped, at - int(ms / 1000) >file
        printf "%s,\"%s\",%d,%s,192.0.2.7,%s,%s,%s,%s,,,,,,,,%s,%s,%s,%s,false,%d,false\n", ts, platform, ms, country,
            track[t], artist[a], album[b], uri[t], begun, ended, shuffle, skipped, at - int(ms / 1000) >csv
    }
    print "]" >file
}

# SPDX-License-Identifier: MIT
#
# awk -v plays=N -f names.awk -f api_plays.awk: SQL that fills a database of ours with ten years of plays as the Web
# API tells them, with all that it tells of tracks, albums and artists, and where they were played from.  A tenth
# as many tracks as plays, unless -v tracks=N.

function values(table) {
    if (table != open_table || open_rows == 200) {
        if (open_table != "") print ";"
        printf "INSERT INTO %s VALUES ", table
        open_table = table
        open_rows = 0
    }
    if (open_rows++) printf ","
}

function context_row(number, uri) {
    values("contexts (context_id, user_id, uri)")
    printf "(%d,1,'%s')", number, uri
}

BEGIN {
    if (tracks == 0) tracks = int(plays / 10) + 1
    albums = int(tracks / 3) + 1
    artists = int(tracks / 8) + 1
    playlists = 60
    begun = 1480000000
    step = 315576000 / plays
    for (i = 1; i <= playlists; i++) playlist[i] = id()
    for (i = 1; i <= artists; i++) {
        artist[i] = id()
        values("artists (artist_id, uri, name, updated_at)")
        printf "(%d,'spotify:artist:%s','%s',1795300000000)", i, artist[i], name(3)
    }
    for (i = 1; i <= albums; i++) {
        album[i] = id()
        values("albums (album_id, uri, name, album_type, release_date, cover_url, total_tracks, updated_at)")
        printf "(%d,'spotify:album:%s','%s','album','%d-0%d-1%d','https://i.scdn.co/image/ab67616d0000b273%08x%08x%08x',%d,1795300000000)",
            i, album[i], name(4), 1970 + draw(55), 1 + draw(9), draw(10), draw(2147483646), draw(2147483646),
            draw(2147483646), 1 + draw(20)
    }
    for (i = 1; i <= albums; i++) {
        values("album_artists (album_id, position, artist_id)")
        printf "(%d,0,%d)", i, 1 + i % artists
    }
    for (i = 1; i <= tracks; i++) {
        values("tracks (track_id, uri, kind, name, isrc, duration_ms, track_number, disc_number, explicit, album_id, updated_at)")
        printf "(%d,'spotify:track:%s','track','%s','SE%c%c%c%07d',%d,%d,1,%d,%d,1795300000000)", i, id(), name(5),
            65 + draw(26), 65 + draw(26), 65 + draw(26), draw(9999999), 120000 + draw(180000), 1 + draw(14),
            draw(2), 1 + int((i - 1) / 3)
    }
    for (i = 1; i <= tracks; i++) {
        b = 1 + int((i - 1) / 3)
        values("track_artists (track_id, position, artist_id)")
        printf "(%d,0,%d)", i, 1 + b % artists
        if (i % 4 == 0) {
            values("track_artists (track_id, position, artist_id)")
            printf "(%d,1,%d)", i, 1 + (b + 1 + draw(artists - 2)) % artists
        }
    }
    # Numbers of contexts: the playlists, the user's collection, the albums, the artists.
    for (i = 1; i <= playlists; i++) context_row(i, "spotify:playlist:" playlist[i])
    context_row(playlists + 1, "spotify:user:ann01:collection")
    for (i = 1; i <= albums; i++) context_row(playlists + 1 + i, "spotify:album:" album[i])
    for (i = 1; i <= artists; i++) context_row(playlists + 1 + albums + i, "spotify:artist:" artist[i])
    for (i = 0; i < plays; i++) {
        u = (draw(1000000) + 1) / 1000000
        t = 1 + int(tracks * u * u)
        if (t > tracks) t = tracks
        from = draw(8)
        context = from < 3 ? 1 + draw(playlists) : from < 5 ? playlists + 2 + int((t - 1) / 3) : \
            from < 6 ? playlists + 2 + albums + (1 + int((t - 1) / 3)) % artists : \
            from < 7 ? playlists + 1 : "NULL"
        at = begun + int(i * step)
        values("played_tracks (user_id, played_at, track_id, context_id, source, first_seen_at)")
        printf "(1,%d%03d,%d,%s,'api',%d%03d)", at, draw(1000), t, context, at + 30 + draw(570), draw(1000)
    }
    print ";"
}

// SPDX-License-Identifier: MIT
// import.mjs DATABASE FILE...: the long form of a privacy export into SQLite, as a script does it.
import { readFileSync } from 'node:fs';
import { open } from './sqlite.mjs';

const [path, ...files] = process.argv.slice(2);
const db = open(path);
db.exec(readFileSync(new URL('schema.sql', import.meta.url), 'utf8'));
const addTrack = db.prepare('INSERT INTO tracks (uri, name, artist, album) VALUES (?, ?, ?, ?)');
const addPlay = db.prepare('INSERT OR IGNORE INTO plays VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');

db.exec('BEGIN');
const tracks = new Map();
for (const { uri, track_id: id } of db.prepare('SELECT uri, track_id FROM tracks').all()) tracks.set(uri, id);
for (const file of files) {
  for (const row of JSON.parse(readFileSync(file, 'utf8'))) {
    const uri = row.spotify_track_uri;
    if (uri === null) continue;
    let id = tracks.get(uri);
    if (id === undefined) {
      id = addTrack.run(
        uri, row.master_metadata_track_name, row.master_metadata_album_artist_name, row.master_metadata_album_album_name,
      ).lastInsertRowid;
      tracks.set(uri, id);
    }
    addPlay.run(
      'ann', Date.parse(row.ts) / 1000, id, row.ms_played, row.reason_start, row.reason_end, Number(row.shuffle),
      Number(row.skipped), Number(row.offline), Number(row.incognito_mode), row.platform, row.conn_country,
    );
  }
}
db.exec('COMMIT');
db.close();

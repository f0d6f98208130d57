// SPDX-License-Identifier: MIT
// Three years of invented listening, as the export of Spotify's has it: the same for the same seed.

// A small generator (Mulberry32): seeded, so that a picture can be taken again.
export function chance(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const firsts = ['Velvet', 'Northern', 'Paper', 'Golden', 'Silent', 'Copper', 'Winter', 'Electric', 'Little', 'Hollow', 'Marble', 'Distant'];
const seconds = ['Harbour', 'Foxes', 'Lanterns', 'Rivers', 'Engines', 'Gardens', 'Satellites', 'Choir', 'Parade', 'Orchard', 'Tides', 'Machines'];
const verbs = ['Waiting', 'Running', 'Dreaming', 'Falling', 'Dancing', 'Counting', 'Leaving', 'Burning', 'Sailing', 'Sleeping'];
const places = ['Home', 'Rain', 'Midnight', 'Summer', 'Glass', 'Silver', 'Stations', 'Morning', 'Mountains', 'Letters', 'the Dark', 'the Sea'];

// Names that have broken pages before.
export const hostile = [
  '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "O'Hara & <b>Sons</b>", '\u202eright to left\u202c', 'عربي فنان',
  '🎵🎶 emoji 👩‍👩‍👧‍👦', '日本語の曲名です', 'A'.repeat(10000), '%s%n%d', '</title></textarea>--><!--', '\u0007bell\u001b[31m', '',
];

const id = (random) => Array.from({length: 22}, () => '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'[Math.floor(random() * 62)]).join('');

function catalogue(random, artists) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const tracks = [];
  for (let i = 0; i < artists; i++) {
    const artist = `${firsts[i % 12]} ${seconds[Math.floor(i / 12 + i) % 12]}`;
    for (let album = 0; album < 1 + Math.floor(random() * 3); album++) {
      const title = `${pick(verbs)} ${pick(places)}`;
      for (let track = 0; track < 6 + Math.floor(random() * 6); track++)
        tracks.push({artist, album: title, name: `${pick(verbs)} in ${pick(places)}${track % 4 === 3 ? ` (Part ${track})` : ''}`,
          uri: `spotify:track:${id(random)}`, ms: 150000 + Math.floor(random() * 150000)});
    }
  }
  return tracks;
}

// Rows up to `until` (ms), the oldest first. Evenings and weekends have more; some weeks are quiet.
export function listening({seed = 1, until, days = 1000, artists = 60, odd = false}) {
  const random = chance(seed);
  const tracks = catalogue(random, artists);
  if (odd) hostile.forEach((name, i) => tracks.splice(i * 3, 0, {artist: name, album: name, name, uri: `spotify:track:${id(random)}`, ms: 200000}));
  const rows = [];
  for (let day = days; day > 0; day--) {
    const begin = until - day * 86400e3;
    const quiet = random() < 0.08;
    for (const [hour, sessions] of [[7, 0.5], [12, 0.3], [18, 0.7], [21, 0.5]]) {
      if (quiet || random() > sessions) continue;
      let at = begin + hour * 3600e3 + random() * 3600e3;
      for (let i = 3 + Math.floor(random() * 12); i > 0 && at < until; i--) {
        // The square makes some tracks favourites, which drift over the years.
        const track = tracks[Math.floor((random() ** 2 * 0.7 + 0.3 * (1 - day / days) * random()) * tracks.length) % tracks.length];
        const skipped = random() < 0.1;
        const played = skipped ? 5000 + Math.floor(random() * 20000) : track.ms;
        at += played + random() * 4000;
        rows.push({ts: new Date(at).toISOString().replace(/\.\d+Z$/, 'Z'), platform: 'linux', ms_played: played, conn_country: 'SE',
          master_metadata_track_name: track.name, master_metadata_album_artist_name: track.artist,
          master_metadata_album_album_name: track.album, spotify_track_uri: track.uri, reason_start: 'trackdone',
          reason_end: skipped ? 'fwdbtn' : 'trackdone', shuffle: false, skipped, offline: false, incognito_mode: false});
      }
    }
  }
  return rows;
}

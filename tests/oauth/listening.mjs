// SPDX-License-Identifier: MIT
// A listener who plays a song every so often, and the two parts of Spotify's Web API that the
// recorder asks: who is it, and what was played.

const artist = {name: 'The Example', id: '1aB2cD3eF4gH5iJ6kL7mN8', type: 'artist',
  uri: 'spotify:artist:1aB2cD3eF4gH5iJ6kL7mN8', href: 'https://api.spotify.com/v1/artists/1aB2cD3eF4gH5iJ6kL7mN8',
  external_urls: {spotify: 'https://open.spotify.com/artist/1aB2cD3eF4gH5iJ6kL7mN8'}};
const album = {name: 'First Light', id: '2bC3dE4fG5hI6jK7lM8nO9', type: 'album', album_type: 'album',
  uri: 'spotify:album:2bC3dE4fG5hI6jK7lM8nO9', href: 'https://api.spotify.com/v1/albums/2bC3dE4fG5hI6jK7lM8nO9',
  artists: [artist], images: [], release_date: '2019-03-01', release_date_precision: 'day', total_tracks: 11,
  external_urls: {spotify: 'https://open.spotify.com/album/2bC3dE4fG5hI6jK7lM8nO9'}};

function item(number, at) {
  const id = `3cD4eF5gH6iJ7k${String(number).padStart(8, '0')}`;
  return {played_at: new Date(at).toISOString(), context: null, track: {name: `Morning ${number}`, id,
    type: 'track', uri: `spotify:track:${id}`, href: `https://api.spotify.com/v1/tracks/${id}`, album,
    artists: [artist], disc_number: 1, track_number: 1, duration_ms: 180000, explicit: false, is_local: false,
    is_playable: true, preview_url: null, external_ids: {isrc: `XX000${String(number).padStart(7, '0')}`},
    external_urls: {spotify: `https://open.spotify.com/track/${id}`}}};
}

export class Listening {
  shown = 0; // how many plays were ever in an answer: all up to this one

  constructor(every) {
    this.every = every;
    this.start = Date.now() - 3 * every;
  }

  at(number) { return this.start + number * this.every; }

  // Spotify's page: newest first, at most 50 of all, those strictly after or before a time.
  page(query) {
    const now = Math.floor((Date.now() - this.start) / this.every);
    const limit = Math.min(50, Number(query.get('limit') ?? 20));
    const after = Number(query.get('after') ?? -Infinity);
    const before = Number(query.get('before') ?? Infinity);
    const items = [];
    for (let number = now; number > Math.max(0, now - 50); number--) {
      const at = this.at(number);
      if (at > after && at < before && items.length < limit) items.push(item(number, at));
    }
    if (items.length > 0) this.shown = Math.max(this.shown, now);
    const cursor = (one) => String(Date.parse(one.played_at));
    return {items, limit, next: null, href: 'https://api.spotify.com/v1/me/player/recently-played',
      cursors: items.length === 0 ? null : {after: cursor(items[0]), before: cursor(items.at(-1))}};
  }
}

// /v1/me as apps since February 2026 get it.
export function profile(account) {
  return {display_name: `Listener ${account}`, id: account, account_id: `stable-${account}`, type: 'user',
    uri: `spotify:user:${account}`, href: `https://api.spotify.com/v1/users/${account}`, images: [],
    external_urls: {spotify: `https://open.spotify.com/user/${account}`}};
}

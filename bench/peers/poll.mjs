// SPDX-License-Identifier: MIT
// poll.mjs URL TOKENS DATABASE SECONDS: records what the accounts of the file TOKENS play, as a script does it.
// One account after the other, each once in so many seconds.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { open } from './sqlite.mjs';

const [url, tokenFile, database, interval] = process.argv.slice(2);
const db = open(database);
db.exec(readFileSync(new URL('poll.sql', import.meta.url), 'utf8'));
const addTrack = db.prepare('INSERT OR IGNORE INTO tracks VALUES (?, ?, ?, ?, ?, ?)');
const addPlay = db.prepare('INSERT OR IGNORE INTO plays VALUES (?, ?, ?, ?)');

async function ask(path, options) {
  const answer = await fetch(url + path, options);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

async function refresh(account) {
  const body = new URLSearchParams({
    grant_type: 'refresh_token', refresh_token: account.refresh, client_id: 'sim-client-id',
  });
  const answer = await ask('/api/token', { method: 'POST', body });
  account.token = answer.access_token;
  account.until = Date.now() + (answer.expires_in - 60) * 1000;
}

function record(user, page) {
  db.exec('BEGIN IMMEDIATE');
  for (const { track, played_at: at, context } of page.items) {
    addTrack.run(
      track.uri, track.name, track.artists.map((artist) => artist.name).join(', '), track.album.name,
      track.duration_ms, track.external_ids?.isrc ?? null,
    );
    addPlay.run(user, at, track.uri, context?.uri ?? null);
  }
  db.exec('COMMIT');
}

async function poll(user, account) {
  if (!(account.until > Date.now())) await refresh(account);
  const headers = { authorization: `Bearer ${account.token}`, 'user-agent': 'node-peer' };
  record(user, await ask('/v1/me/player/recently-played?limit=50', { headers }));
}

const accounts = readFileSync(tokenFile, 'utf8').trim().split('\n').map((line) => ({ refresh: line.split('\t')[1] }));
for (let due = performance.now(); ;) {
  for (const [user, account] of accounts.entries()) {
    await poll(user, account);
    due += interval * 1000 / accounts.length;
    await sleep(Math.max(0, due - performance.now()));
  }
}

// SPDX-License-Identifier: MIT
// Holds the answers of the fake Spotify against the OpenAPI description, through Prism as a checking proxy.
//
//     npm install --no-save @stoplight/prism-cli@5.14.2
//     node tests/sim/check_openapi.mjs PATH/TO/fake-spotify PATH/TO/openapi.yaml
//
// Prints each difference once. Status 0: only those that the head of history.c explains.
import {spawn} from 'node:child_process';
import {createInterface} from 'node:readline';

const [program, description] = process.argv.slice(2);
const port = 20000 + (process.pid % 20000);
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// The live API differs from its description in these, see history.c.
const explained = [
  /\.next .*must be string/,
  /\.cursors .*must be object/,
  /\.context .*must be object/,
  /\.album .*'available_markets'/,
  /request\.query\.limit /, // our own question: the answer to it is what is looked at
  /Unable to match the returned status code/, // 204 and 400
];
const children = [];
const differences = new Map();
let looking = '';

// Starts a program; the promise gives what `ready` finds in a line of its output.
function start(command, args, ready) {
  const child = spawn(command, args, {stdio: ['ignore', 'pipe', 'inherit']});
  children.push(child);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`${command} ended: ${code}`)));
    createInterface({input: child.stdout}).on('line', (line) => {
      const match = ready.exec(line);
      if (match) resolve(match[1]);
      note(line);
    });
  });
}

// A line of Prism's log. Its header sl-violations is cut off when there are many, the log is not.
function note(line) {
  const match = /Violation: (.*)/.exec(line);
  if (!match) return;
  const text = match[1].replace(/items\.\d+/g, 'items.N').replace(/Response body property \S+ /, '');
  if (!differences.has(text)) differences.set(text, new Set());
  differences.get(text).add(looking);
}

async function main() {
  const fake = await start(program, ['--quiet', '--backlog', '300', '--seed', '7', '--die-with-parent'],
    /listening on (\S+)/);
  const proxy = await start('node_modules/.bin/prism',
    ['proxy', '-h', '127.0.0.1', '-p', String(port), description, `${fake}/v1`], /Prism is listening on (\S+)/);
  const admin = (path, body) => fetch(`${fake}/_sim/${path}`, {method: 'POST', body: JSON.stringify(body)});
  const state = await (await fetch(`${fake}/_sim/state`)).json();
  const form = new URLSearchParams({grant_type: 'refresh_token', client_id: 'sim-client-id',
    refresh_token: state.accounts[0].refresh_token});
  const token = await (await fetch(`${fake}/api/token`, {method: 'POST', body: form})).json();
  const look = async (name, path, bearer = token.access_token) => {
    looking = name;
    const answer = await fetch(proxy + path, {headers: {authorization: `Bearer ${bearer}`}});
    await answer.arrayBuffer();
    console.log(`${answer.status}  ${name}`);
    await pause(300); // for the log
  };
  const page = '/me/player/recently-played';

  await look('profile', '/me');
  await look('full page', `${page}?limit=50`);
  await look('empty page', `${page}?limit=50&after=${Date.now() + 9e9}`);
  await look('default limit', page);
  await look('bad token', '/me', 'nonsense');
  await look('limit 51', `${page}?limit=51`);
  await admin('listing', {old_fields: true});
  await look('full page of an older app', `${page}?limit=50`);
  await admin('listing', {old_fields: false, registered: false, forbidden: 3});
  await look('not registered', `${page}?limit=50`);
  await admin('listing', {registered: true, private: true});
  await look('private session', `${page}?limit=50`);
  await admin('listing', {private: false});
  await admin('faults', {kind: 'recent', status: 429, headers: [['Retry-After', '3']]});
  await look('too many', `${page}?limit=50`);

  let fresh = 0;
  for (const [text, names] of differences) {
    const known = explained.some((pattern) => pattern.test(text));
    fresh += known ? 0 : 1;
    console.log(`${known ? 'known' : 'NEW  '}  ${text}  [${[...names].join(', ')}]`);
  }
  console.log(`${differences.size} differences, ${fresh} not explained`);
  return fresh === 0 ? 0 : 1;
}

const status = await main().catch((error) => { console.error(error); return 2; });
for (const child of children) {
  child.removeAllListeners('exit');
  child.kill();
}
process.exit(status);

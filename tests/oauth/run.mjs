// SPDX-License-Identifier: MIT
// The built daemon against a real OAuth server (server.mjs) that rotates refresh tokens and revokes a
// sign-in as soon as an old one comes back: signs in through the control interface and the page, then
// is killed again and again around its refreshes.
//
//     NODE_DEPS=.../node_modules TEST_BUILDDIR=... node run.mjs [--rounds N] [--seed N]
//
// in an empty folder. After a kill the sign-in still works, unless the kill fell between Spotify's
// answer and the commit of it (the server's record and the ledger show that): then the daemon must
// say so, and one new sign-in mends it.
import {copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {parseArgs} from 'node:util';

import {Browser, Chance, Checks, Control, Program, builddir, freePort, pause, socketPath, sqlite, until} from '../rig/rig.mjs';

const {values: options} = parseArgs({options: {
  rounds: {type: 'string', default: '50'},
  seed: {type: 'string', default: process.env.HARNESS_SEED ?? String(Date.now() % 1000000)},
}});
const chance = new Chance(Number(options.seed));
const checks = new Checks();
const home = resolve('home');
console.log(`seed ${options.seed}, ${options.rounds} rounds`);

// -- the two of them -----------------------------------------------------------------------------

class Server {
  static async start(port) {
    const server = new Server();
    server.program = new Program(process.execPath, [new URL('server.mjs', import.meta.url).pathname, '--ttl', '2',
      '--redirect-uri', `http://127.0.0.1:${port}/spotify/callback`]);
    server.base = await server.program.says(/^listening on (\S+)/m);
    return server;
  }
  async get(path) { return (await fetch(`${this.base}/_test/${path}`, {signal: AbortSignal.timeout(60000)})).json(); }
  async post(path, body) { await fetch(`${this.base}/_test/${path}`, {method: 'POST', body: JSON.stringify(body)}); }
  state() { return this.get('state'); }
  // When no request that has arrived is still to be looked at. Twice: the first answer may have
  // overtaken bytes of the daemon's that lie in a socket.
  async settled() {
    const still = (state) => state.counts.arrived === state.counts.processed + state.counts.dropped && state;
    await until('the server to settle', async () => still(await this.state()));
    await pause(5);
    return until('the server to settle', async () => still(await this.state()));
  }
}

class Daemon {
  constructor(folder, base, port, clientId, env = {}) {
    Object.assign(this, {folder, port, env, control: new Control(socketPath(folder)),
      database: join(folder, 'history.db'), callback: `http://127.0.0.1:${port}/spotify/callback`});
    mkdirSync(folder, {mode: 0o700});
    writeFileSync(join(folder, 'test.conf'), `spotify {
    client_id = "${clientId}"
    redirect_uri = "${this.callback}"
    api_url = "${base}"
    accounts_url = "${base}"
}
capture { poll_interval = "10s" sweep_interval = "10m" daily_call_budget = 0 }
store { database = "${this.database}" key_file = "${join(folder, 'token.key')}" }
web { listen = "127.0.0.1:${port}" }
control { socket = "${this.control.socket}" }
log { level = "debug" }
`);
  }

  async start() {
    this.program = new Program(join(builddir, 'spotify-historyd'), ['-c', join(this.folder, 'test.conf')],
      {log: join(this.folder, 'daemon.log'), env: this.env});
    await Promise.race([this.control.ready(),
      this.program.ended.then((end) => { throw new Error(`the daemon ended: ${JSON.stringify(end)}\n${this.program.output}`); })]);
  }

  async user() { return (await this.control.users())[0]; }

  // Polls, and waits for the end of it.
  async poll() {
    const before = (await this.user()).polls;
    await this.control.sync();
    return this.polled(before);
  }
  polled(before = 0) {
    return until('a poll to end', async () => {
      const user = await this.user();
      return (user.polls > before || user.state === 'needs_login') && user;
    });
  }

  // A look at the database as a kill left it: at a copy, so that nothing is mended before the start.
  look(sql) {
    mkdirSync('copy');
    for (const suffix of ['', '-wal']) {
      if (existsSync(this.database + suffix)) copyFileSync(this.database + suffix, join('copy', `history.db${suffix}`));
    }
    const answer = sqlite(join('copy', 'history.db'), sql);
    rmSync('copy', {recursive: true});
    return answer;
  }
}

// Signs in as a person does; `paste`: the address goes back through the control interface instead of
// being asked for by the browser. The finished login.
async function signIn(daemon, {user, paste = false} = {}) {
  const begun = await daemon.control.beginLogin(user);
  checks.equal(begun.stage, 'waiting', 'a new sign-in waits for the browser');
  checks.equal(begun.redirect_uri, daemon.callback, 'a new sign-in tells where it will come back to');
  const browser = new Browser();
  const end = await browser.visit(begun.address, daemon.callback);
  if (!checks.equal(end.status, 0, 'the server sends the browser back to us')) throw new Error(end.text);
  if (paste) {
    await daemon.control.handIn(begun.login, end.address);
  } else {
    const page = await browser.visit(end.address);
    checks.equal(page.status, 200, 'the page welcomes who comes back');
  }
  return until('the sign-in to be done', async () => {
    const login = await daemon.control.login(begun.login);
    return login.stage === 'done' && login;
  });
}

// -- the kills -----------------------------------------------------------------------------------

// How to hold the next token request, what of it to wait for, and how long after that (ms) to kill at most.
const moments = {
  'at once': {wait: null, within: 3},
  'at any time': {hold: () => ({before_ms: chance.below(8), after_ms: chance.below(8)}), wait: null, within: 60},
  'before Spotify got it': {hold: () => ({before_ms: 60, drop: true}), wait: 'arrived', within: 20},
  'while Spotify had it in its queue': {hold: () => ({before_ms: 80}), wait: 'arrived', within: 20},
  'before Spotify answered': {hold: () => ({after_ms: 80}), wait: 'processed', within: 20},
  'as the answer came': {wait: 'answered', within: 4},
  'after the answer': {wait: 'answered', within: 40},
};
const tally = {};

async function killOnce(server, daemon, round) {
  const name = chance.of(Object.keys(moments));
  const moment = moments[name];
  const before = await server.settled();
  await server.post('hold', moment.hold?.() ?? {});
  if (chance.below(2) === 0) daemon.control.sync().catch(() => {}); // the kill may come first
  else daemon.program.child.kill('SIGUSR1');
  if (moment.wait) await server.get(`wait?event=${moment.wait}&than=${before.counts[moment.wait]}`);
  await pause(chance.below(moment.within + 1));
  await daemon.program.stop('SIGKILL');
  const after = await server.settled();
  await server.post('hold', {}); // when no request came for it
  return {name, round, after};
}

// Whether the newest refresh token came to nobody: the ledger knows of a refresh without an end, and the
// server answered one since that began.
function wasLost(daemon, state) {
  const [started, outcome] = daemon.look("SELECT started_at, coalesce(outcome, 'open') FROM refreshes").split('|');
  const last = state.last_refresh;
  return outcome !== 'ok' && last?.status === 200 && last.at >= Number(started);
}

async function oneRound(server, daemon, round) {
  const {name, after} = await killOnce(server, daemon, round);
  const lost = wasLost(daemon, after);
  const where = `round ${round}, killed ${name}`;
  tally[name] ??= {kills: 0, lost: 0};
  tally[name].kills += 1;
  tally[name].lost += lost;

  await daemon.start();
  const user = await daemon.polled();
  const reuses = (await server.settled()).counts.reuses - after.counts.reuses;
  if (lost) {
    checks.equal(user.state, 'needs_login', `${where}: a lost token means a new sign-in`);
    checks.that(/ambiguous_refresh/.test(user.reason), `${where}: the reason says that a refresh was cut off`, user.reason);
    checks.equal(user.must_act, true, `${where}: a person must act`);
    checks.equal(reuses, 1, `${where}: the dead token is tried once and no more`);
    const login = await signIn(daemon, {user: user.user, paste: chance.below(3) === 0});
    checks.equal(login.result, 'ok', `${where}: one new sign-in mends it`);
    checks.equal(login.added, false, `${where}: it renews the same account`);
  } else {
    checks.equal(user.state, 'active', `${where}: the sign-in still works`);
    checks.equal(reuses, 0, `${where}: no refresh token is used twice`);
  }
  const polled = await daemon.poll();
  checks.that(polled.state === 'active' && /^(ok|unchanged|empty)$/.test(polled.last_poll?.outcome),
    `${where}: polls go on`, JSON.stringify(polled));
}

// -- leaks ---------------------------------------------------------------------------------------

function filesBelow(folder) {
  return readdirSync(folder, {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

function checkLeaks(folder) {
  const files = filesBelow(folder);
  checks.that(files.some((file) => file.endsWith('.db')) && files.some((file) => file.endsWith('.log')), 'there are files to look through');
  for (const file of files)
    checks.that(!readFileSync(file).includes('CANARY'), `no token or code stands in ${file.slice(folder.length + 1)}`);
}

// -- all of it -----------------------------------------------------------------------------------

async function publicClient() {
  const port = await freePort();
  const server = await Server.start(port);
  const daemon = new Daemon(join(home, 'public'), server.base, port, 'public-client');
  await daemon.start();
  checks.equal((await daemon.control.users()).length, 0, 'nobody is signed in at first');

  const login = await signIn(daemon);
  checks.equal(login.result, 'ok', 'a first sign-in works');
  checks.equal(login.added, true, 'it adds an account');
  const user = await daemon.user();
  checks.equal(user?.spotify_id, 'ann', 'the account is listed');
  checks.equal(user?.account_id, 'stable-ann', 'with its lasting id');
  checks.equal(user?.state, 'active', 'and active');
  const plays = () => Number(sqlite(daemon.database, 'SELECT count(*) FROM played_tracks'));
  await until('a first play in the database', () => plays() > 0);

  for (let round = 1; round <= Number(options.rounds) && checks.failures.length < 5; round++) await oneRound(server, daemon, round);

  const state = await server.settled();
  checks.equal(JSON.stringify(state.wrong_reuses), '[]', 'no refresh token came back after its successor was stored');
  checks.equal(state.most_in_flight, 1, 'never two refreshes of one account at once');
  checks.equal(state.counts.unknown, 0, 'no refresh token but those that were given out');
  await daemon.poll();
  await until('every play that was shown to be stored once', async () => plays() === (await server.state()).plays_shown, 15)
    .then(() => checks.that(true), async (error) => checks.that(false, error.message, `${plays()} of ${(await server.state()).plays_shown}`));
  checkLeaks(daemon.folder); // with its WAL
  const end = await daemon.program.stop();
  checks.equal(end.code, 0, 'an orderly end');
  checks.equal(sqlite(daemon.database, 'PRAGMA integrity_check'), 'ok', 'the database is whole');
  checkLeaks(daemon.folder);
  await server.program.stop();
  return state;
}

// The same with a client secret: Basic instead of a bare client id.
async function confidentialClient() {
  const port = await freePort();
  const server = await Server.start(port);
  const daemon = new Daemon(join(home, 'confidential'), server.base, port, 'confidential-client',
    {SPOTIFY_CLIENT_SECRET: 'c0ffee00c0ffee00c0ffee00c0ffee00'});
  await daemon.start();
  checks.equal((await signIn(daemon, {paste: true})).result, 'ok', 'with a client secret: a sign-in works');
  for (let i = 0; i < 3; i++) checks.equal((await daemon.poll()).state, 'active', 'with a client secret: polls work');
  const state = await server.settled();
  checks.that(state.counts.refreshes >= 3, 'with a client secret: refreshes work', JSON.stringify(state.counts));
  checks.equal(state.counts.refused, 0, 'with a client secret: nothing was refused');
  checks.equal((await daemon.program.stop()).code, 0, 'with a client secret: an orderly end');
  checkLeaks(daemon.folder);
  await server.program.stop();
}

rmSync(home, {recursive: true, force: true});
mkdirSync(home);
const state = await publicClient();
await confidentialClient();
for (const [name, {kills, lost}] of Object.entries(tally)) console.log(`killed ${name}: ${kills} times, ${lost} sign-ins lost`);
const lost = Object.values(tally).reduce((sum, one) => sum + one.lost, 0);
console.log(`${state.counts.refreshes} refreshes, ${lost} answers lost by a kill, each mended by one sign-in; `
  + `${state.counts.reuses} refresh tokens presented twice`);
checks.that(lost > 0 || Number(options.rounds) < 50, 'some kills fell where they hurt: else this run says little');
process.exitCode = checks.sum();
process.exit();

// SPDX-License-Identifier: MIT
// The built daemon and the built fake Spotify (tests/sim/README.md), one pair a scene: what a scene does
// to one stays there.
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join, resolve} from 'node:path';

import {Control, Program, builddir, freePort, socketPath, sqlite, until} from '../rig/rig.mjs';

export class World {
  // A new pair. Options: accounts (of the fake, 1), client (false: no client id is configured).
  static async make(name, {accounts = 1, client = true} = {}) {
    const world = new World();
    world.folder = resolve(name.replace(/\W+/g, '-'));
    mkdirSync(world.folder, {mode: 0o700});
    const port = await freePort();
    world.origin = `http://127.0.0.1:${port}`;
    world.callback = `${world.origin}/spotify/callback`;
    world.control = new Control(socketPath(world.folder));
    world.database = join(world.folder, 'history.db');
    world.fake = new Program(join(builddir, 'fake-spotify'), ['--accounts', String(accounts), '--backlog', '20', '--pace', '3600',
      '--redirect-uri', world.callback, '--quiet', '--die-with-parent']);
    world.spotify = await world.fake.says(/^fake-spotify: listening on (\S+)/m);
    writeFileSync(join(world.folder, 'test.conf'), `spotify {
    ${client ? 'client_id = "sim-client-id"' : ''}
    redirect_uri = "${world.callback}"
    api_url = "${world.spotify}"
    accounts_url = "${world.spotify}"
}
store { database = "${world.database}" key_file = "${join(world.folder, 'token.key')}" }
web { listen = "127.0.0.1:${port}" }
control { socket = "${world.control.socket}" }
`);
    await world.startDaemon();
    return world;
  }

  async startDaemon() {
    this.daemon = new Program(join(builddir, 'spotify-historyd'), ['-c', join(this.folder, 'test.conf')],
      {log: join(this.folder, 'daemon.log')});
    await Promise.race([this.control.ready(),
      this.daemon.ended.then((end) => { throw new Error(`the daemon ended: ${JSON.stringify(end)}\n${this.daemon.output}`); })]);
    await until('the page', () => fetch(`${this.origin}/spotify`).then((answer) => answer.arrayBuffer()).catch(() => null));
  }

  // With the daemon stopped: what time would have done.
  async change(sql) {
    await this.daemon.stop();
    sqlite(this.database, sql);
    await this.startDaemon();
  }

  // The fake's admin API.
  async sim(path, body) {
    const answer = await fetch(`${this.spotify}/_sim/${path}`, body && {method: 'POST', body: JSON.stringify(body)});
    const json = await answer.json();
    if (!answer.ok) throw new Error(`/_sim/${path}: ${JSON.stringify(json)}`);
    return json;
  }

  async account(number) { return (await this.sim('state')).accounts[number - 1]; }

  // Where Spotify sends the browser back to, for this address of its sign-in page; not gone there.
  async grant(address, account = 1) {
    const answer = await fetch(`${address}&sim_account=${account}`, {redirect: 'manual'});
    return answer.headers.get('location');
  }

  // Signs an account in without a browser.
  async signIn(account = 1) {
    const begun = await this.control.beginLogin();
    await this.control.handIn(begun.login, await this.grant(begun.address, account));
    const login = await until('the sign-in', async () => {
      const now = await this.control.login(begun.login);
      return now.stage === 'done' && now;
    });
    if (login.result !== 'ok') throw new Error(`signing in account ${account}: ${JSON.stringify(login)}`);
    return login.user;
  }

  // Ends both; the answer is the list of files that a token or a code stands in.
  async end() {
    await this.daemon.stop();
    await this.fake.stop();
    return ['daemon.log', 'history.db', 'history.db-wal', 'token.key'].map((name) => join(this.folder, name))
      .filter((file) => existsSync(file) && readFileSync(file).includes('CANARY'));
  }
}

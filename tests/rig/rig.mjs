// SPDX-License-Identifier: MIT
// What the test rigs in JavaScript share: programs that are started and surely ended, a browser's
// way through redirects, the control interface, seeded chance, and checks that go on.
import {execFileSync, spawn} from 'node:child_process';
import {createWriteStream, mkdtempSync, rmSync} from 'node:fs';
import {request as httpRequest} from 'node:http';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';

export {pause};
export const builddir = process.env.TEST_BUILDDIR ?? process.cwd();

// -- programs ------------------------------------------------------------------------------------

const running = new Set();
const endAll = () => { for (const program of running) program.child.kill('SIGKILL'); };
process.on('exit', endAll);
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => process.exit(1));

export class Program {
  // The output goes to the file `log`. Its standard input is a pipe that ends with us.
  constructor(command, args, {log, env, cwd} = {}) {
    this.name = command.split('/').at(-1);
    this.child = spawn(command, args, {stdio: ['pipe', 'pipe', 'pipe'], env: {...process.env, ...env}, cwd});
    this.child.stdin.on('error', () => {}); // it need not read it
    const file = log ? createWriteStream(log, {flags: 'a'}) : null;
    this.output = '';
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on('data', (data) => {
        this.output += data;
        file?.write(data);
      });
    }
    running.add(this);
    this.ended = new Promise((resolve) => {
      this.child.on('error', (error) => { this.output += `${error}\n`; resolve({error}); });
      this.child.on('close', (code, signal) => resolve({code, signal}));
    }).then((end) => { running.delete(this); this.end = end; file?.end(); return end; });
  }

  // Waits for a line of its output; the answer is the expression's first group.
  async says(expression, seconds = 30) {
    await until(`${this.name} to say ${expression}`, () => {
      if (this.end) throw new Error(`${this.name} ended (${JSON.stringify(this.end)}):\n${this.output}`);
      return expression.test(this.output);
    }, seconds);
    return expression.exec(this.output)[1];
  }

  async stop(signal = 'SIGTERM') {
    if (!this.end) this.child.kill(signal);
    return this.ended;
  }
}

// Waits until `probe` gives something true, which is the answer.
export async function until(what, probe, seconds = 20) {
  const late = Date.now() + seconds * 1000;
  for (;;) {
    const result = await probe();
    if (result) return result;
    if (Date.now() > late) throw new Error(`waited ${seconds} s in vain for ${what}`);
    await pause(10);
  }
}

// A free port below those that the system gives to outgoing connections: nobody takes it while the
// program that is to have it is restarted.
export async function freePort() {
  for (let tries = 0; tries < 100; tries++) {
    const port = 15000 + Math.floor(Math.random() * 15000);
    const free = await new Promise((resolve) => {
      const server = createServer();
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
  throw new Error('no free port');
}

// Where to have a socket for what lives in that folder: the address of one has room for 107 bytes only.
export function socketPath(folder) {
  const path = join(folder, 'control.sock');
  if (path.length <= 100) return path;
  const other = mkdtempSync(tmpdir().length <= 60 ? join(tmpdir(), 'hd.') : '/tmp/hd.');
  process.on('exit', () => rmSync(other, {recursive: true, force: true}));
  return join(other, 'control.sock');
}

export function sqlite(file, sql) {
  return execFileSync('sqlite3', ['-batch', '-noheader', '-cmd', '.timeout 10000', file, sql], {encoding: 'utf8'}).trim();
}

// -- HTTP ----------------------------------------------------------------------------------------

// One request on a unix socket: {status, headers, json}.
export function askSocket(socket, method, path, body) {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = {host: 'localhost', connection: 'close'};
    if (text !== undefined) Object.assign(headers, {'content-type': 'application/json', 'content-length': Buffer.byteLength(text)});
    const request = httpRequest({socketPath: socket, method, path, headers, timeout: 20000}, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const answer = Buffer.concat(parts).toString();
        try {
          resolve({status: response.statusCode, headers: response.headers, json: JSON.parse(answer)});
        } catch (error) {
          reject(new Error(`${method} ${path}: ${response.statusCode}, no JSON: ${answer.slice(0, 200)}`));
        }
      });
    });
    request.on('timeout', () => request.destroy(new Error(`${method} ${path}: no answer`)));
    request.on('error', reject);
    request.end(text);
  });
}

export class Control {
  constructor(socket) { this.socket = socket; }

  // The JSON of an answer that must have that status.
  async ask(status, method, path, body) {
    const answer = await askSocket(this.socket, method, path, body);
    if (answer.status !== status)
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.json)}`);
    return answer.json;
  }

  status() { return this.ask(200, 'GET', '/v1/status'); }
  users() { return this.ask(200, 'GET', '/v1/users').then((answer) => answer.users); }
  sync() { return this.ask(202, 'POST', '/v1/sync', {}); }
  beginLogin(user) { return this.ask(201, 'POST', '/v1/login', user ? {user} : {}); }
  login(id) { return this.ask(200, 'GET', `/v1/login/${id}`); }
  handIn(id, address) { return this.ask(202, 'POST', `/v1/login/${id}`, {address}); }
  ready() { return until('the control socket', () => this.status().catch(() => null)); }
}

// A browser reduced to what a sign-in needs of one: it keeps cookies, by host (RFC 6265: whatever the
// port) and path, and follows redirects.
export class Browser {
  cookies = new Map();

  // GETs it and follows, but not into an address that begins with `stop`. {status, address, text}: what it
  // ended on; status 0: at `stop`, not asked for.
  async visit(address, stop) {
    for (let step = 0; step < 20; step++) {
      if (stop && address.startsWith(stop)) return {status: 0, address, text: ''};
      const url = new URL(address);
      const cookie = [...this.cookies.values()]
        .filter((one) => one.host === url.hostname && url.pathname.startsWith(one.path))
        .map((one) => `${one.name}=${one.value}`).join('; ');
      const response = await fetch(url, {redirect: 'manual', headers: cookie ? {cookie} : {}});
      const text = await response.text();
      for (const line of response.headers.getSetCookie()) this.#keep(url, line);
      const location = response.headers.get('location');
      if (response.status < 300 || response.status > 399 || !location) return {status: response.status, address, text};
      address = new URL(location, url).href;
    }
    throw new Error(`too many redirects, the last to ${address.split('?')[0]}`);
  }

  #keep(url, line) {
    const [pair, ...attributes] = line.split(/; */);
    const name = pair.slice(0, pair.indexOf('='));
    const attribute = (key) => attributes.find((one) => one.toLowerCase().startsWith(`${key}=`))?.slice(key.length + 1);
    const path = attribute('path') ?? '/';
    const gone = attribute('max-age') === '0' || Date.parse(attribute('expires') ?? '') < Date.now();
    const key = `${url.hostname} ${path} ${name}`;
    if (gone) this.cookies.delete(key);
    else this.cookies.set(key, {name, path, value: pair.slice(pair.indexOf('=') + 1), host: url.hostname});
  }
}

// -- chance and checks -----------------------------------------------------------------------------

// splitmix32; the same seed, the same test.
export class Chance {
  constructor(seed) { this.state = seed >>> 0; }
  below(range) {
    this.state = (this.state + 0x9e3779b9) >>> 0;
    let z = this.state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) % range;
  }
  of(list) { return list[this.below(list.length)]; }
}

// Notes what does not hold and goes on, so that one run tells all.
export class Checks {
  passed = 0;
  failures = [];

  that(holds, what, detail) {
    if (holds) {
      this.passed += 1;
    } else {
      this.failures.push(what);
      console.log(`  FAILED: ${what}${detail === undefined ? '' : `\n    ${String(detail).slice(0, 600).replaceAll('\n', '\n    ')}`}`);
    }
    return Boolean(holds);
  }

  equal(is, should, what) { return this.that(is === should, what, `is ${JSON.stringify(is)}, should be ${JSON.stringify(should)}`); }

  // Prints the sum; the exit status.
  sum() {
    console.log(`${this.passed} held, ${this.failures.length} did not`);
    return this.passed > 0 && this.failures.length === 0 ? 0 : 1;
  }
}

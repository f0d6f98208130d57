// SPDX-License-Identifier: MIT
// A browser goes through signing in as people do: the built daemon's page, the built fake Spotify's,
// back again; and through all that can go wrong on the way.
//
//     NODE_DEPS=.../node_modules TEST_BUILDDIR=... node run.mjs [--only REGEX] [--chromium PROGRAM]
//
// in an empty folder. Puts a picture of every state into TEST_BUILDDIR/browser/run: light, dark, phone. Words
// are looked for loosely: what is said is held to, how is not.
import {parseArgs} from 'node:util';

import {dependency} from '../rig/dependency.mjs';
import {Checks, until} from '../rig/rig.mjs';
import {checkPage, checkWatched, desktop, watch} from './page_checks.mjs';
import {World} from './world.mjs';

const {values: options} = parseArgs({options: {
  only: {type: 'string', default: ''},
  chromium: {type: 'string', default: '/usr/bin/chromium'},
}});
const {chromium} = (await dependency('playwright-core')).default;
const checks = new Checks();
const browser = await chromium.launch({executablePath: options.chromium, headless: true, args: ['--no-sandbox', '--disable-gpu',
  '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']});

// -- finding things as people do -------------------------------------------------------------------

const text = (page) => page.locator('body').innerText();
const heading = (page) => page.getByRole('heading', {level: 1}).innerText();

// The one button (or link that looks like one) of these words.
const button = (page, words) => page.getByRole('button', {name: words}).or(page.getByRole('link', {name: words})).first();
const connect = (page) => button(page, /connect (an|another|your) account|connect (to|with)? ?spotify|add an account/i);

// Where a click on one of them leads; waits for the page behind it.
async function click(page, target, into) {
  await target.click();
  await page.waitForURL(into);
}


async function says(page, expression, what) {
  const all = await text(page);
  return checks.that(expression.test(all), `${what}: says ${expression}`, all);
}

// -- scenes ----------------------------------------------------------------------------------------

class Scene {
  constructor(name, world, contextOptions) { Object.assign(this, {name, world, contextOptions}); }

  // A new person: a context of its own, with nothing kept.
  async person(more = {}) {
    const context = await browser.newContext({...desktop, ...this.contextOptions, ...more});
    context.setDefaultTimeout(15000);
    const page = await context.newPage();
    page.seen = await watch(context, this.world.origin);
    this.people = [...(this.people ?? []), page];
    return page;
  }

  async home(page) {
    const answer = await page.goto(`${this.world.origin}/spotify`);
    checks.equal(answer.status(), 200, `${this.name}: /spotify answers`);
  }

  // From /spotify to Spotify's page.
  async begin(page) {
    await this.home(page);
    await click(page, connect(page), (url) => url.href.startsWith(`${this.world.spotify}/authorize`));
  }

  // Picks an account on the fake's page (number 0: says no), which leads back to us.
  async pick(page, number) {
    await click(page, page.locator(number ? `#account-${number}` : '#deny'), `${this.world.origin}/**`);
  }

  // A sign-in that worked.
  async accepted(page, what = this.name) {
    await says(page, /signed in|connected|renewed/i, what);
    checks.that(!page.url().includes('code='), `${what}: the code does not stay in the address`);
  }

  // A sign-in that must not work: it has come back, says so, and nothing is stored.
  async refused(page, expression, users = 0) {
    const is = await heading(page);
    checks.that(!/^(you are |now )?(signed in|connected|welcome)/i.test(is), `${this.name}: is not called a success`, is);
    await says(page, expression, this.name);
    checks.equal((await this.world.control.users()).length, users, `${this.name}: nothing is stored`);
    checks.that(await page.locator('a[href="/spotify"], form[action^="/spotify"], a[href="/"]').count() > 0, `${this.name}: there is a way on`);
    await this.look(page);
  }

  async look(page, name = this.name) { await checkPage(checks, page, page.seen, name); }

  async end() {
    for (const page of this.people ?? []) {
      checkWatched(checks, page.seen, this.name);
      await page.context().close();
    }
    checks.equal((await this.world.end()).join(' '), '', `${this.name}: no token or code stands in a file`);
  }
}

const scenes = [];
const scene = (name, worldOptions, play, contextOptions) => scenes.push({name, worldOptions, play, contextOptions});

scene('no client id', {client: false}, async (s) => {
  const page = await s.person();
  await s.home(page);
  await says(page, /client id/i, 'the empty page');
  await says(page, /developer\.spotify\.com/, 'the empty page');
  checks.that((await text(page)).includes(s.world.callback), 'the empty page: tells the redirect URI to enter');
  checks.that(await page.locator('ol > li').count() === 3, 'the empty page: three steps, numbered');
  checks.equal((await s.world.control.status()).setup?.length, 3, 'the control interface knows the same three steps');
  checks.equal(await connect(page).count(), 0, 'the empty page: nothing to connect to yet');
  await s.look(page);
});

scene('signing in', {accounts: 2}, async (s) => {
  const page = await s.person();
  const {display_name: name} = await s.world.account(1);
  await s.home(page);
  await s.look(page, 'no account');
  await s.begin(page);
  await s.pick(page, 1);
  await s.accepted(page);
  checks.that((await text(page)).includes(name), 'signing in: says who', await text(page));
  await s.look(page);
  await s.home(page);
  checks.that((await text(page)).includes(name), 'the account is listed', await text(page));
  const user = await until('a first poll', async () => (await s.world.control.users()).find((one) => one.polls > 0));
  checks.equal(user.state, 'active', 'the account is active');
  await s.home(page);
  await s.look(page, 'one account');
  // and a second one beside it
  await s.begin(page);
  await s.pick(page, 2);
  await s.home(page);
  for (const number of [1, 2]) {
    const other = await s.world.account(number);
    checks.that((await text(page)).includes(other.display_name), `account ${number} of two is listed`, await text(page));
  }
  await s.look(page, 'two accounts');
});

scene('signing in without JavaScript', {}, async (s) => {
  const page = await s.person();
  await s.begin(page);
  await s.pick(page, 1);
  await s.accepted(page);
  await s.home(page);
  checks.that((await text(page)).includes((await s.world.account(1)).display_name), `${s.name}: the account is listed`, await text(page));
}, {javaScriptEnabled: false});

scene('denied', {}, async (s) => {
  const page = await s.person();
  await s.begin(page);
  await s.pick(page, 0);
  await s.refused(page, /said no|denied|declined|cancel|not (allow|agree|given)|refused/i);
});

scene('unknown state', {}, async (s) => {
  const page = await s.person();
  await s.begin(page);
  await page.goto(`${s.world.callback}?code=CANARYnobody&state=CANARYmadeup`);
  await s.refused(page, /again|not (begun|started|known)|unknown|expired/i);
  checks.equal((await s.world.sim('requests')).counts.token, 0, `${s.name}: Spotify is not bothered with it`);
});

scene('no state', {}, async (s) => {
  const page = await s.person();
  await page.goto(`${s.world.callback}?code=CANARYnobody`);
  await s.refused(page, /again|not (begun|started|known)|unknown|expired|sign-in/i);
});

scene('used state', {}, async (s) => {
  const page = await s.person();
  await s.begin(page);
  const address = await s.world.grant(page.url());
  await page.goto(address);
  await s.accepted(page, `${s.name}, the first time`);
  const asked = (await s.world.sim('requests')).counts.token;
  await page.goto(address);
  await s.refused(page, /already|used|once|second time/i, 1);
  checks.equal((await s.world.sim('requests')).counts.token, asked, `${s.name}: the code is not sent twice`);
});

scene('foreign state', {}, async (s) => {
  const [mine, other] = [await s.person(), await s.person()];
  await s.begin(mine);
  const address = await s.world.grant(mine.url());
  await s.home(other);
  await other.goto(address);
  await s.refused(other, /browser|begun|started|again/i);
  await mine.goto(address);
  await s.accepted(mine, `${s.name}: it stays open for whom it was begun`);
});

for (const forbidden of [1, 2, 3]) {
  scene(`not on the app's list ${forbidden}`, {}, async (s) => {
    const page = await s.person();
    await s.world.sim('listing', {account: 1, registered: false, forbidden});
    await s.begin(page);
    await s.pick(page, 1);
    await s.refused(page, /(user|account).*(list|register|dashboard|user management)|not registered/is);
  });
}

scene('owner without Premium', {}, async (s) => {
  const page = await s.person();
  await s.world.sim('faults', {kind: 'me', count: 0, status: 403, type: 'text/plain',
    body: 'Active premium subscription required for the owner of the app. '
      + 'When the subscription status changes, it can take a few hours before requests are allowed again.'});
  await s.begin(page);
  await s.pick(page, 1);
  await s.refused(page, /premium/i);
});

scene('code refused', {}, async (s) => {
  const page = await s.person();
  await s.world.sim('faults', {kind: 'token', status: 400,
    body: '{"error":"invalid_grant","error_description":"Invalid authorization code"}'});
  await s.begin(page);
  await s.pick(page, 1);
  await s.refused(page, /again|refused|not (accept|take)/i);
});

scene('wrong client id', {}, async (s) => {
  const page = await s.person();
  await s.world.sim('faults', {kind: 'token', status: 400,
    body: '{"error":"invalid_client","error_description":"Invalid client"}'});
  await s.begin(page);
  await s.pick(page, 1);
  await s.refused(page, /client/i);
});

for (const [name, fault] of [['502', {status: 502}], ['reset', {reset: true}]]) {
  scene(`Spotify down ${name}`, {}, async (s) => {
    const page = await s.person();
    await s.world.sim('faults', {kind: 'token', count: 0, ...fault});
    await s.begin(page);
    await s.pick(page, 1);
    await s.refused(page, /spotify.*(again|later|reach|answer|down|trouble)/is);
  });
}

scene('renewed with another account', {accounts: 2}, async (s) => {
  const page = await s.person();
  await s.world.signIn(1);
  const [mine, other] = [await s.world.account(1), await s.world.account(2)];
  await s.home(page);
  await click(page, button(page, /sign in again|renew/i), (url) => url.href.startsWith(`${s.world.spotify}/authorize`));
  await s.pick(page, 2);
  await s.refused(page, /another account|different account|other account/i, 1);
  const all = await text(page);
  checks.that(all.includes(mine.display_name) && all.includes(other.display_name), `${s.name}: says who is who`, all);
  checks.equal((await s.world.control.users())[0].spotify_id, mine.id, `${s.name}: the account is what it was`);
});

scene('needs to sign in', {accounts: 2}, async (s) => {
  const page = await s.person();
  await s.world.signIn(1);
  await s.world.signIn(2);
  await s.world.sim('tokens', {account: 1, revoke: true, expire_access: true});
  await s.world.control.sync();
  const is = async () => (await s.world.control.users())[0];
  await until('the state', async () => (await is()).state === 'needs_login');
  await s.home(page);
  await says(page, /sign in again/i, s.name);
  const status = await s.world.control.status();
  checks.equal(status.must_act, true, `${s.name}: the status says so`);
  checks.that(status.todo.some((todo) => todo.includes('sign in')), `${s.name}: the status says what to do`, JSON.stringify(status.todo));
  await s.look(page);
  // and mended: by the button beside it
  await click(page, button(page, /sign in again|renew/i), (url) => url.href.startsWith(`${s.world.spotify}/authorize`));
  await s.pick(page, 1);
  await s.accepted(page, `${s.name}, then signed in`);
  checks.equal((await is()).state, 'active', `${s.name}: one sign-in mends it`);
  await s.look(page, 'renewed');
});

// Spotify ends a sign-in six calendar months after it. Six months before the 31st of August is the last
// of February.
function sixMonthsBefore(ms) {
  const date = new Date(ms);
  const day = date.getUTCDate();
  date.setUTCMonth(date.getUTCMonth() - 6);
  if (date.getUTCDate() !== day) date.setUTCDate(0);
  return date.getTime();
}

for (const days of [30, 7, 1]) {
  scene(`${days} days left`, {}, async (s) => {
    const page = await s.person();
    await s.world.signIn(1);
    // A day that has begun counts; half a day less, so that it is the same one however long this takes.
    await s.world.change(`UPDATE users SET authorized_at = ${sixMonthsBefore(Date.now() + (days - 0.5) * 86400e3)}`);
    const [user] = await s.world.control.users();
    // Not every day is six months after another: after February there are up to three days less.
    checks.that(user.days_left <= days && user.days_left >= days - 4, `${s.name}: the control interface counts them`, JSON.stringify(user));
    checks.equal(user.must_act, true, `${s.name}: a person must act`);
    await s.home(page);
    await says(page, user.days_left > 0 ? new RegExp(`\\b${user.days_left} days?\\b`) : /today|over/i, s.name);
    await says(page, /sign in again|renew/i, s.name);
    await s.look(page);
  });
}

scene('forgotten', {accounts: 2}, async (s) => {
  const page = await s.person();
  for (const number of [1, 2]) await s.world.signIn(number);
  await until('first polls', async () => (await s.world.control.users()).every((one) => one.polls > 0));
  const users = await s.world.control.users();
  await s.world.control.ask(200, 'POST', `/v1/users/${users[0].user}/forget`, {keep_plays: true});
  await s.home(page);
  await says(page, /signed out|removed/i, s.name);
  await s.look(page, 'signed out');
  await s.world.control.ask(200, 'POST', `/v1/users/${users[1].user}/forget`, {keep_plays: false});
  await s.home(page);
  checks.that(!(await text(page)).includes(users[1].name), `${s.name}: is not listed any more`, await text(page));
  await s.look(page);
});

scene('requests of other pages', {}, async (s) => {
  const ask = async (method, path, headers, body) => (await fetch(s.world.origin + path, {method, headers, body, redirect: 'manual'})).status;
  const form = {'content-type': 'application/x-www-form-urlencoded'};
  checks.that(await ask('POST', '/spotify/connect', form, '') >= 400, 'a POST without a token is refused');
  checks.that(await ask('POST', '/spotify/connect', {...form, origin: 'http://evil.example'}, 'token=x') >= 400, 'one with an invented token, too');
  checks.equal(await ask('GET', '/spotify/connect', {}), 405, 'a link cannot begin a sign-in');
  const begun = (await s.world.sim('requests')).counts.authorize;
  checks.equal(begun, 0, 'and none was begun');
});

// -- all of it ---------------------------------------------------------------------------------------

for (const {name, worldOptions, play, contextOptions} of scenes) {
  if (!new RegExp(options.only).test(name)) continue;
  const before = checks.failures.length;
  let s;
  try {
    s = new Scene(name, await World.make(name, worldOptions), contextOptions);
    await play(s);
  } catch (error) {
    checks.that(false, `${name}: can be gone through`, error.stack);
  }
  if (s) await s.end().catch((error) => checks.that(false, `${name}: ends`, error.stack));
  console.log(`${checks.failures.length === before ? 'ok' : 'NOT OK'}  ${name}`);
}
await browser.close();
process.exitCode = checks.sum();
process.exit();

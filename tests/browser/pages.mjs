// SPDX-License-Identifier: MIT
// A browser reads the pages that show history, as a person would: all of them, light and dark, on a
// phone and on a desk, by keyboard, with scripts off; axe-core and tidy look over its shoulder.
//
//     NODE_DEPS=.../node_modules TEST_BUILDDIR=... node pages.mjs [--only REGEX] [--chromium PROGRAM]
//
// in an empty folder. Puts a picture of every page into TEST_BUILDDIR/browser/pages.
import {execFileSync, spawnSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join} from 'node:path';
import {parseArgs} from 'node:util';

import {dependency} from '../rig/dependency.mjs';
import {Checks, builddir, sqlite, until} from '../rig/rig.mjs';
import {hostile, listening} from './music.mjs';
import {checkPage, checkWatched, desktop, pictures, watch} from './page_checks.mjs';
import {World} from './world.mjs';

const {values: options} = parseArgs({options: {
  only: {type: 'string', default: ''},
  chromium: {type: 'string', default: '/usr/bin/chromium'},
}});
const {chromium} = (await dependency('playwright-core')).default;
const axe = readFileSync(createRequire(join(process.env.NODE_DEPS, 'x.js')).resolve('axe-core/axe.min.js'), 'utf8');
const checks = new Checks();
const browser = await chromium.launch({executablePath: options.chromium, headless: true, args: ['--no-sandbox', '--disable-gpu',
  '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']});

// -- the world: two people, three years, a gap ------------------------------------------------------

const world = await World.make('pages', {accounts: 2});
const users = [await world.signIn(1), await world.signIn(2)];
await until('first polls', async () => (await world.control.users()).every((one) => one.polls > 0));
const now = Date.now();
const ctl = (...args) => execFileSync(join(builddir, 'spotify-historyctl'), ['-c', join(world.folder, 'test.conf'), ...args],
  {encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit']});
for (const [i, odd] of [[0, true], [1, false]]) {
  const file = join(world.folder, `Streaming_History_Audio_${i}.json`);
  writeFileSync(file, JSON.stringify(listening({seed: 7 + i, until: now - 2 * 86400e3, days: i ? 300 : 1000, odd})));
  ctl('import', '--user', String(users[i].user ?? users[i]), file);
}
const query = (sql) => sqlite(world.database, sql);
const first = {
  track: query('SELECT track_id FROM played_tracks GROUP BY 1 ORDER BY count(*) DESC LIMIT 1'),
  artist: query('SELECT artist_id FROM track_artists JOIN played_tracks USING (track_id) GROUP BY 1 ORDER BY count(*) DESC LIMIT 1'),
  album: query('SELECT album_id FROM tracks JOIN played_tracks USING (track_id) WHERE album_id IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC LIMIT 1'),
  long: query('SELECT track_id FROM tracks ORDER BY length(name) DESC LIMIT 1'),
  markup: query("SELECT artist_id FROM artists WHERE name LIKE '%onerror%' LIMIT 1"),
};
await world.change(`INSERT INTO gaps (user_id, after_played_at, before_played_at, certainty, cause, detected_at) VALUES
  (1, ${now - 40 * 86400e3}, ${now - 39 * 86400e3}, 'likely', 'daemon_down', ${now - 39 * 86400e3}),
  (1, ${now - 20 * 86400e3}, ${now - 19 * 86400e3}, 'possible', 'late_batch', ${now - 19 * 86400e3});
  UPDATE users SET first_sweep_at = ${now - 90 * 86400e3} WHERE user_id = 1`);
const year = new Date(now).getUTCFullYear();

// -- the pages --------------------------------------------------------------------------------------

const pages = [
  ['home', '/'], ['home today', '/?period=day'], ['home month', '/?period=month'], ['home year', '/?period=year'],
  ['home all', '/?period=all'], ['home all by time', '/?period=all&by=time'], ['home of one', '/?user=1&period=year'],
  ['home free', `/?from=${year - 1}-03-01&to=${year - 1}-05-31`],
  ['track', `/track/${first.track}`], ['artist', `/artist/${first.artist}`], ['album', `/album/${first.album}`],
  ['track with a long name', `/track/${first.long}`], ['artist made of markup', `/artist/${first.markup}`],
  ['plays', '/plays'], ['plays searched', '/plays?q=velvet%20ho'], ['plays of a day', `/plays?from=${year - 1}-06-01&to=${year - 1}-06-07`],
  ['plays not found', '/plays?q=zzzzqqq'], ['plays with hostile words', `/plays?q=${encodeURIComponent('"><script> OR * NEAR(')}`],
  ['year', `/year/${year - 1}`], ['year so far', '/year/'], ['year without plays', '/year/1999'],
  ['coverage', '/coverage'], ['coverage of the other', '/coverage?user=2'], ['choices', '/choices'],
  ['accounts', '/spotify'], ['no such page', '/nowhere', 404], ['no such artist', '/artist/99999999', 404],
  ['no such day', '/plays?from=2026-02-31', 400], ['no such account', '/?user=99', 404],
];

function checkMarkup(name, markup) {
  const {status, stderr} = spawnSync('tidy', ['-q', '-e', '--drop-empty-elements', 'no', '--mute-id', 'yes'], {input: markup, encoding: 'utf8'});
  // This tidy is older than a few words of HTML and ARIA, and than <div> in <dl>.
  const amiss = stderr.split('\n').filter((line) => /(Warning|Error)/.test(line)
    && !/proprietary attribute "(aria-current|autocapitalize|inputmode|loading|decoding|referrerpolicy|enterkeyhint)"|lacks "(summary|src)"|trimming empty|missing (<dd>|<\/div> before <dt>|<\/dl> before <\/div>)|inserting implicit <dl>/.test(line));
  checks.that(status !== null && amiss.length === 0, `${name}: tidy finds nothing`, amiss.slice(0, 8).join('\n'));
}

async function checkAxe(page, name) {
  await page.evaluate(axe);
  const {violations} = await page.evaluate(() => window.axe.run(document, {resultTypes: ['violations']}));
  checks.equal(violations.map((one) => `${one.id}: ${one.nodes.length} x ${one.nodes[0].html.slice(0, 160)}`).join('\n'), '', `${name}: axe finds nothing`);
}

async function reader(more = {}) {
  const context = await browser.newContext({...desktop, ...more});
  context.setDefaultTimeout(15000);
  // No picture from elsewhere, so that the test asks nobody; there is a switch for that.
  await context.addCookies([{name: 'covers', value: 'off', url: world.origin}]);
  const page = await context.newPage();
  page.seen = await watch(context, world.origin);
  return page;
}

const picked = pages.filter(([name]) => new RegExp(options.only).test(name));
const page = await reader();
for (const [name, path, status = 200] of picked) {
  const answer = await page.goto(world.origin + path);
  checks.equal(answer.status(), status, `${name}: answers`);
  checkMarkup(name, await answer.text());
  for (const [scheme, width] of [['light', 1280], ['dark', 360]]) {
    await page.emulateMedia({colorScheme: scheme});
    await page.setViewportSize({width, height: 900});
    await checkAxe(page, `${name}, ${scheme}, ${width} wide`);
  }
  await checkPage(checks, page, page.seen, name);
  console.log(`${name}: ${(await answer.body()).length} bytes`);
}
page.seen.complaints = page.seen.complaints.filter((text) => !/status of 40[04]/.test(text));
checkWatched(checks, page.seen, 'all pages');

// -- what they do -------------------------------------------------------------------------------------

const scene = async (name, play) => {
  if (!new RegExp(options.only).test(name)) return;
  await play().catch((error) => checks.that(false, `${name}: can be gone through`, error.stack));
  console.log(name);
};
const text = (page) => page.locator('main').innerText();

await scene('with scripts off', async () => {
  const page = await reader({javaScriptEnabled: false});
  for (const [, path, status = 200] of pages) {
    const answer = await page.goto(world.origin + path);
    checks.equal(answer.status(), status, `${path}: answers without scripts`);
    checks.that(await page.locator('h1').isVisible(), `${path}: shows itself without scripts`);
  }
});

await scene('a play is deleted and brought back', async () => {
  const page = await reader();
  const count = () => Number(query('SELECT count(*) FROM plays WHERE user_id = 1'));
  const before = count();
  await page.goto(`${world.origin}/plays?user=1&q=velvet`);
  await page.getByRole('button', {name: /^Delete/}).first().click();
  await page.getByRole('button', {name: 'Undo'}).waitFor();
  checks.equal(count(), before - 1, 'one play less');
  checks.that(page.url().includes('q=velvet'), 'the selection stays', page.url());
  await page.getByRole('button', {name: 'Undo'}).click();
  await until('the play', () => count() === before);
  await page.goto(`${world.origin}/plays?show=deleted`);
  checks.that(/no play/i.test(await text(page)), 'none is deleted any more', await text(page));
});

await scene('pages of plays are walked through', async () => {
  const page = await reader();
  const seen = new Set();
  await page.goto(`${world.origin}/plays?user=2`);
  for (let i = 0; i < 5; i++) {
    for (const time of await page.locator('.plays .when > time:first-child').evaluateAll((times) => times.map((time) => time.dateTime))) {
      checks.that(!seen.has(time), 'a play is on one page only', time);
      seen.add(time);
    }
    await page.getByRole('link', {name: 'Older'}).click();
  }
  checks.equal(seen.size, 250, 'five pages have 250 plays');
  await page.getByRole('link', {name: 'Newer'}).click();
  const again = await page.locator('.plays .when > time:first-child').first().getAttribute('datetime');
  checks.that(seen.has(again), 'the way back leads to a page that was seen', again);
});

await scene('the time zone is the reader’s choice', async () => {
  const page = await reader();
  const shown = async () => {
    await page.goto(`${world.origin}/plays`);
    return page.locator('.plays .when > time:first-child').first().innerText();
  };
  const before = await shown();
  await page.goto(`${world.origin}/choices`);
  await page.getByLabel(/time zone/i).fill('Asia/Kathmandu');
  await page.getByRole('button', {name: /save|keep|choose/i}).click();
  const after = await shown();
  checks.that(after !== before, 'another zone shows another time', `${before} ${after}`);
  const expected = new Intl.DateTimeFormat('sv-SE', {timeZone: 'Asia/Kathmandu', dateStyle: 'short', timeStyle: 'short'})
    .format(new Date(await page.locator('.plays .when > time:first-child').first().getAttribute('datetime')));
  checks.equal(after, expected, 'and it is right');
});

await scene('hostile names are text', async () => {
  const page = await reader();
  await page.goto(`${world.origin}/plays?user=1&q=${encodeURIComponent('alert')}`);
  checks.that((await text(page)).includes(hostile[0]), 'markup is shown as it was written', (await text(page)).slice(0, 400));
  checkWatched(checks, page.seen, 'hostile names');
});

await scene('downloads', async () => {
  for (const [path, type] of [['/plays.csv', 'text/csv'], ['/plays.json', 'application/json']]) {
    const answer = await fetch(`${world.origin}${path}?user=2&q=velvet`);
    const body = await answer.text();
    checks.equal(answer.status, 200, `${path}: answers`);
    checks.that(answer.headers.get('content-type').startsWith(type), `${path}: is what it says`, answer.headers.get('content-type'));
    checks.that(/attachment/.test(answer.headers.get('content-disposition')), `${path}: is to be saved`);
    const found = Number(query("SELECT count(*) FROM plays WHERE user_id = 2 AND (track || ' ' || artists || ' ' || coalesce(album, '')) LIKE '%Velvet%'"));
    const rows = type === 'text/csv' ? body.trim().split('\r\n').length - 1 : JSON.parse(body).length;
    checks.equal(rows, found, `${path}: has every play of the selection`);
  }
  const picture = await fetch(`${world.origin}/year/${year - 1}.svg`);
  checks.that(picture.headers.get('content-type').startsWith('image/svg+xml'), 'the year is a picture', picture.headers.get('content-type'));
  writeFileSync(join(pictures, 'year.svg'), await picture.text());
});

await scene('what a browser need not load again', async () => {
  const answer = await fetch(`${world.origin}/?period=all`, {headers: {'accept-encoding': 'identity'}});
  const body = await answer.text();
  checks.that(Buffer.byteLength(body) < 65536, 'home has less than 64 KiB', String(Buffer.byteLength(body)));
  const tag = answer.headers.get('etag');
  checks.that(/^"[^"]+"$/.test(tag), 'it has a tag', tag);
});

// On A4: light whatever the screen is, nothing wider than the page, no row or card across a page's end,
// and as many pages as what is on them needs.
await scene('print', async () => {
  const page = await reader();
  const paper = {width: 794 - 2 * 45, height: 1123 - 2 * 53}; // A4 less the margins of @page, in CSS pixels
  for (const [name, path, least, most] of [['home', '/?user=1&period=year', 3, 4], ['year', `/year/${year - 1}?user=1`, 1, 2]]) {
    await page.setViewportSize(paper);
    await page.emulateMedia({media: 'print', colorScheme: 'dark'});
    await page.goto(world.origin + path);
    const looks = await page.evaluate((width) => {
      const [text, ground] = [getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor];
      const unseen = (element) => element.closest('.unseen') || getComputedStyle(element).clipPath !== 'none';
      const wide = [...document.querySelectorAll('body *')].filter((element) => {
        const box = element.getBoundingClientRect();
        return box.width > 0 && !unseen(element) && (box.right > width + 1 || box.left < -1);
      });
      const cut = [...document.querySelectorAll('.tops tr, .plays > li, .card, figure')]
        .filter((element) => getComputedStyle(element).breakInside !== 'avoid');
      const say = (elements) => elements.slice(0, 5).map((one) => one.outerHTML.slice(0, 120)).join('\n');
      const links = [...document.querySelectorAll('main a')].filter((link) => link.getClientRects().length > 0);
      const pressed = [...document.querySelectorAll('form, nav, input, button')].filter((element) => element.getClientRects().length > 0);
      return {text, ground, pressed: say(pressed), wide: say(wide), cut: say(cut), links: [...new Set(links.map((link) => getComputedStyle(link).color))]};
    }, paper.width);
    checks.equal(looks.wide, '', `${name}: nothing is wider than the paper`);
    checks.equal(looks.cut, '', `${name}: no row is cut in two`);
    checks.equal(looks.pressed, '', `${name}: nothing to press is printed`);
    checks.equal(looks.ground, 'rgba(0, 0, 0, 0)', `${name}: the paper is as it is`);
    const dark = (colour) => colour.match(/\d+/g).slice(0, 3).every((part) => Number(part) < 110);
    checks.that([looks.text, ...looks.links].every(dark), `${name}: words and links are dark`, [looks.text, ...looks.links].join(' '));
    await page.screenshot({path: join(pictures, `print-${name}.png`), fullPage: true});
    const pdf = await page.pdf({format: 'A4', printBackground: true, preferCSSPageSize: true});
    writeFileSync(join(pictures, `print-${name}.pdf`), pdf);
    const count = (pdf.toString('latin1').match(/\/Type\s*\/Page\b/g) ?? []).length;
    checks.that(count >= least && count <= most, `${name}: has ${least} to ${most} pages`, String(count));
    console.log(`${name} on A4: ${count} pages`);
  }
});

// Two for the README, as if the daemon had run all the time.
if (!options.only) {
  const page = await reader();
  query("UPDATE played_tracks SET first_seen_at = played_at + 90000 WHERE source = 'api'");
  await page.setViewportSize({width: 1280, height: 1500});
  await page.goto(`${world.origin}/?user=2&period=year`);
  await page.screenshot({path: join(pictures, 'readme-home.png')});
  await page.emulateMedia({colorScheme: 'dark'});
  await page.goto(`${world.origin}/year/${year}?user=2`);
  await page.screenshot({path: join(pictures, 'readme-year.png')});
}

checks.equal((await world.end()).join(' '), '', 'no token or code stands in a file');
await browser.close();
process.exitCode = checks.sum();
process.exit();

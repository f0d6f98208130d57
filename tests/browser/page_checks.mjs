// SPDX-License-Identifier: MIT
// What every page of ours must be, whatever stands on it: whole, quiet, and usable by everybody.
import {mkdirSync, rmSync} from 'node:fs';
import {basename, join} from 'node:path';

import {builddir} from '../rig/rig.mjs';

// A folder for each script: they may run side by side.
export const pictures = join(builddir, 'browser', basename(process.argv[1], '.mjs'));
rmSync(pictures, {recursive: true, force: true});
mkdirSync(pictures, {recursive: true});

const wide = {width: 1100, height: 800};
const phone = {width: 375, height: 740};
// Without motion: colours are looked at as soon as the scheme has changed.
export const desktop = {viewport: wide, locale: 'en-GB', timezoneId: 'Europe/Berlin', reducedMotion: 'reduce'};

// Listens to a context: complaints of the pages of `origin`, and every address that any page asks for.
export async function watch(context, origin) {
  const seen = {complaints: [], elsewhere: [], failed: [], headers: new Map()};
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`securitypolicyviolation ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  context.on('console', (message) => {
    // A page with a status of its own, a refusal say, is no trouble of the page's.
    const {url} = message.location();
    const answer = /Failed to load resource/.test(message.text()) && url.startsWith(origin);
    if (['error', 'warning'].includes(message.type()) && !answer && (url === '' || url.startsWith(origin)))
      seen.complaints.push(`${message.text()} (${url.split('?')[0]})`);
  });
  context.on('weberror', (error) => seen.complaints.push(String(error.error())));
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (url.hostname !== '127.0.0.1' && url.protocol !== 'data:') seen.elsewhere.push(request.url());
  });
  context.on('requestfailed', (request) => {
    // A page that is left behind takes its open requests with it.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') seen.failed.push(`${request.url()} ${request.failure()?.errorText}`);
  });
  context.on('response', (response) => {
    if (response.request().isNavigationRequest()) seen.headers.set(response.url(), response.headers());
  });
  return seen;
}

export function checkWatched(checks, seen, name) {
  checks.equal(seen.complaints.join('\n'), '', `${name}: the browser has nothing to complain about`);
  checks.equal(seen.elsewhere.join('\n'), '', `${name}: no other host is asked`);
  checks.equal(seen.failed.join('\n'), '', `${name}: no request fails`);
}

// -- inside the page -------------------------------------------------------------------------------

function lookAround() {
  const found = [];
  const visible = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility !== 'hidden';
  const nameOf = (element) => (element.getAttribute('aria-label') || element.textContent || element.value || element.title || '').trim()
    || [...(element.labels ?? [])].map((label) => label.textContent).join('').trim();
  const say = (element, what) => found.push(`${what}: ${element.outerHTML.slice(0, 120)}`);

  if (document.querySelectorAll('h1').length !== 1) found.push(`${document.querySelectorAll('h1').length} h1`);
  if (!document.documentElement.lang) found.push('html has no lang');
  if (!document.title.trim()) found.push('no title');
  if (document.querySelectorAll('main').length !== 1) found.push(`${document.querySelectorAll('main').length} main`);
  if (document.compatMode !== 'CSS1Compat') found.push('no doctype');
  let level = 0;
  for (const heading of document.querySelectorAll('h1,h2,h3,h4,h5,h6')) {
    if (Number(heading.tagName[1]) > level + 1) say(heading, 'a level of headings is left out');
    level = Number(heading.tagName[1]);
  }
  for (const element of document.querySelectorAll('button, a, summary, input:not([type=hidden]), select, textarea'))
    if (visible(element) && !nameOf(element)) say(element, 'nothing tells what it is for');
  for (const image of document.querySelectorAll('img, svg[role=img]'))
    if (!image.hasAttribute('alt') && !image.getAttribute('aria-label') && !image.querySelector('title')) say(image, 'a picture without words');
  for (const element of document.querySelectorAll('[id]'))
    if (document.querySelectorAll(`[id="${CSS.escape(element.id)}"]`).length > 1) say(element, 'an id twice');
  for (const element of document.querySelectorAll('a[target=_blank]'))
    if (!/noopener|noreferrer/.test(element.rel)) say(element, 'a new window that knows this one');
  if (document.querySelector('script, [onclick], [onload], [onerror]')) found.push('there is a script');
  const scroller = document.scrollingElement;
  if (scroller.scrollWidth > scroller.clientWidth + 1) {
    const widest = [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > scroller.clientWidth + 1)
      .filter((element, _, all) => !all.some((other) => other !== element && element.contains(other))).slice(0, 3);
    found.push(`wider than the window: ${scroller.scrollWidth} > ${scroller.clientWidth}: ${widest.map((element) => element.outerHTML.slice(0, 200)).join(' | ')}`);
  }
  return found;
}

// Text on its background, WCAG 2.2 section 1.4.3: 4.5 to 1, large text 3 to 1.
function lookAtColours() {
  const found = [];
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const canvasColour = matchMedia('(prefers-color-scheme: dark)').matches
    && getComputedStyle(document.documentElement).colorScheme.includes('dark') ? [18, 18, 18] : [255, 255, 255];
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return canvasColour;
  };
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    if (!own || box.width <= 1 || style.visibility === 'hidden' || element.matches(':disabled')) continue;
    const [a, b] = [light(rgba(style.color)), light(behind(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) found.push(`contrast ${ratio.toFixed(1)}: ${element.outerHTML.slice(0, 100)}`);
  }
  return found;
}

// Goes through the page with the Tab key: all that can be used is reached, and seen to be.
async function tabThrough(page) {
  const found = [];
  const count = await page.evaluate(() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
    .filter((element) => !element.disabled && element.tabIndex >= 0 && element.checkVisibility?.() !== false).length);
  await page.evaluate(() => { document.activeElement?.blur?.(); window.scrollTo(0, 0); });
  const reached = new Set();
  for (let i = 0; reached.size < count && i < 60; i++) {
    await page.keyboard.press('Tab');
    const state = await page.evaluate(() => {
      const element = document.activeElement;
      const look = () => {
        const {outlineStyle, outlineWidth, boxShadow, backgroundColor, borderColor, textDecorationLine} = getComputedStyle(element);
        return [outlineStyle === 'none' ? '' : outlineStyle + outlineWidth, boxShadow, backgroundColor, borderColor, textDecorationLine].join(' ');
      };
      if (!element || element === document.body) return null;
      window.tabbed ??= [];
      if (!window.tabbed.includes(element)) window.tabbed.push(element);
      // The Tab key goes through the parts of a date, and would begin with its first again.
      if (element.type === 'date') return {index: window.tabbed.indexOf(element), differs: true};
      const focused = look();
      element.blur();
      const plain = look();
      element.focus({focusVisible: true});
      return {index: window.tabbed.indexOf(element), differs: focused !== plain, markup: element.outerHTML.slice(0, 120)};
    });
    if (!state) break;
    reached.add(state.index);
    if (!state.differs) found.push(`focus cannot be seen: ${state.markup}`);
  }
  if (reached.size < Math.min(count, 40)) found.push(`the Tab key reaches ${reached.size} of ${count}`);
  return found;
}

function checkHeaders(checks, headers, name) {
  const policy = headers['content-security-policy'] ?? '';
  checks.that(/default-src 'none'/.test(policy), `${name}: the page's policy allows nothing by itself`, policy);
  checks.that(!/script-src[^;]*(unsafe|http)/.test(policy), `${name}: nor scripts`, policy);
  checks.that(/frame-ancestors 'none'/.test(policy) || /deny/i.test(headers['x-frame-options'] ?? ''), `${name}: nobody can frame it`, policy);
  checks.equal(headers['x-content-type-options'], 'nosniff', `${name}: its type is its type`);
  checks.that(/^(no-referrer|same-origin)$/.test(headers['referrer-policy']), `${name}: no other origin is told its address`);
  checks.that(/no-store|private, no-cache/.test(headers['cache-control'] ?? ''), `${name}: no cache shows it unasked`, headers['cache-control']);
  checks.equal(headers['access-control-allow-origin'], undefined, `${name}: no other origin may read it`);
}

// -- all of it ---------------------------------------------------------------------------------------

// Takes the pictures NAME-light.png, NAME-dark.png, NAME-phone.png, and holds the page to all of the above.
export async function checkPage(checks, page, seen, name) {
  const findings = async (where, list) => checks.equal((await list).join('\n'), '', `${name}, ${where}: nothing is amiss`);
  const picture = (suffix) => page.screenshot({path: join(pictures, `${name.replace(/\W+/g, '-')}-${suffix}.png`), fullPage: true});

  await page.emulateMedia({colorScheme: 'light'});
  await page.setViewportSize(wide);
  await findings('light', page.evaluate(lookAround));
  await findings('light', page.evaluate(lookAtColours));
  await picture('light');
  await page.emulateMedia({colorScheme: 'dark'});
  await findings('dark', page.evaluate(lookAtColours));
  await picture('dark');
  await page.setViewportSize(phone);
  await findings('on a phone', page.evaluate(lookAround));
  await page.emulateMedia({colorScheme: 'light'});
  await picture('phone');
  await page.setViewportSize(wide);
  await findings('by keyboard', tabThrough(page));
  checks.that(!(await page.content()).includes('CANARY'), `${name}: no token or code stands in it`);
  const headers = seen.headers.get(page.url());
  if (checks.that(headers, `${name}: was answered by the daemon`)) checkHeaders(checks, headers, name);
}

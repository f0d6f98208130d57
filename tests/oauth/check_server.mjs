// SPDX-License-Identifier: MIT
// Holds the OAuth server to what run.mjs takes for granted: it rotates, an old refresh token takes the
// whole sign-in with it, and neither goes without PKCE.
//
//     NODE_DEPS=.../node_modules node check_server.mjs
import {createHash, randomBytes} from 'node:crypto';

import {Browser, Checks, Program, pause} from '../rig/rig.mjs';

const checks = new Checks();
const server = new Program(process.execPath, [new URL('server.mjs', import.meta.url).pathname, '--ttl', '5']);
const base = await server.says(/^listening on (\S+)/m);
const callback = 'http://127.0.0.1:8888/spotify/callback'; // nobody listens there, and nobody asks
const state = async () => (await fetch(`${base}/_test/state`)).json();

async function authorize(client, more = {}) {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({client_id: client, response_type: 'code', redirect_uri: callback,
    scope: 'user-read-recently-played', state: 'abc', code_challenge_method: 'S256',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'), ...more});
  const end = await new Browser().visit(`${base}/authorize?${query}`, callback);
  return {...end, verifier, query: new URL(end.address).searchParams};
}

async function token(form, secret) {
  const headers = secret ? {authorization: `Basic ${Buffer.from(`confidential-client:${secret}`).toString('base64')}`} : {};
  const response = await fetch(`${base}/api/token`, {method: 'POST', headers, body: new URLSearchParams(form)});
  return {status: response.status, ...(await response.json())};
}

const exchange = (end, more = {}, secret = undefined) => token({grant_type: 'authorization_code',
  code: end.query.get('code'), redirect_uri: callback, client_id: 'public-client', code_verifier: end.verifier, ...more}, secret);
const refresh = (refreshToken) => token({grant_type: 'refresh_token', refresh_token: refreshToken, client_id: 'public-client'});
const api = (path, bearer) => fetch(base + path, {headers: {authorization: `Bearer ${bearer}`}});

// a sign-in
const first = await authorize('public-client');
checks.equal(first.query.get('state'), 'abc', 'the state comes back');
let answer = await exchange(first);
checks.equal(answer.status, 200, 'a code is exchanged');
checks.equal(answer.scope, 'user-read-recently-played', 'the scope is told');
for (const secret of [first.query.get('code'), answer.access_token, answer.refresh_token]) {
  checks.that(secret?.includes('CANARY'), 'a token can be found by its mark');
  checks.that(secret?.length < 4096, 'a token is no longer than the recorder takes');
}
const me = await (await api('/v1/me', answer.access_token)).json();
checks.equal(me.id, 'ann', 'the account has its id');
checks.equal((await api('/v1/me', 'CANARY-made-up')).status, 401, 'an invented access token is refused');
const page = await (await api('/v1/me/player/recently-played?limit=50', answer.access_token)).json();
checks.that(page.items.length >= 3, 'there are plays');
const newer = await (await api(`/v1/me/player/recently-played?limit=50&after=${page.cursors.after}`, answer.access_token)).json();
checks.that(newer.items.length <= 1, 'after= leaves out what is older');
let status = 200;
for (let tries = 0; status === 200 && tries < 100; tries++) {
  await pause(100);
  ({status} = await api('/v1/me', answer.access_token));
}
checks.equal(status, 401, 'an access token ends');

// what must not work
checks.equal((await exchange(await authorize('public-client'), {code_verifier: 'x'.repeat(43)})).error, 'invalid_grant',
  'another verifier is refused');
checks.equal((await authorize('public-client', {code_challenge: '', code_challenge_method: ''})).query.get('error'), 'invalid_request',
  'there is no sign-in without PKCE');
checks.equal((await authorize('public-client', {code_challenge_method: 'plain', code_challenge: 'x'.repeat(43)})).query.get('error'),
  'invalid_request', 'nor with a bare challenge');
checks.equal((await authorize('public-client', {redirect_uri: 'http://127.0.0.1:8888/elsewhere'})).status, 400, 'another way back is refused');

// rotation, and what a second use of an old refresh token does
const chain = [answer.refresh_token];
for (let i = 0; i < 50; i++) {
  answer = await refresh(chain.at(-1));
  chain.push(answer.refresh_token);
}
checks.equal(new Set(chain).size, 51, 'fifty refreshes give fifty new refresh tokens');
let now = await state();
checks.equal(now.counts.refreshes, 50, 'the record counts them');
checks.equal(now.grants[0].live, chain.at(-1), 'the record knows which one lives');
checks.equal(now.counts.reuses, 0, 'none was used twice so far');
checks.equal((await api('/v1/me', answer.access_token)).status, 200, 'the newest access token is good');
checks.equal((await refresh(chain[49])).error, 'invalid_grant', 'an old refresh token is refused');
checks.equal((await refresh(chain[50])).error, 'invalid_grant', 'and the newest one has died with it');
checks.equal((await api('/v1/me', answer.access_token)).status, 401, 'and the access token too');
now = await state();
checks.equal(now.counts.reuses, 1, 'the record counts the second use');
checks.equal(now.grants[0].revoked, true, 'the record knows that the sign-in is revoked');
checks.equal(JSON.stringify(now.wrong_reuses), '[50]', 'the record knows that its successor was taken up');

// the other client
const second = await authorize('confidential-client');
const basic = await exchange(second, {client_id: 'confidential-client'}, 'c0ffee00c0ffee00c0ffee00c0ffee00');
checks.equal(basic.status, 200, 'a client with a secret signs in');
checks.equal((await exchange(await authorize('confidential-client'), {client_id: 'confidential-client'}, 'wrong')).error, 'invalid_client',
  'and not with another secret');

await server.stop();
process.exitCode = checks.sum();

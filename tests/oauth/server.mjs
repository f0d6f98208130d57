// SPDX-License-Identifier: MIT
// A real OAuth 2 server, oidc-provider, in Spotify's place: what signs in here and lives through its
// rotation does not only get along with a fake of our own making.
//
//     NODE_DEPS=.../node_modules node server.mjs [--redirect-uri URI] [--ttl SECONDS] [--play-every SECONDS]
//
// Prints "listening on http://127.0.0.1:PORT" and ends with its standard input, or on SIGTERM.
//
//   GET /authorize, POST /api/token   code + PKCE (S256 only), refresh. A refresh token works once; a
//                                     second use revokes all that came from the same authorization
//   GET /v1/me, /v1/me/player/recently-played   with a live access token
//
// Two clients: "public-client", without a secret, and "confidential-client", with the secret below
// and HTTP Basic. Nobody is asked anything at sign-in. Tokens and codes contain the word CANARY.
//
//   GET  /_test/state                 counts, and what became of each refresh token (see record.mjs)
//   GET  /_test/wait?event=E&than=N   answers when the count E (arrived, processed, answered, dropped) is
//                                     greater than N
//   POST /_test/hold {"before_ms": N, "after_ms": N, "drop": bool}
//                                     the next request at the token endpoint waits so long before it is
//                                     looked at, or before it is answered; drop: is never looked at
//   POST /_test/account {"account": "ann"}   who signs in from now on
import {generateKeyPairSync, randomBytes} from 'node:crypto';
import {createServer} from 'node:http';
import {setTimeout as pause} from 'node:timers/promises';
import {parseArgs} from 'node:util';

import {dependency} from '../rig/dependency.mjs';
import {Listening, profile} from './listening.mjs';
import {Record, Storage} from './record.mjs';

const {Provider} = await dependency('oidc-provider');
const {values: options} = parseArgs({options: {
  'redirect-uri': {type: 'string', default: 'http://127.0.0.1/spotify/callback'},
  ttl: {type: 'string', default: '3600'},
  'play-every': {type: 'string', default: '1'},
}});

const SCOPE = 'user-read-recently-played';
const record = new Record();
const listening = new Listening(Number(options['play-every']) * 1000);
let account = 'ann';
let hold = {};

function client(id, more) {
  return {client_id: id, application_type: 'native', redirect_uris: [options['redirect-uri']],
    grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'], scope: SCOPE, ...more};
}

function makeProvider(address) {
  const key = generateKeyPairSync('rsa', {modulusLength: 2048}).privateKey.export({format: 'jwk'});
  const provider = new Provider(address, {
    adapter: new Storage(record).adapter(),
    clients: [client('public-client', {token_endpoint_auth_method: 'none'}),
      client('confidential-client', {client_secret: 'c0ffee00c0ffee00c0ffee00c0ffee00',
        token_endpoint_auth_method: 'client_secret_basic'})],
    scopes: [SCOPE],
    routes: {authorization: '/authorize', token: '/api/token'},
    pkce: {required: () => true},
    rotateRefreshToken: true,
    issueRefreshToken: () => true,
    expiresWithSession: () => false,
    ttl: {AccessToken: Number(options.ttl), AuthorizationCode: 600, RefreshToken: 180 * 86400, Grant: 180 * 86400,
      Session: 86400, Interaction: 3600},
    findAccount: (_ctx, sub) => ({accountId: sub, claims: () => ({sub})}),
    interactions: {url: (_ctx, interaction) => `/interaction/${interaction.uid}`},
    cookies: {keys: [randomBytes(32).toString('hex')]},
    features: {devInteractions: {enabled: false}},
    jwks: {keys: [{...key, use: 'sig', alg: 'RS256'}]},
    // One line in place of its page.
    renderError: (ctx, out) => { ctx.type = 'text'; ctx.body = `${out.error}: ${out.error_description}\n`; },
  });
  for (const kind of [provider.AccessToken, provider.RefreshToken, provider.AuthorizationCode]) {
    const make = kind.prototype.generateTokenId;
    kind.prototype.generateTokenId = function generateTokenId() { return `CANARY-${make.call(this)}`; };
  }
  provider.use(watchTokenEndpoint);
  return provider;
}

async function watchTokenEndpoint(ctx, next) {
  if (ctx.path !== '/api/token') {
    await next();
    return;
  }
  const held = hold;
  hold = {};
  const call = record.arrived();
  ctx.res.once('finish', () => record.answered(call));
  ctx.res.once('close', () => record.over());
  // All of the request is here before anybody goes away: what is looked at later is looked at as a
  // server does that has it in its queue.
  ctx.req.body = (await bodyOf(ctx.req)).toString();
  if (held.before_ms) await pause(held.before_ms);
  if (held.drop) {
    ctx.respond = false;
    ctx.req.socket.destroy();
    record.dropped();
    return;
  }
  await next();
  record.processed(call, ctx.oidc?.params, ctx.status, ctx.body);
  if (held.after_ms) await pause(held.after_ms);
}

// What a person does at the sign-in page and at the question for consent, without the person.
async function interact(provider, request, response) {
  const {prompt, params, grantId} = await provider.interactionDetails(request, response);
  if (prompt.name === 'login')
    return provider.interactionFinished(request, response, {login: {accountId: account}});
  const grant = grantId ? await provider.Grant.find(grantId)
    : new provider.Grant({accountId: account, clientId: params.client_id});
  grant.addOIDCScope(params.scope);
  return provider.interactionFinished(request, response, {consent: {grantId: await grant.save()}},
    {mergeWithLastSubmission: true});
}

function send(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, {'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text)});
  response.end(text);
}

async function webApi(provider, request, response, url) {
  const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
  const token = bearer && await provider.AccessToken.find(bearer);
  const refuse = (status, message) => send(response, status, {error: {status, message}});
  if (!bearer) return refuse(401, 'No token provided');
  if (!token || token.isExpired) return refuse(401, token ? 'The access token expired' : 'Invalid access token');
  if (!token.scope?.split(' ').includes(SCOPE)) return refuse(403, 'Insufficient client scope');
  record.accessUsed(bearer);
  if (url.pathname === '/v1/me') return send(response, 200, profile(token.accountId));
  if (url.pathname === '/v1/me/player/recently-played') return send(response, 200, listening.page(url.searchParams));
  return refuse(404, 'Service not found');
}

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

async function admin(request, response, url) {
  if (url.pathname === '/_test/hold') hold = JSON.parse(await bodyOf(request));
  else if (url.pathname === '/_test/account') ({account} = JSON.parse(await bodyOf(request)));
  else if (url.pathname === '/_test/wait')
    await record.reached(url.searchParams.get('event'), Number(url.searchParams.get('than')));
  else if (url.pathname !== '/_test/state') return send(response, 404, {});
  return send(response, 200, {...record.state(), plays_shown: listening.shown});
}

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const address = `http://127.0.0.1:${server.address().port}`;
  const provider = makeProvider(address);
  const oauth = provider.callback();
  server.on('request', (request, response) => {
    const url = new URL(request.url, address);
    const answer = url.pathname.startsWith('/_test/') ? admin(request, response, url)
      : url.pathname.startsWith('/v1/') ? webApi(provider, request, response, url)
        : url.pathname.startsWith('/interaction/') ? interact(provider, request, response)
          : oauth(request, response);
    Promise.resolve(answer).catch((error) => {
      console.error(error);
      if (!response.headersSent) send(response, 500, {error: String(error)});
    });
  });
  console.log(`listening on ${address}`);
});
process.stdin.on('end', () => process.exit(0)).resume();
process.on('SIGTERM', () => process.exit(0));

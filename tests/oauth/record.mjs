// SPDX-License-Identifier: MIT
// Where the OAuth server keeps its things (oidc-provider calls that an adapter), and the memory of
// what happened to every refresh token: who came after it, how often it was presented, whether what
// was answered for it was ever used.

// Rows by model and id, in the way of oidc-provider's own memory adapter but without its limit of
// 1,000 rows: nothing may be forgotten here.
export class Storage {
  rows = new Map(); // 'Model:id' -> payload
  byGrant = new Map(); // grant id -> Set of 'Model:id'
  byUid = new Map(); // uid -> session id

  constructor(record) { this.record = record; }

  adapter() {
    const storage = this;
    return class Adapter {
      constructor(model) { this.model = model; }
      key(id) { return `${this.model}:${id}`; }
      async find(id) { return storage.rows.get(this.key(id)); }
      async findByUid(uid) { return this.find(storage.byUid.get(uid)); }
      async findByUserCode() { return undefined; }
      async upsert(id, payload) {
        storage.rows.set(this.key(id), payload);
        if (payload.uid) storage.byUid.set(payload.uid, id);
        if (payload.grantId) {
          if (!storage.byGrant.has(payload.grantId)) storage.byGrant.set(payload.grantId, new Set());
          storage.byGrant.get(payload.grantId).add(this.key(id));
        }
        if (this.model === 'RefreshToken') storage.record.refreshTokenMade(id, payload.grantId);
      }
      async consume(id) {
        storage.rows.get(this.key(id)).consumed = Math.floor(Date.now() / 1000);
        if (this.model === 'RefreshToken') storage.record.refreshTokenUsedUp(id);
      }
      async destroy(id) { storage.rows.delete(this.key(id)); }
      async revokeByGrantId(grantId) {
        for (const key of storage.byGrant.get(grantId) ?? []) {
          // Sessions and interactions name the grant, too; they are not of it.
          if (key.startsWith(`${this.model}:`)) storage.rows.delete(key);
        }
        if (this.model === 'RefreshToken') storage.record.grantRevoked(grantId);
      }
    };
  }
}

export class Record {
  counts = {codes: 0, refreshes: 0, reuses: 0, unknown: 0, refused: 0,
    arrived: 0, processed: 0, answered: 0, dropped: 0};
  inFlight = 0;
  mostInFlight = 0;
  tokens = new Map(); // refresh token -> what happened to it
  grants = new Map(); // grant id -> {live, revoked, made}
  byAccess = new Map(); // access token -> refresh token that was answered with it
  calls = []; // refreshes, in order of their arrival
  waiting = new Set();

  refreshTokenMade(id, grantId) {
    if (this.tokens.has(id)) return;
    const grant = this.grants.get(grantId) ?? {live: null, revoked: false, made: 0};
    const parent = grant.live;
    this.grants.set(grantId, grant);
    grant.live = id;
    grant.made += 1;
    this.tokens.set(id, {number: this.tokens.size + 1, grant: grantId, parent, child: null,
      presented: 0, usedUp: false, answered: false, accessUsed: 0});
    if (parent) this.tokens.get(parent).child = id;
  }

  refreshTokenUsedUp(id) { this.tokens.get(id).usedUp = true; }

  grantRevoked(grantId) {
    const grant = this.grants.get(grantId);
    if (!grant) return;
    grant.revoked = true;
    grant.live = null;
  }

  // A request at the token endpoint, from its arrival to the last byte of its answer.
  arrived() {
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    this.#count('arrived');
    return {at: Date.now(), kind: null, presented: null, status: 0, made: null, answered: false};
  }

  processed(call, params, status, body) {
    const token = this.tokens.get(params?.refresh_token);
    call.kind = params?.grant_type === 'refresh_token' ? 'refresh' : 'code';
    call.status = status;
    if (call.kind === 'refresh') {
      call.presented = token?.number ?? null;
      this.calls.push(call);
      if (!token) this.counts.unknown += 1;
      // The one that was just used up by this very request has been presented once.
      else if (++token.presented > 1) this.counts.reuses += 1;
    }
    if (status === 200) {
      this.counts[call.kind === 'refresh' ? 'refreshes' : 'codes'] += 1;
      call.made = this.tokens.get(body.refresh_token)?.number ?? null;
      call.answer = body.refresh_token;
      this.byAccess.set(body.access_token, body.refresh_token);
    } else {
      this.counts.refused += 1;
    }
    this.#count('processed');
  }

  answered(call) {
    call.answered = true;
    if (call.answer) this.tokens.get(call.answer).answered = true;
    this.#count('answered');
  }

  dropped() { this.#count('dropped'); }
  over() { this.inFlight -= 1; this.#tell(); }

  accessUsed(accessToken) {
    const token = this.tokens.get(this.byAccess.get(accessToken));
    if (token) token.accessUsed += 1;
  }

  // Refresh tokens that were presented again although their successor had demonstrably been taken
  // up: it was presented itself, or the access token that came with it was used.
  wrongReuses() {
    return [...this.tokens.values()].filter((token) => {
      const child = this.tokens.get(token.child);
      return token.presented > 1 && child && (child.presented > 0 || child.accessUsed > 0);
    }).map((token) => token.number);
  }

  state() {
    const last = this.calls.at(-1);
    return {counts: {...this.counts}, last_refresh: last ? {...last, answer: undefined} : null, in_flight: this.inFlight, most_in_flight: this.mostInFlight,
      grants: [...this.grants.values()], wrong_reuses: this.wrongReuses(),
      tokens: [...this.tokens.values()].map(({number, child, presented, usedUp, answered, accessUsed}) => (
        {number, child: this.tokens.get(child)?.number ?? null, presented, used_up: usedUp, answered,
          access_used: accessUsed}))};
  }

  // Resolves when the count of that name is greater than `than`.
  async reached(name, than) {
    while (this.counts[name] <= than)
      await new Promise((resolve) => { this.waiting.add(resolve); });
  }

  #count(name) {
    this.counts[name] += 1;
    this.#tell();
  }

  #tell() {
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const resolve of waiting) resolve();
  }
}

import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { OidcRules } from '../../src/auth/access-rules.js';
import { type ApiApp, startApiApp } from '../support/api-app.js';
import { FakeEngine } from '../support/fake-engine.js';
import { LIES, type LyingIssuer, startLyingIssuer } from '../support/lying-issuer.js';
import { type OidcProvider, startOidcProvider } from '../support/oidc-provider.js';

const OIDC = '/api/v1/celery/session/oidc';
const PUBLIC = 'http://localhost:8000';
const CALLBACK = `${PUBLIC}${OIDC}/callback`;

const RULES: Omit<OidcRules, 'issuer'> = {
  clientId: 'taskscope',
  clientSecret: 'a client secret of the tests',
  label: 'Sign in with the tests',
  scopes: ['openid', 'profile', 'email'],
  groupsClaim: 'groups',
  verifiedEmail: true,
  allowHttp: true,
  mapping: [
    { role: 'operator', groups: ['operators'] },
    { role: 'viewer', domains: ['example.org'] },
  ],
};

let provider: OidcProvider;
let api: ApiApp;

beforeAll(async () => {
  provider = await startOidcProvider(await freePort(), CALLBACK);
  api = await startApiApp([new FakeEngine()], appRules(provider.issuer));
});

afterAll(async () => {
  provider?.stop();
  await api?.close();
});

function appRules(issuer: string) {
  return { rules: { required: true, publicUrl: PUBLIC, oidc: { ...RULES, issuer } } };
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = address === null || typeof address === 'string' ? 0 : address.port;
      server.close(() => resolve(port));
    });
  });
}

/** What a browser that has been sent to the provider knows. */
async function begin(of: ApiApp, next = '/flower/tasks'): Promise<{ readonly url: string; readonly cookie: string }> {
  const response = await of.request.get(`${OIDC}?next=${encodeURIComponent(next)}`);
  expect(response.status).toBe(302);
  const [cookie = ''] = response.headers['set-cookie'] ?? [];
  return { url: String(response.headers.location), cookie: cookie.split(';')[0] ?? '' };
}

function comeBack(of: ApiApp, returned: URL, cookie: string) {
  return of.request.get(`${returned.pathname}${returned.search}`).set('Cookie', cookie);
}

async function signIn(account: string, next?: string) {
  const { url, cookie } = await begin(api, next);
  return comeBack(api, await provider.signIn(url, account), cookie);
}

describe('a real provider', () => {
  test('signs somebody in, with the role of a group', async () => {
    const response = await signIn('ada');

    expect(response.status).toBe(303);
    expect(response.headers.location).toBe('/flower/tasks');
    const [cookie = ''] = response.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/^__Host-taskscope=.*HttpOnly; SameSite=Strict; Secure$/);
    const session = await api.request.get('/api/v1/celery/session').set('Cookie', cookie.split(';')[0] ?? '');
    expect(session.body).toMatchObject({
      kind: 'oidc',
      name: 'ada@example.org',
      role: 'operator',
      sign_in: { oidc_path: OIDC, oidc_label: 'Sign in with the tests', password: false },
    });
  });

  test('signs somebody in by the domain of a verified address', async () => {
    expect((await signIn('bob')).status).toBe(303);
  });

  test.each(['eve', 'mallory'])(
    'does not sign in %s, of a longer domain or an address that is not verified',
    async (who) => {
      const response = await signIn(who);

      expect(response.status).toBe(401);
      expect(response.headers).not.toHaveProperty('set-cookie');
      expect(response.body.detail).toMatch(
        /^the provider knows you, but nothing in auth\.oidc\.mapping gives you a role/,
      );
    },
  );

  test.each(['//evil.example/', '/\\evil.example', 'https://evil.example', '/\t/evil.example', 'javascript:alert(1)'])(
    'leads nobody to %s',
    async (next) => {
      const response = await signIn('ada', next);

      expect(response.status).toBe(303);
      expect(new URL(String(response.headers.location), PUBLIC).origin).toBe(PUBLIC);
      expect(response.headers.location).not.toMatch(/^\/[\\/]/);
    },
  );

  test('is asked with state, nonce and a challenge, anew each time', async () => {
    const [one, two] = [new URL((await begin(api)).url), new URL((await begin(api)).url)];

    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(one.searchParams.get(name)).toMatch(/^[\w-]{43}$/);
      expect(one.searchParams.get(name)).not.toBe(two.searchParams.get(name));
    }
    expect(one.searchParams.get('code_challenge_method')).toBe('S256');
    expect(one.searchParams.get('redirect_uri')).toBe(CALLBACK);
  });

  const changed = (name: string, value: string | null) => (url: URL) => {
    if (value === null) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
    return url;
  };
  test.each([
    ['another state', changed('state', 'x'.repeat(43))],
    ['no state', changed('state', null)],
    ['another code', changed('code', 'x'.repeat(43))],
    ['no code', changed('code', null)],
    ['another issuer', changed('iss', 'https://evil.example')],
    ['an error', changed('error', 'access_denied')],
    ['two states', (url: URL) => new URL(`${url.href}&state=${url.searchParams.get('state')}`)],
    ['two codes', (url: URL) => new URL(`${url.href}&code=abc`)],
  ])('whose answer comes back with %s is refused', async (_, tamper) => {
    const { url, cookie } = await begin(api);
    const returned = tamper(await provider.signIn(url, 'ada'));

    const response = await comeBack(api, returned, cookie);

    expect(response.status).toBe(401);
    expect(response.headers).not.toHaveProperty('set-cookie');
  });

  test('whose answer comes to another browser, or a second time, is refused', async () => {
    const { url, cookie } = await begin(api);
    const other = await begin(api);
    const returned = await provider.signIn(url, 'ada');

    const elsewhere = await comeBack(api, returned, other.cookie);
    const nowhere = await comeBack(api, await provider.signIn(other.url, 'ada'), '');
    const late = await comeBack(api, returned, cookie);
    const good = await begin(api);
    const first = await comeBack(api, await provider.signIn(good.url, 'ada'), good.cookie);

    expect([elsewhere.status, nowhere.status, late.status, first.status]).toEqual([401, 401, 401, 303]);
  });
});

describe('an issuer whose token is', () => {
  let issuer: LyingIssuer;
  let victim: ApiApp;

  beforeAll(async () => {
    issuer = await startLyingIssuer('taskscope');
    victim = await startApiApp([new FakeEngine()], appRules(issuer.issuer));
  });

  afterAll(async () => {
    await victim?.close();
    await issuer?.stop();
  });

  async function signIn(lie: (typeof LIES)[number]) {
    const { url, cookie } = await begin(victim);
    const asked = new URL(url).searchParams;
    issuer.lie = lie;
    issuer.nonce = asked.get('nonce') ?? '';
    return comeBack(victim, new URL(`${CALLBACK}?code=any&state=${asked.get('state')}`), cookie);
  }

  test.each(LIES)('wrong by: %s', async (lie) => {
    expect((await signIn(lie)).status).toBe(lie === 'none' ? 303 : 401);
  });

  test('right, but gives the caller a name that is another’s, has nobody take them for each other', async () => {
    issuer.claims = { sub: 'mallory', name: 'ada@example.org', email_verified: false };

    const [cookie = ''] = (await signIn('none')).headers['set-cookie'] ?? [];
    const { body } = await victim.request.get('/api/v1/celery/session').set('Cookie', cookie.split(';')[0] ?? '');

    expect(body).toMatchObject({ kind: 'oidc', name: 'ada@example.org (mallory)' });
  });
});

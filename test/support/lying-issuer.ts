import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const LIES = [
  'none',
  'another issuer',
  'another audience',
  'another nonce',
  'no nonce',
  'expired',
  'unsigned',
  'signed by another key',
  'no ID token',
] as const;
export type Lie = (typeof LIES)[number];

export interface LyingIssuer {
  readonly issuer: string;
  /** What is wrong with the next token. */
  lie: Lie;
  /** What was asked for at the authorization endpoint, so that the token can repeat its nonce. */
  nonce: string;
  /** Instead of what is usually claimed. */
  claims: Readonly<Record<string, unknown>>;
  stop(): Promise<void>;
}

/** Speaks as much of OpenID Connect as it takes to hand out ID tokens with one thing wrong. */
export async function startLyingIssuer(clientId: string): Promise<LyingIssuer> {
  const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...own.publicKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'key' };

  const token = (): string | undefined => {
    const { lie, issuer, nonce } = state;
    if (lie === 'no ID token') return undefined;
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: lie === 'another issuer' ? 'https://evil.example' : issuer,
      aud: lie === 'another audience' ? 'somebody else' : clientId,
      sub: 'ada',
      email: 'ada@example.org',
      email_verified: true,
      groups: ['operators'],
      iat: now - 1000,
      exp: lie === 'expired' ? now - 500 : now + 300,
      ...state.claims,
      ...(lie === 'no nonce' ? {} : { nonce: lie === 'another nonce' ? 'x' : nonce }),
    };
    if (lie === 'unsigned') return `${encoded({ alg: 'none' })}.${encoded(claims)}.`;
    const key = lie === 'signed by another key' ? foreign.privateKey : own.privateKey;
    const signed = `${encoded({ alg: 'RS256', kid: 'key' })}.${encoded(claims)}`;
    return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), key).toString('base64url')}`;
  };

  const server = createServer((request, response) => {
    const { issuer } = state;
    const send = (body: unknown): void => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    };
    if (request.url === '/.well-known/openid-configuration') {
      send({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
        response_types_supported: ['code'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
      });
    } else if (request.url === '/keys') send({ keys: [jwk] });
    else send({ access_token: 'x', token_type: 'bearer', id_token: token() });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected the issuer to listen on a port');
  const state: LyingIssuer = {
    issuer: `http://127.0.0.1:${address.port}`,
    lie: 'none',
    nonce: '',
    claims: {},
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return state;
}

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

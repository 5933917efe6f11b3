// A real OpenID Connect provider for tests: node oidc-provider-main.mjs PORT REDIRECT_URI. Whoever is named by login_hint is signed in; a browser, which names nobody, is Ada.
import { Provider } from 'oidc-provider';

const [port = '', redirect = ''] = process.argv.slice(2);

const ACCOUNTS = {
  ada: { name: 'Ada', email: 'ada@example.org', email_verified: true, groups: ['operators', 'staff'] },
  bob: { name: 'Bob', email: 'bob@example.org', email_verified: true, groups: [] },
  eve: { name: 'Eve', email: 'eve@example.org.evil.net', email_verified: true, groups: [] },
  mallory: { name: 'Mallory', email: 'mallory@example.org', email_verified: false, groups: ['operators-of-nothing'] },
};

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: 'taskscope',
      client_secret: 'a client secret of the tests',
      redirect_uris: [redirect],
      response_types: ['code'],
      grant_types: ['authorization_code'],
      token_endpoint_auth_method: 'client_secret_post',
    },
  ],
  scopes: ['openid', 'profile', 'email'],
  claims: { openid: ['sub', 'groups'], profile: ['name'], email: ['email', 'email_verified'] },
  conformIdTokenClaims: false,
  cookies: { keys: ['a cookie key of the tests'] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => ({ accountId: id, claims: async () => ({ sub: id, ...ACCOUNTS[id] }) }),
  loadExistingGrant: async (context) => {
    const grant = new context.oidc.provider.Grant({
      clientId: context.oidc.client.clientId,
      accountId: context.oidc.session.accountId,
    });
    grant.addOIDCScope('openid profile email');
    await grant.save();
    return grant;
  },
});

provider.use(async (context, next) => {
  if (!context.path.startsWith('/interaction/')) return next();
  const { params } = await provider.interactionDetails(context.req, context.res);
  await provider.interactionFinished(context.req, context.res, { login: { accountId: params.login_hint ?? 'ada' } });
  context.respond = false;
});

provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));

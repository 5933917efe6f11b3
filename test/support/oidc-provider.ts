import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface OidcProvider {
  readonly issuer: string;
  /** Follows the provider's redirects as a browser of this account would. Resolves with where it is sent back to. */
  signIn(authorizationUrl: string, account: string): Promise<URL>;
  stop(): void;
}

const MAX_STEPS = 10;

/** A provider in a process of its own; `port` must be free. */
export async function startOidcProvider(port: number, redirect: string): Promise<OidcProvider> {
  const main = fileURLToPath(new URL('./oidc-provider-main.mjs', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [main, String(port), redirect], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stderr?.on('data', (data: Buffer) => {
    output += data.toString();
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', (data: Buffer) => {
      if (data.toString().includes('ready')) resolve();
    });
    child.once('exit', (code) =>
      reject(new Error(`expected the provider to run, found exit code ${code}:\n${output}`)),
    );
  });
  return {
    issuer: `http://127.0.0.1:${port}`,
    signIn: (url, account) => follow(`${url}&login_hint=${account}`, redirect),
    stop: () => child.kill('SIGKILL'),
  };
}

async function follow(start: string, redirect: string): Promise<URL> {
  const jar = new Map<string, string>();
  let url = new URL(start);
  for (let step = 0; step < MAX_STEPS; step += 1) {
    if (url.href.startsWith(redirect)) return url;
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    const location = response.headers.get('location');
    if (location === null) throw new Error(`expected a redirect from ${url.href}, found ${await response.text()}`);
    url = new URL(location, url);
  }
  throw new Error(`expected to come back to ${redirect}, found ${url.href}`);
}

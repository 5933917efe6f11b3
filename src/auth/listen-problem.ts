import { isIP } from 'node:net';
import { isLoopbackAddress } from './address-list.js';

/**
 * Why the service must not listen on this host, or null where it may. Whoever reaches the port can revoke tasks, so anything beyond this
 * machine needs authentication, or somebody who says aloud that none is wanted.
 */
export function listenProblem(
  host: string,
  options: { readonly insecure: boolean; readonly authentication: boolean },
): string | null {
  if (options.insecure || options.authentication || isLoopback(host)) return null;
  const found = host === '' ? 'every address' : `"${host}"`;
  return (
    `expected a loopback host such as 127.0.0.1, because there is no authentication, found ${found}; ` +
    'listen on 127.0.0.1 behind something that authenticates, or start with --insecure if everybody who can reach this address may do everything'
  );
}

/** A name other than localhost may resolve to anything tomorrow, so it is not trusted to be this machine. */
function isLoopback(host: string): boolean {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (bare.toLowerCase() === 'localhost') return true;
  return isIP(bare) !== 0 && isLoopbackAddress(bare);
}

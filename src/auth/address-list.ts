import { BlockList, isIP } from 'node:net';

/** Addresses and networks such as 10.0.0.0/8 or ::1. Throws for a text that is neither. */
export class AddressList {
  readonly #list = new BlockList();

  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      const network = parseNetwork(entry);
      if (network === null) throw new Error(`expected an address or a network such as 10.0.0.0/8, found "${entry}"`);
      this.#list.addSubnet(network.address, network.bits, network.family);
    }
  }

  /** IPv4 addresses that come as IPv6 (::ffff:10.0.0.1), as they do on a socket for both, count as what they are. */
  has(address: string | undefined): boolean {
    if (address === undefined) return false;
    const bare = plainAddress(address);
    const family = isIP(bare);
    return family !== 0 && this.#list.check(bare, family === 4 ? 'ipv4' : 'ipv6');
  }
}

export function isNetwork(text: string): boolean {
  return parseNetwork(text) !== null;
}

export function plainAddress(address: string): string {
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
}

const LOOPBACK = new AddressList(['127.0.0.0/8', '::1']);

export function isLoopbackAddress(address: string | undefined): boolean {
  return LOOPBACK.has(address);
}

function parseNetwork(text: string): { address: string; bits: number; family: 'ipv4' | 'ipv6' } | null {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return null;
  const most = family === 4 ? 32 : 128;
  if (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > most)) return null;
  return { address, bits: bits === undefined ? most : Number(bits), family: family === 4 ? 'ipv4' : 'ipv6' };
}

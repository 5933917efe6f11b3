import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { messageOf } from '../core/errors.js';
import { boundConnections } from './connection-bounds.js';
import type { TlsOptions } from './tls-files.js';

/** A port of the same application beside the first: as secure as that, and ended with everything that is open on it. */
export class FurtherPort {
  /** What it leads to, for people to read. */
  readonly what: string;
  readonly server: Server;
  readonly #scheme: 'http' | 'https';

  private constructor(what: string, server: Server, scheme: 'http' | 'https') {
    this.what = what;
    this.server = server;
    this.#scheme = scheme;
  }

  /** Rejects where the port cannot be had. */
  static async listen(
    answer: RequestListener,
    at: { readonly what: string; readonly port: number; readonly host: string; readonly tls: TlsOptions | null },
  ): Promise<FurtherPort> {
    const server = at.tls === null ? createServer(answer) : createSecureServer(at.tls, answer);
    boundConnections(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(new Error(messageOf(error))));
      server.listen(at.port, at.host, resolve);
    });
    return new FurtherPort(at.what, server, at.tls === null ? 'http' : 'https');
  }

  get url(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('expected the service to listen on a port');
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return `${this.#scheme}://${host}:${address.port}`;
  }

  /** Ends it with every open connection: live updates would keep it open for ever. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeAllConnections();
    await closed;
  }
}

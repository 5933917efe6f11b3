import { createServer, type RequestListener, type Server } from 'node:http';
import { messageOf } from '../core/errors.js';

/**
 * A second port for the same application, for people who know Flower by its port. The root leads to the dashboard; everything else, the
 * API included, answers as on the first port, so that the page needs nobody else.
 */
export class DashboardListener {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async listen(
    application: RequestListener,
    at: { readonly port: number; readonly host: string; readonly prefix: string },
  ): Promise<DashboardListener> {
    const server = createServer((request, response) => {
      if (request.url !== '/') return application(request, response);
      response.writeHead(307, { Location: `${at.prefix.slice(1)}/` }).end();
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(new Error(messageOf(error))));
      server.listen(at.port, at.host, resolve);
    });
    return new DashboardListener(server);
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('expected the dashboard to listen on a port');
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return `http://${host}:${address.port}`;
  }

  /** Ends it with every open connection: live updates would keep it open for ever. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}

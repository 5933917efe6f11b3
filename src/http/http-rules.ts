import type { RequestHandler } from 'express';

/** What the settings say about HTTP. */
export interface HttpRules {
  /** Names besides localhost, addresses and names without a dot by which the service may be called; `*` for any. */
  readonly hosts: readonly string[];
  /** Origins of other sites whose pages may call the API, such as https://status.example.org. */
  readonly corsOrigins: readonly string[];
  /** Addresses or networks whose X-Forwarded-* headers are believed. */
  readonly trustedProxies: readonly string[];
  /** Where browsers find the service; null where it was not told. */
  readonly publicUrl: string | null;
}

export const LOCAL_HTTP: HttpRules = { hosts: [], corsOrigins: [], trustedProxies: [], publicUrl: null };

/** What whoever puts the application together wants to stand before its routes. */
export interface HttpGates {
  /** Before everything else, so that it hears of all. */
  readonly watch: RequestHandler;
  /** Before the pages of the API's documentation. */
  readonly docs: RequestHandler;
}

const pass: RequestHandler = (_request, _response, next) => next();

export const OPEN_GATES: HttpGates = { watch: pass, docs: pass };

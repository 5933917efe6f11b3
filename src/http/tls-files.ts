import { readFileSync } from 'node:fs';
import { Server as SecureServer } from 'node:https';
import { createSecureContext, type SecureVersion } from 'node:tls';
import { messageOf } from '../core/errors.js';

export interface TlsRules {
  readonly certFile: string;
  readonly keyFile: string;
  readonly clientCaFile?: string;
  readonly minVersion: SecureVersion;
}

export interface TlsOptions {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
  readonly minVersion: SecureVersion;
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
  /** Milliseconds. */
  readonly handshakeTimeout: number;
}

/** Before it there is no request that a deadline could be for. */
const HANDSHAKE_MS = 15_000;
const CERTIFICATE = '-----BEGIN CERTIFICATE-----';
/** Certificates are renewed while the service runs; files are compared by what is in them, for links and mounts keep their times. */
const LOOK_EVERY_MS = 10_000;

/** The files of the listener's TLS, read again when they change. */
export class TlsFiles {
  readonly #rules: TlsRules;
  #seen = '';

  constructor(rules: TlsRules) {
    this.#rules = rules;
  }

  /** Throws where a file cannot be read, or certificate and key do not belong together. */
  read(): TlsOptions {
    const { certFile, keyFile, clientCaFile, minVersion } = this.#rules;
    const options = {
      cert: contentOf(certFile),
      key: contentOf(keyFile),
      ...(clientCaFile === undefined ? {} : { ca: contentOf(clientCaFile) }),
      minVersion,
      requestCert: clientCaFile !== undefined,
      rejectUnauthorized: clientCaFile !== undefined,
      handshakeTimeout: HANDSHAKE_MS,
    };
    try {
      createSecureContext(options);
      // Node takes an empty text for none, and then believes everybody whom a public authority knows.
      if (options.ca !== undefined && !options.ca.includes(CERTIFICATE)) {
        throw new Error(`no certificate of an authority in ${clientCaFile}`);
      }
    } catch (error) {
      throw new Error(`${certFile}, ${keyFile}: expected a certificate and its key, found: ${messageOf(error)}`);
    }
    this.#seen = `${options.cert}${options.key}${options.ca ?? ''}`;
    return options;
  }

  /**
   * Gives servers the new certificate soon after the files change; new connections see it, open ones stay. Files that are of no use, such
   * as half written ones, change nothing and are told. Returns the function that ends it.
   */
  follow(
    servers: readonly unknown[],
    told: (message: string, problem: boolean) => void,
    everyMs = LOOK_EVERY_MS,
  ): () => void {
    let complaint = '';
    const timer = setInterval(() => {
      try {
        const before = this.#seen;
        const options = this.read();
        complaint = '';
        if (before === this.#seen) return;
        for (const server of servers) if (server instanceof SecureServer) server.setSecureContext(options);
        told(`TLS: a new certificate from ${this.#rules.certFile} is in use`, false);
      } catch (error) {
        const found = messageOf(error);
        if (found !== complaint) told(`TLS: the certificate in use stays: ${found}`, true);
        complaint = found;
      }
    }, everyMs);
    timer.unref();
    return () => clearInterval(timer);
  }
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`${file}: expected a readable PEM file, found: ${messageOf(error)}`);
  }
}

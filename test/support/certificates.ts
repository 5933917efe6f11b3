import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

/** A certificate for 127.0.0.1 and localhost that signs itself, and so is its own authority. Valid for a day. */
export function makeCertificate(folder: string, name: string): Certificate {
  const [certFile, keyFile] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  const names = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
  openssl('req', '-x509', ...names, ...KEY, '-days', '1', '-keyout', keyFile, '-out', certFile);
  return { certFile, keyFile };
}

/** One that an authority has signed, for one host name and for clients. */
export function issueCertificate(folder: string, name: string, authority: Certificate, host = name): Certificate {
  const [certFile, keyFile] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  const [request, extensions] = [join(folder, `${name}.csr`), join(folder, `${name}.ext`)];
  writeFileSync(extensions, `subjectAltName=DNS:${host}\n`);
  openssl('req', '-new', '-subj', `/CN=${name}`, ...KEY, '-keyout', keyFile, '-out', request);
  const by = ['-CA', authority.certFile, '-CAkey', authority.keyFile, '-CAcreateserial', '-days', '1'];
  openssl('x509', '-req', '-in', request, '-extfile', extensions, ...by, '-out', certFile);
  return { certFile, keyFile };
}

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: 'ignore' });
}

// npm run sbom: what the service is made of, from the lock file, as CycloneDX 1.5 on standard output.
// `npm sbom --omit=dev` of npm 10 and 11 leaves most indirect packages out.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './steps.mjs';

const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const own = lock.packages[''];

const components = Object.entries(lock.packages)
  // `devOptional` is needed for development, and optional for the service: npm installs it with the service.
  .filter(([at, entry]) => at !== '' && !entry.dev)
  .map(([at, entry]) => component(at, entry))
  .sort((a, b) => (a.purl < b.purl ? -1 : 1));

const unique = components.filter(({ purl }, at) => purl !== components[at - 1]?.purl);

console.log(
  JSON.stringify(
    {
      $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      version: 1,
      metadata: {
        component: {
          type: 'application',
          name: own.name,
          version: own.version,
          purl: `pkg:npm/${own.name}@${own.version}`,
        },
      },
      components: unique,
    },
    null,
    2,
  ),
);

function component(at, entry) {
  // An alias is installed under another name than its package has.
  const name = entry.name ?? at.slice(at.lastIndexOf('node_modules/') + 'node_modules/'.length);
  const purl = `pkg:npm/${name.replace('@', '%40')}@${entry.version}`;
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version: entry.version,
    purl,
    scope: entry.optional ? 'optional' : 'required',
    ...(entry.license ? { licenses: [{ expression: entry.license }] } : {}),
    ...(entry.integrity ? { hashes: entry.integrity.split(' ').map(hash) } : {}),
  };
}

function hash(integrity) {
  const [algorithm, value] = integrity.split(/-(.*)/s);
  const names = { sha512: 'SHA-512', sha384: 'SHA-384', sha256: 'SHA-256', sha1: 'SHA-1' };
  return { alg: names[algorithm] ?? algorithm, content: Buffer.from(value, 'base64').toString('hex') };
}

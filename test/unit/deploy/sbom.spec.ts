import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { memberOf } from '../../support/openapi-conformance.js';

const lock: unknown = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const packages = memberOf(lock, 'packages');
const KINDS = ['dependencies', 'optionalDependencies', 'peerDependencies'];

/** Where Node finds a package that is asked for there; null where it is not installed. */
function found(from: string, name: string): string | null {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const path = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (memberOf(packages, path) !== undefined) return path;
    if (at === '') return null;
  }
}

/** Places of everything that the service needs, and may use where it is there. */
function needed(): ReadonlySet<string> {
  const places = new Set<string>(['']);
  for (const place of places) {
    for (const kind of KINDS) {
      for (const name of Object.keys(memberOf(memberOf(packages, place), kind) ?? {})) {
        const at = found(place, name);
        if (at !== null) places.add(at);
      }
    }
  }
  places.delete('');
  return places;
}

test('the bill of materials names what the service is made of, each exactly, and nothing else', () => {
  const bill: unknown = JSON.parse(execFileSync(process.execPath, ['scripts/sbom.mjs'], { encoding: 'utf8' }));
  const listed: unknown = memberOf(bill, 'components');
  const named = (Array.isArray(listed) ? listed : []).map((one: unknown) => String(memberOf(one, 'purl')));

  const expected = [...needed()].map((place) => {
    const entry = memberOf(packages, place);
    const name = memberOf(entry, 'name') ?? place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
    return `pkg:npm/${String(name).replace('@', '%40')}@${String(memberOf(entry, 'version'))}`;
  });
  expect(named.toSorted()).toEqual([...new Set(expected)].toSorted());
  expect(named.length).toBeGreaterThan(100);
});

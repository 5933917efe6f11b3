import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';

const FOLDER = 'dist/dashboard';
const KILOBYTE = 1024;

/** A file and everything it needs before it runs: what is imported by name, not what is loaded later. */
function needed(file: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(file)) return found;
  found.add(file);
  const text = readFileSync(join(FOLDER, file), 'utf8');
  for (const [, path = ''] of text.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g))
    needed(`assets/${path}`, found);
  return found;
}

describe('what the dashboard loads', () => {
  const page = readFileSync(join(FOLDER, 'index.html'), 'utf8');
  const named = [...page.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, path = '']) => path);
  const scripts = named.filter((path) => path.startsWith('assets/') && path.endsWith('.js'));
  const assets = readdirSync(join(FOLDER, 'assets'));

  test('at first takes at most 250 KB, packed: the frame and the overview', () => {
    const first = new Set(named);
    for (const script of scripts) for (const file of needed(script)) first.add(file);
    for (const file of assets.filter((name) => name.startsWith('OverviewPage'))) {
      for (const path of file.endsWith('.js') ? needed(`assets/${file}`) : [`assets/${file}`]) first.add(path);
    }
    const size = [...first].reduce(
      (sum, path) => sum + gzipSync(readFileSync(join(FOLDER, path)), { level: 9 }).length,
      0,
    );

    expect(first.size).toBeGreaterThan(4);
    expect(size).toBeGreaterThan(50 * KILOBYTE);
    expect(size).toBeLessThan(250 * KILOBYTE);
  });

  test('leaves each further page to be loaded when it is gone to', () => {
    const atOnce = new Set(scripts.flatMap((script) => [...needed(script)]));

    const pages = assets.filter((name) => /^(?:Tasks|Workers|Queues)Route-.*\.js$/.test(name));
    expect(pages).toHaveLength(3);
    for (const name of pages) expect(atOnce).not.toContain(`assets/${name}`);
  });
});

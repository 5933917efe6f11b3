import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/**
 * The software a queue runs on, such as `bull 4.16.5`. Bull does not tell its version, and an application may hold several copies: the
 * right one is the loaded module whose export made this queue. `bull` alone where no such module is found, as after bundling.
 */
export function bullSoftware(queue: object): string {
  const { cache } = createRequire(import.meta.url);
  for (const module of Object.values(cache)) {
    if (module !== undefined && module.exports === queue.constructor) {
      // The package's index.js, or lib/queue.js one folder below it.
      const folder = dirname(module.filename);
      const version = versionIn(folder) ?? versionIn(dirname(folder));
      if (version !== null) return `bull ${version}`;
    }
  }
  return 'bull';
}

/** null where there is no readable manifest of bull: nothing but this label depends on it. */
function versionIn(folder: string): string | null {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    if (typeof manifest !== 'object' || manifest === null || !('name' in manifest) || !('version' in manifest))
      return null;
    return manifest.name === 'bull' ? String(manifest.version) : null;
  } catch {
    return null;
  }
}

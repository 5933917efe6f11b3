import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { gzipSync } from 'node:zlib';

export interface DashboardFile {
  readonly type: string;
  readonly body: Buffer;
  readonly gzipped: Buffer;
  /** True where the name holds a hash of the contents, so that it can be kept for ever. */
  readonly hashed: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** Where Vite puts what it has named after its contents. */
const HASHED_FOLDER = 'assets/';

/**
 * The built dashboard, by path relative to its folder; empty where it was not built. All of it is read into memory (under 2 MB), so that a
 * request can only ever reach what is in this map, never the file system.
 */
export function readDashboard(folder: string): ReadonlyMap<string, DashboardFile> {
  const files = new Map<string, DashboardFile>();
  for (const full of filesBelow(folder)) {
    const path = relative(folder, full).replaceAll(sep, '/');
    const type = TYPES[extname(path)];
    if (type === undefined) continue;
    const body = readFileSync(full);
    files.set(path, { type, body, gzipped: gzipSync(body, { level: 9 }), hashed: path.startsWith(HASHED_FOLDER) });
  }
  return files;
}

function* filesBelow(folder: string): IterableIterator<string> {
  for (const entry of entriesOf(folder)) {
    const full = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(full);
    else if (entry.isFile()) yield full;
  }
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

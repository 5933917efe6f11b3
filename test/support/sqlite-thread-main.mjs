// The program of SQLite's thread, from its source.
import { register } from 'node:module';

register('./typescript-loader.mjs', import.meta.url);
await import('../../src/history/sqlite/sqlite-thread-main.ts');

// Runs the steps of `npm run check` and `npm test` one after the other and says how each went and how long it took.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** A program from node_modules, run by this Node. */
export const bin = (path, ...args) => [process.execPath, join(root, 'node_modules', path), ...args];

export const jest = (...args) => [
  process.execPath,
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  join(root, 'node_modules/jest/bin/jest.js'),
  ...args,
];

/** True where every step passed. All run, so that one pass shows all that is wrong. */
export function runSteps(steps) {
  let good = true;
  for (const [name, [command, ...args], options = {}] of steps) {
    const began = performance.now();
    const { status, error } = spawnSync(command, args, {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, TZ: 'UTC' },
      ...options,
    });
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const passed = status === 0;
    console.error(`${passed ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)${error ? `: ${error.message}` : ''}`);
    good &&= passed;
  }
  return good;
}

/** The fast part: nothing here needs a server. */
export const checks = [
  ['format and lint', bin('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.')],
  [
    'floating promises',
    bin(
      'oxlint/bin/oxlint',
      '--type-aware',
      '-D',
      'typescript/no-floating-promises',
      '-D',
      'typescript/no-misused-promises',
      'src',
      'agent',
      'sample',
      'test',
      'bench',
      'dashboard/src',
    ),
  ],
  ['types', bin('typescript/bin/tsc', '-p', 'tsconfig.test.json')],
  ['types of the dashboard', bin('typescript/bin/tsc', '-p', 'dashboard')],
  [
    'boundaries',
    bin(
      'dependency-cruiser/bin/dependency-cruise.mjs',
      'src',
      'agent',
      'sample',
      'dashboard/src',
      '--config',
      '.dependency-cruiser.cjs',
    ),
  ],
  ['lock file', [process.execPath, 'scripts/complete-lockfile.mjs', '--check']],
  ['generated files', [process.execPath, 'scripts/generate.mjs', '--check']],
];

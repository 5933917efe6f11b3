// Makes a fresh clone ready: packages, build, and the programs it needs from the system. Does nothing where nothing has changed.
//   node scripts/prepare.mjs          for npm start: packages, build, redis-server
//   node scripts/prepare.mjs --test   for npm test: also what the tests need
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePrograms } from './system-programs.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const forTests = process.argv.includes('--test');

requireNode(20, 19);
ensurePackages();
ensureBuild();
ensureDashboard();
ensurePrograms(
  forTests
    ? ['redis-server', 'prometheus', 'promtool', 'celery', 'rabbitmq-server', 'postgres', 'initdb', 'psql', 'chromium']
    : ['redis-server'],
);

function requireNode(major, minor) {
  const [haveMajor = 0, haveMinor = 0] = process.versions.node.split('.').map(Number);
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return;
  fail(
    `expected Node.js ${major}.${minor} or newer, found ${process.versions.node}: install it from https://nodejs.org`,
  );
}

function ensurePackages() {
  const stamp = join(root, 'node_modules', '.taskscope-packages');
  const wanted = hash(['package-lock.json']);
  if (read(stamp) === wanted) return;
  say('installing packages (once, about half a minute)');
  // npm tells where it lives when it runs us; without it the one on PATH is used. Nothing we depend on needs its install scripts.
  const npm = process.env.npm_execpath;
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  if (npm === undefined) run('npm', args);
  else run(process.execPath, [npm, ...args]);
  writeFileSync(stamp, wanted);
}

function ensureBuild() {
  const stamp = join(root, 'dist', '.taskscope-build');
  const wanted = hash(['package-lock.json', 'tsconfig.json', 'nest-cli.json', 'src', 'agent', 'sample']);
  if (read(stamp) === wanted) return;
  say('building');
  for (const part of ['src', 'agent', 'sample', '.tsbuildinfo'])
    rmSync(join(root, 'dist', part), { recursive: true, force: true });
  run(process.execPath, [join(root, 'node_modules/@nestjs/cli/bin/nest.js'), 'build']);
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(stamp, wanted);
}

function ensureDashboard() {
  const stamp = join(root, 'dist', '.taskscope-dashboard');
  const wanted = hash(['package-lock.json', 'dashboard']);
  if (read(stamp) === wanted) return;
  say('building the dashboard');
  run(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build', 'dashboard', '--logLevel', 'error']);
  writeFileSync(stamp, wanted);
}

/** Of the contents of files and folders, in a fixed order. */
function hash(paths) {
  const sum = createHash('sha256');
  const add = (path) => {
    const full = join(root, path);
    if (!existsSync(full)) return;
    if (/\.[a-z]+$/.test(path)) {
      sum.update(path).update(readFileSync(full));
      return;
    }
    const entries = readdirSync(full, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries)
      if (entry.isDirectory() || /\.([cm]?tsx?|json|css|html|js|svg|png)$/.test(entry.name))
        add(join(path, entry.name));
  };
  for (const path of paths) add(path);
  return sum.digest('hex');
}

function read(file) {
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (result.status !== 0)
    fail(`${[command, ...args].join(' ')} failed${result.error ? `: ${result.error.message}` : ''}`);
}

function say(what) {
  console.error(`taskscope: ${what}`);
}

function fail(why) {
  console.error(`taskscope: ${why}`);
  process.exit(1);
}

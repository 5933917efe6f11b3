// Programs that come from the operating system. Found on PATH, else installed where that takes no question, else one line says what to type.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Which packages hold a program, by package manager; what a manager does not have is said in the last line. */
const PROMETHEUS = {
  'apt-get': 'prometheus',
  dnf: 'golang-github-prometheus',
  apk: 'prometheus',
  brew: 'prometheus',
  pacman: 'prometheus',
};
const POSTGRESQL = {
  'apt-get': 'postgresql',
  dnf: 'postgresql-server postgresql',
  apk: 'postgresql postgresql-client',
  brew: 'postgresql',
  pacman: 'postgresql',
};
const PACKAGES = {
  postgres: POSTGRESQL,
  initdb: POSTGRESQL,
  psql: POSTGRESQL,
  'redis-server': { 'apt-get': 'redis-server', dnf: 'redis', apk: 'redis', brew: 'redis', pacman: 'redis' },
  prometheus: PROMETHEUS,
  promtool: PROMETHEUS,
  // With the libraries by which Celery reaches Redis, RabbitMQ and a database.
  celery: { 'apt-get': 'celery python3-redis python3-amqp python3-sqlalchemy' },
  chromium: { 'apt-get': 'chromium', dnf: 'chromium', apk: 'chromium', pacman: 'chromium' },
  'rabbitmq-server': {
    'apt-get': 'rabbitmq-server',
    dnf: 'rabbitmq-server',
    apk: 'rabbitmq-server',
    brew: 'rabbitmq',
    pacman: 'rabbitmq',
  },
};

const INSTALL = {
  'apt-get': ['install', '-y', '-qq', '--no-install-recommends'],
  dnf: ['install', '-y', '-q'],
  apk: ['add', '--quiet'],
  brew: ['install', '--quiet'],
  pacman: ['-S', '--noconfirm', '--quiet'],
};

export function ensurePrograms(programs) {
  const missing = programs.filter((program) => onPath(program) === null);
  if (missing.length === 0) return;

  const manager = Object.keys(INSTALL).find((name) => onPath(name) !== null);
  if (manager === undefined) stop(missing, `install ${missing.join(', ')} and put them on PATH`);
  const unknown = missing.filter((program) => PACKAGES[program][manager] === undefined);
  if (unknown.length > 0)
    stop(unknown, `${manager} has no package of that name: install ${unknown.join(', ')} by hand`);
  const packages = [...new Set(missing.flatMap((program) => PACKAGES[program][manager].split(' ')))];
  const prefix = privilege(manager);
  const asRoot = [...(prefix ?? ['sudo']), manager];
  const words = [...asRoot, ...INSTALL[manager], ...packages];
  if (prefix === null) stop(missing, `type: ${words.join(' ')}`);

  console.error(`taskscope: installing ${packages.join(', ')} with ${manager}`);
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const run = ([command, ...args]) => spawnSync(command, args, quiet).status === 0;
  // A fresh container has no package lists yet.
  if (!run(words) && manager === 'apt-get' && run([...asRoot, 'update', '-qq'])) run(words);
  const still = programs.filter((program) => onPath(program) === null);
  if (still.length > 0) stop(still, `type: ${words.join(' ')}`);
}

/** How to become root without a question: [] if we are, ['sudo', '-n'] if that works, null if neither. Homebrew refuses root. */
function privilege(manager) {
  if (manager === 'brew' || process.getuid?.() === 0) return [];
  if (onPath('sudo') === null) return null;
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : null;
}

/** Debian keeps the programs of each version of PostgreSQL in a folder of their own. */
function postgresql() {
  const versions = '/usr/lib/postgresql';
  return existsSync(versions) ? readdirSync(versions).map((version) => join(versions, version, 'bin')) : [];
}

function onPath(program) {
  // Debian keeps some daemons where only root's PATH looks.
  for (const folder of [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
    ...postgresql(),
  ]) {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return join(folder, program);
    } catch {
      // Not in this folder.
    }
  }
  return null;
}

function stop(missing, what) {
  console.error(`taskscope: ${missing.join(', ')} not found; ${what}`);
  process.exit(1);
}

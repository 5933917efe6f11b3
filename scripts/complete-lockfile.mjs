// A registry mirror that lacks some platforms' packages makes npm leave them out of the lock file, and `npm ci` then refuses it, also
// elsewhere. This adds the exact optional dependencies that are missing. With --check it only says which are.
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = 'package-lock.json';
const PLATFORMS = [
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'aix',
  'win32',
];
const PROCESSORS = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64el', 'wasm32'];

const lock = JSON.parse(readFileSync(FILE, 'utf8'));
const packages = lock.packages;
const missing = new Map();

for (const [at, entry] of Object.entries(packages)) {
  if (at === '') continue;
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const exact = /^\d+\.\d+\.\d+[-.\w]*$/.test(version);
    if (!exact || packages[`${at}/node_modules/${name}`] || packages[`node_modules/${name}`]) continue;
    missing.set(`node_modules/${name}`, platformEntry(name, version, entry.dev === true));
  }
}

if (process.argv.includes('--check')) {
  if (missing.size > 0) {
    console.error(`${FILE} lacks ${missing.size} optional packages: run node scripts/complete-lockfile.mjs`);
    process.exitCode = 1;
  }
} else if (missing.size > 0) {
  const all = { ...packages, ...Object.fromEntries(missing) };
  lock.packages = Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
  for (const entry of Object.values(lock.packages)) delete entry.resolved;
  writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${FILE}: added ${missing.size} optional packages`);
}

function platformEntry(name, version, dev) {
  const parts = name.split(/[/-]/);
  const os = PLATFORMS.filter((platform) => parts.includes(platform));
  const cpu = PROCESSORS.filter((processor) => parts.includes(processor));
  const libc = parts.includes('musl') ? ['musl'] : parts.includes('gnu') ? ['glibc'] : [];
  return {
    version,
    ...(cpu.length > 0 ? { cpu } : {}),
    ...(dev ? { dev: true } : {}),
    ...(libc.length > 0 ? { libc } : {}),
    optional: true,
    ...(os.length > 0 ? { os } : {}),
  };
}

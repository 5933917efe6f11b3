// Makes the pictures of the README in docs/images, from the sample workload and two real Celery workers with beat:
//   node scripts/prepare.mjs --test && node scripts/screenshots.mjs [page …]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { root } from './steps.mjs';

/** Long enough for every kind of sample task to have run, failed and been retried, and for charts to be charts. */
const WORKLOAD_MS = 180_000;
const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

const open = (page) => page.locator('.table-rows [role=row]').first().click();
const openFamily = async (page) => {
  await open(page);
  await page.locator('.family').waitFor();
  await page.locator('.family').scrollIntoViewIfNeeded();
};
const SHOTS = [
  { name: 'overview', path: '', size: DESKTOP, theme: 'light' },
  { name: 'overview-dark', path: '', size: DESKTOP, theme: 'dark' },
  { name: 'overview-phone', path: '', size: PHONE, theme: 'light' },
  { name: 'tasks', path: 'tasks', size: DESKTOP, theme: 'light' },
  { name: 'task', path: 'tasks?q=state:FAILURE', size: DESKTOP, theme: 'dark', act: open },
  {
    name: 'family',
    path: 'tasks?q=name:nightly.build_report%20state:SUCCESS',
    size: DESKTOP,
    theme: 'light',
    act: openFamily,
  },
  { name: 'workers', path: 'workers', size: DESKTOP, theme: 'light' },
  { name: 'worker', path: 'workers/w1@shop?in=shop', size: DESKTOP, theme: 'dark' },
  { name: 'queues', path: 'queues', size: DESKTOP, theme: 'light' },
  { name: 'queue', path: 'queues/mail?in=mail', size: DESKTOP, theme: 'light' },
  { name: 'timeline', path: 'timeline', size: DESKTOP, theme: 'light' },
  { name: 'failures', path: 'failures', size: DESKTOP, theme: 'light' },
  { name: 'schedules', path: 'schedules', size: DESKTOP, theme: 'light' },
];

const wanted = process.argv.slice(2);
const images = join(root, 'docs/images');
const data = mkdtempSync(join(tmpdir(), 'taskscope-pictures-'));
mkdirSync(images, { recursive: true });

const running = [];
const start = (command, words, { env = {}, cwd = root, stdout = 'ignore', stdin = 'pipe' } = {}) => {
  const child = spawn(command, words, {
    cwd,
    // The sample application and the workers end with the pipe to their standard input, or by the signal below.
    stdio: [stdin, stdout, 'inherit'],
    detached: true,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONWARNINGS: 'ignore', C_FORCE_ROOT: '1', ...env },
  });
  running.push(child);
  return child;
};
const port = await freePort();
const redis = `redis://127.0.0.1:${port}`;
start('redis-server', ['--port', String(port), '--save', '', '--appendonly', 'no', '--dir', data]);
await pause(1_000);
start(process.execPath, [join(root, 'dist/sample/main.js')], {
  env: { SAMPLE_REDIS_URL: `${redis}/0`, SAMPLE_RATE: '12' },
});
const celery = { cwd: join(root, 'sample/celery'), env: { BROKER_URL: `${redis}/1`, RESULT_BACKEND: `${redis}/1` } };
const PYTHON = process.env.PYTHON ?? '/usr/bin/python3';
for (const name of ['w1', 'w2']) {
  start(
    PYTHON,
    ['-m', 'celery', '-A', 'tasks', 'worker', '-n', `${name}@shop`, '-c', '2', '-E', '-l', 'CRITICAL'],
    celery,
  );
}
start(
  PYTHON,
  ['-m', 'celery', '-A', 'tasks', 'beat', '-s', join(data, 'beat'), '--pidfile=', '-l', 'CRITICAL'],
  celery,
);
const sources = [`shop=celery+${redis}/1`, `mail=bull+${redis}/0`, `warehouse=bullmq+${redis}/0`];
const service = start(
  process.execPath,
  [join(root, 'dist/src/cli.js'), '--port', '0', '--data', data, '--log-format', 'json', ...sources],
  { stdout: 'pipe' },
);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
});
try {
  const url = await listening();
  console.error(`letting the sample workload run for ${WORKLOAD_MS / 1000} s`);
  await pause(WORKLOAD_MS);
  for (const { name, path, size, theme, act } of SHOTS) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const page = await browser.newPage({ viewport: size, colorScheme: theme, timezoneId: 'UTC' });
    await page.goto(`${url}/flower/${path}`);
    // Lines need a few answers to be lines.
    await pause(size === PHONE ? 4_000 : 12_000);
    if (await page.getByText('There is no such page').count()) {
      console.error(`left out ${name}: there is no such page`);
    } else {
      await act?.(page);
      await pause(3_000);
      await page.evaluate(hidePaths, root);
      await page.screenshot({ path: join(images, `${name}.png`) });
      console.log(`docs/images/${name}.png`);
    }
    await page.close();
  }
} finally {
  await browser.close();
  for (const child of running.reverse()) await end(child);
  rmSync(data, { recursive: true, force: true });
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), 8_000);
  await ended;
  clearTimeout(timer);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: free } = server.address();
  server.close();
  await once(server, 'close');
  return free;
}

/** Runs in the page: where this checkout lies is nobody's business. */
function hidePaths(path) {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    if (node.data.includes(path)) node.data = node.data.replaceAll(path, '/srv/shop');
  }
}

function listening() {
  return new Promise((resolve, reject) => {
    let output = '';
    service.stdout.on('data', (text) => {
      output += text;
      const found = /listening on (http:\/\/[^\s"]+)/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    });
    service.once('exit', (code) => reject(new Error(`the service ended with ${code}:\n${output}`)));
  });
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

// Makes the pictures of the README in docs/images, from the sample workload:
//   node scripts/prepare.mjs --test && node scripts/screenshots.mjs [page …]
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { root } from './steps.mjs';

/** Long enough for every kind of sample task to have run, failed and been retried. */
const WORKLOAD_MS = 60_000;
const DESKTOP = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };

const open = (page) => page.locator('.table-rows [role=row]').first().click();
const SHOTS = [
  { name: 'overview', path: '', size: DESKTOP, theme: 'light' },
  { name: 'overview-dark', path: '', size: DESKTOP, theme: 'dark' },
  { name: 'overview-phone', path: '', size: PHONE, theme: 'light' },
  { name: 'tasks', path: 'tasks', size: DESKTOP, theme: 'light' },
  { name: 'task', path: 'tasks?q=state:FAILURE', size: DESKTOP, theme: 'dark', act: open },
  { name: 'workers', path: 'workers', size: DESKTOP, theme: 'light' },
  { name: 'queues', path: 'queues', size: DESKTOP, theme: 'light' },
  { name: 'timeline', path: 'timeline', size: DESKTOP, theme: 'light' },
  { name: 'failures', path: 'failures', size: DESKTOP, theme: 'light' },
  { name: 'schedules', path: 'schedules', size: DESKTOP, theme: 'light' },
];

const wanted = process.argv.slice(2);
const images = join(root, 'docs/images');
const data = mkdtempSync(join(tmpdir(), 'taskscope-pictures-'));
mkdirSync(images, { recursive: true });
const service = spawn(
  process.execPath,
  [join(root, 'dist/src/cli.js'), '--port', '0', '--data', data, '--sample-rate', '12', '--log-format', 'json'],
  { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
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
      await pause(800);
      await page.screenshot({ path: join(images, `${name}.png`) });
      console.log(`docs/images/${name}.png`);
    }
    await page.close();
  }
} finally {
  await browser.close();
  const ended = new Promise((resolve) => service.once('exit', resolve));
  service.kill('SIGTERM');
  await ended;
  rmSync(data, { recursive: true, force: true });
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

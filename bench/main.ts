import 'reflect-metadata';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { agentFigures } from './agent-figures.js';
import { measureCeleryEvents } from './celery-decode.js';
import { measureDashboard } from './dashboard.js';
import { measureEventPath } from './event-path.js';
import type { Figure } from './figure.js';
import { measureHistory } from './history.js';
import { measureHostileNames } from './hostile-names.js';
import { measureLiveMemory } from './live-memory.js';
import { measurePolls } from './poll.js';
import { scrapeFigures } from './scrape-figures.js';
import { measureSignIn } from './sign-in.js';
import { measureWaiting } from './waiting.js';

const PARTS: Readonly<Record<string, () => Promise<readonly Figure[]> | readonly Figure[]>> = {
  events: measureEventPath,
  celery: measureCeleryEvents,
  memory: measureLiveMemory,
  poll: measurePolls,
  waiting: measureWaiting,
  scrape: scrapeFigures,
  agent: agentFigures,
  hostile: measureHostileNames,
  'sign-in': measureSignIn,
  history: measureHistory,
  dashboard: measureDashboard,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  console.error(`expected some of ${Object.keys(PARTS).join(', ')}, found ${unknown.join(', ')}`);
  process.exit(2);
}

const results: Record<string, readonly Figure[]> = {};
for (const [name, measure] of Object.entries(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const figures = await measure();
  results[name] = figures;
  console.log(`\n${name}`);
  for (const { name: what, value, unit, bar, good } of figures) {
    const held = bar === null ? '' : `${good === true ? 'ok  ' : 'MISSED  '}${bar}`;
    console.log(`  ${what.padEnd(62)}${format(value).padStart(12)} ${unit.padEnd(18)}${held}`);
  }
}

const machine = { node: process.version, processor: cpus()[0]?.model ?? 'unknown', processors: cpus().length };
const folder = 'bench-results';
mkdirSync(folder, { recursive: true });
const file = join(folder, `${new Date().toISOString().replaceAll(':', '-')}.json`);
writeFileSync(file, `${JSON.stringify({ machine, results }, null, 2)}\n`);
console.log(`\nwritten to ${file}`);
process.exit(
  Object.values(results)
    .flat()
    .some((found) => found.good === false)
    ? 1
    : 0,
);

function format(value: number): string {
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en').replaceAll(',', ' ') : value.toFixed(2);
}

import { fieldsOf, numberIn, textIn } from './json-fields.js';

/** An entry of `beat_schedule`, as a worker tells of its configuration. */
export interface BeatEntry {
  readonly key: string;
  readonly task: string;
  readonly queue: string | null;
  readonly cron: string | null;
  readonly everyMs: number | null;
  readonly told: string | null;
  readonly timeZone: string | null;
}

/** Beyond these an application has made its schedule by a program, and nobody reads it as a list. */
const MAX_ENTRIES = 1_000;
const MAX_TEXT = 512;
const DAY_MS = 86_400_000;
/** A `timedelta` as Python writes it. */
const TIMEDELTA = /^(?:(\d{1,9}) days?, )?(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?$/;
/** Until 5.3 the day of the week comes third, later last: the letters at the end say which it is. */
const CRONTAB = /^<crontab: (\S+) (\S+) (\S+) (\S+) (\S+) \((m\/h\/d\/dM\/MY|m\/h\/dM\/MY\/d)\)>$/;

/** Of `conf` without defaults: [] where nothing is scheduled there. */
export function beatEntries(reply: unknown): readonly BeatEntry[] {
  const conf = fieldsOf(reply);
  const entries = fieldsOf(conf?.beat_schedule ?? conf?.CELERYBEAT_SCHEDULE);
  if (conf === null || entries === null) return [];
  const timeZone = zoneOf(conf);
  return Object.entries(entries)
    .slice(0, MAX_ENTRIES)
    .flatMap(([key, entry]) => entryOf(key, fieldsOf(entry), timeZone));
}

function entryOf(
  key: string,
  entry: Readonly<Record<string, unknown>> | null,
  zone: string | null,
): readonly BeatEntry[] {
  const task = textIn(entry?.task);
  if (entry === null || task === null || task.length > MAX_TEXT || key.length > MAX_TEXT) return [];
  const queue = textIn(fieldsOf(entry.options)?.queue);
  const rhythm = rhythmOf(entry.schedule);
  return [
    {
      key,
      task,
      queue: queue === null || queue.length > MAX_TEXT ? null : queue,
      ...rhythm,
      timeZone: rhythm.cron === null ? null : zone,
    },
  ];
}

function rhythmOf(schedule: unknown): Pick<BeatEntry, 'cron' | 'everyMs' | 'told'> {
  const seconds = numberIn(schedule);
  if (seconds !== null && seconds > 0) return { cron: null, everyMs: seconds * 1000, told: null };
  const text = textIn(schedule)?.slice(0, MAX_TEXT) ?? null;
  const everyMs = text === null ? null : timedeltaMs(text);
  if (everyMs !== null) return { cron: null, everyMs, told: null };
  const cron = text === null ? null : cronOf(text);
  // Of what Celery rounds for people, such as `<freq: 1.50 minutes>`, no interval is made.
  return { cron, everyMs: null, told: cron === null ? text : null };
}

function timedeltaMs(text: string): number | null {
  const [, days = '0', hours, minutes, seconds, fraction = '0'] = TIMEDELTA.exec(text) ?? [];
  if (hours === undefined) return null;
  const ms = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  return Number(days) * DAY_MS + ms + Number(`0.${fraction}`) * 1000;
}

/** In the order that everybody else writes: minute, hour, day of the month, month, day of the week. */
function cronOf(text: string): string | null {
  const [, minute, hour, third, fourth, fifth, order] = CRONTAB.exec(text) ?? [];
  if (minute === undefined) return null;
  return order === 'm/h/d/dM/MY'
    ? [minute, hour, fourth, fifth, third].join(' ')
    : [minute, hour, third, fourth, fifth].join(' ');
}

/** Celery's default is UTC; without it and without a zone it is that of the machine, which nobody tells. */
function zoneOf(conf: Readonly<Record<string, unknown>>): string | null {
  const zone = conf.timezone ?? conf.CELERY_TIMEZONE;
  const utc = conf.enable_utc ?? conf.CELERY_ENABLE_UTC;
  if (zone === undefined || zone === null) return utc === undefined || utc === true ? 'UTC' : null;
  return textIn(zone)?.slice(0, MAX_TEXT) ?? null;
}

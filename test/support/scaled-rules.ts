import { readFileSync } from 'node:fs';

/** A minute of the rules becomes so many seconds. */
const SECONDS_PER_MINUTE = 2;
/** No alert waits for less: two scrapes of the test have to miss, as four of the shipped configuration have to. */
const SHORTEST_FOR = 7;

/**
 * The shipped rules for a test that cannot wait for minutes. Changed are only lengths of time: `for:` and windows, and the one threshold
 * that is a time over which a task waits. Everything else is as shipped.
 */
export function scaledRules(file: string): string {
  return readFileSync(file, 'utf8')
    .replaceAll(
      /\bfor: (\d+)m$/gm,
      (_, minutes: string) => `for: ${Math.max(SHORTEST_FOR, Number(minutes) * SECONDS_PER_MINUTE)}s`,
    )
    .replaceAll(/\[(\d+)m\]/g, (_, minutes: string) => `[${Number(minutes) * SECONDS_PER_MINUTE}s]`)
    .replaceAll(
      /(celery_queue_oldest_seconds > )(\d+)/g,
      (_, comparison: string, seconds: string) => `${comparison}${(Number(seconds) / 60) * SECONDS_PER_MINUTE}`,
    );
}

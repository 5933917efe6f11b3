import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface CapturedMessage {
  readonly channel: string;
  readonly payload: Buffer;
}

/** Messages of the event channel as real workers published them. */
export function capturedEvents(name: string): readonly CapturedMessage[] {
  return lines(name).map((line) => ({ channel: String(line.channel), payload: Buffer.from(String(line.payload)) }));
}

export interface CapturedAnswer {
  readonly celery: string;
  readonly method: string;
  readonly worker: string;
  readonly value: unknown;
}

/** Answers of real workers to questions, one worker each. */
export function capturedAnswers(method: string): readonly CapturedAnswer[] {
  return lines('answers').flatMap((line) => {
    const body = line.body;
    if (line.method !== method || typeof body !== 'object' || body === null) return [];
    return Object.entries(body).map(([worker, value]: [string, unknown]) => ({
      celery: String(line.celery),
      method,
      worker,
      value,
    }));
  });
}

/** What real workers left in the result backend, as it is stored. */
export function capturedResults(): readonly { readonly id: string; readonly value: string }[] {
  return lines('results')
    .map((line) => ({ key: String(line.key), value: String(line.value) }))
    .filter(({ key }) => key.startsWith('celery-task-meta-'))
    .map(({ key, value }) => ({ id: key.slice('celery-task-meta-'.length), value }));
}

function lines(name: string): readonly Readonly<Record<string, unknown>>[] {
  const path = fileURLToPath(new URL(`../fixtures/celery/captures/${name}.jsonl`, import.meta.url));
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => ({ ...Object(JSON.parse(line)) }));
}

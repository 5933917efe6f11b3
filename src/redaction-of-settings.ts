import type { RedactionSettings } from './config/redaction-settings.js';
import { PayloadRedaction } from './core/payload-redaction.js';
import { type Redactor, redactor } from './core/redaction.js';

/** What is hidden of every task. */
export function redactorOf({ keys, patterns }: RedactionSettings): Redactor {
  return redactor(
    keys,
    patterns.map((pattern) => new RegExp(pattern, 'gu')),
  );
}

export function payloadRedactionOf(settings: RedactionSettings): PayloadRedaction {
  const rules = settings.tasks.map(({ names, keys, everything }) => ({
    tasks: names,
    hide: everything ?? redactor(keys),
  }));
  return new PayloadRedaction(redactorOf(settings), rules);
}

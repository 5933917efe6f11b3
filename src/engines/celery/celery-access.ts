import { type AccessNeed, FACTS_NEED } from '../redis/redis-access.js';
import type { RedisSettings } from '../redis/redis-settings.js';
import type { CeleryNames } from './celery-settings.js';
import { REPLY_PREFIX } from './transport/control-body.js';
import { celeryChannels } from './transport/redis-channels.js';

/**
 * What watching and operating Celery needs of Redis. A queue's key is its bare name, so every key may be one. Commands to workers, also the
 * questions what they run, all go through one channel: whoever may ask may also revoke, which only `control: false` prevents.
 */
export function celeryAccess(names: CeleryNames, settings: RedisSettings, control: boolean): readonly AccessNeed[] {
  const channels = celeryChannels(names, settings);
  const watch: readonly AccessNeed[] = [
    { feature: 'live events', level: 'watch', commands: ['psubscribe'], channels: channels.events },
    {
      feature: 'queues and what waits in them',
      level: 'watch',
      commands: ['eval_ro', 'exists', 'hlen', 'hscan', 'lindex', 'llen', 'scan', 'smembers', 'type'],
      reads: ['*'],
    },
    { feature: 'results', level: 'watch', commands: ['getrange', 'strlen'], reads: ['*'] },
    FACTS_NEED,
  ];
  if (!control) return watch;
  const answers = `${names.keyPrefix}${REPLY_PREFIX}*`;
  return [
    ...watch,
    {
      feature: 'asking and commanding workers',
      level: 'watch',
      commands: ['brpop', 'del', 'exec', 'lrange', 'multi', 'object|idletime', 'publish'],
      writes: [answers],
      channels: [channels.control],
    },
    { feature: 'running tasks again', level: 'operate', commands: ['lpush'], writes: ['*'] },
    // A queue's key may be any: whoever may empty one may empty all, and everything else.
    { feature: 'draining queues', level: 'operate', commands: ['eval', 'llen', 'unlink'], writes: ['*'] },
  ];
}

/** The three patterns of `rabbitmqctl set_permissions`. */
export interface RabbitPermissions {
  readonly configure: string;
  readonly write: string;
  readonly read: string;
}

/**
 * What Celery needs of RabbitMQ. To watch: two queues of our own, one bound to the events, and to publish commands. Both exchanges are declared
 * as workers declare them, because whoever comes first has to. Looking at the length of a queue needs no permission. To operate: emptying a
 * queue is reading it, and any may be asked for; tasks that are run again go through the default exchange.
 */
export function rabbitPermissions(names: CeleryNames): Readonly<Record<AccessNeed['level'], RabbitPermissions>> {
  const own = ['amq\\.gen-.*', `${escapeRegex(REPLY_PREFIX)}.*`];
  if (names.eventQueue !== null) own.push(escapeRegex(names.eventQueue));
  const events = escapeRegex(names.eventExchange);
  const commands = escapeRegex(`${names.controlExchange}.pidbox`);
  const pattern = (...words: readonly string[]): string => `^(${words.join('|')})$`;
  const watch = {
    configure: pattern(events, commands, ...own),
    write: pattern(commands, ...own),
    read: pattern(events, ...own),
  };
  return { watch, operate: { ...watch, write: pattern(commands, 'amq\\.default', ...own), read: '.*' } };
}

function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

import type { ControlRequest } from './celery-transport.js';

/** Queues for answers to us: no application's own begin like this. */
export const REPLY_PREFIX = 'taskscope.reply.';

/**
 * The JSON of a control message. Answers are asked for by the default exchange and a queue's name: every version and both brokers take
 * that to mean "put it there", and nothing has to be declared or bound. All keys are needed by one version or another.
 */
export function controlBody(request: ControlRequest, replyQueue: string): string {
  const { method, destination, ticket } = request;
  return JSON.stringify({
    method,
    arguments: request.arguments,
    destination,
    pattern: null,
    matcher: null,
    ...(ticket === null ? {} : { ticket, reply_to: { exchange: '', routing_key: replyQueue } }),
  });
}

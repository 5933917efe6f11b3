import type { ConfirmChannel, Message, Options } from 'amqplib';
import type { OutgoingTask } from './celery-transport.js';

/** Publishes a command to workers; settles when the broker has confirmed it. */
export function broadcasted(channel: ConfirmChannel, exchange: string, body: Buffer): Promise<void> {
  return confirmed(channel, exchange, '', body, { priority: 0, headers: { clock: 1, expires: 0 } });
}

/** Publishes a task through the default exchange; false where there is no such queue. */
export async function enqueued(channel: ConfirmChannel, queue: string, task: OutgoingTask): Promise<boolean> {
  let taken = true;
  // What cannot be delivered comes back before it is confirmed.
  const returned = (message: Message): void => {
    if (message.properties.correlationId === task.id) taken = false;
  };
  channel.on('return', returned);
  try {
    const { id, headers } = task;
    await confirmed(channel, '', queue, Buffer.from(task.body), {
      mandatory: true,
      correlationId: id,
      replyTo: '',
      headers,
    });
  } finally {
    channel.off('return', returned);
  }
  return taken;
}

function confirmed(
  channel: ConfirmChannel,
  exchange: string,
  routingKey: string,
  body: Buffer,
  options: Options.Publish,
): Promise<void> {
  const properties = { contentType: 'application/json', contentEncoding: 'utf-8', deliveryMode: 2, ...options };
  return new Promise((resolve, reject) => {
    channel.publish(exchange, routingKey, body, properties, (error: unknown) => {
      if (error === null || error === undefined) resolve();
      else reject(error instanceof Error ? error : new Error('the broker refused a message'));
    });
  });
}

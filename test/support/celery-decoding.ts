import { redactor } from '../../src/core/redaction.js';
import type { EngineEvent, RejectedEvent, TaskEvent } from '../../src/core/task-event.js';
import type { CeleryWorker } from '../../src/engines/celery/celery-worker.js';
import { EventDecoder } from '../../src/engines/celery/event-decoder.js';
import { KnownQueues } from '../../src/engines/celery/known-queues.js';
import { TaskNotes } from '../../src/engines/celery/task-notes.js';
import { eventBodyOf } from '../../src/engines/celery/transport/redis-envelope.js';
import { WorkerBook } from '../../src/engines/celery/worker-book.js';

/** A decoder with everything it writes to. */
export class Decoding {
  readonly workers = new WorkerBook();
  readonly notes = new TaskNotes();
  readonly queues = new KnownQueues();
  readonly out: EngineEvent[] = [];
  readonly told: { readonly kind: string; readonly worker: CeleryWorker }[] = [];
  readonly decoder = new EventDecoder({
    workers: this.workers,
    notes: this.notes,
    queues: this.queues,
    redact: redactor(),
    listener: { workerTold: (kind, worker) => this.told.push({ kind, worker }) },
  });

  /** One message as Redis delivers it. */
  payload(payload: Buffer): void {
    const body = eventBodyOf(payload);
    if (typeof body === 'string') this.decoder.decode(body, this.out);
    else this.decoder.refuse(body.refused, this.out);
  }

  /** One event, with the fields that all have filled in. */
  event(type: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.decoder.decode(
      JSON.stringify({ type, hostname: 'w@h', pid: 7, clock: 1, timestamp: 1000, ...fields }),
      this.out,
    );
  }

  tasks(id?: string): readonly TaskEvent[] {
    return this.out.flatMap((event) => ('id' in event && (id === undefined || event.id === id) ? [event] : []));
  }

  rejected(): readonly RejectedEvent[] {
    return this.out.flatMap((event) => (event.kind === 'rejected' ? [event] : []));
  }
}

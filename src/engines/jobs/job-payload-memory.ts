import { AgedMap } from '../../core/aged-map.js';
import { boundedTraceback } from '../../core/bounded-traceback.js';

/** What was read of one job, as it lies in Redis. */
export interface JobPayload {
  /** JSON; null where the job was gone, or its data is too large to be read. */
  readonly data: string | null;
  readonly dataBytes: number;
  readonly parentId: string | null;
  readonly rootId: string | null;
}

interface Note {
  payload: JobPayload | null;
  /** Of its latest failed attempt. */
  traceback: string | null;
  bytes: number;
}

/** Each is asked for within a second, when its task is stored. */
const MAX_BYTES = 8 * 1024 * 1024;
/** A record, its keys and its place in the map, about. */
const NOTE_BYTES = 300;

/** Payloads of jobs until they are stored, and for as long as there is room, so that few are read twice: by their bytes, the oldest go first. */
export class JobPayloadMemory {
  readonly #notes = new AgedMap<string, Note>();
  #bytes = 0;

  get(id: string): Readonly<Note> | undefined {
    return this.#notes.get(id);
  }

  /** It was read, or tried to. */
  isRead(id: string): boolean {
    return this.#notes.get(id)?.payload != null;
  }

  keep(id: string, payload: JobPayload): void {
    this.#put(id, payload, this.#notes.get(id)?.traceback ?? null);
  }

  failed(id: string, stack: string): void {
    this.#put(id, this.#notes.get(id)?.payload ?? null, boundedTraceback(stack));
  }

  /** Another job has this id now. */
  forget(id: string): void {
    const note = this.#notes.get(id);
    if (note === undefined) return;
    this.#notes.delete(id);
    this.#bytes -= note.bytes;
  }

  #put(id: string, payload: JobPayload | null, traceback: string | null): void {
    this.forget(id);
    const bytes = NOTE_BYTES + 2 * (id.length + (payload?.data?.length ?? 0) + (traceback?.length ?? 0));
    this.#notes.set(id, { payload, traceback, bytes });
    this.#bytes += bytes;
    while (this.#bytes > MAX_BYTES && this.#notes.size > 1) this.#bytes -= this.#notes.dropOldest()?.bytes ?? 0;
  }
}

import { ApiProperty } from '@nestjs/swagger';
import type { Source, SourceConnection, SourceStatus } from '../core/source.js';
import { isoTime } from './iso-time.js';
import { ItemDto, itemOf } from './item.dto.js';

export const SOURCE_CONNECTIONS = ['connecting', 'connected', 'disconnected'] as const satisfies SourceConnection[];

interface Looked {
  readonly source: Source;
  readonly status: SourceStatus;
  readonly snapshot: { readonly at: number } | null;
  readonly problem: string | null;
}

/** How far an answer can be trusted: one entry per source that it was put together from. */
export class SourceStateDto extends ItemDto {
  @ApiProperty({ enum: [...SOURCE_CONNECTIONS], enumName: 'SourceConnection' })
  readonly connection: SourceConnection;
  /** When the broker was last looked at; null before the first time, and then nothing of this source is in the answer. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly as_of: string | null;
  /** True where the broker could not be asked just now, so that what is told is what was known at `as_of`. */
  readonly stale: boolean;
  /** Why, in one sentence; null where nothing is wrong. */
  readonly problem: string | null;

  constructor(view: Looked) {
    super(itemOf(view.source));
    this.connection = view.status.connection;
    this.as_of = isoTime(view.snapshot?.at ?? null);
    this.stale = view.problem !== null || view.status.connection !== 'connected';
    this.problem = view.problem ?? view.status.problem;
  }
}

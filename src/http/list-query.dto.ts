import { TextField, WholeNumberField } from './query-fields.js';

/** Longest name of a source, worker, queue or task that a query may hold. */
export const MAX_NAME_LENGTH = 512;

export class SourceQueryDto {
  @TextField({ description: 'Only this source', maxLength: MAX_NAME_LENGTH })
  readonly source?: string;
}

/** For lists that hold everything there is of a kind: workers, queues. */
export class StatusListQueryDto extends SourceQueryDto {
  @WholeNumberField({ description: 'At most so many entries', minimum: 1, maximum: 5000, default: 1000 })
  readonly limit: number = 1000;
}

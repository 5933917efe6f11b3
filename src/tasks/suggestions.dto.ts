import { ApiProperty } from '@nestjs/swagger';
import { SUGGESTED_FIELDS, type SuggestedField } from '../core/history-store.js';
import { MAX_NAME_LENGTH } from '../http/list-query.dto.js';
import { TextField, WholeNumberField, WordField } from '../http/query-fields.js';

export class SuggestionsQueryDto {
  @WordField(SUGGESTED_FIELDS, { description: 'The field of the filter language to complete', default: 'name' })
  readonly field: SuggestedField = 'name';

  @TextField({ description: 'What has been typed so far', maxLength: MAX_NAME_LENGTH, example: 'app.ta' })
  readonly prefix: string = '';

  @WholeNumberField({ description: 'At most so many', minimum: 1, maximum: 100, default: 20 })
  readonly limit: number = 20;
}

/** What a field can be completed to. */
export class SuggestionsDto {
  @ApiProperty({ enum: [...SUGGESTED_FIELDS], enumName: 'SuggestedField' })
  readonly field: SuggestedField;
  /** Names that begin like this, then those that hold it. */
  @ApiProperty({ type: [String] })
  readonly items: readonly string[];

  constructor(field: SuggestedField, items: readonly string[]) {
    this.field = field;
    this.items = items;
  }
}

import { ApiProperty } from '@nestjs/swagger';
import { ENGINE_KINDS, type EngineKind, type Source } from '../core/source.js';

/** Where an item comes from. */
export abstract class ItemDto {
  /**
   * Name of the source.
   * @example 'bull'
   */
  readonly source: string;
  /** What speaks there. */
  @ApiProperty({ enum: [...ENGINE_KINDS], enumName: 'EngineKind' })
  readonly engine: EngineKind;

  constructor(item: { readonly source: string; readonly engine: EngineKind }) {
    this.source = item.source;
    this.engine = item.engine;
  }
}

/** A source, in the form that `ItemDto` takes. */
export function itemOf(source: Source): { readonly source: string; readonly engine: EngineKind } {
  return { source: source.name, engine: source.engine };
}

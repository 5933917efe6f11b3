import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  MinLength,
} from 'class-validator';

/*
 * Fields of query strings and bodies. Each checks, says what it expects, and documents itself. What cannot be parsed is left as it came, so that the
 * message can show it.
 */

interface Described {
  readonly description: string;
}

/** A text given at most once. */
export function TextField(options: Described & { readonly maxLength: number; readonly example?: string }) {
  const message = `a text of at most ${options.maxLength} characters, given once`;
  return applyDecorators(
    IsOptional(),
    IsString({ message }),
    MaxLength(options.maxLength, { message }),
    ApiPropertyOptional({ type: String, ...options }),
  );
}

export function WholeNumberField(
  options: Described & { readonly minimum: number; readonly maximum: number; readonly default?: number },
) {
  const message = `a whole number from ${options.minimum} to ${options.maximum}`;
  return applyDecorators(
    IsOptional(),
    Transform(({ value }) => wholeNumber(value)),
    IsInt({ message }),
    Min(options.minimum, { message }),
    Max(options.maximum, { message }),
    ApiPropertyOptional({ type: 'integer', ...options }),
  );
}

/** A number, fractions allowed. */
export function NumberField(
  options: Described & {
    readonly minimum: number;
    readonly maximum: number;
    readonly default?: number;
    readonly example?: number;
  },
) {
  const message = `a number from ${options.minimum} to ${options.maximum}`;
  return applyDecorators(
    IsOptional(),
    Transform(({ value }) =>
      typeof value === 'string' && /^\d{1,15}(\.\d{1,9})?$/.test(value) ? Number(value) : value,
    ),
    IsNumber({}, { message }),
    Min(options.minimum, { message }),
    Max(options.maximum, { message }),
    ApiPropertyOptional({ type: Number, ...options }),
  );
}

export function BooleanField(options: Described & { readonly default: boolean }) {
  return applyDecorators(
    IsOptional(),
    Transform(({ value }) => boolean(value)),
    IsBoolean({ message: 'true or false' }),
    ApiPropertyOptional({ type: Boolean, ...options }),
  );
}

/** One word of a fixed list. `read` brings what was written into the list's own form. */
export function WordField(
  words: readonly string[],
  options: Described & { readonly default?: string; readonly read?: (text: string) => string },
) {
  const { read = (text) => text, ...documented } = options;
  return applyDecorators(
    IsOptional(),
    Transform(({ value }) => (typeof value === 'string' ? read(value) : value)),
    IsIn(words, { message: `one of ${words.join(', ')}` }),
    ApiPropertyOptional({ enum: [...words], ...documented }),
  );
}

/** Texts of a JSON array. */
export function TextListField(options: Described & { readonly maxItems: number; readonly maxLength: number }) {
  const { maxItems, maxLength, description } = options;
  const message = `1 to ${maxItems} texts of at most ${maxLength} characters`;
  return applyDecorators(
    IsOptional(),
    IsArray({ message }),
    ArrayMinSize(1, { message }),
    ArrayMaxSize(maxItems, { message }),
    IsString({ each: true, message }),
    MinLength(1, { each: true, message }),
    MaxLength(maxLength, { each: true, message }),
    ApiPropertyOptional({ type: [String], description, maxItems }),
  );
}

/** One word of a fixed list, which must be given. */
export function RequiredWordField(words: readonly string[], options: Described) {
  return applyDecorators(
    IsIn(words, { message: `one of ${words.join(', ')}` }),
    ApiProperty({ enum: [...words], ...options }),
  );
}

/** Words of a fixed list, in upper or lower case, separated by commas or given several times. */
export function WordListField(
  words: readonly string[],
  options: Described & { readonly enumName: string; readonly read?: (word: string) => string },
) {
  const { read = (word) => word.toUpperCase(), ...documented } = options;
  return applyDecorators(
    IsOptional(),
    Transform(({ value }) => wordList(value, read)),
    IsIn(words, { each: true, message: `one or more of ${words.join(', ')}` }),
    ApiPropertyOptional({ enum: [...words], isArray: true, ...documented }),
  );
}

function wholeNumber(value: unknown): unknown {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
}

function boolean(value: unknown): unknown {
  if (value === 'true' || value === '1') return true;
  if (value === 'false' || value === '0') return false;
  return value;
}

function wordList(value: unknown, read: (word: string) => string): unknown {
  const given: readonly unknown[] = Array.isArray(value) ? value : [value];
  return given.flatMap((item) => (typeof item === 'string' ? item.split(',').map((word) => read(word.trim())) : item));
}

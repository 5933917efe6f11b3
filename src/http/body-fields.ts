import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateIf,
} from 'class-validator';

/*
 * Fields of JSON bodies. A value must have its JSON type. What has no default is required; the constructor of its class gives it a first
 * value that no check lets through (an initialiser would be documented as the default). A field that may be null must still be written, so that nobody lifts a limit by
 * forgetting it.
 */

interface Described {
  readonly description: string;
}

/** Skips the checks of null, and of null alone. */
const unlessNull = (name: string) => ValidateIf((body: object) => Reflect.get(body, name) !== null);

export function TextInBody(
  options: Described & { readonly maxLength: number; readonly example?: string; readonly optional?: boolean },
) {
  const { optional = false, ...described } = options;
  const documented = { type: String, minLength: 1, ...described };
  const message = `a text of 1 to ${options.maxLength} characters`;
  return applyDecorators(
    // Left out, not null: that is no text.
    ...(optional ? [ValidateIf((_, value) => value !== undefined)] : []),
    IsString({ message }),
    MinLength(1, { message }),
    MaxLength(options.maxLength, { message }),
    optional ? ApiPropertyOptional(documented) : ApiProperty(documented),
  );
}

export function NullableTextInBody(
  name: string,
  options: Described & { readonly pattern: RegExp; readonly expected: string; readonly example?: string },
) {
  const { pattern, expected, ...documented } = options;
  const message = `${expected}, or null`;
  return applyDecorators(
    unlessNull(name),
    IsString({ message }),
    Matches(pattern, { message }),
    ApiProperty({ type: String, nullable: true, required: true, pattern: pattern.source, ...documented }),
  );
}

export function NullableSecondsInBody(name: string, options: Described & { readonly maximum: number }) {
  const message = `seconds from 0.001 to ${options.maximum}, or null`;
  return applyDecorators(
    unlessNull(name),
    IsNumber({ allowNaN: false, allowInfinity: false }, { message }),
    Min(0.001, { message }),
    Max(options.maximum, { message }),
    ApiProperty({ type: Number, nullable: true, required: true, minimum: 0.001, ...options }),
  );
}

/** Required unless it has a default. */
export function WholeNumberInBody(
  options: Described & { readonly minimum: number; readonly maximum: number; readonly default?: number },
) {
  const message = `a whole number from ${options.minimum} to ${options.maximum}`;
  const documented = { type: 'integer', ...options } as const;
  return applyDecorators(
    ...(options.default === undefined ? [] : [IsOptional()]),
    IsInt({ message }),
    Min(options.minimum, { message }),
    Max(options.maximum, { message }),
    options.default === undefined ? ApiProperty(documented) : ApiPropertyOptional(documented),
  );
}

export function BooleanInBody(options: Described & { readonly default?: boolean }) {
  const documented = { type: Boolean, ...options };
  return applyDecorators(
    ...(options.default === undefined ? [] : [IsOptional()]),
    IsBoolean({ message: 'true or false' }),
    options.default === undefined ? ApiProperty(documented) : ApiPropertyOptional(documented),
  );
}

export function WordInBody(words: readonly string[], options: Described & { readonly optional?: boolean }) {
  const { optional = false, ...described } = options;
  const documented = { enum: [...words], ...described };
  return applyDecorators(
    // Left out, not null: that is none of the words.
    ...(optional ? [ValidateIf((_, value) => value !== undefined)] : []),
    IsIn(words, { message: `one of ${words.join(', ')}` }),
    optional ? ApiPropertyOptional(documented) : ApiProperty(documented),
  );
}

export function TextListInBody(
  options: Described & { readonly maxItems: number; readonly maxLength: number; readonly optional?: boolean },
) {
  const { optional = false, maxItems, description } = options;
  const documented = { type: String, isArray: true, minItems: 1, maxItems, description };
  const message = `a list of 1 to ${maxItems} texts of at most ${options.maxLength} characters`;
  return applyDecorators(
    ...(optional ? [IsOptional()] : []),
    IsArray({ message }),
    ArrayMinSize(1, { message }),
    ArrayMaxSize(maxItems, { message }),
    IsString({ each: true, message }),
    MinLength(1, { each: true, message }),
    MaxLength(options.maxLength, { each: true, message }),
    optional ? ApiPropertyOptional(documented) : ApiProperty(documented),
  );
}

/** Any JSON values in a list; how deep a body may be is checked before. */
export function JsonListInBody(options: Described & { readonly maxItems: number; readonly optional?: boolean }) {
  const { optional = false, maxItems, description } = options;
  const message = `a list of at most ${maxItems} values`;
  const documented = { type: 'array', items: {}, maxItems, description } as const;
  return applyDecorators(
    ...(optional ? [IsOptional()] : []),
    IsArray({ message }),
    ArrayMaxSize(maxItems, { message }),
    optional ? ApiPropertyOptional(documented) : ApiProperty(documented),
  );
}

export function JsonObjectInBody(options: Described & { readonly optional?: boolean }) {
  const { optional = false, description } = options;
  const documented = { type: 'object', additionalProperties: true, description } as const;
  return applyDecorators(
    ...(optional ? [IsOptional()] : []),
    IsObject({ message: 'an object' }),
    optional ? ApiPropertyOptional(documented) : ApiProperty(documented),
  );
}

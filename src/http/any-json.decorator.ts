import { ApiProperty } from '@nestjs/swagger';

/** A field that holds whatever JSON a task's author put there, null included. */
export const AnyJson = (options: { readonly required: boolean } = { required: true }): PropertyDecorator =>
  ApiProperty({
    ...options,
    nullable: true,
    oneOf: [
      { type: 'object', additionalProperties: true },
      { type: 'array', items: {} },
      { type: 'string' },
      { type: 'number' },
      { type: 'boolean' },
    ],
  });

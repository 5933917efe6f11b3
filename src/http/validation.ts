import { type ValidationError, ValidationPipe } from '@nestjs/common';
import { getMetadataStorage } from 'class-validator';
import { InvalidRequest } from '../core/errors.js';
import { foundText } from '../core/found-text.js';

interface FieldProblem {
  readonly field: string;
  readonly expected: string;
  readonly found: string;
}

/** Parses and checks parameters and bodies; what no DTO names is refused. Messages of the constraints say what is expected. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    stopAtFirstError: true,
    validationError: { target: true, value: true },
    exceptionFactory: (errors) => {
      const problems = errors.flatMap((error) => fieldProblems(error, ''));
      const detail = problems.map(({ field, expected, found }) => `${field}: expected ${expected}, found ${found}`);
      return new InvalidRequest(detail.join('; '), { errors: problems });
    },
  });
}

function fieldProblems(error: ValidationError, path: string): readonly FieldProblem[] {
  const field = path + error.property;
  const nested = (error.children ?? []).flatMap((child) => fieldProblems(child, `${field}.`));
  return Object.entries(error.constraints ?? {})
    .map(([kind, expected]) =>
      kind === 'whitelistValidation'
        ? { field, expected: `one of ${knownFields(error.target).join(', ')}`, found: `unknown "${error.property}"` }
        : { field, expected, found: foundText(error.value) },
    )
    .concat(nested);
}

function knownFields(target: object | undefined): readonly string[] {
  if (target === undefined) return [];
  const metadata = getMetadataStorage().getTargetValidationMetadatas(target.constructor, '', false, false);
  return [...new Set(metadata.map(({ propertyName }) => propertyName))].sort();
}

import { z } from 'zod';
import { settingsSchema } from './settings-schema.js';

export type SettingType = 'string' | 'number' | 'boolean' | 'json';

/** One leaf of the settings: what the reference lists and what an environment variable can set. */
export interface SettingPath {
  /** Such as `metrics.maxSeries`. */
  readonly path: string;
  readonly type: SettingType;
  readonly environment: string;
  readonly description: string;
  readonly default: unknown;
  readonly schema: Readonly<Record<string, unknown>>;
}

/** All settings, found by walking the schema. */
export function settingPaths(): readonly SettingPath[] {
  const root: unknown = z.toJSONSchema(settingsSchema, { io: 'input', unrepresentable: 'any' });
  return [...leaves(root, [])];
}

function* leaves(node: unknown, path: readonly string[]): Generator<SettingPath> {
  if (!isRecord(node)) return;
  if (isRecord(node.properties)) {
    for (const [key, child] of Object.entries(node.properties)) yield* leaves(child, [...path, key]);
    return;
  }
  yield {
    path: path.join('.'),
    type: typeOf(node),
    environment: environmentName(path),
    description: typeof node.description === 'string' ? node.description : '',
    default: node.default,
    schema: node,
  };
}

function typeOf(node: Readonly<Record<string, unknown>>): SettingType {
  if (node.type === 'boolean') return 'boolean';
  if (node.type === 'number' || node.type === 'integer') return 'number';
  return node.type === 'string' ? 'string' : 'json';
}

/** `inspection.maxAgeMs` → TASKSCOPE_INSPECTION_MAX_AGE_MS. */
function environmentName(path: readonly string[]): string {
  const words = path.map((part) => part.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase());
  return `TASKSCOPE_${words.join('_')}`;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import type { z } from 'zod';
import { messageOf } from '../core/errors.js';
import { CONFIG_FILE_VARIABLE, settingsFromEnvironment } from './environment.js';
import type { CommandLine } from './flags.js';
import { isRecord } from './setting-paths.js';
import { SettingsError } from './settings-error.js';
import { type Settings, settingsSchema } from './settings-schema.js';

const DEFAULT_FILE = 'taskscope.yaml';
/** Where somebody may have written a password although a hash of it belongs there. */
const SECRET = /(?:password|secret)\w*$/i;

/** Flags win over the environment, the environment over the file, the file over the defaults. Throws SettingsError. */
export function loadSettings(
  commandLine: CommandLine,
  variables: Readonly<Record<string, string | undefined>>,
): Settings {
  const named = commandLine.configFile ?? variables[CONFIG_FILE_VARIABLE] ?? null;
  const fromFile = readSettingsFile(named ?? DEFAULT_FILE, named !== null);
  const joined = join(join(fromFile, settingsFromEnvironment(variables)), commandLine.settings);
  return validate(joined);
}

/** Throws SettingsError with one line per problem. */
export function validate(given: unknown): Settings {
  const result = settingsSchema.safeParse(given, { reportInput: true });
  if (result.success) return result.data;
  throw new SettingsError(result.error.issues.flatMap((issue) => explain(issue, given)));
}

function readSettingsFile(file: string, required: boolean): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (!required && isRecord(error) && error.code === 'ENOENT') return {};
    throw new SettingsError([`${file}: expected a readable settings file, found: ${messageOf(error)}`]);
  }
  let content: unknown;
  try {
    content = load(text);
  } catch (error) {
    throw new SettingsError([`${file}: expected YAML, found: ${messageOf(error)}`]);
  }
  if (content === null || content === undefined) return {};
  if (!isRecord(content)) throw new SettingsError([`${file}: expected settings by name, found ${describe(content)}`]);
  return content;
}

/** Objects are joined key by key; lists and values replace. */
function join(under: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> {
  const joined: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = joined[key];
    joined[key] = isRecord(below) && isRecord(value) ? join(below, value) : value;
  }
  return joined;
}

function explain(issue: z.core.$ZodIssue, given: unknown): readonly string[] {
  const path = issue.path.map(String).join('.') || 'settings';
  if (issue.code === 'unrecognized_keys') {
    const prefix = issue.path.length === 0 ? '' : `${path}.`;
    return issue.keys.map(
      (key) => `${prefix}${key}: expected a setting from docs/configuration.md, found an unknown one`,
    );
  }
  if (issue.code === 'invalid_union') {
    const inner = issue.errors.map((errors) => errors[0]).filter((error) => error !== undefined);
    const deepest = inner.reduce((a, b) => (b.path.length > a.path.length ? b : a), inner[0] ?? issue);
    return explain({ ...deepest, path: [...issue.path, ...deepest.path] }, given);
  }
  const found = SECRET.test(path) ? 'something else, which is not shown' : describe(valueAt(given, issue.path));
  return [`${path}: expected ${expectation(issue)}, found ${found}`];
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `a ${issue.expected}`;
    case 'too_small':
      return `at least ${issue.minimum}`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`;
    default:
      return issue.message;
  }
}

function valueAt(given: unknown, path: readonly PropertyKey[]): unknown {
  let value = given;
  for (const key of path) {
    if (Array.isArray(value) && typeof key === 'number') value = value[key];
    else if (isRecord(value)) value = value[String(key)];
    else return value;
  }
  return value;
}

/** Never shows a password, in URLs that hold one unencoded neither. */
function describe(value: unknown): string {
  const text = value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value));
  const hidden = text.replace(/\/\/[^\s"]*@/g, '//***@');
  return hidden.length > 80 ? `${hidden.slice(0, 80)}…` : hidden;
}

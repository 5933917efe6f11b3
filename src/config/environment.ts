import { type SettingPath, settingPaths } from './setting-paths.js';
import { SettingsError } from './settings-error.js';

/** Read by the command line itself, beside the settings. */
export const CONFIG_FILE_VARIABLE = 'TASKSCOPE_CONFIG';
/** Read by the commands that talk to a running service: where it is, and who asks. */
export const CLIENT_URL_VARIABLE = 'TASKSCOPE_URL';
export const CLIENT_TOKEN_VARIABLE = 'TASKSCOPE_TOKEN';
const NO_SETTINGS: ReadonlySet<string> = new Set([CONFIG_FILE_VARIABLE, CLIENT_URL_VARIABLE, CLIENT_TOKEN_VARIABLE]);

/**
 * The settings that TASKSCOPE_* variables give, as a partial settings object. Lists and objects are JSON; `brokers` may also be URLs
 * separated by spaces. An unknown TASKSCOPE_* variable is an error: most likely a misspelt one.
 */
export function settingsFromEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  const known = new Map(settingPaths().map((setting) => [setting.environment, setting]));
  const settings: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, text] of Object.entries(variables)) {
    if (!name.startsWith('TASKSCOPE_') || NO_SETTINGS.has(name) || text === undefined || text === '') continue;
    const setting = known.get(name);
    if (setting === undefined) {
      problems.push(`${name}: expected one of the variables in docs/configuration.md, found an unknown one`);
      continue;
    }
    put(settings, setting.path.split('.'), parse(setting, text, problems));
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return settings;
}

function parse(setting: SettingPath, text: string, problems: string[]): unknown {
  switch (setting.type) {
    case 'string':
      return text;
    case 'number':
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
    case 'boolean':
      if (/^(1|true|yes|on)$/i.test(text)) return true;
      return /^(0|false|no|off)$/i.test(text) ? false : text;
    case 'json':
      if (setting.path === 'brokers' && !text.trimStart().startsWith('[')) return text.trim().split(/\s+/);
      try {
        return JSON.parse(text);
      } catch {
        // A single word, where a list or a word can stand: TASKSCOPE_AUTH_METRICS=open.
        if (/^[a-z]+$/.test(text)) return text;
        // Not shown: brokers and providers have passwords.
        problems.push(`${setting.environment}: expected JSON, found ${text.length} characters that are none`);
        return undefined;
      }
  }
}

/** Sets a nested value; paths come from our own schema, never from outside. */
export function put(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [first, ...rest] = path;
  if (first === undefined) return;
  if (rest.length === 0) {
    target[first] = value;
    return;
  }
  const next = target[first];
  const inner: Record<string, unknown> = typeof next === 'object' && next !== null ? { ...next } : {};
  put(inner, rest, value);
  target[first] = inner;
}

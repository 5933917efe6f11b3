import { useId } from 'react';
import { type Theme, useTheme, useZone, writePreference } from '../scope/preferences.js';

const THEMES: readonly (readonly [Theme, string])[] = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

/** Theme and time zone, kept in this browser. */
export function AppearanceChoice() {
  const [theme, setTheme] = useTheme();
  const zone = useZone();
  const group = useId();
  return (
    <>
      <fieldset>
        <legend>Theme</legend>
        {THEMES.map(([value, label]) => (
          <label key={value} className="menu-item">
            <input type="radio" name={`${group}-theme`} checked={theme === value} onChange={() => setTheme(value)} />
            {label}
          </label>
        ))}
      </fieldset>
      <fieldset>
        <legend>Times</legend>
        <label className="menu-item">
          <input
            type="radio"
            name={`${group}-zone`}
            checked={zone === 'local'}
            onChange={() => writePreference('zone', null)}
          />
          Local ({Intl.DateTimeFormat().resolvedOptions().timeZone})
        </label>
        <label className="menu-item">
          <input
            type="radio"
            name={`${group}-zone`}
            checked={zone === 'utc'}
            onChange={() => writePreference('zone', 'utc')}
          />
          UTC
        </label>
      </fieldset>
    </>
  );
}

import type { PageDefinition } from '../page-definition.js';

export const page: PageDefinition = {
  path: 'settings',
  title: 'Settings',
  icon: 'settings',
  key: 'e',
  order: 9,
  load: async () => (await import('./SettingsPage.js')).SettingsPage,
};

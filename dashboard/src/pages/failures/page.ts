import type { PageDefinition } from '../page-definition.js';

export const page: PageDefinition = {
  path: 'failures',
  title: 'Failures',
  icon: 'failures',
  key: 'f',
  order: 6,
  load: async () => (await import('./FailuresPage.js')).FailuresPage,
};

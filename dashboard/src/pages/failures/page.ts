import type { PageDefinition } from '../page-definition.js';

export const page: PageDefinition = {
  path: 'failures',
  title: 'Failures',
  icon: 'failures',
  key: 'f',
  unchosenRange: '24\u202fh',
  order: 6,
  load: async () => (await import('./FailuresPage.js')).FailuresPage,
};

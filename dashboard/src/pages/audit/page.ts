import type { PageDefinition } from '../page-definition.js';

export const page: PageDefinition = {
  path: 'audit',
  title: 'Audit',
  icon: 'audit',
  key: 'a',
  order: 8,
  needs: 'view-audit',
  load: async () => (await import('./AuditPage.js')).AuditPage,
};

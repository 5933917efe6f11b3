import { type Kysely, sql } from 'kysely';
import type { Deployment, DeploymentPage, DeploymentQuery } from '../core/deployment.js';
import type { HistorySchema } from './database/schema.js';
import { micros, millis, stored } from './task-row.js';

/** Nine a day for as long as charts reach back. */
const MAX_DEPLOYMENTS = 10_000;

/** Removes the oldest where there are too many. */
export async function writeDeployment(db: Kysely<HistorySchema>, deployment: Deployment): Promise<void> {
  const { id, at, name, version, link, who } = deployment;
  const text = (value: string | null): string | null => (value === null ? null : stored(value));
  await db
    .insertInto('deployment')
    .values({
      id,
      at: micros(at) ?? 0,
      name: stored(name),
      version: text(version),
      link: text(link),
      who: text(who),
    })
    .execute();
  await sql`DELETE FROM deployment WHERE seq <= (SELECT max(seq) FROM deployment) - ${sql.lit(MAX_DEPLOYMENTS)}`.execute(
    db,
  );
}

export async function readDeployments(
  db: Kysely<HistorySchema>,
  { from, to, limit }: DeploymentQuery,
): Promise<DeploymentPage> {
  const within = db
    .selectFrom('deployment')
    .where('at', '>=', micros(from) ?? 0)
    .where('at', '<=', micros(to) ?? 0);
  const rows = await within.selectAll().orderBy('at', 'desc').orderBy('seq', 'desc').limit(limit).execute();
  const counted = await within.select(({ fn }) => fn.countAll<number>().as('all')).executeTakeFirst();
  return {
    deployments: rows.map(({ seq: _, at, ...row }) => ({ ...row, at: millis(at) ?? 0 })),
    total: Number(counted?.all ?? 0),
  };
}

import type { Deployment, DeploymentPage, DeploymentQuery } from '../core/deployment.js';
import { messageOf, SourceUnavailable } from '../core/errors.js';
import type { HistoryStore } from '../core/history-store.js';

/** Where nothing is stored, these are kept until the service ends. */
const KEPT = 1_000;

/** What people say they have deployed. Errors: SourceUnavailable where the history cannot be asked or written. */
export class DeploymentBook {
  readonly #store: HistoryStore | null;
  #kept: readonly Deployment[] = [];

  constructor(store: HistoryStore | null) {
    this.#store = store;
  }

  async add(deployment: Deployment): Promise<void> {
    if (this.#store === null) this.#kept = [...this.#kept, deployment].sort((a, b) => b.at - a.at).slice(0, KEPT);
    else await asked(this.#store.addDeployment(deployment));
  }

  async between(query: DeploymentQuery): Promise<DeploymentPage> {
    if (this.#store !== null) return asked(this.#store.deployments(query));
    const within = this.#kept.filter(({ at }) => at >= query.from && at <= query.to);
    return { deployments: within.slice(0, query.limit), total: within.length };
  }
}

async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw new SourceUnavailable(`the history is not available: ${messageOf(error)}`, {}, { cause: error });
  }
}

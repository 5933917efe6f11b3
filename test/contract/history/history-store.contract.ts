import { historyAnswersContract } from './history-answers.contract.js';
import { historyKeepingContract } from './history-keeping.contract.js';
import type { StoreUnderTest } from './history-records.js';
import { historySearchContract } from './history-search.contract.js';
import { historyStorageContract } from './history-storage.contract.js';

/** What every database of the history does. */
export function historyStoreContract(name: string, start: () => Promise<StoreUnderTest>): void {
  historyStorageContract(name, start);
  historySearchContract(name, start);
  historyKeepingContract(name, start);
  historyAnswersContract(name, start);
}

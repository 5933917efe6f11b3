import { type ApiToken, TokenStore } from './api-token.js';

/** Tokens that end with the process. */
export class MemoryTokenStore extends TokenStore {
  readonly #tokens = new Map<string, ApiToken>();

  override list(): readonly ApiToken[] {
    return [...this.#tokens.values()].reverse();
  }

  override find(id: string): ApiToken | null {
    return this.#tokens.get(id) ?? null;
  }

  override async add(token: ApiToken): Promise<void> {
    this.#tokens.set(token.id, token);
  }

  override async remove(id: string): Promise<ApiToken | null> {
    const token = this.#tokens.get(id) ?? null;
    this.#tokens.delete(id);
    return token;
  }
}

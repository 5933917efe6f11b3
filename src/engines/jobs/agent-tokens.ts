/** Tokens remembered, of agents and of strangers each. */
const MAX_TOKENS = 20_000;

/** Which agent runs jobs under which lock token, as far as reports and facts have told. */
export class AgentTokens {
  readonly #agents = new Map<string, string>();
  /** Tokens that no agent has named, by the monotonic time at which they were first seen. */
  readonly #strangers = new Map<string, number>();

  agentOf(token: string): string | undefined {
    return this.#agents.get(token);
  }

  /** An agent's report names its token. */
  reported(token: string, agentId: string): void {
    this.#agents.set(token, agentId);
    this.#strangers.delete(token);
  }

  /** An agent has told of a task that runs under this token. */
  learn(token: string, agentId: string): void {
    if (this.#agents.has(token)) return;
    if (this.#agents.size >= MAX_TOKENS) this.#agents.clear();
    this.reported(token, agentId);
  }

  /** How long a token that no agent has named is known, in milliseconds; 0 when it is first asked for. */
  strangerFor(token: string, now: number): number {
    const since = this.#strangers.get(token);
    if (since !== undefined) return now - since;
    if (this.#strangers.size >= MAX_TOKENS) this.#strangers.clear();
    this.#strangers.set(token, now);
    return 0;
  }

  forget(token: string, agentId: string): void {
    if (this.#agents.get(token) === agentId) this.#agents.delete(token);
  }
}

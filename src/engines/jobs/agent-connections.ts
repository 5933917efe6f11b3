/** Neither side names the other: for each agent the connection is taken that was opened nearest to the agent's own start. */
export function withoutAgents<C extends { readonly ageSeconds: number }>(
  connections: readonly C[],
  agents: readonly { readonly startedAt: number }[],
  at: number,
): readonly C[] {
  const left = [...connections];
  for (const { startedAt } of agents) {
    let nearest = 0;
    const distance = (connection: C | undefined): number =>
      connection ? Math.abs(at - connection.ageSeconds * 1000 - startedAt) : Number.POSITIVE_INFINITY;
    left.forEach((connection, index) => {
      if (distance(connection) < distance(left[nearest])) nearest = index;
    });
    left.splice(nearest, 1);
  }
  return left;
}

import type { FieldProblem } from '../../api/problem.js';

/** Shows where in the filter the service stopped understanding. */
export function FilterProblem({ filter, problem }: { readonly filter: string; readonly problem: FieldProblem }) {
  const { position, expected, found } = problem;
  return (
    <div className="filter-problem" role="alert">
      {position !== null && (
        <p className="mono" aria-hidden="true">
          {filter.slice(0, position)}
          <mark>{filter.slice(position, position + 1) || '\u00a0'}</mark>
          {filter.slice(position + 1)}
        </p>
      )}
      <p>
        Expected {expected}, found {found}
        {position === null ? '' : `, at character ${position + 1}`}.
      </p>
    </div>
  );
}

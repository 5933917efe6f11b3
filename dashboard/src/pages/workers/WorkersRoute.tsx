import { useParams, useSearchParams } from 'react-router';
import { WorkerPage } from './WorkerPage.js';
import { WorkersPage } from './WorkersPage.js';

/** `/workers` is the list, `/workers/{name}` one of them; `in` names the source where several have one of that name. */
export function WorkersRoute() {
  const { name } = useParams();
  const [parameters] = useSearchParams();
  if (name === undefined) return <WorkersPage />;
  const source = parameters.get('in') ?? parameters.get('source');
  return <WorkerPage key={`${source} ${name}`} name={name} source={source} />;
}

import { useParams, useSearchParams } from 'react-router';
import { QueuePage } from './QueuePage.js';
import { QueuesPage } from './QueuesPage.js';

/** `/queues` is the list, `/queues/{name}` one of them; `in` names the source where several have one of that name. */
export function QueuesRoute() {
  const { name } = useParams();
  const [parameters] = useSearchParams();
  if (name === undefined) return <QueuesPage />;
  const source = parameters.get('in') ?? parameters.get('source');
  return <QueuePage key={`${source} ${name}`} name={name} source={source} />;
}

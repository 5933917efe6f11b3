import { useQuery } from '@tanstack/react-query';
import { answered, client } from '../../api/client.js';
import { Answered } from '../../components/PageState.js';
import { Traceback } from '../../components/Traceback.js';

/** The traceback of one of the tasks of a cause, asked for when it is wanted. */
export function SampleTraceback({ id, source }: { readonly id: string; readonly source: string }) {
  const query = useQuery({
    queryKey: ['task', id, source],
    queryFn: ({ signal }) =>
      answered(client.GET('/api/v1/celery/tasks/{id}', { params: { path: { id }, query: { source } }, signal })),
  });
  return (
    <Answered query={query} rows={3}>
      {({ error, traceback }) =>
        error === null ? (
          <p className="nothing">The task has been run again since, and tells no error any more.</p>
        ) : (
          <Traceback error={error} traceback={traceback ?? null} />
        )
      }
    </Answered>
  );
}

import type { CommandReport } from '../api/model.js';
import { Badge } from './State.js';
import '../styles/page-head.css';

const OUTCOME = {
  done: { word: 'done', tone: 'success', icon: 'check' },
  accepted: { word: 'acknowledged, not yet seen in effect', tone: 'retry', icon: 'half' },
  refused: { word: 'refused', tone: 'failure', icon: 'cross' },
  unacknowledged: { word: 'nobody has answered', tone: 'unknown', icon: 'question' },
} as const satisfies Record<CommandReport['outcome'], object>;

type Answer = CommandReport['workers'][number];

/** What a command has come to, as a whole and by each worker that was told. */
export function CommandOutcome({ report }: { readonly report: CommandReport }) {
  return (
    <div>
      <p>
        <Badge {...OUTCOME[report.outcome]} />
      </p>
      <p>{report.message}</p>
      <ul className="answers" aria-label="Answers of the workers">
        {report.workers.map((answer) => (
          <li key={answer.worker}>
            <span>{answer.worker}</span>
            <Badge {...lookOf(answer)} />
            {answer.message !== null && <span className="hint">{answer.message}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}

function lookOf({ answer, in_effect }: Answer) {
  if (answer === 'refused') return OUTCOME.refused;
  if (in_effect) return { ...OUTCOME.done, word: 'in effect' };
  if (answer === 'silent') return { ...OUTCOME.unacknowledged, word: 'no answer' };
  return { ...OUTCOME.accepted, word: 'acknowledged' };
}

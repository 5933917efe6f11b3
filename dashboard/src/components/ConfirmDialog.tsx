import { type ReactNode, useId, useState } from 'react';
import { count } from '../format/numbers.js';
import { Dialog } from './Dialog.js';
import { Failed } from './PageState.js';

/** Above this a word must be typed. */
const TYPED_ABOVE = 100;

interface Props {
  /** Names the object and the number: "Terminate 14 tasks on w3@host?" */
  readonly title: string;
  /** What will happen, in a sentence or two. */
  readonly children?: ReactNode;
  /** What the button says; also the word to type where much is at stake. */
  readonly verb: string;
  /** How many things are hit. */
  readonly size?: number;
  /** The word must be typed however few are hit: what is lost here does not come back by itself. */
  readonly typed?: boolean;
  /** Harmless: the button is an ordinary one. */
  readonly calm?: boolean;
  /** Not yet: how much it would hit is still being counted. */
  readonly blocked?: boolean;
  /** Does it, and gives what there is to show of the outcome. */
  readonly act: () => Promise<ReactNode>;
  readonly onClose: () => void;
}

/** Asks, acts, and shows the outcome in the same place: nothing says "done" before there is proof. */
export function ConfirmDialog({
  title,
  children,
  verb,
  size = 1,
  typed: alwaysTyped = false,
  calm = false,
  blocked = false,
  act,
  onClose,
}: Props) {
  const [typed, setTyped] = useState('');
  const [phase, setPhase] = useState<'asking' | 'acting' | 'over'>('asking');
  const [outcome, setOutcome] = useState<ReactNode>(null);
  const field = useId();
  const word = verb.split(' ', 1)[0]?.toLowerCase() ?? '';
  const mustType = alwaysTyped || size > TYPED_ABOVE;
  const ready = phase === 'asking' && !blocked && (!mustType || typed.trim().toLowerCase() === word);

  const run = async () => {
    setPhase('acting');
    try {
      setOutcome(await act());
    } catch (error) {
      setOutcome(<Failed error={error instanceof Error ? error : new Error(String(error))} />);
    }
    setPhase('over');
  };

  return (
    <Dialog label={title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) void run();
        }}
      >
        <h2>{title}</h2>
        {phase !== 'over' && children}
        {phase === 'asking' && mustType && (
          <p>
            <label htmlFor={field}>
              {size > TYPED_ABOVE && <>This hits {count(size)}. </>}
              Type <strong>{word}</strong> to go on:
            </label>
            <input
              id={field}
              className="field"
              value={typed}
              autoComplete="off"
              onChange={(event) => setTyped(event.target.value)}
            />
          </p>
        )}
        <div aria-live="polite">{phase === 'over' && outcome}</div>
        <div className="dialog-actions">
          {phase === 'over' ? (
            <button type="button" className="button" onClick={onClose}>
              Close
            </button>
          ) : (
            <>
              <button type="button" className="button" onClick={onClose}>
                Cancel
              </button>
              <button type="submit" className={calm ? 'button' : 'button danger'} disabled={!ready}>
                {phase === 'acting' ? 'Waiting for answers …' : verb}
              </button>
            </>
          )}
        </div>
      </form>
    </Dialog>
  );
}

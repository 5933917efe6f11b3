import { type ReactNode, useId } from 'react';
import { useRefusal } from '../api/session.js';

interface Props {
  /** operationId of what it does, by which a token may be limited. */
  readonly operation: string;
  readonly className?: string;
  /** Where the face is no word. */
  readonly label?: string;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

/** Changes something. For a reader who may not it stays, disabled, and says why: on hover, and to screen readers when it has the focus. */
export function ActionButton(props: Props) {
  const { operation, className = 'button', label, onClick, children } = props;
  const refusal = useRefusal(operation);
  const reason = useId();
  return (
    <>
      <button
        type="button"
        className={className}
        aria-label={label}
        title={refusal ?? label}
        // Not `disabled`: what cannot get the focus cannot tell anybody why.
        aria-disabled={refusal !== null || undefined}
        aria-describedby={refusal === null ? undefined : reason}
        onClick={() => {
          if (refusal === null) onClick();
        }}
      >
        {children}
      </button>
      {refusal !== null && (
        <span id={reason} hidden>
          {refusal}
        </span>
      )}
    </>
  );
}

import { CopyButton } from '../../components/CopyButton.js';

/** What the task wrote down, as it comes: the newest first. */
export function Logs({ lines }: { readonly lines: readonly string[] }) {
  return (
    <section>
      <h3>
        Log, newest first
        <CopyButton text={lines.join('\n')} what="the log" />
      </h3>
      <pre className="traceback" tabIndex={0} role="region" aria-label="Log">
        {lines.join('\n')}
      </pre>
    </section>
  );
}

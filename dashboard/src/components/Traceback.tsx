import { CopyButton } from './CopyButton.js';

interface Props {
  readonly error: { readonly type: string; readonly message: string };
  readonly traceback: string | null;
}

/** What went wrong, and where: lines that name a place in somebody's own code stand out, those of libraries recede. */
export function Traceback({ error, traceback }: Props) {
  return (
    <section className="error-box">
      <h3>
        {error.type}
        <CopyButton text={traceback ?? `${error.type}: ${error.message}`} what="the error" />
      </h3>
      <p className="error-message">{error.message}</p>
      {traceback !== null && traceback !== '' && (
        <pre className="traceback" tabIndex={0} role="region" aria-label="Traceback">
          {traceback
            .trimEnd()
            .split('\n')
            .map((line, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines hold no state
              <span key={at} className={kindOf(line)}>
                {line}
                {'\n'}
              </span>
            ))}
        </pre>
      )}
    </section>
  );
}

function kindOf(line: string): string {
  const place = /^\s+(?:at .+:\d+|File ".+", line \d+)/.test(line);
  if (!place) return 'tb-text';
  return /node_modules|node:|site-packages|dist-packages|\/lib\/python/.test(line) ? 'tb-library' : 'tb-own';
}

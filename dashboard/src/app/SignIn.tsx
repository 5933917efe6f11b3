import { useId, useState } from 'react';
import { apiAddress } from '../api/client.js';
import { type Session, useSignIn } from '../api/session.js';

/** The only page for who has not signed in, where one has to. */
export function SignIn({ ways }: { readonly ways: Session['sign_in'] }) {
  const { signIn } = useSignIn();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [waiting, setWaiting] = useState(false);
  const fields = useId();

  const submit = async () => {
    setWaiting(true);
    setProblem(null);
    try {
      await signIn(name, password);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setWaiting(false);
    }
  };
  const next = encodeURIComponent(window.location.pathname + window.location.search);
  return (
    <main className="sign-in">
      <h1>Taskscope</h1>
      {ways.oidc_path !== null && (
        <a className="button" href={`${apiAddress('/session/oidc')}?next=${next}`}>
          {ways.oidc_label ?? 'Sign in'}
        </a>
      )}
      {ways.password && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <label htmlFor={`${fields}-name`}>Name</label>
          <input
            id={`${fields}-name`}
            className="field"
            autoComplete="username"
            required
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <label htmlFor={`${fields}-password`}>Password</label>
          <input
            id={`${fields}-password`}
            className="field"
            type="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
          {problem !== null && (
            <p className="bad" role="alert">
              {problem}
            </p>
          )}
          <button type="submit" className="button" disabled={waiting}>
            {waiting ? 'Signing in …' : 'Sign in'}
          </button>
        </form>
      )}
      {!ways.password && ways.oidc_path === null && <p>Nobody can sign in by this page: send an API token instead.</p>}
    </main>
  );
}

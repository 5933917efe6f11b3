import { useSession } from '../api/session.js';

/** What everybody who looks should know about how the service was started. */
export function Warnings() {
  const { data } = useSession();
  if (data?.insecure !== true) return null;
  return (
    <p className="stale" role="note">
      Anybody who reaches this address may use it: the service was started with <code>--insecure</code>.
    </p>
  );
}

/** Something that cannot be known, with the reason on hover: never a zero, never a blank. */
export function Unknown({ why, word = 'unknown' }: { readonly why: string; readonly word?: string }) {
  return (
    <span className="unknown" title={why}>
      {word}
    </span>
  );
}

/** A fenced block of a Markdown file. */
export interface CodeBlock {
  /** Everything after the fence: the language, and words of ours such as `runs`. */
  readonly info: string;
  readonly text: string;
}

export function codeBlocks(markdown: string): readonly CodeBlock[] {
  return [...markdown.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(([, info = '', text = '']) => ({ info, text }));
}

/** What crosses to the child process: the job as JSON, with Bull's own few functions put back. */
interface ReportJob {
  readonly data: { readonly pages: number };
  progress(percent: number): Promise<void>;
}

/**
 * Runs in a child process of its own (a sandboxed processor), so it may block as long as it likes: Bull renews the lock in the parent.
 * The file is CommonJS because Bull's child loads it with require().
 */
async function renderReport(job: ReportJob): Promise<{ readonly pages: number; readonly characters: number }> {
  const { pages } = job.data;
  if (pages > 60) throw new RangeError(`a report has at most 60 pages, not ${pages}`);
  let characters = 0;
  for (let page = 1; page <= pages; page += 1) {
    characters += layOut(page);
    await job.progress(Math.round((page / pages) * 100));
  }
  return { pages, characters };
}

/** Justifies a made-up text for a few milliseconds. */
function layOut(page: number): number {
  const words = Array.from({ length: 4_000 }, (_, place) => 'x'.repeat(1 + ((place * page) % 11)));
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line.length + word.length < 80) line = `${line} ${word}`;
    else {
      lines.push(line.padEnd(80));
      line = word;
    }
  }
  return lines.join('\n').length;
}

export = renderReport;

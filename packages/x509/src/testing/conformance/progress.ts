// What is going on, on standard error, where a person is watching.

/** Called once for each case that is done. */
export type OnCase = () => void;

/** Shows `label done/total` until all are done; nothing where standard error is no terminal. */
export function showProgress(label: string, total: number): OnCase {
  if (!process.stderr.isTTY) return () => {};
  let done = 0;
  let shown = 0;
  return () => {
    done++;
    const now = Date.now();
    if (done < total && now - shown < REFRESH_MS) return;
    shown = now;
    process.stderr.write(done < total ? `\r\x1b[K${label} ${done}/${total}` : '\r\x1b[K');
  };
}

const REFRESH_MS = 100;

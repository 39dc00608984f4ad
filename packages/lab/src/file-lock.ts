/** A lock between processes that the kernel releases when its holder dies, however it dies (flock(1), on every Debian). */
import { spawn } from 'node:child_process';

/** `action` ran while no other holder of `path` did. @throws when the lock is not free within `deadlineMs`. */
export async function withFileLock<T>(path: string, deadlineMs: number, action: () => Promise<T>): Promise<T> {
  const release = await acquire(path, deadlineMs);
  try {
    return await action();
  } finally {
    await release();
  }
}

// The holder is a `cat` under flock: it ends, and with it the lock, as soon as our end of its standard input closes.
function acquire(path: string, deadlineMs: number): Promise<() => Promise<void>> {
  const seconds = String(Math.ceil(deadlineMs / 1000));
  const holder = spawn('flock', ['-w', seconds, path, 'sh', '-c', 'echo locked; exec cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  return new Promise((resolve, reject) => {
    const ended = new Promise<void>((done) => holder.on('close', () => done()));
    holder.on('error', (cause) => reject(new Error(`flock cannot be started for ${path}`, { cause })));
    holder.on('close', () => reject(new Error(`${path} stayed locked by another process for ${seconds} s`)));
    holder.stdout.once('data', () =>
      resolve(async () => {
        holder.stdin.end();
        await ended;
      }),
    );
  });
}

// The secret by which the identity provider knows the service: a file of its own, that nobody else may read.
import { open } from 'node:fs/promises';
import type { LoginConfig } from '../config.ts';
import { ConfigError } from '../errors.ts';

const OTHERS = 0o077;
const MAX_SECRET_BYTES = 4096;

/** @throws ConfigError `file-unreadable`, which never quotes what is in it */
export async function readLoginSecret({ clientSecretFile: file }: LoginConfig): Promise<string> {
  const handle = await open(file, 'r').catch((cause: unknown) => {
    throw new ConfigError('file-unreadable', `${file} cannot be read: put the client secret of the login there.`, {
      cause,
    });
  });
  try {
    const { mode, size } = await handle.stat();
    if ((mode & OTHERS) !== 0) {
      throw new ConfigError('file-unreadable', `Others can read the client secret ${file}: run "chmod 600 ${file}".`);
    }
    const secret = size > MAX_SECRET_BYTES ? '' : (await handle.readFile('utf8')).trim();
    if (secret !== '') return secret;
    throw new ConfigError('file-unreadable', `${file} is no client secret: put it there, alone, as one line.`);
  } finally {
    await handle.close();
  }
}

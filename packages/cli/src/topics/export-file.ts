import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { CliError } from '../cli-error.js';

/** A file that takes one JSON object a line; readable by its owner alone. */
export interface ExportFile {
  write(object: object): Promise<void>;
  /** all of it is on its way to the disk */
  close(): Promise<void>;
}

/** Opens a new file. Throws EXPORT_EXISTS rather than replace one, EXPORT_FAILED for what else the system says. */
export async function openExport(path: string): Promise<ExportFile> {
  const stream = createWriteStream(path, { flags: 'wx', mode: 0o600 });
  let failure: Error | undefined;
  stream.on('error', (error) => (failure = error));
  try {
    await once(stream, 'open');
  } catch (error) {
    throw refused(path, error as NodeJS.ErrnoException);
  }
  return {
    async write(object) {
      if (failure) throw refused(path, failure);
      if (!stream.write(`${JSON.stringify(object)}\n`))
        await Promise.race([once(stream, 'drain'), once(stream, 'close')]);
    },
    async close() {
      stream.end();
      try {
        await finished(stream);
      } catch (error) {
        throw refused(path, error as NodeJS.ErrnoException);
      }
    },
  };
}

function refused(path: string, error: NodeJS.ErrnoException): CliError {
  if (error.code === 'EEXIST') {
    return new CliError('EXPORT_EXISTS', `${path} is there already; give another name, or remove it first.`);
  }
  return new CliError('EXPORT_FAILED', `${path}: ${error.message}; the export is not whole.`);
}

import { createReadStream, mkdirSync } from 'node:fs';
import { open, truncate, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';

interface Waiting {
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * An append-only file of JSON lines. `append` resolves once the line is on disk; lines that come while a sync runs share
 * the next one, so a busy file costs one sync per group and not per line.
 */
export class DurableLog {
  private waiting: Waiting[] = [];
  private writing: Promise<void> | undefined;

  private constructor(private readonly handle: FileHandle) {}

  /** Opens the file for appending after giving each complete line to `replay`; half a line at its end is cut off. */
  static async open(path: string, replay: (line: unknown) => void): Promise<DurableLog> {
    mkdirSync(dirname(path), { recursive: true });
    const handle = await open(path, 'a', 0o600);
    await truncate(path, await replayLines(path, replay));
    return new DurableLog(handle);
  }

  append(entry: object): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ line: `${JSON.stringify(entry)}\n`, resolve, reject });
      this.writing ??= this.write();
    });
  }

  async close(): Promise<void> {
    while (this.writing) await this.writing;
    await this.handle.close();
  }

  private async write(): Promise<void> {
    // What arrives in this turn of the event loop shares the first sync.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.waiting.length > 0) {
      const group = this.waiting.splice(0);
      try {
        await this.handle.appendFile(group.map(({ line }) => line).join(''));
        await this.handle.datasync();
        for (const { resolve } of group) resolve();
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.writing = undefined;
  }
}

/** The length of the file up to the last complete line. A kill in the middle of a write leaves half of one. */
async function replayLines(path: string, replay: (line: unknown) => void): Promise<number> {
  let length = 0;
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    try {
      replay(JSON.parse(line));
    } catch {
      return length;
    }
    length += Buffer.byteLength(line) + 1;
  }
  return length;
}

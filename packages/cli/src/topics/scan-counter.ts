import type { Scanned } from '@towpath/kafka/inspect';
import type { Context } from '../context.js';

const REDRAW_MS = 200;
const CLEAR = '\r\u001B[K';

/** Says on standard error how much a read has gone through: live where a person looks, and once at the end. */
export class ScanCounter {
  readonly scanned: Scanned = { records: 0, bytes: 0 };
  matches = 0;
  private readonly timer: NodeJS.Timeout | undefined;

  constructor(private readonly context: Context) {
    if (context.json || !process.stderr.isTTY) return;
    this.timer = setInterval(() => process.stderr.write(`${CLEAR}${this.text()}`), REDRAW_MS);
  }

  /** A record that is about to be shown. */
  match(): void {
    this.matches += 1;
    if (this.timer) process.stderr.write(CLEAR);
  }

  end(remark = ''): void {
    clearInterval(this.timer);
    if (this.timer) process.stderr.write(CLEAR);
    this.context.note(`${this.text()}${remark}`);
  }

  private text(): string {
    const { records, bytes } = this.scanned;
    return `scanned ${records} records, ${sizeText(bytes)}; ${this.matches} ${this.matches === 1 ? 'match' : 'matches'}`;
  }
}

/** Bytes as people write them: `512 B`, `1.5 KiB`, `12.0 MiB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}

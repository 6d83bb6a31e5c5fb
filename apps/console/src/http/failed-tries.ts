import { Injectable } from '@nestjs/common';

const WINDOW_MS = 60_000;
const TRIES_MAX = 30;
/** Addresses remembered; the one that was seen first is forgotten first. */
const ADDRESSES_MAX = 1_000;

/** Wrong tokens by address: more than 30 in a minute have to wait for the next. */
@Injectable()
export class FailedTries {
  private readonly windows = new Map<string, { readonly endsAt: number; count: number }>();

  /** Seconds that an address has to wait; 0 when it may try. `now` in milliseconds since the epoch. */
  waitSeconds(address: string, now: number): number {
    const window = this.windows.get(address);
    if (!window || window.endsAt <= now || window.count < TRIES_MAX) return 0;
    return Math.ceil((window.endsAt - now) / 1_000);
  }

  /** Lets an address try again at once. */
  forget(address: string): void {
    this.windows.delete(address);
  }

  failed(address: string, now: number): void {
    const window = this.windows.get(address);
    if (window && window.endsAt > now) {
      window.count += 1;
      return;
    }
    this.windows.delete(address);
    this.windows.set(address, { endsAt: now + WINDOW_MS, count: 1 });
    const [oldest] = this.windows.keys();
    if (this.windows.size > ADDRESSES_MAX && oldest !== undefined) this.windows.delete(oldest);
  }
}

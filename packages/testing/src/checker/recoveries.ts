import { Findings, type Verdict } from './evidence.js';

/** G8: progress within 5 s of a restarted process being ready. */
export const RECOVERY_MS_MAX = 5_000;

/** How long it took after one blow until everything that it concerns went on. */
export interface Recovery {
  /** what was done, for example `SIGKILL triage` */
  readonly blow: string;
  /** from "it is there again" to progress; undefined when none was seen */
  readonly ms: number | undefined;
  readonly msMax: number;
}

/** I8: after each blow there is progress in time. */
export class Recoveries {
  private readonly seen: Recovery[] = [];

  /** `blows`: what they are called together, for people */
  constructor(private readonly blows: string) {}

  add(recovery: Recovery): void {
    this.seen.push(recovery);
  }

  /** How often each blow fell and the longest recovery after it, in the order of their first. */
  byBlow(): Record<string, { times: number; msMax: number | null }> {
    const blows: Record<string, { times: number; msMax: number | null }> = {};
    for (const { blow, ms } of this.seen) {
      const known = (blows[blow] ??= { times: 0, msMax: 0 });
      known.times += 1;
      known.msMax = ms === undefined || known.msMax === null ? null : Math.max(known.msMax, ms);
    }
    return blows;
  }

  /** The longest of all that were seen to end; 0 when there is none. */
  msMax(): number {
    return Math.max(0, ...this.seen.map(({ ms }) => ms ?? 0));
  }

  /** How many came, but later than allowed. */
  late(): number {
    return this.seen.filter(({ ms, msMax }) => ms !== undefined && ms > msMax).length;
  }

  verdict(): Verdict {
    const findings = new Findings(`I8 there is progress in time after each ${this.blows}`);
    for (const { blow, ms, msMax } of this.seen) {
      const was = ms === undefined ? 'no progress' : `progress after ${ms} ms`;
      findings.check(ms !== undefined && ms <= msMax, () => `${blow}: ${was}, allowed ${msMax} ms`);
    }
    return findings.verdict();
  }
}

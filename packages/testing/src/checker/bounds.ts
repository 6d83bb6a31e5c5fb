import { Findings, type Verdict } from './evidence.js';

interface Highest {
  readonly value: number;
  readonly max: number;
}

/** I7: what must stay bounded, by name, with the highest value that was sampled; all in base units. */
export class Bounds {
  private readonly highest = new Map<string, Highest>();

  sample(name: string, value: number, max: number): void {
    if (value > (this.highest.get(name)?.value ?? -1)) this.highest.set(name, { value, max });
  }

  /** The highest of all names that end so; 0 when there is none. */
  highestOf(ending: string): number {
    const values = [...this.highest].filter(([name]) => name.endsWith(ending)).map(([, { value }]) => value);
    return Math.max(0, ...values);
  }

  verdict(): Verdict {
    const findings = new Findings('I7 memory, files and WAL stay bounded');
    // Nothing sampled is nothing known.
    findings.check(this.highest.size > 0, () => 'nothing was sampled');
    for (const [name, { value, max }] of this.highest) {
      findings.check(value <= max, () => `${name} was ${value}, allowed ${max}`);
    }
    return findings.verdict();
  }
}

import { mayPublish, takeLease, type HeldLease } from '../../apps/cdc/src/lease.decider.js';
import { hold } from './simulate.js';

/** A process of the relay, as far as the lease goes. */
interface Process {
  /** names this run; another after a restart */
  name: string;
  epoch: bigint;
  /** when it asked for its last successful renewal; undefined: it holds nothing */
  askedAt: number | undefined;
  /** given by the brokers when it connected; only the latest is let in */
  fence: number | undefined;
  /** stopped: its clock goes on, it does nothing */
  stopped: boolean;
  /** requests that left it and have not reached a broker */
  onTheirWay: { epoch: bigint; fence: number }[];
  /** whether it has been allowed to send and has not done so yet */
  permitted: boolean;
}

export type LeaseStep =
  | { readonly kind: 'pass'; readonly ms: number }
  | {
      readonly kind: 'take' | 'renew' | 'connect' | 'ask' | 'send' | 'stop' | 'continue' | 'kill';
      readonly who: number;
    }
  /** everything from connecting to the arrival without a pause */
  | { readonly kind: 'publish'; readonly who: number }
  | { readonly kind: 'land'; readonly who: number; readonly which: number };

/**
 * Relays, the row of the lease and the brokers' fence under one virtual clock. Between any two steps of a process others
 * act and time passes; requests land late, in any order.
 */
export class LeaseModel {
  private now = 0;
  private starts = 0;
  private lease: { holder: string; epoch: bigint; renewedAt: number } | undefined;
  private lastFence = 0;
  private landedEpoch = 0n;
  private readonly processes: Process[];

  constructor(count: number) {
    this.processes = Array.from({ length: count }, () => this.started());
  }

  step(step: LeaseStep): void {
    if (step.kind === 'pass') {
      this.now += step.ms;
      return;
    }
    const process = this.processes[step.who % this.processes.length]!;
    if (step.kind === 'land') return this.land(process, step.which);
    if (step.kind === 'kill') return this.kill(process);
    if (step.kind === 'continue') process.stopped = false;
    if (step.kind === 'stop') process.stopped = true;
    if (process.stopped || step.kind === 'continue') return;
    if (step.kind === 'publish') this.publish(process);
    else this.act(process, step.kind);
  }

  /** Whatever happened before: running relays that keep trying come to have one that publishes, in bounded time. */
  expectTakeover(msMax: number): void {
    for (const process of this.processes) process.stopped = false;
    for (const until = this.now + msMax; this.now <= until; this.now += 500) {
      for (const process of this.processes) {
        if (process.askedAt === undefined) this.act(process, 'take');
        for (const kind of ['renew', 'connect', 'ask', 'send'] as const) this.act(process, kind);
        if (process.onTheirWay.some(({ fence }) => fence === this.lastFence)) return;
      }
    }
    hold(false, `within ${msMax} ms a running relay publishes`);
  }

  private act(process: Process, kind: LeaseStep['kind']): void {
    if (kind === 'take') this.take(process);
    else if (process.askedAt === undefined) return;
    else if (kind === 'renew') this.renew(process);
    else if (kind === 'connect' && this.allows(process)) process.fence = ++this.lastFence;
    else if (kind === 'ask') process.permitted = this.allows(process);
    else if (kind === 'send' && process.permitted && process.fence !== undefined) {
      process.permitted = false;
      process.onTheirWay.push({ epoch: process.epoch, fence: process.fence });
    }
  }

  private publish(process: Process): void {
    for (const kind of ['connect', 'ask', 'send'] as const) this.act(process, kind);
    this.land(process, process.onTheirWay.length - 1);
  }

  private take(process: Process): void {
    const found: HeldLease | undefined = this.lease && { ...this.lease, ageMs: this.now - this.lease.renewedAt };
    const epoch = takeLease(found, process.name);
    if (epoch === undefined) return;
    hold(epoch > (this.lease?.epoch ?? 0n), 'every holder has a higher epoch than the one before');
    this.lease = { holder: process.name, epoch, renewedAt: this.now };
    Object.assign(process, { epoch, askedAt: this.now, fence: undefined, permitted: false });
  }

  private renew(process: Process): void {
    const held = this.lease?.holder === process.name && this.lease.epoch === process.epoch;
    if (held) this.lease!.renewedAt = process.askedAt = this.now;
    else Object.assign(process, { askedAt: undefined, fence: undefined, permitted: false });
  }

  private allows({ askedAt }: Process): boolean {
    return askedAt !== undefined && mayPublish(this.now - askedAt);
  }

  private land(process: Process, which: number): void {
    const [request] = process.onTheirWay.splice(Math.max(0, which) % Math.max(1, process.onTheirWay.length), 1);
    // The brokers refuse who is no longer the last to have connected.
    if (!request || request.fence !== this.lastFence) return;
    hold(request.epoch >= this.landedEpoch, 'nothing of an earlier holder lands after a later one has sent');
    this.landedEpoch = request.epoch;
  }

  /** What it had sent may still land. */
  private kill(process: Process): void {
    Object.assign(process, { ...this.started(), onTheirWay: process.onTheirWay });
  }

  private started(): Process {
    const none = { epoch: 0n, askedAt: undefined, fence: undefined, stopped: false, permitted: false };
    return { name: `relay-${++this.starts}`, ...none, onTheirWay: [] };
  }
}

import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const LOOK_MS = 10_000;
/** An idle service is awake for about one percent of the time. */
const IDLE_SHARE_MAX = 0.03;

export interface IdleMemoryOptions {
  /** share of the time since the last question in which the event loop was awake, 0 to 1 */
  readonly awake: () => number;
  /** gives back what is not needed */
  readonly collect: () => void;
}

/**
 * Node keeps the room that starting, or a busy minute, took for young objects: about 30 MiB a service, for ever. This gives it back
 * once the service has been idle for two looks in a row, and then not again before it has worked.
 */
export class IdleMemory {
  private isDirty = true;
  private idleLooks = 0;

  constructor(private readonly options: IdleMemoryOptions = { awake: awakeSinceAsked(), collect: collector() }) {}

  start(): void {
    setInterval(() => this.look(), LOOK_MS).unref();
  }

  look(): void {
    if (this.options.awake() > IDLE_SHARE_MAX) {
      this.isDirty = true;
      this.idleLooks = 0;
      return;
    }
    this.idleLooks += 1;
    if (!this.isDirty || this.idleLooks < 2) return;
    this.isDirty = false;
    this.options.collect();
  }
}

function awakeSinceAsked(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}

/** Only a collection of V8's last resort also makes the room for young objects small again; it takes some 50 ms. */
export function collector(): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as NonNullable<typeof globalThis.gc>;
  return () => {
    const options = { type: 'major', execution: 'sync', flavor: 'last-resort' } as const;
    collect(options);
  };
}

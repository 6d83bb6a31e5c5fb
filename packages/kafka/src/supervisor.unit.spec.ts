import { KafkaError } from './kafka-error.js';
import type { Logger } from './record.js';
import { Supervisor, type Clock, type SupervisedMember, type SupervisorOptions } from './supervisor.js';

describe('supervisor', () => {
  it('replaces a failed consumer by a new one', async () => {
    const world = new World();
    const supervisor = world.supervise();
    await supervisor.start();
    world.newest().fail(new SyntaxError('handler'));
    expect(supervisor.state()).toBe('rebuilding');
    await world.pass(1_000);
    expect(supervisor.state()).toBe('running');
    expect(world.members).toHaveLength(2);
    expect(world.members[0]?.stopped).toBe(true);
  });

  it('gives up after the budget of failures without progress, once', async () => {
    const world = new World();
    const supervisor = world.supervise({ failuresMax: 3 });
    await supervisor.start();
    for (let failure = 0; failure < 4; failure += 1) {
      world.newest().fail(new Error('again'));
      await world.pass(5_000);
    }
    expect(world.fatal.map(({ message }) => message)).toEqual([expect.stringContaining('REBUILD_BUDGET_SPENT')]);
    expect(supervisor.state()).toBe('stopped');
    expect(world.members).toHaveLength(4);
  });

  it('starts the budget anew after something was handled', async () => {
    const world = new World();
    const supervisor = world.supervise({ failuresMax: 2 });
    await supervisor.start();
    for (let failure = 0; failure < 10; failure += 1) {
      world.newest().handledAt = world.clock.now() + 1;
      await world.pass(10);
      world.newest().fail(new Error('now and then'));
      await world.pass(5_000);
    }
    expect(world.fatal).toEqual([]);
    expect(supervisor.state()).toBe('running');
  });

  it('waits for an unreachable broker for as long as it takes, at most 2 s between two tries', async () => {
    const world = new World();
    const unreachable = Object.assign(new Error('refused'), { name: 'KafkaJSConnectionError' });
    world.startFails = new KafkaError('BROKER_UNAVAILABLE', 'no broker', { cause: unreachable });
    const supervisor = world.supervise({ failuresMax: 2 });
    await supervisor.start();
    await world.pass(60_000);
    expect(world.fatal).toEqual([]);
    world.startFails = undefined;
    await world.pass(2_000);
    expect(supervisor.state()).toBe('running');
  });

  it('replaces a consumer that stalls without failing', async () => {
    const world = new World();
    const supervisor = world.supervise();
    await supervisor.start();
    world.newest().stall = new KafkaError('CONSUMER_STALLED', 'nothing fetched');
    await world.pass(3_000);
    expect(world.members).toHaveLength(2);
    expect(supervisor.state()).toBe('running');
  });

  it('stops within the deadline although the consumer hangs', async () => {
    const world = new World();
    const supervisor = world.supervise({ stopDeadlineMs: 500 });
    await supervisor.start();
    world.newest().hangs = true;
    let stopped = false;
    void supervisor.stop().then(() => (stopped = true));
    await world.pass(400);
    expect(stopped).toBe(false);
    await world.pass(200);
    expect(stopped).toBe(true);
  });

  it('stays stopped when it is stopped during a rebuild', async () => {
    const world = new World();
    const supervisor = world.supervise();
    await supervisor.start();
    world.newest().fail(new Error('x'));
    await supervisor.stop();
    await world.pass(10_000);
    expect(world.members).toHaveLength(1);
    expect(supervisor.state()).toBe('stopped');
  });

  it('ignores what a replaced consumer still reports', async () => {
    const world = new World();
    const supervisor = world.supervise();
    await supervisor.start();
    const first = world.newest();
    first.fail(new Error('x'));
    await world.pass(1_000);
    first.fail(new Error('late'));
    await world.pass(1_000);
    expect(world.members).toHaveLength(2);
  });
});

const silent: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

class World {
  readonly clock = new VirtualClock();
  readonly members: FakeMember[] = [];
  readonly fatal: Error[] = [];
  startFails: Error | undefined;

  supervise(options: Partial<SupervisorOptions> = {}): Supervisor {
    return new Supervisor({
      create: (onFailure) => {
        const member = new FakeMember(onFailure, this.startFails);
        this.members.push(member);
        return member;
      },
      onFatal: (error) => this.fatal.push(error),
      logger: silent,
      clock: this.clock,
      ...options,
    });
  }

  newest(): FakeMember {
    const member = this.members.at(-1);
    if (!member) throw new Error('no member was made');
    return member;
  }

  async pass(milliseconds: number): Promise<void> {
    await this.clock.pass(milliseconds);
  }
}

class FakeMember implements SupervisedMember {
  stopped = false;
  hangs = false;
  handledAt = 0;
  stall: Error | undefined;

  constructor(
    readonly fail: (error: Error) => void,
    private readonly startFails: Error | undefined,
  ) {}

  start(): Promise<void> {
    return this.startFails ? Promise.reject(this.startFails) : Promise.resolve();
  }

  stop(): Promise<void> {
    this.stopped = true;
    return this.hangs ? new Promise(() => undefined) : Promise.resolve();
  }

  assigned = (): number => 1;
  lagSeconds = (): number => 0;
  progressAt = (): number => this.handledAt;
  stalled = (): Error | undefined => this.stall;
}

/** Time that passes only when a spec says so; promises settle between timers. */
class VirtualClock implements Clock {
  private time = 1_000;
  private timers: { at: number; work: () => void }[] = [];

  now(): number {
    return this.time;
  }

  setTimeout(work: () => void, milliseconds: number): unknown {
    const timer = { at: this.time + milliseconds, work };
    this.timers.push(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.timers = this.timers.filter((candidate) => candidate !== timer);
  }

  async pass(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds;
    await settle();
    for (let next = this.due(end); next; next = this.due(end)) {
      this.time = next.at;
      this.clearTimeout(next);
      next.work();
      await settle();
    }
    this.time = end;
  }

  private due(end: number): { at: number; work: () => void } | undefined {
    return this.timers.filter(({ at }) => at <= end).sort((one, other) => one.at - other.at)[0];
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

import { jest } from '@jest/globals';
import { DueLoop } from './due-loop.js';

/** Notes when it is woken, in milliseconds since its start. */
class NotingLoop extends DueLoop {
  readonly fired: number[] = [];
  readonly failures: unknown[] = [];
  private readonly startedAt = Date.now();

  constructor(private readonly next: () => Promise<number | undefined>) {
    super();
  }

  protected async fire(): Promise<number | undefined> {
    this.fired.push(Date.now() - this.startedAt);
    return this.next();
  }

  protected failed(error: unknown): void {
    this.failures.push(error);
  }
}

describe('a loop that does what is due', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('looks every 5 s when nothing is due, or its next is far off', async () => {
    for (const next of [undefined, 3_600_000]) {
      const loop = new NotingLoop(async () => next);
      loop.start();
      await jest.advanceTimersByTimeAsync(15_500);
      await loop.stop();
      expect(loop.fired).toEqual([0, 5_000, 10_000, 15_000]);
    }
  });

  it('wakes when it knows of something, and at once when it is told', async () => {
    const loop: NotingLoop = new NotingLoop(async () => (loop.fired.length === 1 ? 700 : undefined));
    loop.start();
    await jest.advanceTimersByTimeAsync(1_000);
    loop.expect(new Date());
    loop.expect(new Date(Date.now() + 3_000));
    await jest.advanceTimersByTimeAsync(2_900);
    await loop.stop();
    expect(loop.fired).toEqual([0, 700, 1_000]);
  });

  it('does not forget what it is told of while it is at work', async () => {
    let done = (_next?: number): void => undefined;
    const loop = new NotingLoop(() => new Promise((resolve) => (done = resolve)));
    loop.start();
    await jest.advanceTimersByTimeAsync(1);
    loop.expect(new Date());
    await jest.advanceTimersByTimeAsync(100);
    expect(loop.fired).toHaveLength(1);
    done();
    await jest.advanceTimersByTimeAsync(1);
    expect(loop.fired).toHaveLength(2);
    done();
    await loop.stop();
  });

  it('rests for a second after a failure, whoever asks for it', async () => {
    const loop = new NotingLoop(async () => {
      throw new Error('away');
    });
    loop.start();
    await jest.advanceTimersByTimeAsync(100);
    for (let n = 0; n < 8; n += 1) {
      loop.expect(new Date());
      await jest.advanceTimersByTimeAsync(100);
    }
    await jest.advanceTimersByTimeAsync(1_500);
    await loop.stop();
    expect(loop.fired).toEqual([0, 1_000, 2_000]);
    expect(loop.failures).toHaveLength(3);
  });
});

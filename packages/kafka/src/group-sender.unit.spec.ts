import { GroupSender, type GroupSenderOptions, type Transport } from './group-sender.js';
import type { OutboundRecord } from './record.js';

describe('group send', () => {
  it('puts everything that waits into the next request, one in flight, in order', async () => {
    const transport = new FakeTransport();
    const sender = senderWith(transport);
    const sends = [sender.send([record('a')]), sender.send([record('b')])];
    await transport.requestsReach(1);
    sends.push(sender.send([record('c')]), sender.send([record('d'), record('e')]));
    await nextTurn();
    expect(transport.requests).toEqual([['a', 'b']]);
    transport.answer();
    await transport.requestsReach(2);
    transport.answer();
    await Promise.all(sends);
    expect(transport.requests).toEqual([
      ['a', 'b'],
      ['c', 'd', 'e'],
    ]);
    expect(sender.pending()).toBe(0);
  });

  it('says that the outcome is unknown, gives the producer up, and lets nothing overtake', async () => {
    const transport = new FakeTransport();
    const sender = senderWith(transport);
    const first = codeOf(sender.send([record('a')]));
    await transport.requestsReach(1);
    const second = codeOf(sender.send([record('b')]));
    transport.answer(new Error('connection closed'));
    expect(await first).toBe('SEND_OUTCOME_UNKNOWN');
    expect(await second).toBe('SEND_NOT_ATTEMPTED');
    expect(transport.abandoned).toBe(1);
    expect(transport.requests).toEqual([['a']]);
  });

  it('sends again on a new producer after a failure', async () => {
    const transport = new FakeTransport();
    const sender = senderWith(transport);
    const first = codeOf(sender.send([record('a')]));
    await transport.requestsReach(1);
    transport.answer(new Error('connection closed'));
    await first;
    const second = sender.send([record('a')]);
    await transport.requestsReach(2);
    transport.answer();
    await expect(second).resolves.toBeUndefined();
    expect(transport.connects).toBe(2);
  });

  it('refuses what exceeds the bound instead of growing', async () => {
    const transport = new FakeTransport();
    const sender = senderWith(transport, { pendingRecordsMax: 2 });
    const accepted = sender.send([record('a'), record('b')]);
    expect(await codeOf(sender.send([record('c')]))).toBe('BACKPRESSURE');
    await transport.requestsReach(1);
    transport.answer();
    await accepted;
    expect(sender.pending()).toBe(0);
  });

  it("fails only the call whose record the broker refuses, not its neighbours' calls", async () => {
    const transport = new FakeTransport({ refuses: 'bad' });
    const sender = senderWith(transport);
    const outcomes = [
      codeOf(sender.send([record('a')])),
      codeOf(sender.send([record('bad')])),
      codeOf(sender.send([record('b')])),
    ];
    transport.answerAll = true;
    transport.answer();
    expect(await Promise.all(outcomes)).toEqual(['sent', 'SEND_REFUSED', 'sent']);
  });

  it('ends an attempt that nobody answers', async () => {
    const transport = new FakeTransport();
    const sender = senderWith(transport, { deadlineMs: 5 });
    expect(await codeOf(sender.send([record('a')]))).toBe('SEND_OUTCOME_UNKNOWN');
    expect(transport.abandoned).toBe(1);
  });

  it('keeps a request below the size a topic takes', async () => {
    const transport = new FakeTransport();
    transport.answerAll = true;
    const sender = senderWith(transport);
    await sender.send(['a', 'b', 'c'].map((value) => record(value, 120_000)));
    expect(transport.requests).toEqual([['a'], ['b'], ['c']]);
  });

  it('refuses a record no topic takes, and anything after close', async () => {
    const sender = senderWith(new FakeTransport());
    expect(await codeOf(sender.send([record('a', 2_000_000)]))).toBe('RECORD_TOO_LARGE');
    await sender.close();
    expect(await codeOf(sender.send([record('a')]))).toBe('CLOSED');
  });
});

class FakeTransport implements Transport {
  requests: string[][] = [];
  abandoned = 0;
  connects = 0;
  answerAll = false;
  private connected = false;
  private settle: ((error?: Error) => void) | undefined;

  constructor(private readonly options: { refuses?: string } = {}) {}

  connect(): Promise<void> {
    if (!this.connected) this.connects += 1;
    this.connected = true;
    return Promise.resolve();
  }

  send(records: OutboundRecord[]): Promise<void> {
    const keys = records.map(({ key }) => key);
    this.requests.push(keys);
    if (this.options.refuses && keys.includes(this.options.refuses)) return Promise.reject(new Error('refused'));
    if (this.answerAll) return Promise.resolve();
    return new Promise((resolve, reject) => (this.settle = (error) => (error ? reject(error) : resolve())));
  }

  isRefusal(error: unknown): boolean {
    return error instanceof Error && error.message === 'refused';
  }

  abandon(): void {
    this.abandoned += 1;
    this.connected = false;
  }

  answer(error?: Error): void {
    this.settle?.(error);
  }

  async requestsReach(count: number): Promise<void> {
    while (this.requests.length < count) await nextTurn();
  }
}

function senderWith(transport: Transport, options: Partial<GroupSenderOptions> = {}): GroupSender {
  return new GroupSender({
    transport,
    pendingRecordsMax: 100,
    pendingBytesMax: 10_000_000,
    deadlineMs: 1_000,
    ...options,
  });
}

function record(key: string, bytes = 1): OutboundRecord {
  return { topic: 't', key, value: Buffer.alloc(bytes), headers: {} };
}

async function codeOf(sending: Promise<void>): Promise<string> {
  try {
    await sending;
    return 'sent';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

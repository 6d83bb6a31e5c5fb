import type { Connection } from './kafka-publisher.js';
import { KafkaPublisher } from './kafka-publisher.js';

describe('KafkaPublisher', () => {
  const publisher = (connect: () => Promise<Connection>): KafkaPublisher =>
    new KafkaPublisher({
      connect,
      lag: { touch: () => undefined, ageSeconds: () => 0 },
      pendingMax: 1,
      lagSecondsMax: 60,
      onFailure: () => undefined,
      onPublished: () => undefined,
    });

  it('says no, with the reason for operators, while there is no connection', async () => {
    const away = publisher(() => Promise.reject(new Error('no broker answers')));
    await away.open();
    expect(away.overload(0)?.code).toBe('BROKER_UNAVAILABLE');
    expect(away.problem).toBe('no broker answers');
    expect(away.reject({ source: '', reason: '', detail: '', remoteIp: '', receivedAt: 0, bodyBytes: 0 })).toBe(false);
    await away.close();
  });

  it('connects as soon as it can', async () => {
    let attempts = 0;
    const producer = { send: () => Promise.resolve(), pending: () => 0, close: () => Promise.resolve() };
    const late = publisher(async () => {
      if (++attempts === 1) throw new Error('not yet');
      return { producer, schemaIds: new Map() };
    });
    await late.open();
    const deadline = Date.now() + 5_000;
    while (late.problem !== undefined && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(late.overload(0)).toBeNull();
    await late.close();
  });
});

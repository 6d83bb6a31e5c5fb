import { registerCodecs } from '@towpath/kafka/codecs';
import { CompressionTypes } from 'kafkajs';
import { recordOf } from './dead-letters.mjs';

/** Another program writes to the topic: compressed, with binary headers, and in transactions that it gives up. */
export const foreignProducer = {
  id: 'F23',
  about: 'repeats in each compression, binary headers, an aborted transaction of poison',
  holds: 'what was aborted is never seen; the rest is read',
  async inject(world, { expect, note }) {
    const records = await world.kafka.latest('payments.events', 5);
    registerCodecs();
    for (const codec of ['GZIP', 'Snappy', 'LZ4', 'ZSTD']) {
      await world.kafka.send('payments.events', records, { compression: CompressionTypes[codec] });
    }
    const good = await recordOf(world, 'payments.events', 'payments.v1.ChargeSucceeded');
    const binary = { ...good.headers, 'x-binary': Buffer.from([0, 255, 254, 10, 128]), ce_type: 'foreign.v1.Unknown' };
    await world.kafka.send('payments.events', [{ ...good, headers: binary }]);
    const aborted = '00000000-dead-4bad-8bad-000000000023';
    await world.kafka.sendAborted('payments.events', [
      { ...good, value: Buffer.from('aborted'), headers: { ...good.headers, ce_id: aborted } },
    ]);
    await world.pause(2_000);
    const seen = await world.inspector.query(
      "select 1 from fraud.inbox where event_id = $1 union all select 1 from fraud.events where data ->> 'originEventId' = $1",
      [aborted],
    );
    expect(seen.length === 0, 'a record of an aborted transaction was processed');
    note(`${records.length} repeats in each of four compressions, one aborted transaction`);
  },
};

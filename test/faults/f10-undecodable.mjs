import { awaitDeadLetters, recordOf } from './dead-letters.mjs';

/** Records that no reader can decode stand between good ones. */
export const undecodable = {
  id: 'F10',
  about: 'wrong magic byte, unknown schema id, truncated and foreign Avro between good records',
  holds: 'each becomes one dead letter; no crash, nobody waits',
  async inject(world, { expect, note }) {
    const good = await recordOf(world, 'payments.events', 'payments.v1.ChargeSucceeded');
    const { value } = good;
    const wrongMagic = Buffer.concat([Buffer.from([7]), value.subarray(1)]);
    const unknownSchema = Buffer.from(value);
    unknownSchema.writeInt32BE(2_000_000_000, 1);
    const truncated = value.subarray(0, 12);
    const foreign = Buffer.concat([value.subarray(0, 5), Buffer.alloc(40, 0xff)]);
    const records = [wrongMagic, unknownSchema, truncated, foreign].map((bytes) => ({ ...good, value: bytes }));
    const places = await world.kafka.send('payments.events', records);
    const letters = await awaitDeadLetters(world, 'fraud', places, records.length);
    expect(
      letters.length === records.length,
      `${letters.length} of ${records.length} undecodable records became dead letters`,
    );
    note(`dead letters: ${letters.map(({ reason }) => reason).join(', ')}`);
  },
};

import { logFrom } from './service-log.mjs';

/** The log loses its beginning, and a group's offset points into what is gone. */
export const recordsDeleted = {
  id: 'F22',
  about: 'consumed records of webhooks.received are deleted and the offsets of triage set back into the gap',
  holds: 'an alarm names the partitions; what is still there is read again as repeats; nothing unread is skipped',
  recoveryMsMax: 20_000,
  async inject(world, { expect, note }) {
    const topic = 'webhooks.received';
    const triage = world.service('triage');
    await triage.stop();
    await world.kafka.asAdmin(async (admin) => {
      const [{ partitions }] = await admin.fetchOffsets({ groupId: 'triage', topics: [topic] });
      const read = partitions.filter(({ offset }) => Number(offset) > 1);
      await admin.deleteTopicRecords({
        topic,
        partitions: read.map(({ partition, offset }) => ({ partition, offset: String(Number(offset) - 1) })),
      });
      await world.kafka.untilNobodyIsIn(admin, 'triage');
      await admin.setOffsets({
        groupId: 'triage',
        topic,
        partitions: read.map(({ partition }) => ({ partition, offset: '0' })),
      });
      note(`${read.length} partitions lost what was read`);
    });
    const toldSince = logFrom(triage);
    await triage.start();
    const alarmed = await world.until(async () => toldSince().includes('OFFSET_OUT_OF_RANGE'), 5_000, 100);
    expect(alarmed, 'no alarm OFFSET_OUT_OF_RANGE in the log of triage');
  },
};

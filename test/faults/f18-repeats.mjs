import { pick, shuffled } from './seeded.mjs';

const WINDOW = 100;
const BACK = 1_000;
const READ_MS_MAX = 120_000;

/** Everything comes again, out of order and from far back. */
export const repeats = {
  id: 'F18',
  about:
    'the latest records three times in another order; offsets of fraud 1,000 back, those of egress or triage (--long: both) to 0',
  holds: 'repeats are no-ops',
  async inject(world, { note, expect }) {
    let sent = 0;
    for (const topic of ['webhooks.received', 'payments.events', 'payments.commands']) {
      const records = await world.kafka.latest(topic, WINDOW);
      const again = shuffled([...records, ...records, ...records], world.random);
      await world.kafka.send(topic, again);
      sent += again.length;
    }
    note(`${sent} records sent again`);
    const toBeginning = [
      ['egress', 'payments.commands', 'beginning'],
      ['triage', 'webhooks.received', 'beginning'],
    ];
    const rewinds = world.long ? toBeginning : [pick(toBeginning, world.random)];
    for (const [name, topic, back] of [['fraud', 'payments.events', BACK], ...rewinds]) {
      await world.service(name).stop();
      const ends = await world.kafka.rewind(name, topic, back);
      await world.service(name).start();
      const startedAt = performance.now();
      const isThere = await world.until(() => world.kafka.hasRead(name, topic, ends), READ_MS_MAX, 500);
      expect(isThere, `${name} had not read ${topic} again after ${READ_MS_MAX / 1000} s`);
      note(`${name} rewound: ${back}, read again in ${Math.round(performance.now() - startedAt)} ms`);
    }
  },
};

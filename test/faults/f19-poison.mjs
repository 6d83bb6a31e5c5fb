import { decode, encode } from '@towpath/contracts/codec';
import { ChargeSucceeded } from '@towpath/contracts/payments/ChargeSucceeded.v1';
import { awaitDeadLetters, recordOf } from './dead-letters.mjs';
import { caughtUp, GIVEN_UP_MS, neighboursMs } from './neighbours.mjs';

const NEIGHBOUR_MS_MAX = 5_000;
const NEIGHBOURS = 30;
const GROUPS = ['triage', 'fraud', 'egress'];
/** Magic byte and schema id. */
const WIRE_HEADER_BYTES = 5;

/** Messages made to break their reader, through the front door and past it. */
export const poison = {
  id: 'F19',
  about:
    'nesting 10,000, __proto__, U+0000, broken JSON at ingress; tombstone, null key, garbage, no headers and what no store takes on a topic',
  holds:
    'neighbours are decided within 5 s; no process or consumer ends; what can be kept is a dead letter with its bytes',
  async inject(world, { expect, note }) {
    expect(await caughtUp(world), 'the backlog of earlier faults was not worked off', { isTime: true });
    const pids = () => [...world.platform.services].map(([name, { pid }]) => `${name} ${pid}`).join();
    const before = pids();
    const members = await world.kafka.membersOf(GROUPS);
    const statuses = [];
    for (const body of bodies(world.random)) {
      const { status } = await world.traffic.attempt({ name: 'poison', source: 'stripe', body, paymentId: null });
      statuses.push(status);
      expect(status === 202 || (status >= 400 && status < 500), `ingress answered ${status} to ${body.slice(0, 40)}`);
    }
    note(`ingress answered ${statuses.join(', ')}`);
    const good = await recordOf(world, 'payments.events', 'payments.v1.ChargeSucceeded');
    const garbage = { ...good, value: Buffer.from('{"not":"avro"}') };
    const garbagePlaces = await world.kafka.send('payments.events', [garbage]);
    const deadlyPlaces = await world.kafka.send('payments.events', [deadly(good, world.random)]);
    await world.kafka.send('payments.events', [
      { ...good, value: null },
      { ...good, key: null, value: Buffer.from([0]) },
      { key: null, value: Buffer.from('no headers at all') },
      { ...good, headers: { ...good.headers, ce_type: 'a\u0000b' } },
    ]);
    const neighbours = await neighboursMs(world, NEIGHBOURS);
    expect(
      neighbours <= NEIGHBOUR_MS_MAX,
      `the slowest of ${NEIGHBOURS} neighbours was decided after ${neighbours} ms`,
      { isTime: neighbours < GIVEN_UP_MS },
    );
    note(`the slowest of ${NEIGHBOURS} neighbours was decided after ${neighbours} ms`);
    const letters = [
      ...(await awaitDeadLetters(world, 'fraud', garbagePlaces, 1)),
      ...(await awaitDeadLetters(world, 'fraud', deadlyPlaces, 1)),
    ];
    expect(letters.length === 2, `no Avro, and what no store takes: ${letters.length} dead letters`);
    note(`dead letters: ${letters.map(({ reason }) => reason).join(', ')}`);
    expect(pids() === before, `processes changed: ${before} → ${pids()}`);
    const after = await world.kafka.membersOf(GROUPS);
    expect(after.join() === members.join(), `consumers started anew: ${members} → ${after}`);
  },
};

/** A payment whose decision is well formed and cannot be stored: its review ends in a year that Postgres cannot read. */
function deadly(good, random) {
  const data = decode(ChargeSucceeded, good.value.subarray(WIRE_HEADER_BYTES));
  const paymentId = `pi_deadly_${random()}`;
  // Of nobody known, nothing missing and a small amount: held at once for the provider's word alone, whatever the other traffic made
  // of the account that it was taken from.
  const known = { cardFingerprint: paymentId, merchantId: paymentId, ipHash: paymentId, deviceHash: paymentId };
  const unknown = { accountId: paymentId, customerId: null, customerCreatedAt: 1_600_000_000_000, ...known };
  const nowhere = { cardCountry: 'DE', billingCountry: 'DE', shippingCountry: 'DE' };
  const never = { ip: null, email: null, captured: false, captureBefore: 4e15, riskLevel: 'highest' };
  const identity = { ...unknown, paymentId, chargeId: paymentId, amountMinor: 1_000, currency: 'EUR' };
  const value = encode(ChargeSucceeded, { ...data, ...never, ...nowhere, ...identity });
  return {
    ...good,
    key: Buffer.from(paymentId),
    value: Buffer.concat([good.value.subarray(0, WIRE_HEADER_BYTES), value]),
  };
}

function bodies(random) {
  const event = (id, more) =>
    `{"id":"evt_poison_${id}_${random()}","object":"event","type":"charge.succeeded",${more}}`;
  return [
    event('deep', `"data":${'['.repeat(10_000)}${']'.repeat(10_000)}`),
    event(
      'proto',
      '"__proto__":{"polluted":true},"data":{"object":{"object":"charge","id":"ch_x","__proto__":{"a":1}}}',
    ),
    event('nul', '"data":{"object":{"object":"charge","id":"ch_\\u0000"}}'),
    event('type', '"data":"a text where an object belongs"'),
    '{"broken":',
    '[]',
  ];
}

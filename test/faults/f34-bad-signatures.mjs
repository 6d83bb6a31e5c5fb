import { sourceFilesOf } from '@towpath/cli/local/local-sources';
import { addSource, rotateSource } from '@towpath/sources/edit-sources';
import { signStandard, signStripe } from '@towpath/sources/sign';

const OVERLAP_MS = 6_000;
/** How long ingress may take to see a changed file. */
const SEEN_MS_MAX = 5_000;

/** Nobody gets in without the secret. */
export const badSignatures = {
  id: 'F34',
  about:
    'signatures missing, wrong, malformed, twice, of another body, of re-written JSON, of another secret, of an old secret in and out of its overlap',
  holds: '401 each but in the overlap, and no trace in any store',
  async inject(world, { expect, note }) {
    const { traffic } = world;
    const { body, eventId = 'evt_forged' } = {
      body: `{"id":"evt_forged_${world.random()}","object":"event","type":"charge.succeeded"}`,
    };
    const good = signStripe(traffic.stripeSecret, body, new Date())['stripe-signature'];
    const flipped = good.slice(0, -1) + (good.endsWith('0') ? '1' : '0');
    const attempts = {
      missing: {},
      empty: { 'stripe-signature': '' },
      flipped: { 'stripe-signature': flipped },
      malformed: { 'stripe-signature': 'v1=zz,t=now' },
      'without time': { 'stripe-signature': good.replace(/^t=\d+,/, '') },
      'another body': signStripe(traffic.stripeSecret, `${body} `, new Date()),
      're-written JSON': signStripe(traffic.stripeSecret, JSON.stringify(JSON.parse(body), undefined, 1), new Date()),
      twice: { 'stripe-signature': `${flipped},${flipped}` },
      'another secret': signStripe('whsec_of_somebody_else', body, new Date()),
    };
    for (const [name, headers] of Object.entries(attempts)) {
      const { status } = await traffic.attempt({ name: eventId, source: 'stripe', body, paymentId: null }, 1, headers);
      expect(status === 401, `${name}: ingress answered ${status}`);
    }
    note(`${Object.keys(attempts).length} forgeries`);
    await rotate(world, expect);
    note('a secret rotated');
  },
};

/** A source of its own gets a new secret; the old one verifies until its overlap ends. */
async function rotate(world, expect) {
  const files = sourceFilesOf(world.platform.home);
  const name = `rotated-${world.caseNumber}`;
  const old = addSource(files, name, { provider: 'platform', scheme: 'standard' });
  let sent = 0;
  const answersTo = async (secret) => {
    const id = `msg_${name}_${(sent += 1)}`;
    const body = JSON.stringify({ type: 'nobody.knows', timestamp: new Date().toISOString(), data: {} });
    const headers = signStandard(secret, id, body, new Date());
    return (await world.traffic.attempt({ name: id, source: name, body, paymentId: null }, 1, headers)).status;
  };
  const becomes = (secret, status) =>
    world.until(async () => (await answersTo(secret)) === status, OVERLAP_MS + SEEN_MS_MAX, 100);
  expect(await becomes(old.secret, 202), 'a new source was not taken');
  const next = rotateSource(files, name, OVERLAP_MS);
  expect(await becomes(next.secret, 202), 'a new secret was not taken');
  expect((await answersTo(old.secret)) === 202, 'the old secret was refused in its overlap');
  expect(await becomes(old.secret, 401), 'the old secret was taken after its overlap');
  expect((await answersTo(next.secret)) === 202, 'the new secret was refused');
}

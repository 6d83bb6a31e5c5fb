import { kill } from '@towpath/testing/kills';
import { pick } from './seeded.mjs';

const NAMES = ['triage', 'fraud', 'egress', 'cdc', 'ingress'];
const WITH_STORE = ['triage', 'fraud', 'egress'];
const LOCKED_MS = 700;

/**
 * A service dies at any instant, and at chosen ones, which are found from outside: a lock held on its inbox stops it in the
 * middle of its transaction; its store shows that it has committed and its offsets are still open; the provider's log shows
 * that the call arrived; the ledger shows that it is about to be made.
 */
export const serviceKilled = {
  id: 'F4',
  about:
    'SIGKILL to each service at a random instant, to one (--long: each) in its transaction and right after its commit, before and after an effect',
  holds: 'nothing half done; no effect twice; each goes on where it was within 5 s',
  async inject(world, { note, expect, recovers }) {
    for (const name of NAMES) {
      await world.pause(Math.floor(world.random() * 400));
      await kill(world.service(name));
      await goesOn(world, name, recovers);
    }
    for (const name of world.long ? WITH_STORE : [pick(WITH_STORE, world.random)]) {
      await killInTransaction(world, name);
      await goesOn(world, name, recovers);
      await killAfterCommit(world, name);
      await goesOn(world, name, recovers);
    }
    for (const moment of ['fired', 'acted']) {
      expect(await killAround(world, moment), `no effect was ${moment} while waiting to kill egress`);
      await goesOn(world, 'egress', recovers);
    }
    note('at random, before and after commits, before and after calls');
  },
};

async function goesOn(world, name, recovers) {
  await world.service(name).start();
  await recovers(`SIGKILL ${name}`, [name]);
}

/** The service's next commit waits for the lock, inside its transaction, and never comes. */
async function killInTransaction(world, schema) {
  await world.asAdmin(async (admin) => {
    await admin.query('begin');
    await admin.query(`lock table ${schema}.inbox in share mode`);
    await world.pause(LOCKED_MS);
    await kill(world.service(schema));
    await admin.query('rollback');
  });
}

/** Offsets are committed in the background, later than the transaction. */
async function killAfterCommit(world, schema) {
  const before = (await world.positions())[schema];
  await world.until(async () => (await world.positions())[schema] > before, 5_000, 1);
  await kill(world.service(schema));
}

/** Kills egress when it has fired (before the call is answered), or when the provider has acted (before it is told). */
async function killAround(world, moment) {
  // Each call takes a while, so that there is a before and an after.
  await world.sandbox.behave(moment === 'fired' ? { latencyMs: 300 } : { actThenHang: true });
  const happened = moment === 'fired' ? await firedFrom(world) : await actedFrom(world);
  const seen = await world.until(happened, 15_000, 5);
  await kill(world.service('egress'));
  await world.sandbox.behave();
  return seen;
}

async function firedFrom(world) {
  const { egress } = await world.positions();
  const sql = "select 1 from egress.events where type = 'egress.v1.EffectFired' and position > $1 limit 1";
  return async () => (await world.inspector.query(sql, [egress])).length > 0;
}

async function actedFrom(world) {
  const acted = async () => {
    const answer = await fetch(`http://127.0.0.1:${world.platform.stack.ports.sandbox}/sandbox/health`);
    return (await answer.json()).effects.acted;
  };
  const before = await acted();
  return async () => (await acted()) > before;
}

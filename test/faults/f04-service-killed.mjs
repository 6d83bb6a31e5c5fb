import { kill } from '@towpath/testing/kills';

const SERVICES = ['triage', 'fraud', 'egress', 'cdc', 'ingress'];
const LOCKED_MS = 700;

/**
 * A service dies at any instant, and at chosen ones, which are found from outside: a lock held on its inbox stops it in the
 * middle of its transaction; the provider's log shows that the call arrived; the ledger shows that it is about to be made.
 */
export const serviceKilled = {
  id: 'F4',
  about: 'SIGKILL to each service at a random instant, in its transaction, before and after an effect',
  holds: 'nothing half done; no effect twice; each goes on where it was',
  async inject(world, { note, expect }) {
    for (const name of SERVICES) {
      await world.pause(Math.floor(world.random() * 400));
      await restarted(world, name);
    }
    for (const name of ['triage', 'fraud']) {
      await killInTransaction(world, name);
      note(`${name} killed before its commit`);
    }
    expect(await killAround(world, 'fired'), 'no effect was fired while waiting to kill egress before the call');
    expect(await killAround(world, 'acted'), 'no effect was acted on while waiting to kill egress after the call');
    note('egress killed after `fired`, and after the provider acted');
  },
};

async function restarted(world, name) {
  await kill(world.service(name));
  await world.service(name).start();
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
  await world.service(schema).start();
}

/** Kills egress when it has fired (before the call is answered), or when the provider has acted (before it is told). */
async function killAround(world, moment) {
  // Each call takes a while, so that there is a before and an after.
  await world.sandbox.behave(moment === 'fired' ? { latencyMs: 300 } : { actThenHang: true });
  const count = moment === 'fired' ? () => firedOf(world) : () => actedOf(world);
  const before = await count();
  const seen = await world.until(async () => (await count()) > before, 15_000, 5);
  await kill(world.service('egress'));
  await world.sandbox.behave();
  await world.service('egress').start();
  return seen;
}

async function firedOf(world) {
  const sql = "select count(*)::int as n from egress.events where type = 'egress.v1.EffectFired'";
  return (await world.inspector.query(sql, []))[0].n;
}

async function actedOf(world) {
  const answer = await fetch(`http://127.0.0.1:${world.platform.stack.ports.sandbox}/sandbox/health`);
  return (await answer.json()).effects.acted;
}

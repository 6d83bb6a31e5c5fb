import { kill } from '@towpath/testing/kills';
import { waitersOf } from './waiters.mjs';

const NAMES = ['fraud', 'egress'];

/** The process dies between the statements of its transaction: events written, projections not yet. */
export const tornTransaction = {
  id: 'F24',
  about: 'fraud and egress killed while their transaction has inserted events and waits to write projections',
  holds: 'no event without its inbox row; each goes on within 5 s',
  async inject(world, { expect, recovers }) {
    for (const name of NAMES) {
      const waiting = await world.asAdmin(async (admin) => {
        await admin.query('begin');
        await admin.query(`lock table ${name}.projections in share mode`);
        const seen = await world.until(async () => (await waitersOf(admin, name)) > 0, 5_000, 20);
        await kill(world.service(name));
        await admin.query('rollback');
        return seen;
      });
      expect(waiting, `${name} never waited in its transaction`);
      await world.service(name).start();
      await recovers(`SIGKILL ${name}`, [name]);
    }
    for (const name of NAMES)
      expect((await orphans(world, name)) === 0, `${name} has events whose cause it never took`);
  },
};

/**
 * Events whose cause has no row in the inbox of the same store; no timer fires within a run, so each has such a cause, but for what
 * egress says of its breakers by itself.
 */
async function orphans(world, schema) {
  const [{ n }] = await world.inspector.query(
    `select count(*)::int as n from ${schema}.events e
     where e.type <> 'platform.v1.BreakerChanged' and not exists (select from ${schema}.inbox i where i.event_id = e.metadata ->> 'causationId')`,
    [],
  );
  return n;
}

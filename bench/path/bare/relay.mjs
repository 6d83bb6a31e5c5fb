import pg from 'pg';
import { LogicalReplicationService, PgoutputPlugin } from 'pg-logical-replication';
import { endProcess, groupSender, kafka, PUBLICATION, readyUntilTold, SLOT, TOPICS } from './settings.mjs';

/** The bare relay: one slot over both services' events, each commit to Kafka in the next batch, confirmed when acknowledged. */
const JSONB = 3802;
// The text is sent on as it is.
pg.types.setTypeParser(JSONB, (text) => text);
const sender = await groupSender(kafka('bare-relay'));
const replication = new LogicalReplicationService(
  { connectionString: process.env['DATABASE_URL'] },
  { acknowledge: { auto: false, timeoutSeconds: 0 } },
);
let published = '0/0';
let unpublished = 0;
/** end of the last transaction that was read to its commit */
let committed = '0/0';

replication.on('data', (lsn, message) => {
  if (message.tag === 'insert') publish(message, committed);
  else if (message.tag === 'commit') committed = message.commitEndLsn ?? lsn;
});
replication.on('heartbeat', (lsn) => {
  if (unpublished === 0) published = lsn;
  void replication.acknowledge(published);
});
replication.on('error', endProcess);

/** Sends keep their order: once a row is acknowledged, so is every transaction before its own. */
function publish({ relation, new: row }, before) {
  unpublished += 1;
  sender.send(TOPICS[relation.schema], { key: row.stream, value: row.data, headers: { id: row.id } }, () => {
    unpublished -= 1;
    if (before !== '0/0') published = before;
  });
}

const status = setInterval(() => void replication.acknowledge(published), 1_000);
const started = new Promise((resolve) => replication.once('start', resolve));
replication.subscribe(new PgoutputPlugin({ protoVersion: 1, publicationNames: [PUBLICATION] }), SLOT).catch(endProcess);
await started;
readyUntilTold(async () => {
  clearInterval(status);
  await replication.destroy();
  await sender.close();
});

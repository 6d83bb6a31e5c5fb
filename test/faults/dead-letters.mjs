const DEAD_LETTER_MS_MAX = 15_000;

/** What tells which event of which store a record is. */
const PLACE_HEADERS = ['ce_id', 'ce_stream', 'ce_sequence', 'ce_digest', 'ce_hash'];

/**
 * The latest record of a type, ready to be sent again as another one. It must not claim the place of an event that a store appended: to the
 * relay a topic that has something else there is a database that was set back, and it stops for a person.
 */
export async function recordOf(world, topic, type) {
  const records = await world.kafka.latest(topic, 50);
  const found = records.findLast(({ headers }) => headers.ce_type?.toString() === type);
  if (!found) throw new Error(`no ${type} among the latest records of ${topic}`);
  const headers = { ...found.headers };
  for (const name of PLACE_HEADERS) delete headers[name];
  return { key: found.key, value: found.value, headers };
}

/** The dead letters of `count` records from a place on, in a service's store, waited for; those that came when time is up. */
export async function awaitDeadLetters(world, schema, [{ topic, partition, offset }], count) {
  let letters = [];
  await world.until(
    async () => {
      letters = await world.inspector.query(
        `select data ->> 'reason' as reason, data ->> 'path' as path, data ->> 'handler' as handler from ${schema}.events
         where type = 'platform.v1.DeadLettered' and data ->> 'originTopic' = $1
           and (data ->> 'originPartition')::int = $2 and (data ->> 'originOffset')::bigint between $3 and $4`,
        [topic, partition, offset, offset + count - 1],
      );
      return letters.length >= count;
    },
    DEAD_LETTER_MS_MAX,
    100,
  );
  return letters;
}

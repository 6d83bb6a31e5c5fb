/** How many transactions of a service wait for a lock. */
export async function waitersOf(admin, schema) {
  const { rows } = await admin.query(
    "select count(*)::int as n from pg_stat_activity where usename = $1 and wait_event_type = 'Lock'",
    [`${schema}_service`],
  );
  return rows[0].n;
}

import { openInspector, type Inspector } from '@towpath/event-store/inspect';
import { schemaOf } from '@towpath/event-store/names';
import type { Addresses } from '../addresses.js';
import type { Context } from '../context.js';
import { databaseUrl } from '../local/service-environment.js';
import { declaredProjections, type Declared } from './find.js';

/** What the store holds of a projection. */
interface Held {
  readonly name: string;
  readonly rows: number;
  /** built beside the live ones: a rebuild runs, or was killed */
  readonly beside: number;
}

/** Shows every projection of the services' code with its rows, and rows that no code declares any more. */
export async function listProjections(context: Context, addresses: Addresses, service?: string): Promise<void> {
  const declared = await declaredProjections(service);
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    for (const name of new Set(declared.map((one) => one.service))) {
      const own = declared.filter((one) => one.service === name);
      for (const line of listed(own, await heldBy(inspector, name))) show(context, name, line);
    }
  } finally {
    await inspector.close();
  }
}

function listed(own: readonly Declared[], held: readonly Held[]): (Held & { readonly declared: boolean })[] {
  const names = [...new Set([...own.map(({ name }) => name), ...held.map(({ name }) => name)])];
  return names.map((name) => ({
    ...(held.find((one) => one.name === name) ?? { name, rows: 0, beside: 0 }),
    declared: own.some((one) => one.name === name),
  }));
}

async function heldBy(inspector: Inspector, service: string): Promise<Held[]> {
  const schema = schemaOf(service);
  const rows = await inspector.query<{ name: string; rows: string; beside: string }>(
    `select name, sum(live) as rows, sum(beside) as beside from (
       select name, count(*) as live, 0 as beside from ${schema}.projections group by name
       union all select name, 0, count(*) from ${schema}.projections_rebuilt group by name
     ) counted group by name order by name`,
    [],
  );
  return rows.map(({ name, ...counts }) => ({ name, rows: Number(counts.rows), beside: Number(counts.beside) }));
}

function show(context: Context, service: string, { name, rows, beside, declared }: Held & { declared: boolean }): void {
  const { colors } = context;
  const parts = [
    service.padEnd(8),
    colors.bold(name.padEnd(20)),
    `${rows}`.padStart(9),
    ...(declared ? [] : [colors.yellow('no code declares it')]),
    ...(beside > 0
      ? [colors.dim(`${beside} rows beside it: a rebuild runs, or was killed; the next one drops them`)]
      : []),
  ];
  context.show(parts.join('  '), { service, name, rows, beside, declared });
}

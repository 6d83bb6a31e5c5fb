import { openInspector, type Inspector } from '@towpath/event-store/inspect';
import { schemaOf } from '@towpath/event-store/names';
import type { Addresses } from '../addresses.js';
import type { Context } from '../context.js';
import { callProgram } from '../history/service-program.js';
import { databaseUrl } from '../local/service-environment.js';
import { harmless } from '../readable.js';
import { maskedData } from '../reveal/mask.js';
import { projectionCalled, type Declared } from './find.js';

export interface ShowOptions {
  readonly service?: string;
  /** only these rows */
  readonly key?: readonly string[];
  /** as a replay of what was decided until then gives them; else as they are */
  readonly at?: Date;
  readonly limit: number;
}

interface Row {
  readonly key: string;
  readonly state: unknown;
}

/** Shows rows of a projection in order of key, as they are or as they were at an instant. Throws PROJECTION_UNKNOWN. */
export async function showProjection(
  context: Context,
  addresses: Addresses,
  name: string,
  options: ShowOptions,
): Promise<void> {
  const declared = await projectionCalled(name, options.service);
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    const rows = options.at ? replayedRows(inspector, declared, options) : liveRows(inspector, declared, options);
    let shown = 0;
    for await (const { key, state } of rows) {
      if (shown === options.limit) {
        context.note(`more than ${shown} rows; see --limit and --key`);
        break;
      }
      shown += 1;
      const visible = maskedData('', state);
      context.show(harmless(`${context.colors.bold(key)}  ${JSON.stringify(visible)}`), {
        ...declared,
        ...{ key, state: visible, at: options.at },
      });
    }
    if (shown === 0) context.note('no such rows');
  } finally {
    await inspector.close();
  }
}

async function* liveRows(
  inspector: Inspector,
  { service, name }: Declared,
  { key, limit }: ShowOptions,
): AsyncGenerator<Row> {
  yield* await inspector.query<Row>(
    `select key, state from ${schemaOf(service)}.projections where name = $1 and ($2::text[] is null or key = any($2))
     order by key limit $3`,
    [name, key ?? null, limit + 1],
  );
}

async function* replayedRows(
  inspector: Inspector,
  { service, name }: Declared,
  { key, at }: ShowOptions,
): AsyncGenerator<Row> {
  const input = async function* (): AsyncGenerator<string> {
    yield `${JSON.stringify({ projection: name, ...(key && { keys: key }) })}\n`;
    for await (const event of inspector.events({ schema: schemaOf(service), ...(at && { at }) })) {
      yield `${JSON.stringify(event)}\n`;
    }
  };
  for await (const answer of callProgram(service, ['fold'], { input: input() })) yield answer as Row;
}

import { openInspector } from '@towpath/event-store/inspect';
import { parkedStreams, requestRelease, type ParkedStream } from '@towpath/event-store/parked';
import type { Addresses } from '../addresses.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { LOCAL_OPERATOR } from '../local/local-sources.js';
import { databaseUrl } from '../local/service-environment.js';
import { change } from '../operator/change.js';
import type { Signer } from '../operator/send.js';

export interface ReleaseOptions extends Signer {
  readonly reason: string;
  readonly service?: string;
  readonly dryRun?: boolean;
}

/** Asks the relay to publish a parked stream. Throws NOT_PARKED or STREAM_AMBIGUOUS; records who asked and why. */
export async function release(
  context: Context,
  addresses: Addresses,
  stream: string,
  options: ReleaseOptions,
): Promise<void> {
  const parked = await find(addresses, stream, options.service);
  const { schema, events, firstVersion, reason } = parked;
  const what = `${schema}/${stream}  ${events} events from version ${firstVersion}, parked for ${reason}`;
  if (options.dryRun) return context.show(`would release  ${what}`, { dryRun: true, ...parked });
  const operation = {
    verb: 'relay release',
    target: `${schema}/${stream}`,
    before: { parked: events, firstVersion, code: reason.split(':')[0] },
    after: { releaseAsked: true },
  };
  const waiting = await change(context, addresses, operation, options, () =>
    requestRelease(
      databaseUrl(addresses, 'cdc_service'),
      schema,
      stream,
      options.as ?? options.keyFile ?? LOCAL_OPERATOR,
    ),
  );
  context.show(`asked for  ${what}\nsee \`towpath relay status\``, { ...parked, asked: waiting });
}

async function find(addresses: Addresses, stream: string, service: string | undefined): Promise<ParkedStream> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    const all = await parkedStreams(inspector);
    const schema = service?.replaceAll('-', '_');
    const found = all.filter((one) => one.stream === stream && (schema === undefined || one.schema === schema));
    const [first] = found;
    if (!first) throw new CliError('NOT_PARKED', `no stream ${stream} is parked; see \`towpath relay status\`.`);
    if (found.length === 1) return first;
    const services = found.map((one) => one.schema).join(', ');
    throw new CliError('STREAM_AMBIGUOUS', `${services} have a parked ${stream}; choose with --service.`);
  } finally {
    await inspector.close();
  }
}

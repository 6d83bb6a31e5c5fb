import { loadSources, type LoadedSource } from '@towpath/sources/load';
import type { Provider } from '@towpath/sources/providers';
import { signAs } from '@towpath/sources/sign';
import type { Addresses } from '../addresses.js';
import { CliError } from '../cli-error.js';
import { sourceFiles } from '../setup-targets.js';

/** What ingress answered to a delivery that it took. */
export interface Accepted {
  /** the same for each repeat of a delivery */
  readonly deliveryId: string;
  readonly status: number;
}

const TIMEOUT_MS = 10_000;

/** How a source's deliveries are posted and signed with its present secret. Throws SOURCE_UNKNOWN or SOURCE_HAS_NO_SECRET. */
export function senderOf(addresses: Addresses, name: string): (body: Buffer | string, id: string) => Promise<Accepted> {
  const source = sourceOf(addresses, name);
  const secret = source.credentials[0]?.text;
  if (secret === undefined || source.provider === 'operator') {
    throw new CliError('SOURCE_HAS_NO_SECRET', `source ${name} has no shared secret; people sign with their own keys.`);
  }
  return (body, id) => post(addresses, name, body, signAs(source.scheme, secret, { id, body, at: new Date() }));
}

/** Who writes a source's bodies. Throws SOURCE_UNKNOWN. */
export function providerOf(addresses: Addresses, name: string): Provider {
  return sourceOf(addresses, name).provider;
}

function sourceOf(addresses: Addresses, name: string): LoadedSource {
  const source = loadSources(sourceFiles(addresses.home)).get(name);
  if (source) return source;
  throw new CliError('SOURCE_UNKNOWN', `there is no source ${name}; see \`towpath sources list\`.`);
}

/** Posts a delivery with the given signature headers. Throws DELIVERY_REJECTED with what ingress said. */
export async function post(
  addresses: Pick<Addresses, 'ports'>,
  source: string,
  body: Buffer | string,
  signature: Readonly<Record<string, string>>,
): Promise<Accepted> {
  const url = `http://127.0.0.1:${addresses.ports.ingress}/webhooks/${source}`;
  const response = await reach(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...signature },
    body: new Uint8Array(Buffer.from(body)),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  if (!response.ok || typeof answer['deliveryId'] !== 'string') {
    const said = [answer['title'], answer['detail']].filter((part) => typeof part === 'string').join(': ');
    throw new CliError('DELIVERY_REJECTED', `ingress answered ${response.status} ${said}`.trim());
  }
  return { deliveryId: answer['deliveryId'], status: response.status };
}

/** A request to this machine. Throws NOT_REACHABLE when nothing answers. */
export async function reach(url: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new CliError(
      'NOT_REACHABLE',
      `${new URL(url).origin} does not answer (${cause}); start it with \`towpath up\`.`,
    );
  }
}

import { services } from '@towpath/contracts/topics';
import { CliError, UsageError } from '../cli-error.js';
import { describeService } from '../history/service-program.js';

/** A projection that a service's code declares. */
export interface Declared {
  readonly service: string;
  readonly name: string;
}

/** All of them, or those of one service. Throws USAGE for a service without a store. */
export async function declaredProjections(service?: string): Promise<Declared[]> {
  const stores = services().filter(({ store, name }) => store && (service === undefined || name === service));
  if (stores.length === 0) throw new UsageError(`there is no service ${service} with a store; see services.yaml.`);
  const described = await Promise.all(stores.map(({ name }) => describeService(name)));
  return described.flatMap((one) => one.projections.map((name) => ({ service: one.service, name })));
}

/**
 * The one that is called `name`, or `service/name` as they are listed. Throws PROJECTION_UNKNOWN, USAGE when several services have one of
 * that name.
 */
export async function projectionCalled(name: string, service?: string): Promise<Declared> {
  const [, owner, own] = /^([^/]+)\/(.+)$/.exec(name) ?? [];
  if (owner !== undefined && service !== undefined && owner !== service) {
    throw new UsageError(`${name} is none of ${service}; leave out --service or say ${service}/${own}.`);
  }
  return projectionIn(await declaredProjections(owner ?? service), own ?? name);
}

/** The one of that name among those that are declared. Throws PROJECTION_UNKNOWN, USAGE. */
export function projectionIn(all: readonly Declared[], name: string): Declared {
  const found = all.filter((one) => one.name === name);
  if (found.length > 1) {
    throw new UsageError(
      `several are called ${name}: say ${found.map((one) => `${one.service}/${name}`).join(' or ')}.`,
    );
  }
  if (found[0]) return found[0];
  const known = all.map((one) => `${one.service}/${one.name}`).join(', ');
  throw new CliError('PROJECTION_UNKNOWN', `there is no projection ${name}; there are ${known}.`);
}

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

/** The one that is called `name`. Throws PROJECTION_UNKNOWN, USAGE when several services have one. */
export async function projectionCalled(name: string, service?: string): Promise<Declared> {
  const all = await declaredProjections(service);
  const found = all.filter((one) => one.name === name);
  if (found.length > 1) {
    throw new UsageError(
      `${found.map((one) => one.service).join(', ')} each have a projection ${name}; say --service NAME.`,
    );
  }
  if (found[0]) return found[0];
  const known = all.map((one) => `${one.service}/${one.name}`).join(', ');
  throw new CliError('PROJECTION_UNKNOWN', `there is no projection ${name}; there are ${known}.`);
}

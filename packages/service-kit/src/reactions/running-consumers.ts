import type { ConsumerSettings } from '@towpath/contracts/topics';
import { ConfigInvalid } from '../config.js';

/**
 * The groups that the setting CONSUMERS names; undefined when it is not set, which means all of them. Throws CONFIG_INVALID for a name
 * that is none.
 */
export function runningConsumers(
  setting: string | undefined,
  consumers: readonly Pick<ConsumerSettings, 'name'>[],
): readonly string[] | undefined {
  if (setting === undefined) return undefined;
  const known = consumers.map(({ name }) => name);
  const asked = setting.split(',').map((name) => name.trim());
  const problems = asked
    .filter((name) => !known.includes(name))
    .map((name) => `CONSUMERS: ${name} is none of ${known.join(', ')}`);
  if (problems.length > 0) throw new ConfigInvalid(problems);
  return asked;
}

import { randomUUID } from 'node:crypto';
import { UsageError } from '../cli-error.js';
import { fixtures, type Fixture, type Ids } from './fixtures.js';
import { add, override, parseAssignment, parsePath, remove, type Body } from './paths.js';

/** Changes to a fixture, as written on the command line; `{n}` in them is the number of the delivery, from 1. */
export interface Changes {
  readonly override: readonly string[];
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

export const NO_CHANGES: Changes = { override: [], add: [], remove: [] };

/** The fixture of an event of a source's provider. Throws USAGE that lists what there is. */
export function fixtureOf(provider: string, event: string): Fixture {
  const fixture = Object.hasOwn(fixtures, event) ? fixtures[event] : undefined;
  if (fixture?.provider === provider) return fixture;
  const names = Object.entries(fixtures).flatMap(([name, one]) => (one.provider === provider ? name : []));
  const providers = [...new Set(Object.values(fixtures).map((one) => one.provider))];
  const known = names.length > 0 ? `choose one of ${names.join(', ')}` : `providers are ${providers.join(', ')}`;
  throw new UsageError(`there is no fixture ${provider} ${event}; ${known}.`);
}

/** The body of the `n`th delivery. */
export function buildBody(event: string, fixture: Fixture, ids: Ids, changes: Changes, n: number): Body {
  const body = fixture.at ? fixture.build(ids) : envelope(event, fixture, ids);
  const written = (text: string): string => placed(text.replaceAll('{n}', String(n)), fixture);
  for (const text of changes.override) override(body, parseAssignment(written(text), fixture.resource));
  for (const text of changes.add) add(body, parseAssignment(written(text), fixture.resource));
  for (const text of changes.remove) remove(body, parsePath(written(text), fixture.resource));
  return body;
}

/** Stripe's events have their object in `data.object`, which the paths know; all others where their fixture says. */
function placed(text: string, { provider, resource, at = ['data'] }: Fixture): string {
  if (provider === 'stripe' || !text.startsWith(`${resource}:`)) return text;
  return `${at.join('.')}.${text.slice(resource.length + 1)}`;
}

function envelope(event: string, fixture: Fixture, ids: Ids): Body {
  if (fixture.provider === 'platform') {
    return { type: event, timestamp: new Date(ids.now * 1000).toISOString(), data: fixture.build(ids) };
  }
  return {
    id: `evt_${randomUUID().replaceAll('-', '')}`,
    object: 'event',
    api_version: '2024-06-20',
    created: ids.now,
    data: { object: fixture.build(ids) },
    livemode: false,
    type: event,
  };
}

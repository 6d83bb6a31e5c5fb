import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { buildBody, fixtureOf, NO_CHANGES } from '@towpath/cli/trigger/build-delivery';
import { newIds } from '@towpath/cli/trigger/fixtures';
import type { InspectedEvent } from '@towpath/event-store/inspect';
import type { Provider } from '@towpath/sources/providers';
import { runCli } from '@towpath/testing/cli-run';
import { Deliveries } from '@towpath/testing/deliveries';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import { untilEnough } from '@towpath/testing/until';

const OUTCOME_MS_MAX = 30_000;
const CLI_MS_MAX = 30_000;
const DAY_SECONDS = 86_400;

jest.setTimeout(120_000);

let platform: TestPlatform;
let deliveries: Deliveries;

beforeAll(async () => {
  platform = await attachPlatform();
  deliveries = new Deliveries(platform);
}, ATTACH_MS_MAX);

afterAll(() => platform?.release());

const bodyOf = (provider: Provider, event: string, now = new Date()) =>
  buildBody(event, fixtureOf(provider, event), newIds(now), NO_CHANGES, 1);

/** What triage recorded of the ticket, application or delivery whose stream ends in `key`. */
async function recorded(key: string, count: number): Promise<InspectedEvent[]> {
  const read = async (): Promise<InspectedEvent[]> => {
    const ids = await platform.inspector.query<{ id: string }>(
      'select id from triage.events where stream like $1 order by position',
      [`%${key}`],
    );
    const events = await Promise.all(ids.map(({ id }) => platform.inspector.eventById(id)));
    return events.filter((event) => event !== undefined);
  };
  return untilEnough(read, ({ length }) => length >= count, OUTCOME_MS_MAX);
}

const namesOf = (events: readonly InspectedEvent[]): string[] => events.map(({ type }) => type.split('.')[2]!);

describe('tickets, mail and loan applications', () => {
  it('come in signed as each provider signs, and are classified where a customer wrote', async () => {
    const zendesk = bodyOf('zendesk', 'ticket.message');
    const intercom = bodyOf('intercom', 'conversation.admin.replied');
    const loan = bodyOf('loans', 'loan_application.submitted');
    const sent = await Promise.all([
      deliveries.sendTo('zendesk', JSON.stringify(zendesk), randomUUID()),
      deliveries.sendTo('intercom', JSON.stringify(intercom), randomUUID()),
      deliveries.sendTo('loans', JSON.stringify(loan), randomUUID()),
      deliveries.sendTo('email', JSON.stringify(bodyOf('email', 'email.received')), randomUUID()),
    ]);
    expect(sent).toEqual([202, 202, 202, 202]);
    const ticket = await recorded(`zendesk:shop:${(zendesk['ticket'] as { id: string }).id}`, 2);
    expect(namesOf(ticket)).toEqual(['TicketReceived', 'TicketTriaged']);
    expect(ticket[1]).toMatchObject({ data: { intent: 'duplicate_charge', queue: 'billing', outOfScope: false } });
    const { item } = intercom['data'] as { item: { id: string } };
    expect(namesOf(await recorded(`intercom:shop1234:${item.id}`, 1))).toEqual(['TicketReceived']);
    const { applicationId } = loan['data'] as { applicationId: string };
    expect(namesOf(await recorded(applicationId, 1))).toEqual(['LoanApplicationReceived']);

    const explained = await runCli(['explain', ticket[1]!.id, '--json'], {
      home: platform.home,
      ports: platform.around.ports,
      msMax: CLI_MS_MAX,
    });
    expect([explained.code, explained.stderr]).toEqual([0, '']);
    const [decision] = explained.stdout
      .split('\n')
      .map((line) => JSON.parse(line || 'null') as Record<string, unknown>);
    expect(decision).toMatchObject({ role: 'decision', type: 'tickets.v1.TicketTriaged' });
    expect(explained.stdout).toContain('"mismatches":[]');
  });

  it('of a scheme that signs no time are refused when they are old, and on the record when they come again', async () => {
    const yesterday = new Date(Date.now() - (DAY_SECONDS + 60) * 1000);
    const old = JSON.stringify(bodyOf('intercom', 'conversation.user.created', yesterday));
    expect(await deliveries.sendTo('intercom', old, randomUUID())).toBe(401);

    const body = bodyOf('intercom', 'conversation.user.created');
    const text = JSON.stringify(body);
    expect(await deliveries.sendTo('intercom', text, randomUUID())).toBe(202);
    expect(await deliveries.sendTo('intercom', text, randomUUID())).toBe(202);
    const { item } = body['data'] as { item: { id: string } };
    const ticket = await recorded(`intercom:shop1234:${item.id}`, 2);
    const [first] = ticket;
    const delivery = await recorded(`delivery-${first!.archived ? '' : first!.metadata.causationId}`, 3);
    expect(namesOf(delivery)).toEqual(['DeliveryRouted', 'DeliveryBytesKept', 'DeliveryRefused']);
    expect(delivery[2]).toMatchObject({ data: { code: 'BODY_REPEATED' } });
    expect(namesOf(await recorded(`intercom:shop1234:${item.id}`, 2))).toEqual(['TicketReceived', 'TicketTriaged']);
  });
});

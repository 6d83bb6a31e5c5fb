import { randomUUID } from 'node:crypto';
import { all } from '@towpath/contracts/catalogue';
import { encryptPii, subjectsOf } from './cipher.js';
import { openRevealer, type Revealer } from './reveal.js';
import { createSpecDatabase, type SpecDatabase } from './spec-database.js';
import { openVault, type Vault } from './vault.js';

const contract = all().find(({ pii }) => pii.length > 0)!;
const { name: field, subject } = contract.pii[0]!;

let database: SpecDatabase;
let vault: Vault;
const opened: Revealer[] = [];

beforeAll(async () => {
  database = await createSpecDatabase();
  vault = await openVault({ url: database.urlAs(`${database.service}_service`) });
  // Where triage appends what people ask for; the spec's own services have other names.
  await database.admin(`create schema triage;
    create table triage.events (stream text, type text, data jsonb, occurred_at timestamptz default clock_timestamp());
    grant usage on schema triage to vault_owner; grant select on triage.events to vault_owner`);
}, 60_000);
afterAll(async () => {
  await Promise.all([vault?.close(), ...opened.map((revealer) => revealer.close())]);
  await database?.drop();
});

async function recordedOperation(verb = 'reveal', age = '0 minutes'): Promise<string> {
  const id = randomUUID();
  const data = { operationId: id, verb, actor: 'anna', reason: 'case 17', target: 'topic x' };
  await database.admin(
    `insert into triage.events values ($1, 'ops.v1.OperationRecorded', $2, clock_timestamp() - $3::interval)`,
    [`operation-${id}`, data, age],
  );
  return id;
}

function revealerFor(operationId: string): Revealer {
  const revealer = openRevealer({ url: database.urlAs('towpath_revealer'), operationId });
  opened.push(revealer);
  return revealer;
}

async function encrypted(person: string, value: string): Promise<Record<string, unknown>> {
  const data = { [subject]: person, [field]: value };
  return encryptPii(contract, data, await vault.keysFor(subjectsOf(contract, data))) as Record<string, unknown>;
}

describe('a reveal', () => {
  it('decrypts for a recorded operation, and writes down who saw whose data and why', async () => {
    const person = `cus_${randomUUID()}`;
    const operation = await recordedOperation();
    const data = await encrypted(person, 'anna@example.org');
    expect(data[field]).toMatch(/^enc1:/);
    expect(await revealerFor(operation).reveal(contract.type, data)).toMatchObject({ [field]: 'anna@example.org' });
    const rows = await database.admin(
      'select actor, reason, target, subjects from vault.reveals where operation_id = $1',
      [operation],
    );
    expect(rows).toEqual([{ actor: 'anna', reason: 'case 17', target: 'topic x', subjects: [person] }]);
  });

  it.each([
    ['that nobody recorded', async () => randomUUID()],
    ['that recorded something else', () => recordedOperation('groups reset')],
    ['of more than an hour ago', () => recordedOperation('reveal', '61 minutes')],
  ])('is refused for an operation %s', async (_, operation) => {
    const data = await encrypted(`cus_${randomUUID()}`, 'anna@example.org');
    await expect(revealerFor(await operation()).reveal(contract.type, data)).rejects.toMatchObject({
      code: 'REVEAL_UNRECORDED',
    });
  });

  it('says of an erased person that they are', async () => {
    const person = `cus_${randomUUID()}`;
    const data = await encrypted(person, 'anna@example.org');
    await database.admin('select vault.erase($1)', [person]);
    expect(await revealerFor(await recordedOperation()).reveal(contract.type, data)).toMatchObject({
      [field]: 'erased',
    });
  });

  it('makes no key for a person the vault does not know', async () => {
    const person = `cus_${randomUUID()}`;
    const operation = await recordedOperation();
    await revealerFor(operation).reveal(contract.type, { [subject]: person, [field]: 'enc1:none' });
    expect(await database.admin('select from vault.keys where subject = $1', [person])).toEqual([]);
  });

  it('can not be taken back from the record', async () => {
    await expect(database.admin('delete from vault.reveals')).rejects.toThrow('APPEND_ONLY');
  });
});

describe('the role of reveals', () => {
  const refused = [
    'select from vault.keys',
    'select from vault.reveals',
    "select vault.keys_for('{a}')",
    "select vault.erase('a')",
    'select vault.lookup_key()',
    'select from triage.events',
    'create table public.x ()',
  ];

  it.each(refused)('may not: %s', async (statement) => {
    await expect(database.as('towpath_revealer', statement)).rejects.toThrow(/permission denied/);
  });

  it('reads no store', async () => {
    await expect(database.as('towpath_revealer', `select from ${database.service}.events`)).rejects.toThrow(
      /permission denied/,
    );
  });

  it.each(['towpath_reader', 'cdc_service'])('is the only one that reveals: %s may not', async (role) => {
    await expect(database.as(role, "select vault.reveal('x', '{a}')")).rejects.toThrow(/permission denied/);
  });

  it('is the only one that reveals: a service may not', async () => {
    await expect(database.as(`${database.service}_service`, "select vault.reveal('x', '{a}')")).rejects.toThrow(
      /permission denied/,
    );
  });
});

import { InboxConflict, LeaseLost, StoreError, StoreRefusal, StoreUnavailable, VersionConflict } from './errors.js';

interface SqlFailure {
  readonly code?: string;
  readonly message?: string;
  readonly detail?: string;
  readonly constraint?: string;
  readonly severity?: string;
}

/** What the store throws for what the driver threw. Details of rows stay out of messages: they may hold personal data. */
export function storeErrorOf(error: unknown): Error {
  if (error instanceof StoreError) return error;
  const failure = error as SqlFailure;
  const code = failure.code ?? '';
  if (!/^[0-9A-Z]{5}$/.test(code) || isOutage(code)) {
    return new StoreUnavailable(
      `Postgres did not answer (${code || failure.message}); the outcome of a write is unknown`,
      { cause: error },
    );
  }
  return conflictOf(failure) ?? refusalOf(failure);
}

/** True when the connection may be used on after this error: Postgres answered, and stays. */
export function isConnectionSound(error: unknown): boolean {
  const { code = '', severity } = error as SqlFailure;
  return /^[0-9A-Z]{5}$/.test(code) && severity === 'ERROR' && !isOutage(code);
}

function conflictOf(failure: SqlFailure): Error | undefined {
  if (failure.code === 'TP001') {
    const { stream, expected, actual } = JSON.parse(failure.detail ?? '{}') as VersionDetail;
    return new VersionConflict(stream, expected ?? undefined, actual ?? undefined);
  }
  if (failure.code === 'TP006') return new LeaseLost(JSON.parse(failure.detail ?? '[]') as string[]);
  if (isDeadlock(failure.code)) return new VersionConflict('(several)', undefined, undefined);
  if (failure.code !== '23505') return undefined;
  if (failure.constraint === 'events_stream_version') return lostRace(failure);
  // Each day's partition has a key of its own.
  return failure.constraint?.startsWith('inbox_') ? new InboxConflict() : undefined;
}

/** Deadlock and serialisation failure: somebody else was first, the same remedy. */
function isDeadlock(code: string | undefined): boolean {
  return code === '40P01' || code === '40001';
}

/** Two writers took the same version at once; the detail reads `Key (stream, version)=(payment-1, 3) already exists.` */
function lostRace(failure: SqlFailure): VersionConflict {
  const [, stream = '(unknown)', text] = /=\((.*), (\d+)\)/.exec(failure.detail ?? '') ?? [];
  const version = text === undefined ? undefined : Number(text);
  return new VersionConflict(stream, version === undefined ? undefined : version - 1, version);
}

interface VersionDetail {
  readonly stream: string;
  readonly expected: number | null;
  readonly actual: number | null;
}

const notSetUp = (failure: SqlFailure) => new StoreRefusal('NOT_SET_UP', `${failure.message}; run towpath setup`);
const unstorable = () => new StoreRefusal('UNSTORABLE', 'Postgres can not hold this text (U+0000 or invalid UTF-8)');

/** Refusals by SQLSTATE. */
const refusals = new Map<string, (failure: SqlFailure) => StoreRefusal>([
  ['TP003', notEmitted],
  ['TP004', () => new StoreRefusal('APPEND_ONLY', 'stored events are never changed; append a correcting event')],
  ['TP007', (failure) => new StoreRefusal('ARCHIVE_REFUSED', archiveRefusal(failure))],
  ['TP008', () => new StoreRefusal('CHAIN_BROKEN', 'the events do not follow from what the store has before them')],
  [
    'TP011',
    () =>
      new StoreRefusal(
        'REVEAL_UNRECORDED',
        'triage has recorded no such reveal within the last hour; ask again with --reveal --reason TEXT',
      ),
  ],
  [
    'TP012',
    () =>
      new StoreRefusal(
        'ERASURE_UNRECORDED',
        'triage has recorded no such erasure; keys are destroyed only for one: `towpath erase customer ID --reason TEXT`',
      ),
  ],
  ['22P05', unstorable],
  ['22021', unstorable],
  [
    '23505',
    (failure) => new StoreRefusal('EVENT_ID_TAKEN', `an event with this id is stored already (${failure.constraint})`),
  ],
  [
    '42501',
    (failure) =>
      new StoreRefusal('NOT_ALLOWED', `${failure.message}; this role may only read and execute the store's functions`),
  ],
  ['3F000', notSetUp],
  ['42P01', notSetUp],
  ['42883', notSetUp],
  ['3D000', notSetUp],
]);

function refusalOf(failure: SqlFailure): StoreRefusal {
  const known = refusals.get(failure.code ?? '');
  return known ? known(failure) : new StoreRefusal('SQL_REFUSED', `${failure.code} ${failure.message}`);
}

function notEmitted(failure: SqlFailure): StoreRefusal {
  const { types } = JSON.parse(failure.detail ?? '{}') as { types?: string[] };
  const fix = 'name it as producer in the contract and run towpath setup';
  return new StoreRefusal('TYPE_NOT_EMITTED', `${types?.join(', ')} may not be appended by this service; ${fix}`);
}

function archiveRefusal({ detail }: SqlFailure): string {
  const { asked, allowed } = JSON.parse(detail ?? '{}') as { asked?: number; allowed?: number };
  return `only ${allowed} of ${asked} events may leave the store; nothing was changed, the next run looks again`;
}

/** 08 connection, 28 authentication, 53 resources, 57 operator and shutdown (also statement time-out), 58 system. */
function isOutage(code: string): boolean {
  return /^(08|28|53|57|58)/.test(code);
}

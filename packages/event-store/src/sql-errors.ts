import { InboxConflict, StoreError, StoreRefusal, StoreUnavailable, VersionConflict } from './errors.js';

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
  switch (failure.code) {
    case 'TP001': {
      const { stream, expected, actual } = JSON.parse(failure.detail ?? '{}') as {
        stream: string;
        expected: number | null;
        actual: number | null;
      };
      return new VersionConflict(stream, expected ?? undefined, actual ?? undefined);
    }
    case 'TP002':
      return new InboxConflict();
    // deadlock and serialisation failure: somebody else was first, the same remedy
    case '40P01':
    case '40001':
      return new VersionConflict('(several)', undefined, undefined);
    case '23505':
      if (failure.constraint === 'events_stream_version') {
        const [, stream = '(unknown)', version] = /=\((.*), (\d+)\)/.exec(failure.detail ?? '') ?? [];
        return new VersionConflict(
          stream,
          version === undefined ? undefined : Number(version) - 1,
          version === undefined ? undefined : Number(version),
        );
      }
      return undefined;
    default:
      return undefined;
  }
}

function refusalOf(failure: SqlFailure): Error {
  switch (failure.code) {
    case 'TP003': {
      const { types } = JSON.parse(failure.detail ?? '{}') as { types?: string[] };
      return new StoreRefusal(
        'TYPE_NOT_EMITTED',
        `${types?.join(', ')} may not be appended by this service; name it as producer in the contract and run towpath setup`,
      );
    }
    case 'TP004':
      return new StoreRefusal('APPEND_ONLY', 'stored events are never changed; append a correcting event');
    case '22P05':
    case '22021':
      return new StoreRefusal('UNSTORABLE', 'Postgres can not hold this text (U+0000 or invalid UTF-8)');
    case '23505':
      return new StoreRefusal('EVENT_ID_TAKEN', `an event with this id is stored already (${failure.constraint})`);
    case '42501':
      return new StoreRefusal(
        'NOT_ALLOWED',
        `${failure.message}; this role may only read and execute the store's functions`,
      );
    case '3F000':
    case '42P01':
    case '42883':
    case '3D000':
      return new StoreRefusal('NOT_SET_UP', `${failure.message}; run towpath setup`);
    default:
      return new StoreRefusal('SQL_REFUSED', `${failure.code} ${failure.message}`);
  }
}

/** 08 connection, 28 authentication, 53 resources, 57 operator and shutdown (also statement time-out), 58 system. */
function isOutage(code: string): boolean {
  return /^(08|28|53|57|58)/.test(code);
}

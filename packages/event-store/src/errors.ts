/** A failure with a stable code. */
export class StoreError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(`${code}: ${message}`, options);
    this.name = new.target.name;
  }
}

/** Another writer was first: read again and decide again. Code `VERSION_CONFLICT`. */
export class VersionConflict extends StoreError {
  constructor(
    /** the stream, or `row <name>/<key>` for a projection row */
    readonly stream: string,
    readonly expected: number | undefined,
    readonly actual: number | undefined,
  ) {
    super(
      'VERSION_CONFLICT',
      `${stream} is at version ${actual ?? 'unknown'}, not ${expected ?? 'as read'}; read again and decide again`,
    );
  }
}

/** Another replica recorded one of these messages first: read the group again. Code `INBOX_CONFLICT`. */
export class InboxConflict extends StoreError {
  constructor() {
    super('INBOX_CONFLICT', 'a message of the group was recorded by another replica; read the group again');
  }
}

/** Another worker holds these messages now: leave them to it. Code `LEASE_LOST`. */
export class LeaseLost extends StoreError {
  constructor(
    /** `seq` of their rows */
    readonly seqs: readonly string[],
  ) {
    super('LEASE_LOST', `the leases of ${seqs.length} messages that waited are another worker's now`);
  }
}

/** Postgres or the store refused the content; trying the same again gives the same. `code` names the cause. */
export class StoreRefusal extends StoreError {}

/** Postgres is away or cut the connection; a write's outcome is unknown. Code `STORE_UNAVAILABLE`. */
export class StoreUnavailable extends StoreError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('STORE_UNAVAILABLE', message, options);
  }
}

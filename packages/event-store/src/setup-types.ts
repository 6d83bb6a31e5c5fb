import type { Contract } from '@towpath/contracts/contract';

/** One registered schema; set-up stores it so that services start while the registry is away. */
export interface RegisteredSchema {
  readonly type: string;
  readonly subject: string;
  readonly schemaId: number;
  /** `{service}` in it stands for the producing service */
  readonly topicTemplate: string;
}

/** What `setupDatabase` needs. */
export interface SetupOptions {
  /** superuser of the cluster, or a role that may create roles, schemas, publications and slots; the database is created when missing */
  readonly adminUrl: string;
  /** services with an event store; `-` in a name becomes `_` in its schema */
  readonly services: readonly string[];
  readonly contracts: Iterable<Contract>;
  /**
   * Passwords by role: `<schema>_service` for each service; `cdc_service`, `towpath_reader`, `towpath_revealer` and
   * `towpath_archivist`, which keep theirs when absent. Roles are shared by all databases of the cluster.
   */
  readonly passwords: Readonly<Record<string, string>>;
  /** a service's own SQL in order; default none. See `readMigrations(folder)` */
  migrationsOf?(service: string): readonly Migration[];
  /** what the registry knows; may come later by `storeSchemaIds` */
  readonly schemas?: readonly RegisteredSchema[];
  /** public key that signs checkpoints from now on, 32 bytes; earlier ones are kept. Default: none is added */
  readonly checkpointKey?: Buffer;
  /** replication slot, unique in the cluster; null creates none. Default `towpath_relay` */
  readonly slot?: string | null;
}

/** One SQL file. `repeatable` files (name starts with `R_`) run again whenever they change; others run once and must not change. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
}

/** What set-up did. */
export interface SetupReport {
  /** migrations applied now, as `<scope>/<name>`; empty when everything was there */
  readonly applied: string[];
  readonly schemas: string[];
  readonly slotCreated: boolean;
}

import pg from 'pg';

const RECONNECT_MS = 1_000;
const CONNECT_MS_MAX = 5_000;

/** A connection that listens for what Postgres is asked to tell. */
export interface Notices {
  close(): Promise<void>;
}

interface NoticesOptions {
  readonly url: string;
  readonly channel: string;
  /** as which Postgres shows the connection */
  readonly name: string;
}

/** Calls `heard` on each notice of the channel, and after each connecting, before which notices may have been missed. */
export function listen(options: NoticesOptions, heard: () => void): Notices {
  const listener = new Listener(options, heard);
  listener.connect();
  return { close: () => listener.close() };
}

class Listener {
  private client: pg.Client | undefined;
  private again: NodeJS.Timeout | undefined;
  private connecting: Promise<void> | undefined;
  private closed = false;

  constructor(
    private readonly options: NoticesOptions,
    private readonly heard: () => void,
  ) {}

  connect(): void {
    this.connecting = this.open().catch(() => this.broken());
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.again);
    await this.connecting;
    await this.client?.end().catch(() => undefined);
  }

  private async open(): Promise<void> {
    const { url, channel, name } = this.options;
    const client = new pg.Client({
      connectionString: url,
      application_name: name,
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_MS_MAX,
    });
    this.client = client;
    client.on('notification', () => this.heard());
    client.on('error', () => this.broken(client));
    client.on('end', () => this.broken(client));
    await client.connect();
    await client.query(`listen ${pg.escapeIdentifier(channel)}`);
    this.heard();
  }

  /** A connection that broke is left to itself; another is made after a pause. */
  private broken(client = this.client): void {
    if (this.closed || client !== this.client || client === undefined) return;
    this.client = undefined;
    void client.end().catch(() => undefined);
    this.again = setTimeout(() => this.connect(), RECONNECT_MS);
  }
}

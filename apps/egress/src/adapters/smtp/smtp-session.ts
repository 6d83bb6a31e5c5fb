import type { LookupAddress } from 'node:dns';
import { Readable } from 'node:stream';
import { systemResolve, type Resolve } from '@towpath/outbound/pinned-lookup';
import { OutboundError } from '@towpath/outbound/outbound-error';
import { isLoopbackAddress, isPublicAddress } from '@towpath/outbound/public-address';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import { withoutAddresses } from '../../answer.js';

/** One message as it goes over the wire. */
export interface Envelope {
  readonly from: string;
  readonly to: string;
  /** RFC 5322 */
  readonly message: Buffer;
}

export interface MailServer {
  /** smtp: or smtps: */
  readonly url: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly callMsMax: number;
}

/** What a mail server came to: it said something, or nothing. */
export type SessionEnd =
  | { readonly kind: 'accepted'; readonly reply: string }
  | {
      readonly kind: 'replied';
      readonly code: number;
      readonly command: string;
      readonly sent: boolean;
      readonly detail: string;
    }
  | { readonly kind: 'silent'; readonly sent: boolean; readonly detail: string };

/**
 * Hands over one message in a session of its own. `sent` tells whether any of the message's own bytes left: before that the
 * server can't have taken it, after that only its last reply could tell. Throws OutboundError for an address that is not allowed.
 */
export async function deliver(
  server: MailServer,
  envelope: Envelope,
  resolve: Resolve = systemResolve,
): Promise<SessionEnd> {
  const url = new URL(server.url);
  const pinned = await pinnedAddress(url.hostname, resolve);
  const isLoopback = isLoopbackAddress(pinned.address);
  // Loaded with the first mail.
  const { default: Connection } = await import('nodemailer/lib/smtp-connection');
  const connection = new Connection({
    host: pinned.address,
    port: Number(url.port) || (url.protocol === 'smtps:' ? 465 : 587),
    secure: url.protocol === 'smtps:',
    // Credentials and letters of people never go in the clear to another machine.
    requireTLS: !isLoopback && url.protocol === 'smtp:',
    ignoreTLS: isLoopback && url.protocol === 'smtp:',
    tls: { servername: url.hostname },
    connectionTimeout: server.callMsMax,
    greetingTimeout: server.callMsMax,
    socketTimeout: server.callMsMax,
    disableFileAccess: true,
    disableUrlAccess: true,
  } as ConstructorParameters<typeof SMTPConnection>[0]);
  return new Session(connection, server, envelope).run();
}

/** The address that was checked is the one that is connected to: a name that changes its answer gains nothing. */
async function pinnedAddress(hostname: string, resolve: Resolve): Promise<LookupAddress> {
  const host = hostname.replace(/^\[|\]$/g, '');
  const addresses = await resolve(host).catch((cause: unknown) => {
    throw new OutboundError('CONNECTION_FAILED', 'not-sent', `${host} has no address`, { cause });
  });
  const allowed = host === 'localhost' || isLoopbackAddress(host) ? isLoopbackAddress : isPublicAddress;
  const forbidden = addresses.find(({ address }) => !allowed(address));
  const [first] = addresses;
  if (!first || forbidden)
    throw new OutboundError(
      'ADDRESS_NOT_ALLOWED',
      'not-sent',
      `${host} resolves to ${forbidden?.address ?? 'nothing'}`,
    );
  return first;
}

interface SmtpFault extends Error {
  readonly code?: string | undefined;
  readonly command?: string | undefined;
  readonly responseCode?: number | undefined;
}

class Session {
  private sent = false;

  constructor(
    private readonly connection: SMTPConnection,
    private readonly server: MailServer,
    private readonly envelope: Envelope,
  ) {}

  run(): Promise<SessionEnd> {
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => finish({ kind: 'silent', sent: this.sent, detail: 'TIMEOUT' }),
        this.server.callMsMax,
      );
      const finish = (end: SessionEnd): void => {
        clearTimeout(timer);
        // First: closing tells of the end, too.
        resolve(end);
        this.connection.close();
      };
      const failed = (error: SmtpFault): void => finish(this.endOf(error));
      this.connection.on('error', failed);
      this.connection.on('end', () => finish({ kind: 'silent', sent: this.sent, detail: 'the server hung up' }));
      this.connection.connect((error) => {
        if (error) return failed(error);
        this.login((refused) => {
          if (refused) return failed(refused);
          this.send((fault, reply) => (fault ? failed(fault) : finish({ kind: 'accepted', reply })));
        });
      });
    });
  }

  private login(done: (error: SmtpFault | null) => void): void {
    const { user, password } = this.server;
    if (user === undefined || password === undefined) return done(null);
    this.connection.login({ user, pass: password }, (error) => done(error));
  }

  private send(done: (error: SmtpFault | null, reply: string) => void): void {
    const { from, to, message } = this.envelope;
    const body = new Readable({
      // Read only once the server asked for the message (354).
      read: () => {
        this.sent = true;
        body.push(message);
        body.push(null);
      },
    });
    this.connection.send({ from, to: [to] }, body, (error, info) => done(error ?? null, info?.response ?? ''));
  }

  private endOf({ responseCode, command, code, message }: SmtpFault): SessionEnd {
    const detail = withoutAddresses(message).slice(0, 300);
    if (responseCode !== undefined)
      return { kind: 'replied', code: responseCode, command: command ?? 'CONN', sent: this.sent, detail };
    return { kind: 'silent', sent: this.sent, detail: `${code ?? 'ECONNECTION'}: ${detail}` };
  }
}

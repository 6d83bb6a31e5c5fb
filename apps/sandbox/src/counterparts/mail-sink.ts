import type { Readable } from 'node:stream';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import type { FastifyInstance } from 'fastify';
import type { Acts, Call } from './acts.js';

const MAIL_BYTES_MAX = 5 * 1024 * 1024;

/**
 * A real mail server that takes every message and delivers none: what was sent is read from the sandbox's log. Like any mail
 * server it knows no keys, and the same message twice is two messages.
 */
export class MailSink {
  private readonly server: SMTPServer;

  constructor(private readonly acts: Acts) {
    this.server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      size: MAIL_BYTES_MAX,
      closeTimeout: 100,
      onAuth: (_auth, _session, done) => done(null, { user: 'anybody' }),
      onData: (stream, session, done) => {
        this.take(stream, session).then((error) => error !== 'never' && done(error), done);
      },
    });
    this.server.on('error', () => undefined);
  }

  /** Resolves with the port it listens on. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        const address = this.server.server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private async take(stream: Readable, session: SMTPServerSession): Promise<Error | null | 'never'> {
    const ending = await this.acts.call(await mailOf(stream, session));
    if (ending.kind === 'done') return null;
    if (ending.kind === 'silence') return 'never';
    if (ending.kind === 'reset') {
      this.hangUp(session);
      return 'never';
    }
    return Object.assign(new Error('told to answer so'), { responseCode: ending.status });
  }

  private hangUp({ id }: SMTPServerSession): void {
    const connections = this.server.connections as unknown as Iterable<{ id: string; _socket: { destroy(): void } }>;
    for (const connection of connections) if (connection.id === id) connection._socket.destroy();
  }
}

/** Starts and ends a mail sink with the sandbox's own server. */
export function addMailSink(app: FastifyInstance, acts: Acts, { port, host }: { port: number; host: string }): void {
  const sink = new MailSink(acts);
  app.addHook('onListen', async () => app.log.info({ port: await sink.listen(port, host) }, 'mail-sink.listening'));
  app.addHook('onClose', () => sink.close());
}

async function mailOf(stream: Readable, session: SMTPServerSession): Promise<Call> {
  // Loaded with the first mail: most runs send none.
  const { simpleParser } = await import('mailparser');
  const mail = await simpleParser(stream);
  const to = session.envelope.rcptTo.map(({ address }) => address).join(', ');
  const effectId = /^<([0-9a-f]{32})@/.exec(mail.messageId ?? '')?.[1] ?? null;
  const body = {
    messageId: mail.messageId ?? null,
    from: mail.from?.text ?? null,
    to,
    subject: mail.subject ?? null,
    text: mail.text?.replace(/\n$/, '') ?? null,
    inReplyTo: mail.inReplyTo ?? null,
    autoSubmitted: mail.headers.get('auto-submitted') ?? null,
  };
  return { provider: 'smtp', action: 'mail', subject: to, key: null, effectId, body };
}

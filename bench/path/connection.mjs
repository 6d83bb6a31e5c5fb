import { connect } from 'node:net';

/**
 * One keep-alive connection that posts one request at a time. Written on the socket itself because Node's HTTP client would
 * take more of the machine than the receiver that is measured.
 */
export class Connection {
  #socket;
  #answered;
  #received = Buffer.alloc(0);

  constructor({ hostname, port }) {
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.#socket.on('data', (bytes) => this.#take(bytes));
    this.#socket.on('error', (error) => this.#settle(error.code ?? 'error'));
    this.#socket.on('close', () => this.#settle('closed'));
  }

  get usable() {
    return !this.#socket.destroyed;
  }

  /** Writes head and body; resolves with the status of the answer, or the code of the failure. */
  post(head, body) {
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.#socket.cork();
      this.#socket.write(head);
      this.#socket.write(body);
      this.#socket.uncork();
    });
  }

  close() {
    this.#socket.destroy();
  }

  #take(bytes) {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd === -1) return;
    const head = this.#received.latin1Slice(0, headEnd);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    if (this.#received.length < headEnd + 4 + length) return;
    this.#received = Buffer.alloc(0);
    if (/\r\nconnection: close/i.test(head)) this.#socket.destroy();
    this.#settle(Number(head.slice(9, 12)));
  }

  #settle(status) {
    const answered = this.#answered;
    this.#answered = undefined;
    answered?.(status);
  }
}

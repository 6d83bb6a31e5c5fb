import { Connection } from './connection.mjs';
import { deliveryBody, signatureOf } from './delivery.mjs';

const DUPLICATES_EVERY = 20;
const TICK_MS = 2;
const CONNECTIONS_MAX = 256;

/**
 * Posts signed deliveries at a fixed rate, whatever the answers (an open loop), 5 % of them twice. When all connections
 * wait for their answers, deliveries wait too, and that wait counts as theirs.
 */
export class Load {
  answers = new Map();
  #next = 0;
  #idle = [];
  #connections = 0;
  #waiting = [];

  constructor({ url, secret, fields }) {
    this.target = new URL(url);
    this.secret = secret;
    this.fields = fields;
  }

  /** `onSent(paymentId, at)` is told when the last byte of a body is handed to the socket, in ms of the monotonic clock. */
  async run({ perSecond, seconds, onSent }) {
    const total = Math.round(perSecond * seconds);
    const first = this.#next;
    this.answers.clear();
    const open = new Set();
    const startedAt = performance.now();
    await new Promise((resolve) => {
      const tick = () => {
        const due = Math.min(total, Math.floor(((performance.now() - startedAt) * perSecond) / 1000) + 1);
        while (this.#next - first < due) {
          const delivery = this.#deliver(this.#next++, onSent);
          open.add(delivery);
          void delivery.then(() => open.delete(delivery));
        }
        if (this.#next - first >= total) resolve();
        else setTimeout(tick, TICK_MS);
      };
      tick();
    });
    const sendSeconds = (performance.now() - startedAt) / 1000;
    const unanswered = open.size;
    await Promise.all(open);
    return { sent: total, seconds: sendSeconds, unanswered, answers: Object.fromEntries(this.answers) };
  }

  /** Numbers of the next deliveries. */
  upcoming(count) {
    return Array.from({ length: count }, (_, index) => this.#next + index);
  }

  async #deliver(n, onSent) {
    const { paymentId, body } = deliveryBody(n, this.fields);
    await this.#post(body, (at) => onSent(paymentId, at));
    if (n % DUPLICATES_EVERY === 0) await this.#post(body, () => undefined);
  }

  async #post(body, onSent) {
    const arrived = performance.now();
    const head = this.#head(body);
    const { connection, waited } = await this.#take();
    onSent(waited ? arrived : performance.now());
    const status = await connection.post(head, body);
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
    this.#giveBack(connection);
  }

  #head(body) {
    return `POST ${this.target.pathname} HTTP/1.1\r\nhost: ${this.target.host}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nstripe-signature: ${signatureOf(this.secret, body)}\r\n\r\n`;
  }

  async #take() {
    let connection;
    while ((connection = this.#idle.pop())) {
      if (connection.usable) return { connection, waited: false };
      this.#connections -= 1;
    }
    if (this.#connections < CONNECTIONS_MAX) {
      this.#connections += 1;
      return { connection: new Connection(this.target), waited: false };
    }
    return { connection: await new Promise((resolve) => this.#waiting.push(resolve)), waited: true };
  }

  #giveBack(connection) {
    const usable = connection.usable ? connection : new Connection(this.target);
    const next = this.#waiting.shift();
    if (next) next(usable);
    else this.#idle.push(usable);
  }

  close() {
    for (const connection of this.#idle) connection.close();
  }
}

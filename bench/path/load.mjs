import { Agent, request } from 'node:http';
import { deliveryBody, signatureOf } from './delivery.mjs';

const DUPLICATES_EVERY = 20;
const TICK_MS = 2;

/**
 * Posts signed deliveries at a fixed rate, whatever the answers (an open loop), 5 % of them twice, and remembers when the
 * last byte of each body was written. Bounded by `seconds`.
 */
export class Load {
  /** payment id → time of the last byte, ms of the monotonic clock */
  sentAt = new Map();
  answers = new Map();
  next = 0;
  agent = new Agent({ keepAlive: true, maxSockets: 64 });

  constructor({ url, secret }) {
    this.target = new URL(url);
    this.secret = secret;
  }

  async run({ perSecond, seconds }) {
    const startedAt = performance.now();
    const first = this.next;
    const total = Math.round(perSecond * seconds);
    const open = [];
    await new Promise((resolve) => {
      const tick = () => {
        const due = Math.min(total, Math.floor(((performance.now() - startedAt) * perSecond) / 1000) + 1);
        while (this.next - first < due) open.push(this.post(this.next++));
        if (this.next - first >= total) return resolve();
        setTimeout(tick, TICK_MS);
      };
      tick();
    });
    await Promise.all(open);
    return { sent: total, seconds: (performance.now() - startedAt) / 1000 };
  }

  async post(n) {
    const { paymentId, body } = deliveryBody(n);
    await this.send(body, () => this.sentAt.set(paymentId, performance.now()));
    if (n % DUPLICATES_EVERY === 0) await this.send(body, () => undefined);
  }

  send(body, onLastByte) {
    return new Promise((resolve) => {
      const answered = (status) => {
        this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
        resolve();
      };
      const headers = { 'content-type': 'application/json', 'content-length': body.length, 'stripe-signature': signatureOf(this.secret, body) };
      const outgoing = request(this.target, { method: 'POST', agent: this.agent, headers }, (response) => {
        response.resume();
        response.on('end', () => answered(response.statusCode));
      });
      outgoing.on('error', (error) => answered(error.code ?? 'error'));
      outgoing.end(body, onLastByte);
    });
  }

  close() {
    this.agent.destroy();
  }
}

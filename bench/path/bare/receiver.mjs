import { createHmac, timingSafeEqual } from 'node:crypto';
import fastify from 'fastify';
import { groupSender, kafka, readyUntilTold, TOPICS } from './settings.mjs';

/** The bare HTTP receiver: raw body, Stripe's HMAC in constant time, 202 when Kafka has acknowledged with acks=all. */
const secret = process.env['SECRET'];
const toleranceSeconds = 300;
const sender = await groupSender(kafka('bare-receiver'));
const app = fastify({ bodyLimit: 256 * 1024, logger: false });
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

app.post('/webhooks/stripe', (request, reply) => {
  const raw = request.body;
  if (!isSigned(raw, request.headers['stripe-signature'] ?? '')) return reply.code(401).send();
  const { id, data } = JSON.parse(raw.toString());
  const message = { key: data.object.payment_intent, value: raw, headers: { id } };
  sender.send(TOPICS.received, message, () => reply.code(202).send());
  return reply;
});

function isSigned(raw, header) {
  const parts = new Map(header.split(',').map((part) => part.split('=', 2)));
  const seconds = parts.get('t');
  if (Math.abs(Date.now() / 1000 - Number(seconds)) > toleranceSeconds) return false;
  const expected = createHmac('sha256', secret).update(`${seconds}.`).update(raw).digest();
  const given = Buffer.from(parts.get('v1') ?? '', 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT']) });
readyUntilTold(async () => {
  await app.close();
  await sender.close();
});

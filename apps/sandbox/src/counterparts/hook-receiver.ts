import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { CounterpartRefusal, headerOf, jsonOf, paramOf, type CounterpartRoutes } from './counterpart-routes.js';

const TOLERANCE_S = 300;

/** A partner that receives signed webhooks as Standard Webhooks tells it to: it checks time and signature and drops repeats. */
export function addHookReceiver(routes: CounterpartRoutes, secret: string | undefined): void {
  routes.act(
    'POST',
    '/:endpoint',
    (request) => {
      const id = headerOf(request, 'webhook-id');
      if (id === null) throw new CounterpartRefusal(400, 'webhook-id is missing');
      if (secret !== undefined && !isSigned(request, id, secret)) throw new CounterpartRefusal(401, 'bad signature');
      const subject = paramOf(request, 'endpoint');
      const effectId = id.startsWith('msg_') ? id.slice(4) : null;
      return { action: 'webhook', subject, key: id, effectId, body: jsonOf(request) };
    },
    () => ({ body: { received: true } }),
  );
}

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Verifying signatures" */
function isSigned(request: FastifyRequest, id: string, secret: string): boolean {
  const seconds = headerOf(request, 'webhook-timestamp') ?? '';
  if (!(Math.abs(Date.now() / 1_000 - Number(seconds)) <= TOLERANCE_S)) return false;
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const wanted = createHmac('sha256', key)
    .update(`${id}.${seconds}.${String(request.body)}`)
    .digest();
  const given = (headerOf(request, 'webhook-signature') ?? '').split(' ').map((one) => one.split(','));
  return given.some(([version, text]) => {
    const signature = Buffer.from(text ?? '', 'base64');
    return version === 'v1' && signature.length === wanted.length && timingSafeEqual(signature, wanted);
  });
}

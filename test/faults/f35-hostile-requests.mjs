import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';

const SLOW_SOCKETS = 500;
const SLOW_MS = 4_000;
const HUGE_BYTES = 10_000_000;
const ANSWER_ATTEMPTS_MAX = 5;

/** Requests that want memory, sockets or a parser's mistake. */
export const hostileRequests = {
  id: 'F35',
  about: '10 MB chunked, a gzip bomb, invalid UTF-8 and JSON, Content-Length with Transfer-Encoding, 500 slow sockets',
  holds: '400, 408, 413 or 415 and no more memory; others are served meanwhile',
  async inject(world, { expect, note }) {
    const { port } = new URL(world.traffic.base);
    const slow = Array.from({ length: SLOW_SOCKETS }, () => trickle(Number(port)));
    const before = world.traffic.accepted.size;
    const head =
      'POST /webhooks/stripe HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close\r\n';
    const sized = (bytes) => Buffer.concat([Buffer.from(`${head}content-length: ${bytes.length}\r\n\r\n`), bytes]);
    const bomb = gzipSync(Buffer.alloc(1_000_000));
    const gzip = `${head}content-encoding: gzip\r\ncontent-length: ${bomb.length}\r\n\r\n`;
    const requests = {
      'too large': [Buffer.from(`${head}transfer-encoding: chunked\r\n\r\n${chunk(HUGE_BYTES)}`), [413]],
      gzip: [Buffer.concat([Buffer.from(gzip), bomb]), [415]],
      'invalid UTF-8': [sized(Buffer.from([0x7b, 0xff, 0xfe, 0x7d])), [400, 401]],
      'invalid JSON': [sized(Buffer.from('{"a":')), [400, 401]],
      'two lengths': [Buffer.from(`${head}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`), [400]],
      'no HTTP': [Buffer.from('\u0016\u0003\u0001 not http\r\n\r\n'), [400]],
    };
    for (const [name, [bytes, wanted]] of Object.entries(requests)) {
      const status = await answeredTo(Number(port), bytes);
      expect(wanted.includes(status), `${name}: ingress answered ${status}, not ${wanted.join(' or ')}`);
    }
    await world.pause(SLOW_MS);
    expect(world.traffic.accepted.size > before, 'nobody else was served while slow sockets were open');
    for (const socket of slow) socket.destroy();
    note(`${Object.keys(requests).length} requests, ${SLOW_SOCKETS} slow sockets`);
  },
};

function trickle(port) {
  const socket = connect({ host: '127.0.0.1', port }, () => socket.write('POST /webhooks/stripe HTTP/1.1\r\nhost: '));
  socket.on('error', () => undefined);
  return socket;
}

function chunk(bytes) {
  return `${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n0\r\n\r\n`;
}

/**
 * The status of the answer. Who is refused while still sending may lose the answer to the reset of the connection that follows it
 * (RFC 9112, 9.6), so one that got none asks again.
 */
async function answeredTo(port, bytes) {
  for (let attempt = 1; ; attempt += 1) {
    const status = await answerTo(port, bytes);
    if (status !== 0 || attempt === ANSWER_ATTEMPTS_MAX) return status;
  }
}

/** The status of the first answer; 0 when the connection was closed without one. */
function answerTo(port, bytes) {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(bytes));
    socket.setTimeout(20_000, () => socket.destroy());
    socket.once('data', (data) => {
      resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(data.toString('latin1'))?.[1] ?? 0));
      socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.once('close', () => resolve(0));
  });
}

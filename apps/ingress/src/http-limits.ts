import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { problemOf, PROBLEM_TYPE, statusOf, type Refusal } from './refusal.js';

/** Most headers a delivery may have. */
export const HEADERS_MAX = 100;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;
const CHECK_INTERVAL_MS = 2_000;
const CONNECTIONS_MAX = 2_000;

/**
 * Bounds what slow or greedy clients can hold; Node's own defaults are 60 s for headers and 300 s for a request. To be
 * called before the server listens: the check for slow clients is set up then.
 */
export function limitServer(server: Server): void {
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.maxConnections = CONNECTIONS_MAX;
  // Node drops what is above in silence, so it must be above the number that is refused aloud.
  server.maxHeadersCount = HEADERS_MAX + 28;
  Object.assign(server, { connectionsCheckingInterval: CHECK_INTERVAL_MS });
  server.removeAllListeners('clientError');
  server.on('clientError', answerClientError);
}

/** Answers what Node refuses before there is a request: the same problem documents, written by hand. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const refusal = refusalOf(error.code);
  const body = problemOf(refusal);
  socket.end(
    `HTTP/1.1 ${statusOf(refusal.code)} ${refusal.code}\r\nContent-Type: ${PROBLEM_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

function refusalOf(code: string | undefined): Refusal {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return { code: 'HEADERS_TOO_MANY', detail: 'The headers are larger than 16 KiB; send smaller ones.' };
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    const detail = `Headers must arrive within ${HEADERS_TIMEOUT_MS / 1000} s and the whole request within ${REQUEST_TIMEOUT_MS / 1000} s; send faster.`;
    return { code: 'REQUEST_TOO_SLOW', detail };
  }
  return { code: 'REQUEST_MALFORMED', detail: 'The request is not valid HTTP/1.1; check length, framing and headers.' };
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BEHAVIOURS, saidBy, type Behaviour, type Script } from './behaviours.js';
import { chunksOf, completionOf, textOf, type ChatAsk, type Said } from './chat-wire.js';
import { instanceOf } from './instance-of.js';

interface Settings {
  /** of `slow` */
  readonly slowMs: number;
  /** of `rate-limited`, in seconds; null sends no header */
  readonly retryAfterSeconds: number | null;
}

/** One request as the model saw it. */
export interface SeenAsk {
  readonly ask: ChatAsk;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly atMs: number;
}

const BODY_BYTES_MAX = 4_000_000;
const SEEN_MAX = 10_000;

/**
 * A model on this machine with OpenAI's chat completions over real HTTP, whole or streamed, that does what a spec says. It knows
 * nothing: `good` gives the answers of its script, and the smallest value of the asked schema where there is none.
 */
export class ScriptedModel {
  /** every request so far, oldest first; the first 10,000 */
  readonly seen: SeenAsk[] = [];
  /** all requests so far */
  requests = 0;
  private behaviour: Behaviour = 'good';
  private settings: Settings = { slowMs: 1_500, retryAfterSeconds: 1 };
  private readonly scripts = new Map<string, Script>();
  /** behaviours of the next requests, before `behaviour` */
  private queue: Behaviour[] = [];

  private constructor(private readonly server: Server) {}

  static async start(port = 0): Promise<ScriptedModel> {
    const server = createServer((request, response) => void started.handle(request, response));
    const started = new ScriptedModel(server);
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
    return started;
  }

  /** for OPENAI_BASE_URL */
  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  /** How it behaves from now on. */
  behave(behaviour: Behaviour, settings: Partial<Settings> = {}): void {
    this.behaviour = behaviour;
    this.queue = [];
    this.settings = { ...this.settings, ...settings };
  }

  /** How it behaves for the next requests, one each, before it goes on as before. */
  next(...behaviours: Behaviour[]): void {
    this.queue.push(...behaviours);
  }

  /** The right answer to requests for the schema of that name. */
  script(schemaName: string, answer: Script): void {
    this.scripts.set(schemaName, answer);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Whoever lets go of a call breaks the connection; that is no fault of the server.
    response.on('error', () => undefined);
    request.on('error', () => undefined);
    try {
      const body = await bodyOf(request);
      if (request.method === 'PUT' && request.url === '/scripted/behaviour') return this.control(body, response);
      if (request.method !== 'POST' || !request.url?.endsWith('/chat/completions'))
        return sendJson(response, 404, {
          error: { message: 'no such route', type: 'invalid_request_error', code: null },
        });
      const ask = JSON.parse(body) as ChatAsk;
      this.requests += 1;
      if (this.seen.length < SEEN_MAX) this.seen.push({ ask, headers: request.headers, atMs: performance.now() });
      await this.answer(ask, response, this.queue.shift() ?? this.behaviour);
    } catch (error) {
      sendJson(response, 400, {
        error: { message: String(error), type: 'invalid_request_error', code: 'bad_request' },
      });
    }
  }

  private async answer(ask: ChatAsk, response: ServerResponse, behaviour: Behaviour): Promise<void> {
    if (behaviour === 'hang') return;
    if (behaviour === 'slow') await new Promise((resolve) => setTimeout(resolve, this.settings.slowMs).unref());
    if (behaviour === 'rate-limited') return this.limited(response);
    if (behaviour === 'error')
      return sendJson(response, 500, { error: { message: 'the model is down', type: 'server_error', code: null } });
    const said = saidBy(behaviour, ask, this.requests - 1, () => this.rightAnswer(ask));
    if (behaviour === 'reset') return cutOff(ask, said, response);
    if (!ask.stream) return sendJson(response, 200, completionOf(ask, said, this.nextId()));
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    for (const chunk of chunksOf(ask, said, this.nextId())) response.write(chunk);
    response.end();
  }

  private rightAnswer(ask: ChatAsk): unknown {
    const { name, schema } = ask.response_format?.json_schema ?? {};
    const script = this.scripts.get(name ?? '') ?? this.scripts.get('*');
    if (script !== undefined) return script(textOf(ask), ask);
    return schema === undefined ? {} : instanceOf(schema);
  }

  private limited(response: ServerResponse): void {
    const { retryAfterSeconds } = this.settings;
    if (retryAfterSeconds !== null) response.setHeader('retry-after', String(retryAfterSeconds));
    const error = { message: 'slow down', type: 'requests', code: 'rate_limit_exceeded' };
    sendJson(response, 429, { error });
  }

  /** `PUT /scripted/behaviour {"behaviour":"slow","slowMs":3000}`, for a server in a process of its own. */
  private control(body: string, response: ServerResponse): void {
    const { behaviour, ...settings } = JSON.parse(body) as { behaviour: Behaviour } & Partial<Settings>;
    if (!BEHAVIOURS.includes(behaviour))
      return sendJson(response, 400, { error: { message: `one of ${BEHAVIOURS.join(', ')}` } });
    this.behave(behaviour, settings);
    sendJson(response, 200, { behaviour });
  }

  private nextId(): string {
    return `scripted${this.requests}`;
  }
}

/** Half of the reply, then the connection is gone. */
function cutOff(ask: ChatAsk, said: Said, response: ServerResponse): void {
  const streamed = ask.stream === true;
  const whole = streamed ? chunksOf(ask, said, 'cut').join('') : JSON.stringify(completionOf(ask, said, 'cut'));
  response.writeHead(200, { 'content-type': streamed ? 'text/event-stream' : 'application/json' });
  response.write(whole.slice(0, Math.ceil(whole.length / 2)), () => response.socket?.resetAndDestroy());
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  if (response.headersSent) return void response.end();
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new Error('the body is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SendWebhook } from '@towpath/contracts/hooks/SendWebhook.v1';
import { newSecret } from '@towpath/sources/keys';
import type { Resolve } from '@towpath/outbound/pinned-lookup';
import type { Surroundings } from '../../adapter.js';
import { effectFor } from '../adapters.fixture.js';
import { endpointsSetting } from './endpoints.js';
import { hooks, type HookSettings } from './hooks.adapter.js';
import { HooksProvider } from './hooks-provider.js';
import { PUBLISHED_SCHEDULE, scheduleSetting } from './schedule.js';

const secret = newSecret();
const around: Surroundings = { dryRun: false, sandboxUrl: '', storyKey: undefined, onBreaker: () => undefined };
const setting = (url: string, over: object = {}) => JSON.stringify({ acme: { url, secrets: [secret], ...over } });
const webhook = (over: Partial<SendWebhook> = {}) =>
  effectFor(SendWebhook, {
    ...{ hookId: 'h1', endpoint: 'acme', type: 'loan.approved', subjectId: 'cus_1', payload: '{"loan":7}' },
    ...over,
  });

/** A listener that nothing may ever connect to. */
class Canary {
  connects = 0;
  readonly server: Server;
  constructor(status = 200, headers: Record<string, string> = {}) {
    this.server = createServer((_, response) => response.writeHead(status, headers).end('{}'));
    this.server.on('connection', () => (this.connects += 1));
  }
  async listen(): Promise<number> {
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    return (this.server.address() as AddressInfo).port;
  }
  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(() => done()));
  }
}

let canary: Canary;
let port = 0;
let way: HooksProvider | undefined;
beforeEach(async () => {
  canary = new Canary();
  port = await canary.listen();
});
afterEach(async () => {
  await way?.close();
  await canary.close();
});

function open(url: string, resolve?: Resolve): HooksProvider {
  const settings = hooks.settings.parse({ HOOK_ENDPOINTS: setting(url), HOOK_CALL_MS_MAX: '400' }) as HookSettings;
  way = new HooksProvider(settings, around, resolve);
  return way;
}

const INSIDE = [
  ...['127.0.0.1', '127.8.9.10', '0.0.0.0', '10.0.0.8', '172.16.3.4', '192.168.1.1', '100.64.0.1', '198.18.0.1'],
  // metadata services of clouds
  ...['169.254.169.254', '169.254.170.2', '100.100.100.200', 'fd00:ec2::254'],
  ...['::1', '::', 'fe80::1', 'fc00::1', 'ff02::1'],
  // IPv4 in IPv6
  ...['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:169.254.169.254', '64:ff9b::7f00:1', '64:ff9b:1::a00:1'],
  ...['2002:7f00:1::', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
];

describe('a webhook to an address that a partner named', () => {
  it.each(INSIDE)('never reaches %s behind a name', async (address) => {
    const asked: string[] = [];
    const resolve: Resolve = async (hostname) => {
      asked.push(hostname);
      return [{ address, family: address.includes(':') ? 6 : 4 }];
    };
    const result = await open('https://hooks.partner.example/in', resolve).execute(webhook());
    expect(result).toMatchObject({ kind: 'not-acted', code: 'ADDRESS_NOT_ALLOWED' });
    expect(asked).toEqual(['hooks.partner.example']);
    expect(canary.connects).toBe(0);
  });

  it('never reaches an inside address among outside ones, nor one that a name changes to between look and use', async () => {
    const mixed: Resolve = async () => [
      { address: '93.184.216.34', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ];
    expect(await open('https://rebind.example/', mixed).execute(webhook())).toMatchObject({
      code: 'ADDRESS_NOT_ALLOWED',
    });
    await way?.close();
    let turn = 0;
    const rebinding: Resolve = async () => [{ address: (turn += 1) === 1 ? '10.1.1.1' : '127.0.0.1', family: 4 }];
    const changing = open('https://rebind.example/', rebinding);
    for (let call = 0; call < 4; call += 1)
      expect(await changing.execute(webhook())).toMatchObject({ kind: 'not-acted', code: 'ADDRESS_NOT_ALLOWED' });
    expect(canary.connects).toBe(0);
  });

  it.each([301, 302, 303, 307, 308])('follows no redirect (%p)', async (status) => {
    const bait = new Canary(status, { location: `http://127.0.0.1:${port}/` });
    const baitPort = await bait.listen();
    const result = await open(`http://127.0.0.1:${baitPort}/`).execute(webhook());
    expect(result).toMatchObject({ kind: 'not-acted', code: 'NOT_TAKEN' });
    expect([bait.connects > 0, canary.connects]).toEqual([true, 0]);
    await bait.close();
  });

  it.each([
    'http://hooks.partner.example/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://169.254.169.254/latest/meta-data',
    'https://0x7f000001/',
    'https://2130706433/',
    'https://127.1/',
    'https://partner.example:8443/',
    'https://user:password@partner.example/',
    'http://10.0.0.1/',
    'http://127.0.0.2/',
    'file:///etc/passwd',
    'gopher://partner.example/',
  ])('is refused when egress starts: %s', (url) => {
    expect(endpointsSetting.safeParse(setting(url)).success).toBe(false);
  });

  it('has secrets of 24 bytes or more, and none of them in a complaint', () => {
    expect(endpointsSetting.safeParse(setting('https://partner.example/')).success).toBe(true);
    const refused = endpointsSetting.safeParse(setting('https://partner.example/', { secrets: ['whsec_c2hvcnQ='] }));
    expect(refused.success).toBe(false);
    expect(JSON.stringify(refused.error)).not.toContain('c2hvcnQ');
  });
});

describe('the published schedule', () => {
  it('is 0 s, 5 s, 5 min, 30 min, 2 h, 5 h and 10 h', () => {
    const seconds = scheduleSetting.parse(PUBLISHED_SCHEDULE).map((pause) => pause / 1_000);
    expect(seconds).toEqual([0, 5, 300, 1_800, 7_200, 18_000, 36_000]);
  });
});

describe('an unknown endpoint or a payload that is no JSON object', () => {
  it.each([
    [{ endpoint: 'nobody' }, 'ENDPOINT_UNKNOWN'],
    [{ payload: '[1' }, 'PAYLOAD_INVALID'],
  ])('is refused: %p', async (over, code) => {
    const result = await open('https://partner.example/').execute(webhook(over));
    expect(result).toMatchObject({ kind: 'refused', code });
  });
});

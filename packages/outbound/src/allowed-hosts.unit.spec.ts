import { HostGate } from './allowed-hosts.js';

const gate = new HostGate({
  hosts: ['api.stripe.com'],
  loopbackOrigins: ['http://127.0.0.1:18090', 'http://[::1]:18090'],
});

const FORBIDDEN = [
  'http://api.stripe.com/',
  'https://api.stripe.com:8443/',
  'https://api.stripe.com./',
  'https://evil.com/',
  'https://api.stripe.com.evil.com/',
  'https://evil.com#api.stripe.com',
  'https://evil.com\\@api.stripe.com',
  'https://user@api.stripe.com/',
  'https://user:password@api.stripe.com/',
  'https://127.0.0.1/',
  'https://2130706433/',
  'https://0x7f.1/',
  'https://0177.0.0.1/',
  'https://[::ffff:127.0.0.1]/',
  'https://169.254.169.254/latest/meta-data',
  'http://127.0.0.1:18091/',
  'http://127.0.0.2:18090/',
  'http://localhost:18090/',
  'https://127.0.0.1:18090/',
  'file:///etc/passwd',
  'ftp://api.stripe.com/',
  'data:text/plain,x',
  '//api.stripe.com/',
  '',
];

describe('the allow-list', () => {
  it.each(FORBIDDEN)('refuses %s before anything is resolved', (url) => {
    expect(() => gate.check(url)).toThrow(expect.objectContaining({ code: 'HOST_NOT_ALLOWED', outcome: 'not-sent' }));
  });

  it('lets a listed host through by https, and a listed loopback origin', () => {
    for (const url of [
      'https://api.stripe.com/v1',
      'https://API.stripe.COM:443/v1',
      'http://127.0.0.1:18090/v1',
      'http://2130706433:18090/v1',
    ])
      expect(gate.check(url).pathname).toBe('/v1');
  });

  it('refuses to be configured with a loopback origin that is none', () => {
    expect(() => new HostGate({ hosts: [], loopbackOrigins: ['http://10.0.0.1:80'] })).toThrow('not a loopback origin');
  });
});

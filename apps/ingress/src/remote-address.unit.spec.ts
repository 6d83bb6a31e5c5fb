import { allowList, remoteAddress } from './remote-address.js';

describe('remote address', () => {
  it.each([
    ['the socket without proxies, whatever the header says', '198.51.100.7', '1.2.3.4', 0, '198.51.100.7'],
    ['the last entry behind one proxy', '10.0.0.1', '1.2.3.4, 203.0.113.9', 1, '203.0.113.9'],
    ['the second from the right behind two', '10.0.0.1', 'spoofed, 203.0.113.9, 10.0.0.2', 2, '203.0.113.9'],
    ['a plain IPv4 for one mapped into IPv6', '::ffff:198.51.100.7', undefined, 0, '198.51.100.7'],
    ['an IPv6 address', '10.0.0.1', '2001:db8::1', 1, '2001:db8::1'],
    ['nothing when a proxy is missing', '10.0.0.1', '203.0.113.9', 2, null],
    ['nothing without a header', '10.0.0.1', undefined, 1, null],
    ['nothing for what is no address', '10.0.0.1', '203.0.113.9, unknown', 1, null],
  ])('is %s', (_what, peer, forwarded, proxies, expected) => {
    expect(remoteAddress(peer, forwarded, proxies)).toBe(expected);
  });

  it('does not change with whatever a sender puts in front', () => {
    for (const spoof of ['203.0.113.1', '203.0.113.1, 203.0.113.2', ',,,', 'x', '::1']) {
      expect(remoteAddress('10.0.0.1', `${spoof}, 198.51.100.7`, 1)).toBe('198.51.100.7');
    }
  });
});

describe('allow list', () => {
  const isAllowed = allowList(['203.0.113.0/24', '198.51.100.7', '2001:db8::/32']);

  it.each(['203.0.113.0', '203.0.113.255', '198.51.100.7', '2001:db8:1::1'])('lets %s in', (address) => {
    expect(isAllowed(address)).toBe(true);
  });
  it.each(['203.0.114.0', '198.51.100.8', '2001:db9::1', null])('keeps %s out', (address) => {
    expect(isAllowed(address)).toBe(false);
  });
  it('lets everybody in when it is empty', () => expect(allowList([])(null)).toBe(true));
});

import { formatLsn, parseLsn } from './lsn.js';
import { readKeepalive, standbyStatus } from './standby-status.js';

describe('standbyStatus', () => {
  it('reports the confirmed position as written, flushed and applied', () => {
    const message = standbyStatus(parseLsn('16/B374D848'), Date.UTC(2000, 0, 1, 0, 0, 1), true);
    expect(message).toHaveLength(34);
    expect(String.fromCharCode(message[0] ?? 0)).toBe('r');
    for (const offset of [1, 9, 17]) expect(formatLsn(message.readBigUInt64BE(offset))).toBe('16/B374D848');
    expect(message.readBigInt64BE(25)).toBe(1_000_000n);
    expect(message[33]).toBe(1);
  });
});

describe('readKeepalive', () => {
  it.each([
    [1, true],
    [0, false],
  ])('tells where the server is and whether it wants an answer (%i)', (flag, replyWanted) => {
    const message = Buffer.alloc(18);
    message[0] = 0x6b;
    message.writeBigUInt64BE(parseLsn('1/2A'), 1);
    message[17] = flag;
    expect(readKeepalive(message)).toEqual({ end: parseLsn('1/2A'), replyWanted });
  });
});

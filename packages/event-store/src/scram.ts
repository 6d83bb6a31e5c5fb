import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';

const iterations = 4096;

/** What Postgres stores for a password (RFC 5802); sent instead of the password, so that no server log ever shows it. */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  const salted = pbkdf2Sync(password.normalize('NFKC'), salt, iterations, 32, 'sha256');
  const clientKey = createHmac('sha256', salted).update('Client Key').digest();
  const storedKey = createHash('sha256').update(clientKey).digest('base64');
  const serverKey = createHmac('sha256', salted).update('Server Key').digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${serverKey}`;
}

/** True when the stored verifier is of this password; then a role need not be altered. */
export function isVerifierOf(password: string, stored: string | null): boolean {
  const salt = stored?.match(/^SCRAM-SHA-256\$4096:([^$]+)\$/)?.[1];
  if (!stored || !salt) return false;
  const expected = Buffer.from(scramVerifier(password, Buffer.from(salt, 'base64')));
  const actual = Buffer.from(stored);
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

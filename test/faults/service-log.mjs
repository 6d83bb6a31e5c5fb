import { readFileSync } from 'node:fs';

/** Answers a function that gives what the service has logged since now. A start may empty a log that has become long. */
export function logFrom({ logFile }) {
  const read = () => readFileSync(logFile);
  const { length } = read();
  return () => {
    const now = read();
    return now.subarray(now.length < length ? 0 : length).toString();
  };
}

import { memoryOf } from '@towpath/cli/running/process-memory';

const EVERY_MS = 500;

/** Watches a process's memory until it is stopped; then answers the most that was seen, in MiB. */
export function peakOf(pid) {
  let bytes = 0;
  const look = () => {
    bytes = Math.max(bytes, memoryOf([pid]) ?? 0);
  };
  const timer = setInterval(look, EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      look();
      return Math.ceil(bytes / 1024 ** 2);
    },
  };
}

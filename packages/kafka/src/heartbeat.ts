export const HEARTBEAT_INTERVAL_MS = 1_000;

/** K8: while the intake is full nothing else would heartbeat. A heartbeat that fails (rebalance) ends the wait. */
export async function heartbeatWhile(work: Promise<void>, heartbeat: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const lost = new Promise<never>((_resolve, reject) => {
    timer = setInterval(() => void heartbeat().catch(reject), HEARTBEAT_INTERVAL_MS);
  });
  try {
    await Promise.race([work, lost]);
  } finally {
    clearInterval(timer);
  }
}

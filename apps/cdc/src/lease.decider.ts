/** After so long without renewal the holder no longer publishes, by its own monotonic clock. */
export const leaseMsMax = 1_700;
/** After so long without renewal another relay may take over, by the database's clock: later than the holder's own stop. */
export const takeoverMs = 2_400;
export const renewalMs = 800;

/** The lease as its row has it. */
export interface HeldLease {
  readonly holder: string;
  /** fencing token: rises with each holder */
  readonly epoch: bigint;
  /** since it was renewed, by the database's clock; infinite once it was given back */
  readonly ageMs: number;
}

/** The epoch that `asking` holds the lease with from now on; undefined while another relay renews it. */
export function takeLease(lease: HeldLease | undefined, asking: string): bigint | undefined {
  if (lease === undefined) return 1n;
  if (lease.holder !== asking && lease.ageMs <= takeoverMs) return undefined;
  return lease.epoch + 1n;
}

/**
 * Whether the holder may hand records to Kafka. `sinceAskedMs`: since it asked for its last successful renewal, by its own
 * monotonic clock, which goes on while the process is stopped.
 */
export function mayPublish(sinceAskedMs: number): boolean {
  return sinceAskedMs < leaseMsMax;
}

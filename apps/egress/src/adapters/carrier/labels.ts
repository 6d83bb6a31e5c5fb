import { listAt, textAt } from '../../answer.js';
import type { Read } from '../../http-adapter.js';

/** The label that stands for a shipment; undefined when there is none that was not voided. */
export async function labelOf(shipmentId: string, read: Read): Promise<string | undefined> {
  const query = new URLSearchParams({ external_shipment_id: shipmentId, page_size: '50' });
  const { json } = await read(`/v1/labels?${query.toString()}`);
  const label = listAt(json, 'labels').find((one) => textAt(one, 'status') !== 'voided');
  return textAt(label, 'label_id');
}

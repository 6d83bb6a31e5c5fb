import { uuidV5Bytes } from '@towpath/service-kit/uuid-v5';

/** Namespace of all ids that are made here; never changes, or every repeat would count as new. */
const NAMESPACE = Buffer.from('8f1b5d0c2f6a4f53a8c7d1e94b60a3e2', 'hex');

/**
 * The namespace of a source's delivery ids.
 * @param source name of the source
 */
export function namespaceOf(source: string): Buffer {
  return uuidV5Bytes(NAMESPACE, source);
}

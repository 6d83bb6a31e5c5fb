import { objectAt, type Json } from '../object-keys/object-key.js';

/** Objects that events of GitHub are about, and the fields of theirs that tell when. */
const OBJECTS = [
  'comment',
  'review',
  'issue',
  'pull_request',
  'release',
  'check_run',
  'check_suite',
  'workflow_run',
  'workflow_job',
  'deployment',
  'deployment_status',
  'discussion',
  'hook',
  'head_commit',
  'repository',
];
const FIELDS = ['updated_at', 'submitted_at', 'completed_at', 'started_at', 'created_at', 'pushed_at', 'timestamp'];

/**
 * GitHub's bodies have no time of their own. The newest of what their objects tell is one at which the event had not happened yet
 * or just happened: no body can say a time after its own event.
 */
export function githubTime(body: Json): number | null {
  let newest: number | null = null;
  for (const name of OBJECTS) {
    const object = objectAt(body[name]);
    for (const field of FIELDS) {
      const time = timeOf(object[field]);
      if (time !== null && (newest === null || time > newest)) newest = time;
    }
  }
  return newest ?? timeOf(body['starred_at']);
}

/** `pushed_at` is in seconds in a push, and a date and time elsewhere. */
function timeOf(value: unknown): number | null {
  if (Number.isSafeInteger(value)) return (value as number) * 1000;
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}T/.test(value)) return null;
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : time;
}

import { DecideReview } from '@towpath/contracts/platform/DecideReview.v1';
import { emit } from '@towpath/service-kit/message';
import { BodyInvalid, codeAt, requiredCode, requiredText, textAt, type Fields } from './fields.js';
import type { OperatorCommand } from './operator-command.js';
import { reasonIn } from './reason.js';

/** May review for every service. */
const EVERYWHERE = ['reviewer', 'supervisor', 'admin'];

/** May review for one service only. A review itself may ask for more; its owner looks at that. */
const SPECIALISTS: Readonly<Record<string, readonly string[]>> = {
  fraud: ['fraud-analyst', 'fraud-lead'],
  support: ['support-agent', 'support-lead'],
  lending: ['credit-analyst', 'credit-lead'],
  growth: ['sales', 'sales-lead'],
};

const DECISIONS = ['approve', 'edit', 'reject'];
const EDITED_CHARS_MAX = 65_536;
const HASH = /^[0-9a-f]{64}$/;

/** A person decides a review of any service. Whether it is open, and about what they saw, is judged by its owner. */
export const decideReview: OperatorCommand = {
  roles(data) {
    const service = textAt(data, 'service') ?? '';
    const own = Object.hasOwn(SPECIALISTS, service) ? SPECIALISTS[service]! : [];
    return [...own, ...EVERYWHERE];
  },
  build(data, actor, _at, role) {
    const decision = requiredText(data, 'decision');
    if (!DECISIONS.includes(decision)) throw new BodyInvalid(`decision must be one of ${DECISIONS.join(', ')}`);
    return emit(DecideReview, {
      ...{ decision, actor, role },
      reviewId: requiredText(data, 'reviewId'),
      service: requiredCode(data, 'service'),
      subjectType: requiredCode(data, 'subjectType'),
      subjectId: requiredText(data, 'subjectId'),
      reasonCode: codeAt(data, 'reasonCode') ?? 'unspecified',
      reason: reasonIn(data),
      personId: textAt(data, 'personId') ?? '',
      edited: editedIn(data, decision),
      actionHash: hashIn(data),
    });
  },
};

function editedIn(data: Fields, decision: string): string | null {
  const edited = textAt(data, 'edited');
  if (decision !== 'edit') return null;
  if (edited === null) throw new BodyInvalid('edited must be the text to use instead, when the decision is edit');
  if (edited.length > EDITED_CHARS_MAX) throw new BodyInvalid(`edited must be at most ${EDITED_CHARS_MAX} characters`);
  if (textAt(data, 'personId') === null) throw new BodyInvalid('personId must say whose the edited text is');
  return edited;
}

function hashIn(data: Fields): string | null {
  const hash = textAt(data, 'actionHash');
  if (hash !== null && !HASH.test(hash)) throw new BodyInvalid('actionHash must be 64 lower-case hex digits');
  return hash;
}

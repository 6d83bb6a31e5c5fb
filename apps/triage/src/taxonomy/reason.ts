import { namingIn } from '@towpath/service-kit/reviews/names-nobody';
import { BodyInvalid, requiredText, type Fields } from './fields.js';

/** Why somebody does something is kept for ever and stays readable, so what surely names a person is refused. */
export function reasonIn(data: Fields): string {
  const reason = requiredText(data, 'reason');
  const named = namingIn(reason);
  if (named) throw new BodyInvalid(`reason must name nobody, for it is kept for ever; it holds ${named}`);
  return reason;
}

/** A mail to a customer. */
export interface Mail {
  readonly subject: string;
  readonly text: string;
}

/** Words for somebody who just signed up. */
export function welcomeMail(name: string | null, plan: string, signedBy: string): Mail {
  return {
    subject: 'Welcome!',
    text: letter(name, signedBy, [
      `Thank you for choosing the plan ${plan}.`,
      'We are setting your account up right now, and write to you as soon as it is ready.',
      'If you have a question, just answer this mail.',
    ]),
  };
}

/** Words for somebody whose account is ready. */
export function setupCompleteMail(name: string | null, plan: string, signedBy: string): Mail {
  return {
    subject: 'Your account is ready',
    text: letter(name, signedBy, [
      `Everything for your plan ${plan} is set up: you can sign in and begin.`,
      'If anything is not as you expect it, just answer this mail.',
    ]),
  };
}

/** A letter in plain text: greeting, one paragraph each, signature. */
export function letter(name: string | null, signedBy: string, paragraphs: readonly string[]): string {
  const greeting = name === null ? 'Hello,' : `Hello ${name},`;
  return [greeting, ...paragraphs, `Kind regards\n${signedBy}`].join('\n\n');
}

import { CliError } from './cli-error.js';
import { errorLine, failureOf } from './error-line.js';

describe('error lines', () => {
  it('put the code before cause and fix', () => {
    expect(errorLine(new CliError('SOURCE_UNKNOWN', 'there is no source x; see the list.'))).toBe(
      'SOURCE_UNKNOWN: there is no source x; see the list.',
    );
  });

  it('say a code once when the text repeats it', () => {
    const error = Object.assign(new Error('PORT_TAKEN: Port 1 is held.'), { code: 'PORT_TAKEN' });
    expect(failureOf(error)).toEqual({ code: 'PORT_TAKEN', message: 'Port 1 is held.' });
  });

  it('name a part that does not answer and how to start it', () => {
    const error = Object.assign(new AggregateError([new Error('connect ECONNREFUSED 127.0.0.1:1')], ''), {
      code: 'ECONNREFUSED',
    });
    expect(errorLine(error)).toBe(
      'NOT_REACHABLE: connect ECONNREFUSED 127.0.0.1:1; start the platform with `towpath up`.',
    );
  });

  it('have the code UNEXPECTED for what nobody foresaw', () => {
    expect(errorLine(new TypeError('x is not a function'))).toBe('UNEXPECTED: x is not a function');
    expect(errorLine('thrown text')).toBe('UNEXPECTED: thrown text');
  });
});

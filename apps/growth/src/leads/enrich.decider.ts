/** What the domain of an address tells. */
export type DomainKind = 'business' | 'free' | 'education' | 'public' | 'test';

/** What a job title tells. */
export type Seniority = 'decides' | 'leads' | 'works' | 'unknown';

/** Mail providers of anybody; what is behind such an address may still be a company. */
const FREE = new Set(
  (
    'gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com icloud.com me.com mac.com aol.com ' +
    'gmx.de gmx.net gmx.at web.de t-online.de freenet.de mail.ru yandex.ru qq.com 163.com 126.com proton.me protonmail.com ' +
    'pm.me tutanota.com orange.fr free.fr laposte.net wanadoo.fr libero.it virgilio.it wp.pl o2.pl seznam.cz btinternet.com ' +
    'fastmail.com hey.com zoho.com mail.com naver.com hanmail.net rediffmail.com uol.com.br bol.com.br'
  ).split(' '),
);

/** RFC 2606 and RFC 6761: nobody can have these. */
const TEST = /(^|\.)(test|example|invalid|localhost)$|(^|\.)example\.(com|net|org)$/;
const EDUCATION = /(^|\.)(edu|ac)(\.[a-z]{2})?$|(^|\.)(uni|univ)-[a-z]/;
const PUBLIC = /(^|\.)(gov|gob|gouv|mil|int)(\.[a-z]{2})?$|(^|\.)(bund|gc)\.(de|ca)$/;

export function domainKind(email: string): DomainKind {
  const domain = email.slice(email.lastIndexOf('@') + 1).toLowerCase();
  if (TEST.test(domain)) return 'test';
  if (FREE.has(domain)) return 'free';
  if (EDUCATION.test(domain)) return 'education';
  return PUBLIC.test(domain) ? 'public' : 'business';
}

const DECIDES =
  /\b(ceo|cto|cfo|coo|cio|cmo|cpo|cro|ciso|chief|founder|owner|president|partner|managing director|geschäftsführer(in)?|inhaber(in)?|vorstand|directeur général|gérant|vp|vice president)\b/iu;
const LEADS =
  /\b(head|director|lead|leader|manager|principal|leiter(in)?|leitung|responsable|directeur|directrice)\b/iu;

/** By the title alone; who decides is asked before who leads. */
export function seniority(jobTitle: string | null): Seniority {
  if (jobTitle === null || jobTitle.trim() === '') return 'unknown';
  if (DECIDES.test(jobTitle)) return 'decides';
  return LEADS.test(jobTitle) ? 'leads' : 'works';
}

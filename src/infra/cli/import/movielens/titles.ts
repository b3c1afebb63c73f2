/** What a MovieLens title says. */
export interface MovieLensTitle {
  readonly title: string;
  readonly originalTitle?: string;
  readonly alternativeTitles?: string[];
  readonly year?: number;
}

const ARTICLES =
  /^(.*), (The|An|A|Le|La|Les|L'|Un|Une|Una|Der|Die|Das|Ein|Eine|El|Los|Las|Il|Lo|I|Gli|O|Os|As|Den|Det|En|De|Het|Da)( \(.*\))?$/;

/** `Matrix, The` as `The Matrix`, before parentheses too. */
const articleInFront = (title: string): string => {
  const match = ARTICLES.exec(title);
  if (!match) return title;
  const [, rest = '', article = '', more = ''] = match;
  return `${article}${article.endsWith("'") ? '' : ' '}${rest}${more}`;
};

const ALSO_KNOWN_AS = /^a\.?\s?k\.?\s?a\b\.?:?\s*/i;

/** The year at the end, or the first of a range of them. */
const YEAR = /^(.+?)\s*\(((?:18|19|20)\d{2})(?:[-–]\s?\d{0,4})?\)$/;

const IN_ENGLISH = /, (?:The|An|A)$/;

/** What cannot end a title: what follows in parentheses is the rest of it. */
const GOES_ON = /(?:[:&–-]|[^,]\s(?:or|and|of|the))$/i;

/** What is no other title but more of this one: it goes on, or says which part it is. */
const GOING_ON = /^(?:et|and|or|und|oder) /;
const PART = /^(?:(?:part|volume|vol\.|chapter|episode) |(?:first|full|final) sequence$)/i;

/** `Braindead (Dead Alive)` as `Braindead` and `Dead Alive`; not where the parentheses belong to the title. */
const lastOther = (
  title: string,
): { readonly rest: string; readonly other: string } | undefined => {
  if (!title.endsWith(')')) return undefined;
  let depth = 0;
  for (let at = title.length - 1; at > 1; at -= 1) {
    if (title[at] === ')') depth += 1;
    if (title[at] === '(') depth -= 1;
    if (depth > 0) continue;
    const rest = title.slice(0, at).trimEnd();
    const other = title.slice(at + 1, -1).trim();
    const isOther = title[at - 1] === ' ' && other !== '' && !GOES_ON.test(rest) && !isMore(other);
    return isOther ? { rest, other } : undefined;
  }
  return undefined;
};

const isMore = (other: string): boolean => GOING_ON.test(other) || PART.test(other);

/**
 * Reads `City of Lost Children, The (Cité des enfants perdus, La) (1995)`: the year at the end, other titles in
 * parentheses before it. The last of those is the original title, unless it is an "a.k.a." or ends with an English
 * article. Parentheses in the midst of a title, or behind what cannot end one, belong to it.
 */
export const parseTitle = (text: string): MovieLensTitle => {
  const tidied = text.trim().replace(/\s+/g, ' ');
  const yearMatch = YEAR.exec(tidied);
  let title = yearMatch?.[1] ?? tidied;
  const others: string[] = [];
  for (let last = lastOther(title); last; last = lastOther(title)) {
    others.unshift(last.other);
    title = last.rest;
  }
  const original = others.findLast(
    (other) => !ALSO_KNOWN_AS.test(other) && !IN_ENGLISH.test(other),
  );
  const named = (other: string) => articleInFront(other.replace(ALSO_KNOWN_AS, ''));
  const alternative = others.filter((other) => other !== original).map(named);
  return {
    title: articleInFront(title),
    ...(original === undefined ? {} : { originalTitle: named(original) }),
    ...(alternative.length > 0 ? { alternativeTitles: [...new Set(alternative)] } : {}),
    ...(yearMatch ? { year: Number(yearMatch[2]) } : {}),
  };
};

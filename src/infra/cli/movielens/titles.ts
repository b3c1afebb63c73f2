/** What a MovieLens title says. */
export interface MovieLensTitle {
  readonly title: string;
  readonly originalTitle?: string;
  readonly year?: number;
}

const ARTICLES =
  /^(.*), (The|An|A|Le|La|Les|L'|Un|Une|Der|Die|Das|Ein|Eine|El|Los|Las|Il|Lo|I|Gli|O|Os|As|Den|Det|En|De|Het)$/;

/** `Matrix, The` as `The Matrix`. */
const articleInFront = (title: string): string => {
  const match = ARTICLES.exec(title);
  if (!match) return title;
  const [, rest = '', article = ''] = match;
  return article.endsWith("'") ? `${article}${rest}` : `${article} ${rest}`;
};

/**
 * Reads `City of Lost Children, The (Cité des enfants perdus, La) (1995)`: the year at the end, other titles in
 * parentheses before it. Of those the first that is not an "a.k.a." is the original title.
 */
export const parseTitle = (text: string): MovieLensTitle => {
  const trimmed = text.trim().replace(/\s+/g, ' ');
  const yearMatch = /^(.*?)\s*\((\d{4})(?:[-–]\d{0,4})?\)$/.exec(trimmed);
  const withoutYear = yearMatch?.[1] ?? trimmed;
  const others = [...withoutYear.matchAll(/\s\(([^()]+)\)/g)].map((match) => match[1] ?? '');
  const main = withoutYear.replace(/\s\([^()]+\)/g, '').trim() || withoutYear;
  const original = others.find((other) => !/^a\.?k\.?a\.?\b/i.test(other));
  return {
    title: articleInFront(main),
    ...(original === undefined ? {} : { originalTitle: articleInFront(original.trim()) }),
    ...(yearMatch ? { year: Number(yearMatch[2]) } : {}),
  };
};

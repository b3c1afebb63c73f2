/**
 * Leading articles by language, of which the order of titles takes no notice (MARC 21, Appendix F: Initial definite
 * and indefinite articles). Those with an apostrophe stand before their word without a space.
 */
const ARTICLES: Readonly<Record<string, string>> = {
  af: "die 'n",
  ca: "el els en l' la les un una",
  da: 'de den det en et',
  de: 'das der die ein eine',
  el: 'ένα ένας η μια μία ο οι τα τη την της το του τον τους',
  en: 'a an the',
  eo: 'la',
  es: 'el la las lo los un una unas unos',
  fr: "des l' la le les un une",
  ga: 'an na',
  gl: 'a as o os un unha',
  hu: 'a az egy',
  it: "gli gl' i il l' la le lo un' un una uno",
  lb: "d' de den",
  mt: 'il- l-',
  nl: "de een het 'n 't",
  no: 'de den det ei en et',
  pt: 'a as o os um uma',
  ro: 'o un',
  sv: 'de den det en ett',
  yi: 'אַ אַן דאָס דער די',
};
/** Norwegian goes by the codes of its two forms as well. */
const SAME: Readonly<Record<string, string>> = { nb: 'no', nn: 'no' };

/** Languages in which an English article is a word of their own, so that a title may begin with it. */
const OWN_WORD = {
  a: new Set('ca cs cy es fr ga gd gl hr hu it la oc pl pt ro sk sl sq sr bs'.split(' ')),
  an: new Set('br de ga gd lb tr vi'.split(' ')),
} as const;

/** Articles of other languages that are words of English, with which a translated title may begin. */
const ENGLISH_WORDS = new Set(['a', 'an', 'as', 'den', 'die', 'en', 'i', 'na', 'no', 'o']);

/** Names of places that begin with an article and are not the same without it. */
const PLACE =
  /^(?:los [aá]ngeles|las (?:vegas|palmas)|el (?:paso|salvador|dorado|cairo|alamein)|la (?:paz|rochelle|spezia|habana|mancha|jolla)|le (?:mans|havre)|den haag|la la land)(?![\p{L}\p{N}])/iu;

const APOSTROPHE = "['’ʼ‘]";

/** One of these articles at the beginning of a title, with the space behind it. */
const leading = (articles: readonly string[]): RegExp => {
  const ends = articles.map((article) =>
    article.replace("'", APOSTROPHE).concat(/.['-]$/.test(article) ? '\\s*' : '\\s+'),
  );
  return new RegExp(`^(?:${ends.join('|')})(?=\\S)`, 'iu');
};

const byLanguage = new Map(
  Object.entries(ARTICLES).map(([language, articles]) => [language, leading(articles.split(' '))]),
);
const THE = leading(['the']);
const A = leading(['a']);
const AN = leading(['an']);

/** @returns the article with which a title begins, with the space behind it; nothing where that is a name */
const articleIn = (title: string, articles: RegExp | undefined): string | undefined =>
  PLACE.test(title) ? undefined : articles?.exec(title)?.[0];

/** The English article of a title, unless it may be a word of the language that the film was made in. */
const englishArticle = (title: string, language = 'en'): string | undefined =>
  articleIn(title, THE) ??
  (OWN_WORD.a.has(language) ? undefined : articleIn(title, A)) ??
  (OWN_WORD.an.has(language) ? undefined : articleIn(title, AN));

/**
 * The article with which a title in its original language begins: one of that language. Films have English titles in
 * many countries, and of some it is not known whether the title is the original: English articles count, too.
 */
export const originalArticle = (title: string, language = 'en'): string | undefined =>
  articleIn(title, byLanguage.get(SAME[language] ?? language)) ?? englishArticle(title, language);

/**
 * The article of a title that was translated, which is taken for English; where it was only changed, it may begin with
 * an article of the original language that is no English word.
 */
export const translatedArticle = (title: string, language = 'en'): string | undefined => {
  const english = articleIn(title, byLanguage.get('en'));
  if (english !== undefined) return english;
  const foreign = articleIn(title, byLanguage.get(SAME[language] ?? language));
  return foreign === undefined || ENGLISH_WORDS.has(foreign.trim().toLowerCase())
    ? undefined
    : foreign;
};

const ANY = leading([...new Set(Object.values(ARTICLES).join(' ').split(' '))]);

/** Whether one title is the other with its article, of whatever language, moved behind: `Matrix, The`. */
export const isMovedBehind = (moved: string, title: string): boolean => {
  const article = ANY.exec(title)?.[0];
  return article !== undefined && moved === movedBehind(title, article);
};

/** `Matrix, The`. */
export const movedBehind = (title: string, article: string): string =>
  `${title.slice(article.length)}, ${article.trim()}`;

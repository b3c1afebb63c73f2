import type { MovieDetails } from './events.js';

/** Leading articles by language, as library catalogues leave them out of the order of titles. */
const ARTICLES: Readonly<Record<string, RegExp>> = {
  en: /^(the|an|a)\s+(?=\S)/i,
  fr: /^(les|le|la|une|un|des|l['’])\s*(?=\S)/i,
  de: /^(der|die|das|eine|ein)\s+(?=\S)/i,
  es: /^(los|las|el|la|una|un)\s+(?=\S)/i,
  it: /^(gli|il|lo|la|le|una|uno|un|i|l['’])\s*(?=\S)/i,
  pt: /^(os|as|uma|um|o|a)\s+(?=\S)/i,
  nl: /^(de|het|een)\s+(?=\S)/i,
  sv: /^(den|det|en|ett)\s+(?=\S)/i,
};

/** Articles that need a word boundary which an elision does not give. */
const elided = (article: string): boolean => /['’]$/.test(article);

/** `Matrix, The`: a title with its leading article moved behind, in the language it is in. */
export const sortTitleOf = (
  movie: Pick<MovieDetails, 'title' | 'originalTitle' | 'originalLanguage'>,
): string => {
  const isOriginal = movie.originalTitle === undefined || movie.originalTitle === movie.title;
  const language = isOriginal ? (movie.originalLanguage ?? 'en') : 'en';
  const match = ARTICLES[language]?.exec(movie.title);
  const article = match?.[1];
  if (!match || article === undefined) return movie.title;
  if (!elided(article) && !/\s$/.test(match[0])) return movie.title;
  return `${movie.title.slice(match[0].length)}, ${article}`;
};

/** Text as people compare it: no space around, one space between. */
export const tidy = (text: string): string => text.trim().replace(/\s+/g, ' ');

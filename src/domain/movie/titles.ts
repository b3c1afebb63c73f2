import { isMovedBehind, movedBehind, originalArticle, translatedArticle } from './articles.js';
import type { MovieDetails } from './events.js';
import { folded } from './search/folded.js';

type Titles = Pick<MovieDetails, 'title' | 'originalTitle' | 'originalLanguage'>;

/**
 * `Matrix, The`: a title with its leading article moved behind, in the language that it is in. That is the original
 * one where it is the original title; other titles are taken for English.
 */
export const sortTitleOf = ({ title, originalTitle, originalLanguage }: Titles): string => {
  const isOriginal = originalTitle === undefined || folded(originalTitle) === folded(title);
  const article = (isOriginal ? originalArticle : translatedArticle)(title, originalLanguage);
  return article === undefined ? title : movedBehind(title, article);
};

/** Whether a sort title says no more than the title: nobody chose it, whatever the rules for articles were then. */
export const followsTitle = (sortTitle: string, title: string): boolean =>
  sortTitle === title || isMovedBehind(sortTitle, title);

/** Text as people compare it: no space around, one space between. */
export const tidy = (text: string): string => text.trim().replace(/\s+/g, ' ');

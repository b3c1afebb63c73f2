import type { MovieDetails } from '../events.js';
import { folded } from './folded.js';

/** A film's titles as they are searched, each once: the one that it is called by first. */
export const namesOf = ({
  title,
  originalTitle,
  alternativeTitles = [],
}: Pick<MovieDetails, 'title' | 'originalTitle' | 'alternativeTitles'>): readonly string[] => {
  const others =
    originalTitle === undefined ? alternativeTitles : [originalTitle, ...alternativeTitles];
  return [...new Set([title, ...others].map(folded))];
};

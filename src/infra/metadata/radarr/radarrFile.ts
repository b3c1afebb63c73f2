import { containerOf, MovieFile } from '../../../domain/movie/files/movieFile.js';
import { validator } from '../../../domain/validation.js';
import { amountIn, recordIn, textIn, type Answer } from '../answers.js';

/** The source of files that Radarr tells of. */
export const RADARR = 'radarr';

const check = validator(MovieFile);

/** A file's id as we write it: Radarr counts them. */
export const fileIdOf = (file: Answer, field = 'id'): string | undefined =>
  amountIn(file, field)?.toString();

/**
 * A file as Radarr's API or one of its webhooks tells of it; `undefined` where it has no path that can be kept. Its
 * place is below the film's folder: in webhooks, its own path is where it was downloaded to.
 */
export const fileIn = (file: Answer, folder: string | undefined): MovieFile | undefined => {
  const relativePath = textIn(file, 'relativePath');
  const path =
    folder !== undefined && relativePath !== undefined
      ? joined(folder, relativePath)
      : (textIn(file, 'path') ?? relativePath);
  if (path === undefined) return undefined;
  const container = containerOf(path);
  const sizeBytes = amountIn(file, 'size');
  const quality =
    textIn(file, 'quality') ?? textIn(recordIn(recordIn(file, 'quality'), 'quality'), 'name');
  const fileId = fileIdOf(file);
  const checked = check({
    path,
    ...(relativePath === undefined ? {} : { relativePath }),
    ...(container === undefined ? {} : { container }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(quality === undefined ? {} : { quality }),
    source: RADARR,
    ...(fileId === undefined ? {} : { fileId }),
  });
  return checked.ok ? checked.value : undefined;
};

/** With the separator of the folder: `C:\Movies\Heat (1995)`, `\\nas\films`, `/films`. */
const joined = (folder: string, relativePath: string): string => {
  const separator = folder.includes('/') ? '/' : folder.includes('\\') ? '\\' : '/';
  return `${folder.replace(/[/\\]+$/, '')}${separator}${relativePath}`;
};

import type { Database } from '../database.js';

/** Where the server keeps its files, on the server's machine. @throws where the account may not ask */
export const dataDirectoryOf = async (database: Database): Promise<string | undefined> => {
  const [row] = await database.query<{ data_directory: string }>({
    text: 'show data_directory',
  });
  return row?.data_directory;
};

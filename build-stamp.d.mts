export function hashOfSources(root?: string): Promise<string>;
export function writeStamp(sources: string, root?: string): Promise<void>;
export function isBuilt(root?: string): Promise<boolean>;

import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { usageError } from '../../errors.ts';
import { ROUTES, type Route } from '../../model/route.ts';
import { ARCHITECTURES, type Architecture } from '../../model/target.ts';
import { resolveInside } from './contained-path.ts';
import { ManifestShape } from './manifest-shape.ts';

/** The name of the file that makes a folder a runtime. */
export const MANIFEST_FILE = 'shedbench.json';

/** The systems that artifacts can be for: that of Lambda, and that of this machine for local sandboxes. */
export const SYSTEMS = ['linux', 'darwin'] as const;
export type System = (typeof SYSTEMS)[number];

/** A program that a build calls, how to check that it is installed, and what to tell a person who lacks it. */
export interface RequiredTool {
  readonly name: string;
  /** Exits with 0 if the tool can be used. May contain `{arch}` and `{os}`. */
  readonly command: readonly string[];
  /** The lowest version that works, `1.94` or `1.94.1`, read from the first version number the command prints. */
  readonly atLeast?: string;
  /** What to install, in one line that follows the word "install". */
  readonly install: string;
}

/** How a runtime's artifacts are built from its sources. */
export interface BuildRecipe {
  /** Argument vector, run without a shell; may contain `{arch}` and `{os}`. `node` means the running Node. */
  readonly command: readonly string[];
  /** Absolute path of the folder that the command runs in. */
  readonly workingFolder: string;
  /** Files and folders, relative to the manifest's folder, whose bytes decide whether an earlier build can be used. */
  readonly sources: readonly string[];
  /** The folder, relative to the manifest's, that the build fills; may contain `{arch}` and `{os}`. */
  readonly output: string;
  readonly tools: readonly RequiredTool[];
}

/** One function of a runtime. */
export interface FunctionRecipe {
  /** Lambda's `Handler`. */
  readonly handler: string;
  /**
   * The contents of the zip: a name in the zip (`.` for its root) for each file or folder. Files and folders are
   * relative to the manifest's folder and may contain `{arch}` and `{os}`.
   */
  readonly files: Readonly<Record<string, string>>;
  /**
   * The AWS SDK's part of the unzipped files, bytes: a number, or a file that the build writes it into, relative to the
   * manifest's folder. Absent if the SDK can't be told from the rest, as in a compiled program.
   */
  readonly sdkBytes?: number | string;
}

/** A runtime as its `shedbench.json` describes it, after all checks. */
export interface RuntimeManifest {
  readonly label: string;
  /** Lambda's runtime identifier. A local sandbox follows from it exactly as on AWS. */
  readonly lambdaRuntime: string;
  /** The AWS SDK that the functions call DynamoDB with, and its version: `aws-sdk-dynamodb 1.136.0`. */
  readonly sdk?: string;
  readonly architectures: readonly Architecture[];
  /** Absent if the sources are deployed unchanged. */
  readonly build?: BuildRecipe;
  readonly functions: Readonly<Record<Route, FunctionRecipe>>;
  /** Absolute path of the manifest. */
  readonly file: string;
  /** Absolute path of its folder, symbolic links resolved. */
  readonly folder: string;
}

/** The values of the placeholders `{arch}` and `{os}`. */
export interface Machine {
  readonly architecture: Architecture;
  readonly os: System;
}

/** `text` with `{arch}` and `{os}` filled in. */
export function fillPlaceholders(text: string, machine: Machine): string {
  return text.replaceAll('{arch}', machine.architecture).replaceAll('{os}', machine.os);
}

/**
 * Reads and checks one manifest.
 *
 * @throws ShedbenchError `manifest-unreadable` or `manifest-invalid` (exit 2), naming file, JSON pointer and what was
 * expected there; a path that leaves the manifest's folder, also through a symbolic link, is invalid.
 */
export function loadManifest(file: string): RuntimeManifest {
  let text: string;
  let folder: string;
  try {
    text = readFileSync(file, 'utf8');
    folder = realpathSync(dirname(file));
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw usageError('manifest-unreadable', `Can't read the runtime manifest ${file}: ${reason}.`, SEE_DOCS);
  }
  return parseManifest(text, file, folder);
}

/**
 * Checks the text of a manifest. `folder` is the manifest's real folder.
 *
 * @throws ShedbenchError `manifest-invalid` (exit 2)
 */
function parseManifest(text: string, file: string, folder: string): RuntimeManifest {
  const shape = new ManifestShape(file, SEE_DOCS);
  const root = shape.object(parseJson(text, file), '', [
    '$schema',
    'label',
    'lambdaRuntime',
    'sdk',
    'architectures',
    'build',
    'functions',
  ]);
  if (root.$schema !== undefined) shape.text(root.$schema, '/$schema');
  const label = shape.matching(root.label, '/label', LABEL_PATTERN, LABEL_EXPECTED);
  if (label.length > MAX_LABEL_LENGTH) {
    throw shape.fault('/label', `a label of at most ${MAX_LABEL_LENGTH} characters`, label);
  }
  const lambdaRuntime = shape.matching(
    root.lambdaRuntime,
    '/lambdaRuntime',
    LAMBDA_RUNTIME_PATTERN,
    'a Lambda runtime identifier such as nodejs24.x, python3.14 or provided.al2023',
  );
  const sdk =
    root.sdk === undefined ? undefined : shape.matching(root.sdk, '/sdk', SDK_PATTERN, SDK_EXPECTED);
  const architectures = shape.subset(root.architectures, '/architectures', ARCHITECTURES);
  const machines = architectures.flatMap((architecture) => SYSTEMS.map((os) => ({ architecture, os })));
  const parts: ManifestParts = { shape, folder, machines };
  const functions = shape.object(root.functions, '/functions', ROUTES);
  const recipe = (route: Route) => functionRecipe(parts, functions[route], `/functions/${route}`);
  return {
    label,
    lambdaRuntime,
    ...(sdk === undefined ? {} : { sdk }),
    architectures,
    ...(root.build === undefined ? {} : { build: buildRecipe(parts, root.build) }),
    functions: {
      cat: recipe('cat'),
      sheep: recipe('sheep'),
      dog: recipe('dog'),
      wolf: recipe('wolf'),
    },
    file,
    folder,
  };
}

/** What the checks of a manifest's parts use. */
interface ManifestParts {
  readonly shape: ManifestShape;
  /** The manifest's real folder. */
  readonly folder: string;
  /** The machines that the runtime's artifacts can be for. */
  readonly machines: readonly Machine[];
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replaceAll(/\s+/g, ' ') : String(cause);
    throw usageError('manifest-invalid', `${file} is not JSON: ${reason}.`, SEE_DOCS);
  }
}

/** Checks a path that must stay inside the manifest's folder on every machine. */
function pathInside({ shape, folder, machines }: ManifestParts, value: unknown, pointer: string): string {
  const path = shape.text(value, pointer);
  for (const machine of machines) {
    const { problem } = resolveInside(folder, fillPlaceholders(path, machine));
    if (problem !== undefined)
      throw shape.fault(pointer, 'a path inside the manifest’s folder', path, problem);
  }
  return path;
}

function functionRecipe(parts: ManifestParts, value: unknown, pointer: string): FunctionRecipe {
  const { shape } = parts;
  const fields = shape.object(value, pointer, ['handler', 'files', 'sdkBytes']);
  const files = shape.record(fields.files, `${pointer}/files`);
  if (Object.keys(files).length === 0) {
    throw shape.fault(`${pointer}/files`, 'at least one file or folder', {});
  }
  return {
    handler: shape.matching(fields.handler, `${pointer}/handler`, HANDLER_PATTERN, HANDLER_EXPECTED),
    files: Object.fromEntries(
      Object.entries(files).map(([name, source]) => {
        const at = `${pointer}/files/${shape.escape(name)}`;
        if (!isZipName(name)) throw shape.fault(at, 'a relative name in the zip, with forward slashes', name);
        return [name, pathInside(parts, source, at)];
      }),
    ),
    ...(fields.sdkBytes === undefined
      ? {}
      : { sdkBytes: sdkBytes(parts, fields.sdkBytes, `${pointer}/sdkBytes`) }),
  };
}

function sdkBytes(parts: ManifestParts, value: unknown, pointer: string): number | string {
  if (typeof value !== 'number') return pathInside(parts, value, pointer);
  if (Number.isInteger(value) && value >= 0) return value;
  throw parts.shape.fault(pointer, 'a whole number of bytes, or a file that has it', value);
}

function buildRecipe(parts: ManifestParts, value: unknown): BuildRecipe {
  const { shape, folder } = parts;
  const fields = shape.object(value, '/build', ['command', 'workingFolder', 'sources', 'output', 'tools']);
  const tools = fields.tools === undefined ? [] : shape.list(fields.tools, '/build/tools');
  const command = shape.texts(fields.command, '/build/command');
  const workingFolder =
    fields.workingFolder === undefined
      ? '.'
      : pathInside(parts, fields.workingFolder, '/build/workingFolder');
  const sources = shape
    .texts(fields.sources, '/build/sources')
    .map((source, index) => pathInside(parts, source, `/build/sources/${index}`));
  const output = pathInside(parts, fields.output, '/build/output');
  const requiredTools = tools.map((tool, index) => requiredTool(shape, tool, `/build/tools/${index}`));
  if (resolveInside(folder, output).path === folder) {
    throw shape.fault('/build/output', 'a folder below the manifest’s own', output);
  }
  return { command, workingFolder: join(folder, workingFolder), sources, output, tools: requiredTools };
}

function requiredTool(shape: ManifestShape, value: unknown, pointer: string): RequiredTool {
  const fields = shape.object(value, pointer, ['name', 'command', 'atLeast', 'install']);
  const tool = {
    name: shape.text(fields.name, `${pointer}/name`),
    command: shape.texts(fields.command, `${pointer}/command`),
    install: shape.text(fields.install, `${pointer}/install`),
  };
  if (fields.atLeast === undefined) return tool;
  const expected = 'a version such as 1.94 or 1.94.1';
  return {
    ...tool,
    atLeast: shape.matching(fields.atLeast, `${pointer}/atLeast`, /^\d+(\.\d+){0,2}$/, expected),
  };
}

/** True for a name that a zip can hold: relative, normalized, with forward slashes, or `.` for the root. */
function isZipName(name: string): boolean {
  if (name === '.') return true;
  if (name.includes('\\') || name.includes('\0')) return false;
  return name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

const SEE_DOCS = 'The format is described in docs/adding-a-language.md and handlers/shedbench.schema.json.';

const LABEL_PATTERN = /^[a-z][a-z0-9-]*$/;
const LABEL_EXPECTED = 'a label of lower-case letters, digits and hyphens that starts with a letter';

/**
 * Project and label together have at most 45 characters, so a label alone has at most 44. `checkNameLengths` checks the
 * sum when the project is known.
 */
const MAX_LABEL_LENGTH = 44;

/** The form of Lambda's identifiers, not a list of them, because Lambda adds and retires runtimes. */
const LAMBDA_RUNTIME_PATTERN = /^[a-z]+[0-9]*(\.[a-z0-9]+)*$/;

/**
 * The form of an SDK's name and version. A terminal shows the text and a stack's parameter contains it, so it is
 * printable ASCII.
 */
const SDK_PATTERN = /^[\x20-\x7e]{1,100}$/;
const SDK_EXPECTED = 'the name and version of an SDK, in 1 to 100 ASCII characters';

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html (Handler: at most 128, no white space) */
const HANDLER_PATTERN = /^\S{1,128}$/;
const HANDLER_EXPECTED = 'Lambda’s handler text: 1 to 128 characters without white space';

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runTool } from '../../../src/deploy/artifacts/run-tool.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'shedbench-tool-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const script = (text: string): readonly string[] => ['sh', '-c', text];

describe('a tool', () => {
  test('a tool returns its exit code and its last lines, both streams, without colours', async () => {
    const lines: string[] = [];
    const command = script('echo one; printf "\\033[31mtwo\\033[0m\\n" >&2; printf three; exit 7');
    const outcome = await runTool({ command, cwd, onLine: (line) => lines.push(line) });
    expect(outcome).toMatchObject({ kind: 'exited', exitCode: 7 });
    // The streams are two pipes: only within each is the order sure.
    expect([...outcome.lastLines].sort()).toEqual(['one', 'three', 'two']);
    expect([...lines].sort()).toEqual(['one', 'three', 'two']);
  });

  test('a tool that writes much keeps its last forty lines', async () => {
    const { lastLines } = await runTool({ command: script('seq 1 5000'), cwd });
    expect(lastLines).toEqual(Array.from({ length: 40 }, (_, index) => String(4961 + index)));
  });

  test('a tool runs in the folder it is given, and node is the running one', async () => {
    const command = ['node', '-p', 'process.execPath + " " + fs.realpathSync(process.cwd())'];
    const { lastLines } = await runTool({ command, cwd });
    expect(lastLines).toEqual([`${process.execPath} ${(await import('node:fs')).realpathSync(cwd)}`]);
  });

  test('a tool that does not exist is reported as not found, without an exception', async () => {
    expect(await runTool({ command: ['no-such-tool-of-shedbench'], cwd })).toEqual({
      kind: 'not-found',
      lastLines: [],
    });
  });

  test('a tool that takes too long is ended', async () => {
    expect(await runTool({ command: script('sleep 60'), cwd, timeoutMs: 50 })).toMatchObject({
      kind: 'timed-out',
    });
  });

  test('a tool that was never started is interrupted by an earlier signal', async () => {
    const command = script('touch started');
    expect(await runTool({ command, cwd, signal: AbortSignal.abort() })).toMatchObject({
      kind: 'interrupted',
    });
    expect(() => readFileSync(join(cwd, 'started'))).toThrow('ENOENT');
  });

  test('a tool ends with all of its children when it is interrupted, even one that ignores the request', async () => {
    const controller = new AbortController();
    const pids: number[] = [];
    const outcome = await runTool({
      // The child lets go of the pipes, so that nobody waits for it by accident.
      command: script('(trap "" TERM; exec sleep 60 >/dev/null 2>&1) & echo $!; wait'),
      cwd,
      signal: controller.signal,
      onLine: (line) => {
        pids.push(Number(line));
        controller.abort();
      },
    });
    expect(outcome.kind).toBe('interrupted');
    expect(pids).toHaveLength(1);
    await expect.poll(() => isAlive(pids[0] ?? 0)).toBe(false);
  });
});

/** A killed child that nobody has waited for yet counts as gone. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

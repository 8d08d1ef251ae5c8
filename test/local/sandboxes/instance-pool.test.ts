import { describe, expect, test } from 'vitest';
import { InstancePool, type PooledInstance } from '../../../src/local/sandboxes/instance-pool.ts';

interface Instance extends PooledInstance {
  readonly name: string;
}

function instance(name: string, key = 'f', cost = 1, memoryMiB = 50): Instance {
  return { name, key, cost, memoryMiB, idleSinceMs: 0, isReturning: false, chargedCost: 0 };
}

function busy(pool: InstancePool<Instance>, ...instances: Instance[]): Instance[] {
  for (const each of instances) pool.occupy(each);
  return instances;
}

function idle(pool: InstancePool<Instance>, each: Instance, nowMs = 0): Instance {
  pool.occupy(each);
  pool.release(each, nowMs);
  return each;
}

describe('where a call goes', () => {
  test('the first call starts an instance', () => {
    expect(new InstancePool<Instance>(2).place('f', 1)).toEqual({ kind: 'start' });
  });

  test('a call takes an idle instance rather than starting one', () => {
    const pool = new InstancePool<Instance>(2);
    const a = idle(pool, instance('a'));
    expect(pool.place('f', 1)).toEqual({ kind: 'reuse', instance: a });
  });

  test('of several idle instances the one used last is taken', () => {
    const pool = new InstancePool<Instance>(3);
    const [a, b] = busy(pool, instance('a'), instance('b'));
    if (a === undefined || b === undefined) throw new Error('two were made');
    pool.release(b, 1);
    pool.release(a, 2);
    expect(pool.place('f', 1)).toEqual({ kind: 'reuse', instance: a });
  });

  test("another function's idle instance is not taken", () => {
    const pool = new InstancePool<Instance>(2);
    idle(pool, instance('a', 'g'));
    expect(pool.place('f', 1)).toEqual({ kind: 'start' });
  });

  test('a second call starts a second instance while a core is free', () => {
    const pool = new InstancePool<Instance>(2);
    busy(pool, instance('a'));
    expect(pool.place('f', 1)).toEqual({ kind: 'start' });
  });

  test('a call waits when busy instances fill all cores', () => {
    const pool = new InstancePool<Instance>(2);
    busy(pool, instance('a'), instance('b', 'g'));
    expect(pool.place('f', 1)).toEqual({ kind: 'wait' });
  });

  test('a call waits when all cores are filled, though an instance stands idle', () => {
    const pool = new InstancePool<Instance>(1);
    idle(pool, instance('a'));
    busy(pool, instance('b', 'g'));
    expect(pool.place('f', 1)).toEqual({ kind: 'wait' });
  });

  test('idle instances fill no core', () => {
    const pool = new InstancePool<Instance>(1);
    idle(pool, instance('a', 'g'));
    expect(pool.place('f', 1)).toEqual({ kind: 'start' });
    expect(pool.busyCores).toBe(0);
  });

  test('an instance that ended frees its core', () => {
    const pool = new InstancePool<Instance>(1);
    const [a] = busy(pool, instance('a'));
    if (a === undefined) throw new Error('one was made');
    pool.vacate(a);
    expect(pool.place('f', 1)).toEqual({ kind: 'start' });
    expect(pool.idleCount()).toBe(0);
  });

  test('instances with a share of a core fill their share', () => {
    const pool = new InstancePool<Instance>(1);
    const share = 128 / 1769;
    const instances = Array.from({ length: 13 }, (_, i) => instance(`i${i}`, 'f', share));
    busy(pool, ...instances);
    expect(pool.place('f', share)).toEqual({ kind: 'wait' });
    const [first] = instances;
    if (first === undefined) throw new Error('thirteen were made');
    pool.vacate(first);
    expect(pool.place('f', share)).toEqual({ kind: 'start' });
  });

  test('shares that come and go leave no remainder', () => {
    const pool = new InstancePool<Instance>(1);
    for (let i = 0; i < 1000; i += 1) {
      const each = instance('x', 'f', 0.1);
      pool.occupy(each);
      pool.vacate(each);
    }
    expect(pool.busyCores).toBe(0);
  });

  test('a call that costs more than the machine has goes through alone', () => {
    const pool = new InstancePool<Instance>(1);
    expect(pool.place('f', 5.8)).toEqual({ kind: 'start' });
    busy(pool, instance('a'));
    expect(pool.place('f', 5.8)).toEqual({ kind: 'wait' });
  });
});

describe('an instance that has answered', () => {
  test('an instance that has answered is waited for instead of another being started', () => {
    const pool = new InstancePool<Instance>(2);
    const [a] = busy(pool, instance('a'));
    if (a === undefined) throw new Error('one was made');
    pool.expect(a);
    expect(pool.place('f', 1)).toEqual({ kind: 'wait' });
    pool.release(a, 0);
    expect(pool.place('f', 1)).toEqual({ kind: 'reuse', instance: a });
  });

  test("an instance that has answered keeps no other function's calls waiting", () => {
    const pool = new InstancePool<Instance>(2);
    const [a] = busy(pool, instance('a'));
    if (a === undefined) throw new Error('one was made');
    pool.expect(a);
    expect(pool.place('g', 1)).toEqual({ kind: 'start' });
  });

  test('an instance that has answered is no longer waited for when it is given up on, or ended', () => {
    for (const end of ['giveUpOn', 'vacate'] as const) {
      const pool = new InstancePool<Instance>(2);
      const [a] = busy(pool, instance('a'));
      if (a === undefined) throw new Error('one was made');
      pool.expect(a);
      pool.expect(a);
      pool[end](a);
      expect(pool.place('f', 1)).toEqual({ kind: 'start' });
    }
  });
});

describe('what is taken out', () => {
  test('all idle instances of a changed function, and no others', () => {
    const pool = new InstancePool<Instance>(2);
    const a = idle(pool, instance('a'));
    idle(pool, instance('b', 'g'));
    expect(pool.evictAll('f')).toEqual([a]);
    expect(pool.idleCount('f')).toBe(0);
    expect(pool.idleCount()).toBe(1);
  });

  test('instances that were idle for too long are taken out', () => {
    const pool = new InstancePool<Instance>(2);
    const old = idle(pool, instance('old'), 1000);
    idle(pool, instance('young'), 2000);
    expect(pool.evictExpired(2001, 1000)).toEqual([old]);
    expect(pool.idleCount('f')).toBe(1);
  });

  test('the longest idle, until the rest fits into the memory', () => {
    const pool = new InstancePool<Instance>(4);
    const oldest = idle(pool, instance('oldest', 'f', 1, 100), 1);
    const older = idle(pool, instance('older', 'g', 1, 100), 2);
    idle(pool, instance('newest', 'h', 1, 100), 3);
    expect(pool.evictOver(300)).toEqual([]);
    expect(pool.evictOver(150)).toEqual([oldest, older]);
    expect(pool.idleCount()).toBe(1);
  });
});
